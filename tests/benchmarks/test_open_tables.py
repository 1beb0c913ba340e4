"""How the script of the open tables judges its results, alone and beside earlier ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmark_script import run_script
from earlier_results import Gap

SPREAD = (-0.01, 0.0, 0.01)
"""Of three split seeds about a mean; their standard error is 0.0058."""


def facts(*, score: float, gap: float, r2: float | None = None, seconds: float = 170.0) -> dict[str, Any]:
    """A cell whose champion has this loss, larger by `gap` than the linear model's."""
    champion = {"rmse": {"value": score, "error": 0.003}}
    if r2 is not None:
        champion["r2"] = {"value": r2, "error": 0.01}
    scores = {
        "champion": champion,
        "linear": {"rmse": {"value": score - gap, "error": 0.003}},
        "boosting": {"rmse": {"value": score, "error": 0.003}},
    }
    return {
        "test": {
            "metric": "rmse",
            "rows": 50,
            "scores": scores,
            "differences": {
                "linear": {"value": gap, "error": 0.002},
                "boosting": {"value": 0.0, "error": 1.0},
            },
        },
        "seconds": seconds,
        "minutes": 3.0,
        "load": [1.5, 2.0],
        "search": {"individuals": 240, "seconds": 120.0, "lanes_per_program": 3.25},
    }


def table_of(name: str, *, score: float = 1.0, gap: float = -0.1, **further: Any) -> dict[str, Any]:
    """The three cells of a table, their gaps and scores spread about these means."""
    return {
        f"{name}:{seed}": facts(score=score + spread, gap=gap + spread, **further)
        for seed, spread in enumerate(SPREAD)
    }


@pytest.fixture
def judge(tmp_path: Path):
    """Prints the table of some cells, perhaps beside earlier ones; the output and the missed bounds."""

    def printed(
        cells: dict[str, Any], *, earlier: dict[str, Any] | None = None, expect: int | None = None
    ) -> tuple[Any, list[str]]:
        (tmp_path / "open.json").write_text(json.dumps({"cells": cells, "machine": {}}))
        options = []
        if earlier is not None:
            (tmp_path / "earlier.json").write_text(json.dumps({"cells": earlier, "machine": {}}))
            options = ["--against", tmp_path / "earlier.json"]
        result = run_script("open_tables.py", tmp_path / "open.json", "--table", *options, expect=expect)
        start = "MISSED: "
        missed = [line.removeprefix(start) for line in result.out.splitlines() if line.startswith(start)]
        assert expect is not None or result.status == bool(missed)
        return result, missed

    return printed


def test_bounds_that_are_kept_leave_exit_status_0_and_a_table_of_pace_and_load(judge):
    # Not worse by more than a standard error: the seeds' spread, 0.0058, as it exceeds the bootstrap's.
    cells = table_of("ames") | table_of("soybean", gap=0.005) | table_of("diamonds", r2=0.97, seconds=190.0)
    result, missed = judge(cells, expect=0)
    assert missed == []
    assert result.line("ames:0 ")[-4:] == ["240", "120.0", "3.25", "1.5-2.0"]
    assert "not measured, not judged: credit_data:0, spam:0" in result.out


def test_every_missed_bound_is_named(judge):
    cells = table_of("ames", gap=0.0) | table_of("soybean", gap=0.007) | table_of("diamonds", r2=0.9699)
    cells |= table_of("spam", seconds=191.0)
    _, missed = judge(cells, expect=1)
    assert [sentence.split(":")[0] for sentence in missed] == ["ames", "soybean", "diamonds", *["spam"] * 3]
    assert "not better than the linear model" in missed[0]
    assert "+0.007 ± 0.0058" in missed[1]
    assert "R2 is 0.9699" in missed[2]
    assert missed[3] == "spam:0: the run took 191 s, at most 190 s are allowed"


def test_a_score_worse_beyond_noise_is_missed_and_one_within_noise_is_not(judge):
    earlier = table_of("spam", score=1.0) | table_of("chicago", score=1.0)
    for cell in earlier.values():
        cell["search"] = {"individuals": 60, "seconds": 120.0}
    # Each seed's gap is the same, so that the bootstrap's errors count: 0.003 * sqrt(6) / 3 = 0.0024.
    result, missed = judge(table_of("spam", score=1.0045) | table_of("chicago", score=0.5), earlier=earlier)
    assert missed == []
    assert result.out.splitlines()[-2].split() == ["spam", "+0.0045", "±", "0.0024", "30.0", "120.0", "4.00"]
    _, missed = judge(table_of("spam", score=1.0055), earlier=earlier)
    assert len(missed) == 1
    assert missed[0].startswith("spam: the test score is worse than before by +0.0055 ± 0.0024")


def test_what_cannot_be_compared_is_refused(judge, tmp_path):
    cells = table_of("spam")
    other = json.loads(json.dumps(cells))
    other["spam:1"]["test"]["rows"] = 49
    for earlier in (other, table_of("ames"), {}):
        result, _ = judge(cells, earlier=earlier, expect=1)
        assert "now minus before" not in result.out
    run_script("open_tables.py", tmp_path / "open.json", "--table", "--against", tmp_path / "none", expect=1)


def test_the_larger_of_bootstrap_and_spread_is_the_error():
    assert Gap.of([1.0, 1.0, 1.0], [0.3, 0.3, 0.3]).error == pytest.approx(0.3 / 3**0.5)
    assert Gap.of([0.0, 1.0, 2.0], [0.3, 0.3, 0.3]).error == pytest.approx(1 / 3**0.5)
    assert Gap.of([1.0], [0.3]) == Gap(1.0, pytest.approx(0.3))
