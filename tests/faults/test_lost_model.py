"""A complete run whose delivered model is lost or damaged: written again from its networks, or refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_line import events, sound, state

from real_runs import CommandLine, query, reproducible

STORED = "SELECT state, result, test_looks, error, used_seconds, finished FROM run"


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "workspace")


@pytest.fixture
def folder(line: CommandLine, undisturbed: Path) -> Path:
    """A complete run of its own for every test."""
    return Path(shutil.copytree(undisturbed, line.folder("undisturbed")))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def first(folder: Path) -> Path:
    return min((folder / "champion").glob("*.safetensors"))


def model(folder: Path) -> Any:
    return json.loads((folder / "champion" / "model.json").read_text(encoding="utf-8"))


def lose(path: Path) -> None:
    """As a kill between the old model and the new one leaves it."""
    (path / "champion").rename(path / "champion.new")


@pytest.mark.parametrize(
    "damage",
    [
        lose,
        lambda folder: flip(first(folder)),
        lambda folder: (folder / "champion" / "model.json").write_text("{"),
    ],
    ids=["missing", "network", "description"],
)
def test_a_lost_model_is_written_again_without_a_look_at_the_test_part(
    line: CommandLine, table: Path, folder: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    before, facts, stored = model(folder), reproducible(folder), query(folder, STORED)
    line("predict", "undisturbed", table, "-o", tmp_path / "before.csv")
    damage(folder)
    refused = line("predict", "undisturbed", table, "-o", tmp_path / "no.csv", expect=2)
    assert "`cambrian resume undisturbed`" in refused.err
    resumed = line("resume", "undisturbed")
    assert json.loads(stored[0][1])["verdict"] in resumed.out
    assert model(folder) == before
    line("predict", "undisturbed", table, "-o", tmp_path / "after.csv")
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    assert query(folder, STORED) == stored
    assert reproducible(folder) == facts
    assert len(events(folder, "model-rewritten")) == 1
    assert not (folder / "champion.new").exists()
    sound(folder)


def test_a_model_that_is_there_is_left_alone(line: CommandLine, folder: Path) -> None:
    written = {path: path.stat().st_mtime_ns for path in (folder / "champion").iterdir()}
    line("resume", "undisturbed")
    assert {path: path.stat().st_mtime_ns for path in (folder / "champion").iterdir()} == written
    assert events(folder, "model-rewritten") == []


@pytest.mark.parametrize("damage", ["missing", "damaged", "swapped"])
def test_networks_that_are_lost_too_are_named_and_the_run_stays_complete(
    line: CommandLine, folder: Path, damage: str
) -> None:
    stored, names = query(folder, STORED), [path.name for path in (folder / "champion").glob("*.safetensors")]
    lost = folder / "weights" / min(names)
    if damage == "missing":
        lost.unlink()
    elif damage == "damaged":
        flip(lost)
    else:
        champion = lost.name.split("-")[0]
        other = min(path for path in lost.parent.glob("*-f0-s0.safetensors") if champion not in path.name)
        shutil.copyfile(other, lost)
    shutil.rmtree(folder / "champion")
    refused = line("resume", "undisturbed", expect=2)
    assert f"{lost.stem} is missing or damaged too" in refused.err
    assert "run the experiment again" in refused.err
    assert query(folder, STORED) == stored
    assert state(folder) == "complete"
    shown = line("show", "undisturbed").out
    assert json.loads(stored[0][1])["verdict"] in shown
    assert not (folder / "champion").exists()


def test_without_the_prepared_data_nothing_else_stands_in_for_it(line: CommandLine, folder: Path) -> None:
    """The source may have changed since: encoders of other rows would make another model of the networks."""
    shutil.rmtree(folder / "data")
    shutil.rmtree(folder / "champion")
    refused = line("resume", "undisturbed", expect=2)
    assert "its prepared data" in refused.err
    assert state(folder) == "complete"
