"""`cambrian doctor`: facts about this machine, and an exit status that says whether a run would work."""

from __future__ import annotations

import json
import os
import sqlite3
from importlib.metadata import version
from pathlib import Path

import pytest

from cambrian.cli import doctor


def test_a_sound_machine(cli, tmp_path: Path) -> None:
    status, out, _ = cli("doctor", "--json", "--workspace", tmp_path / "new")
    facts = json.loads(out)
    assert (status, facts["ok"], facts["problems"]) == (0, True, [])
    assert facts["libraries"]["torch"] == version("torch")
    assert {"cambrian", "deap", "pyarrow", "typer"} <= set(facts["libraries"])
    assert "pytest" not in facts["libraries"]
    assert facts["sqlite"] == sqlite3.sqlite_version
    assert facts["devices"][0]["device"] == "cpu"
    assert facts["machine"]["usable_cores"] >= 1
    assert facts["workspace"]["path"] == str(tmp_path / "new")
    assert facts["workspace"]["writable"]
    assert not (tmp_path / "new").exists()


def test_the_same_in_words(cli, tmp_path: Path) -> None:
    status, out, _ = cli("doctor", "--workspace", tmp_path)
    assert status == 0
    assert any(line.split() == ["torch", version("torch")] for line in out.splitlines())
    assert "Everything that a run needs is there." in out
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_a_file_is_a_problem(cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, out, _ = cli("doctor", "--workspace", tmp_path / "file" / "below")
    assert status == 1
    assert "problem: The workspace" in out
    assert "--workspace" in out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_workspace_is_a_problem(cli, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert cli("doctor", "--workspace", tmp_path)[0] == 1
    finally:
        tmp_path.chmod(0o700)


def test_what_is_missing_or_old_is_named() -> None:
    assert "deap" in next(iter(doctor._library_problems({"torch": "2.10", "deap": ""})))[0]
    assert not list(doctor._library_problems({"torch": "2.10"}))
    assert "3.31.1" in next(iter(doctor._sqlite_problems((3, 31, 1))))[0]
    assert not list(doctor._sqlite_problems((3, 40, 0)))


def test_a_full_disk_is_a_problem(monkeypatch, tmp_path: Path) -> None:
    usage = type("Usage", (), {"free": 10**6})()
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    problems = list(doctor._workspace_problems(doctor._workspace(tmp_path)))
    assert "1 MB left" in problems[0][0]
