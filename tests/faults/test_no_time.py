"""A result always comes: with no time for a search, and when it is to stop before it began."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_line import SETTINGS, HostileLine, ended, events, once, sound, state

from real_runs import CommandLine, query, wait_for


def test_a_run_without_any_time_delivers_one_network(tmp_path: Path, table: Path) -> None:
    line = CommandLine(tmp_path / "workspace")
    line("run", table, "--target", "label", "--minutes", 0.02, "--workers", 1, "--run-id", "hasty")
    folder = line.folder("hasty")
    assert state(folder) == "complete"
    assert query(folder, "SELECT champion FROM run") == [(0,)]
    assert query(folder, "SELECT number, rung, operator FROM individuals") == [
        (0, 0, "known-good: plain_mlp")
    ]
    assert query(folder, "SELECT json_extract(search, '$.ended') FROM run") == [("time",)]
    sound(folder)


@pytest.mark.parametrize(("options", "asked"), [((), 12), (("--now",), 1)])
def test_a_stop_while_the_run_is_prepared_delivers_a_model(
    tmp_path: Path, table: Path, options: tuple[str, ...], asked: int
) -> None:
    line = HostileLine(tmp_path / "workspace", {})
    line.environment["CAMBRIAN_HELD_BASELINES"] = "1"
    folder = line.folder("early")
    process = line.start("run", table, *SETTINGS, "--workers", 1, "--run-id", "early")
    wait_for((line.acts / "baselines.pid").exists, what="for the baselines")
    line("stop", "early", *options)
    wait_for(lambda: events(folder, "stopping"), what="for the answer")
    (line.acts / "baselines.go").touch()
    status, out = ended(process, within=90)
    assert status == 0, out
    assert state(folder) == "complete"
    assert query(folder, "SELECT count(*), max(generation) FROM individuals") == [(asked, 0)]
    assert query(folder, "SELECT json_extract(search, '$.ended') FROM run") == [("stopped",)]
    sound(folder)


def test_a_stop_before_the_first_network_has_come_to_a_rung_waits_for_one(
    tmp_path: Path, table: Path
) -> None:
    line = HostileLine(tmp_path / "workspace", {0: once("hang")})
    folder = line.folder("hung")
    process = line.start("run", table, *SETTINGS, "--evaluations", 1, "--run-id", "hung")
    line.acted(0)
    line("stop", "hung", "--now")
    status, out = ended(process, within=90)
    assert status == 0, out
    assert query(folder, "SELECT number, rung FROM individuals") == [(0, 0)]
    assert query(folder, "SELECT state, champion FROM run") == [("complete", 0)]
    sound(folder)
