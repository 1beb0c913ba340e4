"""The figures of a search cover all executions of its run, however the earlier ones ended."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from hostile_line import SETTINGS, HostileLine, nobody_left, once

from real_runs import query, wait_for


def search_of(folder: Path) -> dict[str, Any]:
    (text,) = query(folder, "SELECT search FROM run")[0]
    return json.loads(text) if text else {}


def told(folder: Path, name: str) -> int:
    """The sum over the run's events of finished generations."""
    rows = query(folder, "SELECT data FROM events WHERE kind = 'generation-finished'")
    return sum(json.loads(data)[name] for (data,) in rows)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_what_was_before_a_resume_is_counted(
    tmp_path: Path, table: Path, undisturbed: Path, number: signal.Signals
) -> None:
    """The second generation is under way when the run ends; nothing of the first is trained again."""
    line = HostileLine(tmp_path / "workspace", {12: once("wait")})
    folder = line.folder("resumed")
    process = line.start("run", table, *SETTINGS, "--run-id", "resumed")
    line.held(12)
    first = told(folder, "lane_epochs")
    wait_for(lambda: search_of(folder)["lane_epochs"] > first, what="for lanes of the second generation")
    process.send_signal(number)
    process.communicate(timeout=60)
    nobody_left(process)
    before = search_of(folder)
    assert before["ended"] is None
    assert before["seconds"] > 0
    shown = json.loads(line("show", "resumed", "--json").out)
    assert (shown["search"], shown["busy"]) == (before, before["busy"])

    line("resume", "resumed")

    after, whole = search_of(folder), search_of(undisturbed)
    assert after["ended"] == "budget"
    assert after["seconds"] > before["seconds"]
    assert after["busy_seconds"] > before["busy_seconds"]
    assert after["worker_seconds"] == pytest.approx(2 * after["seconds"])
    assert after["busy"] == pytest.approx(after["busy_seconds"] / after["worker_seconds"])
    for name in ("lane_epochs", "program_epochs"):
        assert after[name] == told(folder, name)
        assert after[name] > before[name] > 0
    assert after["lanes_per_program"] == after["lane_epochs"] / after["program_epochs"]
    if number is signal.SIGINT:  # a killed worker tells nobody of epochs that it trained in vain
        assert after["lane_epochs"] == whole["lane_epochs"]
    assert after["individuals"] == whole["individuals"] == 24
    shown = json.loads(line("show", "resumed", "--json").out)
    assert (shown["search"], shown["busy"]) == (after, after["busy"])
