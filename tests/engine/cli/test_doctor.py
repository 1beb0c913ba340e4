"""`cambrian doctor`: facts about this machine, and an exit status that says whether a run would work."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from cambrian.cli import doctor
from cambrian.cli.lane_report import check_line, check_problems, lane_checks
from cambrian.training.lanes import LaneState
from cambrian.training.pack import PackTrainer


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
    assert [(each["device"], each["width"]) for each in facts["packs"][:2]] == [("cpu", 32), ("cpu", 64)]
    assert facts["packs"][0]["lanes_by_batch"]["32"] > facts["packs"][3]["lanes_by_batch"]["512"] >= 1
    check = facts["lane_checks"][0]
    assert (check["device"], check["promise"], check["lanes"]) == ("cpu", "bit for bit", 60)
    assert (check["differing_lanes"], check["differing_tensors"], check["largest_difference"]) == (0, 0, 0.0)
    assert check["tensors"] > 60 * 20
    assert facts["workspace"]["path"] == str(tmp_path / "new")
    assert facts["workspace"]["writable"]
    assert not (tmp_path / "new").exists()


def test_the_same_in_words(cli, tmp_path: Path) -> None:
    status, out, _ = cli("doctor", "--workspace", tmp_path)
    assert status == 0
    assert any(line.split() == ["torch", version("torch")] for line in out.splitlines())
    assert "Everything that a run needs is there." in out
    assert re.search(r"(?m)^cpu: alone and in company 0 of 60 lanes and 0 of \d+ tensors differ", out)
    assert re.search(r"(?m)^cpu, width 128  +6  +4  +2$", out)
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


class Nudged(PackTrainer):
    """Changes one weight of its first lane in the last place, if it ever had another."""

    def remove(self, handle: int) -> LaneState:
        state = super().remove(handle)
        if handle or self._next == 1:
            return state
        name = "weights.head.bias"
        nudged = torch.nextafter(state.tensors[name], torch.tensor(torch.inf))
        return replace(state, tensors={**state.tensors, name: nudged})


def test_a_lane_that_company_changes_is_a_problem(cli, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cambrian.training.selfcheck.PackTrainer", Nudged)
    status, out, _ = cli("doctor", "--workspace", tmp_path)
    assert status == 1
    assert re.search(r"(?m)^cpu: alone and in company 3 of 60 lanes and 3 of \d+ tensors differ", out)
    assert "problem: On cpu 3 of 60 lanes differ in company from alone (binary lane 0: weights.head" in out
    assert "Everything that a run needs is there." not in out


def test_an_installation_without_torch_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    program = "import sys; sys.modules['torch'] = None; from cambrian.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "doctor", "--json", "--workspace", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    facts = json.loads(ended.stdout)
    assert (ended.returncode, facts["devices"], facts["packs"], facts["lane_checks"]) == (1, [], [], [])
    assert facts["problems"][0]["problem"].startswith("PyTorch cannot be loaded: ")


def test_a_device_that_fails_is_a_problem_and_no_crash() -> None:
    checks = lane_checks(["abacus"])
    assert check_line(checks[0]) == "abacus: lanes alone and in company could not be compared"
    assert next(check_problems(checks))[0].startswith("The check of lanes on abacus failed: ")


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
