"""A baseline that cannot be fitted: the run goes on, and says what it is not compared with."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_line import SETTINGS, HostileLine, events, sound, state

from real_runs import query, reproducible

RESULT = "SELECT json_extract(result, '$.baselines'), json_extract(result, '$.test.scores') FROM run"


@pytest.mark.parametrize(
    ("lost", "left", "said"),
    [
        ("boosting", ("majority", "linear"), "no comparison with gradient boosting"),
        ("majority", (), "no comparison with always guessing the classes' shares"),
    ],
)
def test_a_lost_baseline_is_left_out_and_said(
    tmp_path: Path, table: Path, undisturbed: Path, lost: str, left: tuple[str, ...], said: str
) -> None:
    line = HostileLine(tmp_path / "workspace", {})
    line.environment["CAMBRIAN_HOSTILE_BASELINE"] = lost
    done = line("run", table, *SETTINGS, "--run-id", "compared")
    folder = line.folder("compared")
    assert state(folder) == "complete"
    failed = events(folder, "baseline-failed")
    assert len(failed) == 3 - len(left)
    assert f"{said} (the worker ended with exit status 7)" in failed
    assert "not available (the worker ended with exit status 7)" in done.out
    ((facts, scores),) = query(folder, RESULT)
    assert [name in scores for name in ("majority", "linear", "boosting")] == [
        name in left for name in ("majority", "linear", "boosting")
    ]
    assert facts.count("exit status 7") == 3 - len(left)
    if not left:
        assert "no baseline is there to compare it with" in done.out
    mine, theirs = reproducible(folder), reproducible(undisturbed)
    assert mine.pop("test")["scores"]["champion"] == theirs.pop("test")["scores"]["champion"]
    assert mine == theirs
    sound(folder)
