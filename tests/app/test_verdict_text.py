"""The verdict: in English the engine's own sentence, in Chinese the same figures."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from chinese_texts import in_chinese
from finished_run import picture
from PySide6.QtWidgets import QApplication

from cambrian.results.evaluation import Score, judge, verdict
from cambrian.results.evaluation import TestScores as Scores
from cambrian_desktop.views.verdict import verdict_text

LABELS = {
    "linear": "a linear model",
    "boosting": "gradient boosting",
    "majority": "always guessing the mean",
}


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", text))


def scores(mine: float, theirs: dict[str, float], *, metric: str = "rmse", rows: int = 80) -> Scores:
    values = {"champion": mine, **theirs}
    return Scores(
        rows,
        metric,
        {model: {metric: Score(value, 0.125)} for model, value in values.items()},
        {model: Score(mine - value, 0.0625) for model, value in theirs.items()},
    )


@pytest.mark.parametrize("name", ["penguins", "likes", "prices"])
def test_english_is_the_engines_sentence(app: QApplication, name: str) -> None:
    run = picture(name).run
    assert run is not None
    assert run.result is not None
    assert run.resolved is not None
    target = {"penguins": "species", "likes": "label", "prices": "price"}[name]
    asked = {"task": run.resolved["task"], "target": target}
    assert verdict_text(run.result, **asked) == run.result["verdict"]
    with in_chinese():
        said = verdict_text(run.result, **asked)
    assert "在从未见过的" in said
    assert numbers(said) == numbers(run.result["verdict"])
    assert ("price" in said) == (name == "prices")


@pytest.mark.parametrize(
    ("found", "chinese"),
    [
        (scores(1.0, {"linear": 2.0, "boosting": 3.0}), "优于线性模型"),
        (scores(3.0, {"linear": 2.0, "boosting": 1.5}), "不如梯度提升"),
        (scores(1.5, {"linear": 1.5625, "boosting": 9.0}), "与线性模型没有明显差别"),
        (scores(0.9, {"majority": 0.5}, metric="r2"), "优于始终猜测平均值"),
        (scores(1.0, {}), "没有可供比较的基线"),
        (scores(math.nan, {"linear": 1.0}), "无法评判"),
        (scores(1.0, {"linear": math.nan}), "无法评判"),
        (scores(1.0, {"linear": 2.0}, rows=1), "1 行"),
    ],
)
def test_every_kind_of_verdict(app: QApplication, found: Scores, chinese: str) -> None:
    result: dict[str, Any] = {"test": found.to_json()}
    english = verdict(found, labels=LABELS, unit="price")
    assert verdict_text(result, task="regression", target="price") == english
    with in_chinese():
        said = verdict_text(result, task="regression", target="price")
    assert chinese in said
    assert numbers(said) == numbers(english)


def test_a_baseline_without_time_is_said(app: QApplication) -> None:
    found = scores(1.0, {"boosting": 2.0})
    short = {"boosting": {"rows": 80, "of_rows": 4800, "rounds": 10, "of_rounds": 100}}
    said = verdict_text({"test": found.to_json(), "baselines": short}, task="regression", target="price")
    labels = {"boosting": "gradient boosting (fitted on 80 of 4800 rows in 10 of 100 rounds)"}
    assert said == verdict(found, labels=labels, unit="price")


def test_scores_survive_json() -> None:
    found = scores(1.0, {"linear": 2.0})
    assert Scores.from_json(found.to_json()) == found
    assert judge(Scores.from_json(found.to_json())) == judge(found)
