"""A result always comes: with no time for a search, and when it is to stop before it began."""

from __future__ import annotations

from pathlib import Path

from hostile_line import sound, state

from real_runs import CommandLine, query


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
