from __future__ import annotations

import json
import math

import numpy as np
import pytest

from cambrian.cli.result_text import score_lines
from cambrian.records import Objective
from cambrian.results import bootstrap
from cambrian.results.evaluation import CHAMPION, Score, evaluate, verdict
from cambrian.results.evaluation import TestScores as Scores
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter
from cambrian.training.metrics import METRICS, metric_names, score

TASKS = ("binary", "multiclass", "regression")
LABELS = {"majority": "always guessing", "linear": "a linear model", "boosting": "gradient boosting"}


def toy(task, rows, seed=0, *, digits=None, noise=1.0):
    """A target and a model's predictions of it; `digits` rounds them, so that many are equal."""
    rng = np.random.default_rng(seed)
    if task == "regression":
        y = rng.normal(3, 2, rows)
        prediction = y + noise * rng.normal(size=rows)
        return y, prediction if digits is None else prediction.round(digits)
    classes = 2 if task == "binary" else 4
    y = rng.choice(classes, rows, p=[0.85, 0.15] if classes == 2 else [0.6, 0.3, 0.07, 0.03])
    logits = 1.5 * np.eye(classes)[y] + noise * rng.normal(size=(rows, classes))
    prediction = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if digits is not None:
        prediction = prediction.round(digits)
        prediction[:, 0] = 1 - prediction[:, 1:].sum(axis=1)
    return y, prediction


@pytest.mark.parametrize("rows", [1, 2, 3, 30, 300])
@pytest.mark.parametrize("digits", [None, 1])
@pytest.mark.parametrize("task", TASKS)
def test_a_resampled_metric_is_the_metric_of_the_drawn_rows(task, digits, rows, monkeypatch):
    monkeypatch.setattr(bootstrap, "MOST_REPEATS", 60)
    monkeypatch.setattr(bootstrap, "_BLOCK", 25 * rows)
    y, prediction = toy(task, rows, digits=digits)
    found = bootstrap.resampled_metrics(task, y, {"model": prediction})["model"]
    assert tuple(found) == metric_names(task)
    draws = np.concatenate([drawn for _, drawn in bootstrap._draws(rows, 60)])
    for number, drawn in enumerate(draws):
        taken = np.repeat(np.arange(rows), drawn.astype(int))
        assert len(taken) == rows
        expected = score(task, y[taken], prediction[taken])
        if task == "regression" and np.ptp(y[taken]) == 0:
            expected["r2"] = math.nan
        actual = {name: values[number] for name, values in found.items()}
        assert actual == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", ["accuracy", "log_loss", "brier"])
def test_the_error_of_a_mean_of_losses_is_the_analytic_one(name):
    y, prediction = toy("binary", 1500)
    losses = {
        "accuracy": (prediction.argmax(axis=1) == y).astype(float),
        "log_loss": -np.log(prediction[np.arange(len(y)), y]),
        "brier": (prediction[:, 1] - y) ** 2,
    }[name]
    found = evaluate("binary", y, {CHAMPION: prediction}, metric=name).scores[CHAMPION][name]
    assert found.value == pytest.approx(losses.mean(), rel=1e-12)
    assert found.error == pytest.approx(losses.std(ddof=1) / math.sqrt(len(y)), rel=0.08)
    if name == "accuracy":
        assert found.error == pytest.approx(math.sqrt(found.value * (1 - found.value) / len(y)), rel=0.08)


def test_the_errors_of_a_regression_are_the_analytic_ones():
    y, prediction = toy("regression", 1500)
    found = evaluate("regression", y, {CHAMPION: prediction}, metric="rmse").scores[CHAMPION]
    squares, n = (prediction - y) ** 2, len(y)
    assert found["mae"].error == pytest.approx(np.abs(prediction - y).std() / math.sqrt(n), rel=0.08)
    delta = squares.std() / math.sqrt(n) / (2 * found["rmse"].value)
    assert found["rmse"].error == pytest.approx(delta, rel=0.08)
    share = squares / y.var() - (1 - found["r2"].value) * (y - y.mean()) ** 2 / y.var()
    assert found["r2"].error == pytest.approx(share.std() / math.sqrt(n), rel=0.08)


def test_the_error_of_a_roc_auc_is_delongs():
    y, prediction = toy("binary", 800)
    inside, outside = prediction[y == 1, 1], prediction[y == 0, 1]
    wins = (inside[:, None] > outside[None, :]).astype(float)
    variance = wins.mean(axis=1).var(ddof=1) / len(inside) + wins.mean(axis=0).var(ddof=1) / len(outside)
    found = evaluate("binary", y, {CHAMPION: prediction}, metric="roc_auc").scores[CHAMPION]["roc_auc"]
    assert found.value == pytest.approx(wins.mean(), abs=1e-12)
    assert found.error == pytest.approx(math.sqrt(variance), rel=0.1)


def test_a_paired_difference_of_similar_models_is_surer_than_their_scores():
    y, first = toy("regression", 1000)
    second = first + 0.2 * np.random.default_rng(1).normal(size=1000)
    found = evaluate("regression", y, {CHAMPION: first, "linear": second}, metric="mae")
    gap = found.differences["linear"]
    losses = np.abs(first - y) - np.abs(second - y)
    assert gap.value == pytest.approx(losses.mean(), rel=1e-9)
    assert gap.error == pytest.approx(losses.std() / math.sqrt(1000), rel=0.08)
    unpaired = math.hypot(*(found.scores[model]["mae"].error for model in (CHAMPION, "linear")))
    assert gap.error < 0.3 * unpaired


@pytest.mark.parametrize("task", TASKS)
def test_every_model_meets_the_same_resamples(task):
    y, prediction = toy(task, 200)
    _, other = toy(task, 200, noise=3.0)
    alone = evaluate(task, y, {CHAMPION: prediction}, metric=metric_names(task)[0])
    models = {"linear": other, "boosting": prediction.copy(), CHAMPION: prediction}
    beside = evaluate(task, y, models, metric=metric_names(task)[0])
    assert beside.scores[CHAMPION] == alone.scores[CHAMPION] == beside.scores["boosting"]
    assert beside.differences["boosting"] == Score(0.0, 0.0)
    assert beside.differences["linear"].error > 0
    assert beside == evaluate(task, y, models, metric=metric_names(task)[0])


@pytest.mark.parametrize(("rows", "classes"), [(10, 2), (10_000, 1000), (10**8, 1)])
def test_the_number_of_resamples_is_bounded(rows, classes):
    assert bootstrap.LEAST_REPEATS <= bootstrap._repeats(rows, classes) <= bootstrap.MOST_REPEATS


@pytest.mark.parametrize(
    ("task", "y", "prediction", "undefined"),
    [
        ("binary", [0, 0, 0, 0], [[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]], {"roc_auc", "recall"}),
        ("binary", [1, 1], [[0.9, 0.1], [0.2, 0.8]], {"roc_auc", "average_precision"}),
        ("multiclass", [2, 2], [[0.1, 0.1, 0.8], [0.5, 0.1, 0.4]], {"roc_auc"}),
        ("regression", [3.0, 3.0], [2.0, 4.0], {"r2"}),
        ("regression", [3.0, 4.0], [math.nan, 4.0], {"rmse", "mae", "r2"}),
        ("regression", [3.0, 4.0], [1e200, 4.0], {"rmse"}),
    ],
)
def test_what_is_undefined_is_null_in_json_and_readable(task, y, prediction, undefined, tmp_path):
    metric = "r2" if task == "regression" else "roc_auc"
    models = {
        CHAMPION: np.array(prediction),
        "linear": np.array(prediction),
        "boosting": np.array(prediction),
    }
    with np.errstate(all="ignore"):
        found = evaluate(task, np.array(y), models, metric=metric)
    result = {"test": found.to_json(), "verdict": verdict(found, labels=LABELS, unit="y")}
    json.dumps(result, allow_nan=False)
    values = result["test"]["scores"][CHAMPION]
    assert undefined <= {name for name, each in values.items() if each["value"] is None}
    assert set(values) == set(metric_names(task))
    text = "\n".join(score_lines(result))
    assert "undefined" in text
    assert "nan" not in text + result["verdict"]
    with RunWriter.create(
        tmp_path / "run.db",
        run_id="r",
        seed=0,
        experiment_toml="",
        versions={},
        objectives=[Objective(metric, "maximize")],
    ) as writer:
        writer.update_run(result=result)
    with RunReader(tmp_path / "run.db") as reader:
        assert reader.run().result == result


def scores_of(metric, *, champion, gaps=None, rows=500, **baselines):
    """Scores by hand: (value, error) of each model; the difference's error is 0.01 unless given."""
    values = {CHAMPION: champion, **baselines}
    scores = {model: {metric: Score(*value)} for model, value in values.items()}
    differences = {
        model: Score(champion[0] - value[0], (gaps or {}).get(model, 0.01))
        for model, value in baselines.items()
    }
    return Scores(rows, metric, scores, differences)


@pytest.mark.parametrize(
    ("metric", "champion", "word"),
    [
        ("log_loss", 0.27, "better than"),
        ("log_loss", 0.285, "not clearly different from"),
        ("log_loss", 0.315, "not clearly different from"),
        ("log_loss", 0.33, "worse than"),
        ("accuracy", 0.33, "better than"),
        ("accuracy", 0.315, "not clearly different from"),
        ("accuracy", 0.27, "worse than"),
    ],
)
def test_the_verdict_is_plain_in_either_direction(metric, champion, word):
    better, worse = (0.3, 0.5) if METRICS[metric].direction == "minimize" else (0.3, 0.1)
    for best, other in (("linear", "boosting"), ("boosting", "linear"), ("majority", "linear")):
        found = scores_of(metric, champion=(champion, 0.02), **{best: (better, 0.02), other: (worse, 0.03)})
        sentence = verdict(found, labels=LABELS)
        assert f"the evolved network is {word} {LABELS[best]}: " in sentence
        assert sentence.startswith("On 500 rows it never saw, ")
        assert sentence.endswith(f"(difference {champion - better:+.3f} ± 0.010).")
        assert sentence.count(". ") == 0  # one sentence


def test_a_verdict_names_the_unit_and_shows_two_digits_of_the_error():
    found = scores_of("rmse", champion=(21444.9, 832.4), linear=(25012.7, 1210.0), gaps={"linear": 640.2})
    assert verdict(found, labels=LABELS, unit="Sale_Price") == (
        "On 500 rows it never saw, the evolved network is better than a linear model: root mean squared "
        "error of Sale_Price 21445 ± 832 against 25013 ± 1210 (difference -3568 ± 640)."
    )


@pytest.mark.parametrize(("value", "error"), [(1e-12, 2e-13), (4.4e15, 2e12), (1e300, 1e299), (0.0, 0.0)])
def test_a_verdict_bears_any_size_of_number(value, error):
    found = scores_of("rmse", champion=(value, error), linear=(value, error), gaps={"linear": error})
    sentence = verdict(found, labels=LABELS)
    assert "not clearly different" in sentence
    assert len(sentence) < 200


def test_a_baseline_without_a_value_is_passed_over():
    found = scores_of("roc_auc", champion=(0.9, 0.02), linear=(math.nan, math.nan), boosting=(0.7, 0.02))
    assert "better than gradient boosting" in verdict(found, labels=LABELS)


def test_one_row_proves_nothing():
    models = {CHAMPION: np.array([1.0]), "linear": np.array([5.0])}
    found = evaluate("regression", np.array([1.0]), models, metric="rmse")
    sentence = verdict(found, labels=LABELS)
    assert "On 1 row it never saw, the evolved network is not clearly different from" in sentence
    assert found.to_json()["differences"]["linear"] == {"value": -4.0, "error": None}


def test_equal_models_are_not_clearly_different():
    y, prediction = toy("binary", 50)
    found = evaluate("binary", y, {CHAMPION: prediction, "linear": prediction}, metric="log_loss")
    assert "not clearly different" in verdict(found, labels=LABELS)


def test_a_chance_lead_is_seldom_called_one():
    """Two models that are equally good: 'better' or 'worse' comes up about one time in twenty."""
    rng, called = np.random.default_rng(5), 0
    for _ in range(150):
        y = rng.normal(size=60)
        models = {CHAMPION: y + rng.normal(size=60), "linear": y + rng.normal(size=60)}
        called += "not clearly" not in verdict(evaluate("regression", y, models, metric="mae"), labels=LABELS)
    assert called <= 17
