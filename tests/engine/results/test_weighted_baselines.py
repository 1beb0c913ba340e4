"""Baselines of weighted rows and of free text."""

from __future__ import annotations

import numpy as np
import pytest

from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.row_columns import RowColumns
from cambrian.data.split import SplitSettings
from cambrian.results.baselines import baseline_predictions, fit_baselines
from cambrian.training.metrics import score

SENTENCES = (
    "the room was lovely and the staff were very friendly to all of us",
    "dirty carpet with broken heating so we asked for our money back twice",
)


def prepared_of(folder, *, task="binary", weight="w", rows=240):
    """Class 1 weighs 9 times as much as class 0; a text tells them apart, x a little."""
    rng = np.random.default_rng(0)
    lines = ["x,review,w,y"]
    for row in range(rows):
        y = row % 2
        text = " ".join(rng.permutation(SENTENCES[y].split())[:9])
        target = "01"[y] if task == "binary" else f"{10 * y + rng.normal():.4f}"
        lines.append(f"{y + rng.normal():.3f},{text},{9 if y else 1},{target}")
    folder.mkdir()
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    table = read_table(folder / "t.csv")
    drop = ("review",) if weight else ("w",)
    profile = profile_table(
        table, target="y", rows=RowColumns(weight), drop=drop, positive="1" if task == "binary" else ""
    )
    return prepare(table, profile, folder / "data", split=SplitSettings())


def test_class_shares_are_those_of_the_weights(tmp_path):
    prepared = prepared_of(tmp_path / "a")
    fit_baselines(prepared, tmp_path / "b", seconds=np.inf)
    found = baseline_predictions(prepared, tmp_path / "b")
    np.testing.assert_allclose(found["majority"][:, 1], 0.9, atol=0.01)
    for name in ("linear", "boosting"):
        assert found[name][:, 1].mean() > 0.75  # a row of class 1 counts nine times


def test_the_mean_is_that_of_the_weights(tmp_path):
    prepared = prepared_of(tmp_path / "a", task="regression")
    fit_baselines(prepared, tmp_path / "b", seconds=np.inf)
    found = baseline_predictions(prepared, tmp_path / "b")
    np.testing.assert_allclose(found["majority"], 9.0, atol=0.2)
    y = np.asarray(prepared.test()[1])
    for name in ("linear", "boosting"):
        assert np.mean(found[name] - y) > 1.0


def test_validation_is_weighted(tmp_path):
    prepared = prepared_of(tmp_path / "a")
    report = fit_baselines(prepared, tmp_path / "b", seconds=np.inf, names=["majority"])
    _, validation = prepared.fold(0)
    y, weights = np.asarray(prepared.y)[validation], np.asarray(prepared.weights)[validation]
    found = report["majority"]["validation"]
    assert found["accuracy"] == pytest.approx(np.average(y == 1, weights=weights))
    guess = np.tile([0.1, 0.9], (len(y), 1))
    assert found["log_loss"] == pytest.approx(
        score("binary", y, guess, ["log_loss"], weights=weights)["log_loss"], rel=0.01
    )


def test_linear_model_and_boosting_see_the_text(tmp_path):
    prepared = prepared_of(tmp_path / "a", weight="")
    assert len(prepared.schema.texts) == 1
    fit_baselines(prepared, tmp_path / "b", seconds=np.inf)
    found = baseline_predictions(prepared, tmp_path / "b")
    y = np.asarray(prepared.test()[1])
    for name in ("linear", "boosting"):
        assert score("binary", y, found[name], ["accuracy"])["accuracy"] > 0.95
