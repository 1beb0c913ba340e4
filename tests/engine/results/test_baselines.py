from __future__ import annotations

import json
import logging
import math
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from result_tables import mixed_columns, prepared_of
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.results import baselines
from cambrian.results.baselines import baseline_predictions, fit_baselines, labels
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter
from cambrian.training.metrics import metric_names, score

TASKS = ("binary", "multiclass", "regression")
NAMES = ("majority", "linear", "boosting")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Prepared data of each task, the raw columns and the baselines' report and predictions."""
    made = {}
    for task in TASKS:
        folder = tmp_path_factory.mktemp(task)
        columns = mixed_columns(task)
        prepared = prepared_of(folder, columns)
        report = fit_baselines(prepared, folder / "baselines", seconds=math.inf)
        made[task] = prepared, columns, report, baseline_predictions(prepared, folder / "baselines")
    return made


def source_rows(prepared, part="train"):
    """Row numbers of a part in its file."""
    return np.load(prepared.folder / {"train": "rows.npy", "test": "test_rows.npy"}[part])


def raw(columns, rows):
    """The rows as scikit-learn's users hold them: a table of objects with NaN and 'missing'."""
    kind = ["missing" if each is None else each for each in columns["kind"]]
    return np.array([columns["a"], columns["b"], kind], dtype=object).T[rows]


@pytest.mark.parametrize("task", TASKS)
def test_the_linear_model_is_scikit_learns_on_the_raw_rows(tables, task):
    prepared, columns, _, predictions = tables[task]
    numbers = make_pipeline(StandardScaler(), SimpleImputer(strategy="median", add_indicator=True))
    encode = make_column_transformer((numbers, [0, 1]), (OneHotEncoder(), [2]))
    model = Ridge(alpha=1.0) if task == "regression" else LogisticRegression(C=1.0, max_iter=500)
    train, test = (raw(columns, source_rows(prepared, part)) for part in ("train", "test"))
    plain = make_pipeline(encode, model).fit(train, prepared.y)
    if task == "regression":
        expected = np.clip(plain.predict(test), prepared.y.min(), prepared.y.max())
    else:
        expected = plain.predict_proba(test)
    np.testing.assert_allclose(predictions["linear"], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("task", TASKS)
def test_boosting_is_scikit_learns_on_the_raw_rows(tables, task):
    prepared, columns, _, predictions = tables[task]
    codes = OrdinalEncoder(encoded_missing_value=np.nan)
    encode = make_column_transformer(("passthrough", [0, 1]), (codes, [2]))
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    model = make_pipeline(encode, kind(categorical_features=[2], random_state=0))
    train, test = (raw(columns, source_rows(prepared, part)) for part in ("train", "test"))
    for part in (train, test):
        part[part[:, 2] == "missing", 2] = np.nan
    model.fit(train, prepared.y)
    expected = model.predict(test) if task == "regression" else model.predict_proba(test)
    np.testing.assert_allclose(predictions["boosting"], expected, rtol=1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_the_majority_gives_the_shares_or_the_mean_of_the_training_part(tables, task):
    prepared, _, _, predictions = tables[task]
    expected = prepared.y.mean() if task == "regression" else np.bincount(prepared.y) / prepared.rows.train
    rows = (prepared.rows.test, 1) if task != "regression" else (prepared.rows.test,)
    np.testing.assert_allclose(predictions["majority"], np.tile(expected, rows), rtol=1e-12)


@pytest.mark.parametrize("task", TASKS)
def test_baselines_get_the_rows_that_networks_get(tables, task):
    prepared, _, report, predictions = tables[task]
    assert tuple(report) == tuple(predictions) == NAMES == tuple(labels(task))
    for name in NAMES:
        assert report[name]["rows"] == report[name]["of_rows"] == prepared.rows.train
        assert report[name]["rounds"] == report[name]["of_rounds"]
        assert set(report[name]["validation"]) == set(metric_names(task))
        assert len(predictions[name]) == prepared.rows.test
        if task != "regression":
            np.testing.assert_allclose(predictions[name].sum(axis=1), 1.0)
    metric = "rmse" if task == "regression" else "log_loss"
    y = prepared.test()[1]
    assert report["linear"]["validation"][metric] < report["majority"]["validation"][metric]
    assert score(task, y, predictions["linear"])[metric] < score(task, y, predictions["majority"])[metric]


@pytest.mark.parametrize("task", TASKS)
def test_validation_is_scored_on_fold_0_by_a_model_that_has_not_seen_it(tables, task):
    prepared, _, report, _ = tables[task]
    train, validation = prepared.fold(0)
    for baseline in baselines._BASELINES:
        predict = baseline.fit(prepared, train, baseline.rounds)
        expected = score(task, prepared.y[validation], predict(prepared.columns().take(validation)))
        assert report[baseline.name]["validation"] == pytest.approx(expected)


def test_the_test_rows_targets_are_not_looked_at(tables, tmp_path):
    prepared, _, _, predictions = tables["regression"]
    target = prepared.folder / "test_target.npy"
    kept = target.read_bytes()
    try:
        np.save(target, np.full(prepared.rows.test, 1e6))
        fit_baselines(Prepared.open(prepared.folder), tmp_path, seconds=math.inf)
    finally:
        target.write_bytes(kept)
    again = baseline_predictions(prepared, tmp_path)
    for name in NAMES:
        np.testing.assert_array_equal(again[name], predictions[name])


@pytest.mark.parametrize("damage", ["remove", "cut", "of other rows", "pickle"])
def test_lost_predictions_are_made_again(tables, tmp_path, damage):
    prepared, _, _, predictions = tables["binary"]
    fit_baselines(prepared, tmp_path, seconds=math.inf)
    path = tmp_path / "linear.npy"
    if damage == "remove":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-50])
    elif damage == "of other rows":
        np.save(path, predictions["linear"][1:])
    else:
        np.save(path, np.array([{}] * prepared.rows.test, dtype=object), allow_pickle=True)
    np.testing.assert_array_equal(baseline_predictions(prepared, tmp_path)["linear"], predictions["linear"])


def test_a_baseline_that_fails_leaves_the_others(tables, tmp_path, monkeypatch):
    prepared = tables["binary"][0]

    def broken(*_):
        raise FloatingPointError("no\ndigits")

    broken_linear = replace(baselines._BASELINES[1], fit=broken)
    chosen = (baselines._BASELINES[0], broken_linear, baselines._BASELINES[2])
    monkeypatch.setattr(baselines, "_BASELINES", chosen)
    told = {}
    report = fit_baselines(prepared, tmp_path, seconds=math.inf, fitted=told.__setitem__)
    assert told == report
    assert report["linear"] == {"error": "FloatingPointError: no digits"}
    there = [name for name, facts in report.items() if "error" not in facts]
    assert there == ["majority", "boosting"]
    assert list(baseline_predictions(prepared, tmp_path, names=there)) == there


def test_more_categories_than_boosting_takes(tmp_path):
    rng = np.random.default_rng(0)
    kind = [f"k{each}" for each in rng.zipf(1.2, 3000) % 700]
    effect = {each: rng.normal() for each in kind}
    y = [effect[each] + 0.1 * rng.normal() for each in kind]
    prepared = prepared_of(tmp_path, {"kind": kind, "a": rng.normal(size=3000).tolist(), "y": y})
    assert max(len(each.categories) for each in prepared.schema.categorical) > 300
    report = fit_baselines(prepared, tmp_path / "b", seconds=math.inf)
    found = {
        name: score("regression", prepared.test()[1], each)["r2"]
        for name, each in baseline_predictions(prepared, tmp_path / "b").items()
    }
    assert found["boosting"] > 0.5
    assert found["linear"] > 0.3
    assert all(each["rows"] == prepared.rows.train for each in report.values())


@pytest.mark.parametrize("categories", [253, 254, 255, 256])
def test_any_number_of_categories_fits_boosting(tmp_path, categories):
    kind = [f"k{each:03}" for each in range(categories)] * 6
    y = np.random.default_rng(0).normal(size=len(kind)).tolist()
    prepared = prepared_of(tmp_path, {"kind": kind, "a": y[::-1], "y": y}, roles={"kind": "categorical"})
    columns = prepared.columns()
    predict = baselines._boosting(prepared, np.arange(prepared.rows.train), 5)
    assert np.isfinite(predict(columns)).all()
    matrix = baselines._boosting_matrix(columns, ())[:, 1]
    assert matrix.min() == 0
    assert matrix.max() == min(categories - 1, 254)


@pytest.mark.parametrize("task", TASKS)
def test_rows_in_which_everything_is_missing(tmp_path, task):
    columns = mixed_columns(task, 100)
    columns["a"] = [None if row < 60 else each for row, each in enumerate(columns["a"])]
    columns["b"] = [None if row < 60 else each for row, each in enumerate(columns["b"])]
    columns["kind"] = [None if row < 60 else each for row, each in enumerate(columns["kind"])]
    prepared = prepared_of(tmp_path, columns)
    rows = np.flatnonzero(source_rows(prepared) < 60)
    for baseline in baselines._BASELINES:
        assert np.isfinite(baseline.fit(prepared, rows, 20)(prepared.test()[0])).all()


@pytest.mark.parametrize("task", TASKS)
def test_columns_that_a_sample_knows_nothing_of(tmp_path, task):
    """In the fitted rows one number and one category are missing throughout, one of each is constant."""
    columns = mixed_columns(task, 200)
    late = np.arange(200) >= 150
    columns |= {
        "empty": np.where(late, np.random.default_rng(1).normal(size=200), np.nan).tolist(),
        "nothing": [("x", "y", "z")[row % 3] if late[row] else None for row in range(200)],
        "constant": [1.5 if not late[row] else 2.5 + row for row in range(200)],
        "same": ["one" if not late[row] else "two" for row in range(200)],
    }
    columns["y"] = columns.pop("y")
    prepared = prepared_of(tmp_path, columns)
    rows = np.flatnonzero(source_rows(prepared) < 150)
    assert np.isnan(prepared.columns().take(rows).numeric).all(axis=0).any()
    for baseline in baselines._BASELINES:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            prediction = baseline.fit(prepared, rows, baseline.rounds)(prepared.test()[0])
        assert np.isfinite(prediction).all()


def test_a_class_that_the_rows_lack_gets_probability_0(tmp_path):
    prepared = prepared_of(tmp_path, mixed_columns("multiclass", 300))
    rows = np.flatnonzero(prepared.y != 1)
    for baseline in baselines._BASELINES:
        prediction = baseline.fit(prepared, rows, 20)(prepared.test()[0])
        assert prediction.shape == (prepared.rows.test, 3)
        assert (prediction[:, 1] == 0).all()
        np.testing.assert_allclose(prediction.sum(axis=1), 1)


@pytest.fixture(scope="module")
def unbalanced(tmp_path_factory):
    """15,000 rows, ten of them of a second class and one of a third."""
    rng = np.random.default_rng(0)
    y = np.array(["common"] * 15_000, dtype=object)
    y[rng.choice(15_000, 10, replace=False)] = "rare"
    y[77] = "single"
    columns = {name: rng.normal(size=15_000).round(4).tolist() for name in "abc"} | {"y": y.tolist()}
    return prepared_of(tmp_path_factory.mktemp("unbalanced"), columns)


def test_a_class_of_one_row_among_many(unbalanced, tmp_path):
    """Above 10,000 rows boosting stops early by rows split off of every class: it needs two of each."""
    assert np.bincount(unbalanced.y).min() == 1
    fit_baselines(unbalanced, tmp_path, seconds=math.inf)
    prediction = baseline_predictions(unbalanced, tmp_path)["boosting"]
    np.testing.assert_allclose(prediction.sum(axis=1), 1)


@pytest.mark.parametrize("size", [2, 10, 200])
def test_a_sample_holds_every_class(unbalanced, size):
    everything = np.arange(unbalanced.rows.train)
    sample = baselines._sample(unbalanced, everything, size)
    assert len(sample) == len(np.unique(sample)) == max(size, 5)  # two of each of two classes, one single
    assert (np.diff(sample) > 0).all()
    assert len(np.unique(unbalanced.y[sample])) == 3
    np.testing.assert_array_equal(sample, baselines._sample(unbalanced, everything, size))
    np.testing.assert_array_equal(everything, baselines._sample(unbalanced, everything, len(everything)))


def test_too_little_time_makes_a_sample_and_says_its_size(unbalanced, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a solver that is stopped early says so in the log, in our words
        report = fit_baselines(unbalanced, tmp_path, seconds=0.05)
    for name in ("linear", "boosting"):
        facts = report[name]
        assert facts["rows"] < facts["of_rows"] == unbalanced.rows.train
        said = f"{name} is fitted on {facts['rows']} of {facts['of_rows']} rows in {facts['rounds']} of"
        assert said in caplog.text
    assert report["boosting"]["rounds"] < report["boosting"]["of_rounds"]
    assert report["majority"]["rows"] == report["majority"]["of_rows"]
    for prediction in baseline_predictions(unbalanced, tmp_path).values():
        assert prediction.shape == (unbalanced.rows.test, 3)
        assert np.isfinite(prediction).all()


def test_enough_time_fits_every_row(unbalanced, tmp_path):
    report = fit_baselines(unbalanced, tmp_path, seconds=600)
    assert all(each["rows"] == each["of_rows"] for each in report.values())
    assert all(each["rounds"] == each["of_rounds"] for each in report.values())


def test_a_slow_baseline_is_tried_on_few_rows_only(unbalanced, tmp_path, monkeypatch):
    """A millisecond a row: four thousand rows on trial would take four times the time there is."""
    fitted = []

    def slow(prepared, rows, rounds):
        fitted.append(len(rows))
        time.sleep(len(rows) / 1000)
        return baselines._majority(prepared, rows, rounds)

    slow_linear = replace(baselines._BASELINES[1], fit=slow)
    chosen = (baselines._BASELINES[0], slow_linear, baselines._BASELINES[2])
    monkeypatch.setattr(baselines, "_BASELINES", chosen)
    report = fit_baselines(unbalanced, tmp_path, seconds=2.0, names=["linear"])
    assert sum(fitted) < 1.1 * 1000  # half of the time there is: boosting gets the rest
    assert report["linear"]["rows"] == fitted[-1] >= fitted[0]


def test_many_classes_keep_to_their_time(tmp_path):
    """A thousand small trees a round: no row sample makes that cheap, fewer rounds do."""
    rng = np.random.default_rng(0)
    y = [f"class {each}" for each in rng.integers(0, 150, 1500)]
    columns = {name: rng.normal(size=1500).round(4).tolist() for name in "abcd"} | {"y": y}
    prepared = prepared_of(tmp_path, columns)
    report = fit_baselines(prepared, tmp_path / "b", seconds=2.0)
    assert report["boosting"]["rounds"] < report["boosting"]["of_rounds"]


def test_the_memory_of_the_linear_model_is_bounded(tables, tmp_path, monkeypatch):
    prepared, _, _, _ = tables["binary"]
    monkeypatch.setattr(baselines, "_MOST_CELLS", 100 * prepared.width(baselines._LINEAR_PREP))
    report = fit_baselines(prepared, tmp_path, seconds=math.inf)
    assert report["linear"]["rows"] == 100
    assert report["boosting"]["rows"] == prepared.rows.train


@pytest.mark.parametrize("task", TASKS)
def test_predictions_do_not_depend_on_the_chunks(tables, tmp_path, monkeypatch, task):
    prepared, _, _, predictions = tables[task]
    monkeypatch.setattr(baselines, "_CHUNK", 7)
    fit_baselines(prepared, tmp_path, seconds=math.inf)
    chunked = baseline_predictions(prepared, tmp_path)
    assert set(chunked) == set(NAMES)
    for name, prediction in chunked.items():
        np.testing.assert_allclose(prediction, predictions[name], rtol=1e-12)


@pytest.mark.parametrize("exponent", [600, -600])
def test_targets_of_any_size(tmp_path, exponent):
    """2^600 is 4e180: its square is no number, and boosting's gradients are float32."""
    columns = mixed_columns("regression", 200)
    plain = prepared_of(tmp_path / "plain", columns)
    scaled = prepared_of(tmp_path / "scaled", columns | {"y": np.ldexp(columns["y"], exponent).tolist()})
    # Another content is another split: the same rows are fitted and predicted here.
    for baseline in baselines._BASELINES:
        predicted = []
        for prepared in (plain, scaled):
            order = np.argsort(source_rows(prepared))
            everything = source_rows(prepared)[order]
            predicted.append((everything, baseline.fit, prepared, order))
        common, first, second = np.intersect1d(predicted[0][0], predicted[1][0], return_indices=True)
        assert len(common) > 100
        results = [
            fit(prepared, order[picked], 30)(prepared.columns().take(order[picked]))
            for (_, fit, prepared, order), picked in zip(predicted, (first, second), strict=True)
        ]
        assert np.isfinite(results[1]).all()
        np.testing.assert_allclose(results[1], np.ldexp(results[0], exponent), rtol=1e-9)


@pytest.mark.parametrize("task", TASKS)
def test_the_smallest_table_there_may_be(tmp_path, task):
    columns = mixed_columns(task, 10, seed=3)
    if task != "regression":
        columns["y"] = ["p", "q"] * 5 if task == "binary" else ["p", "q", "r", "p", "q"] * 2
    prepared = prepared_of(tmp_path, columns, task=task, roles={"kind": "categorical"})
    assert prepared.rows.test == 2
    fit_baselines(prepared, tmp_path / "b", seconds=math.inf)
    for prediction in baseline_predictions(prepared, tmp_path / "b").values():
        assert len(prediction) == 2
        assert np.isfinite(prediction).all()
    fit_baselines(prepared, tmp_path / "b", seconds=1.0)


def test_an_undefined_metric_is_null_and_the_store_takes_the_report(tmp_path):
    """Three positive rows and five folds: some fold validates without one, and has no recall."""
    rng = np.random.default_rng(1)
    columns = {
        "a": rng.normal(size=60).tolist(),
        "y": ["yes" if row % 20 == 0 else "no" for row in range(60)],
    }
    for seed in range(20):
        prepared = prepared_of(tmp_path / str(seed), columns, split=SplitSettings(split_seed=seed))
        if not prepared.y[prepared.fold(0)[1]].any():
            break
    report = fit_baselines(prepared, tmp_path / "b", seconds=math.inf)
    assert report["linear"]["validation"]["recall"] is None
    assert report["linear"]["validation"]["log_loss"] > 0
    json.dumps(report, allow_nan=False)
    path = tmp_path / "run.db"
    with RunWriter.create(path, run_id="r", seed=0, experiment_toml="", versions={}) as writer:
        writer.update_run(baselines=report)
    with RunReader(path) as reader:
        assert reader.run().baselines == report


@pytest.mark.parametrize(
    "name", ["penguins", "credit_data", "spam", "soybean", "ames", "chicago", "diamonds", "chem_proc_yield"]
)
def test_real_tables_score_as_measured_elsewhere(shared: Path, tmp_path, name):
    """Beside the five-fold means that ship with the tables, on one test part: within four standard errors."""
    facts = json.loads((shared / "data" / "open" / f"{name}.json").read_text(encoding="utf-8"))
    measured = facts["measured_baselines"]["results"]
    table = read_table(shared / "data" / "open" / facts["file"])
    prepared = prepare(table, profile_table(table, target=facts["target"]), tmp_path, split=SplitSettings())
    fit_baselines(prepared, tmp_path / "b", seconds=math.inf)
    y, predictions = prepared.test()[1], baseline_predictions(prepared, tmp_path / "b")
    for ours, theirs in (
        ("majority", "dummy (majority or mean)"),
        ("boosting", "HistGradientBoosting (defaults)"),
        ("linear", "linear (logistic C=1 / ridge), one-hot"),
    ):
        if prepared.task != "regression":
            found, expected = (
                score(prepared.task, y, predictions[ours])["accuracy"],
                measured[theirs]["accuracy"],
            )
            assert abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / len(y)) + 0.01
        elif measured[theirs]["r2"] > -0.1:  # ridge without a clamp has one wild fold of chem_proc_yield
            found, expected = score(prepared.task, y, predictions[ours])["mae"], measured[theirs]["mae"]
            assert abs(found / expected - 1) < 4 / math.sqrt(len(y)) + 0.03
