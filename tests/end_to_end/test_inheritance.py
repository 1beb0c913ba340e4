"""A run whose children inherit weights, as a real process: the same with any workers, and after a kill."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from cambrian.training.lanes import load_lane
from real_runs import (
    CommandLine,
    assert_no_fault,
    query,
    reproducible,
    session_processes,
    wait_for,
    write_table,
)

SETTINGS = (
    *("--target", "label", "--generations", 4, "--population", 12, "--epochs", 8, "--folds", 2),
    *("--seed", 7, "--inherit", "--inherit-epochs", 0.5),
)
HEIRS = "SELECT number, generation, inherited FROM individuals WHERE inherited IS NOT NULL"

BETTER_PARENTS = "SELECT individual_id - 1, parent_id - 1 FROM parents WHERE position = 0"
EPOCHS = "SELECT individual_id - 1, max(epochs) FROM evaluations WHERE seed = 0 GROUP BY 1"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("heirs") / "workspace")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("heirs") / "table.csv", rows=300)


@pytest.fixture(scope="module")
def undisturbed(line: CommandLine, table: Path) -> Path:
    line("run", table, *SETTINGS, "--workers", 2, "--run-id", "undisturbed")
    return line.folder("undisturbed")


def heirs(folder: Path) -> dict[int, dict[str, Any]]:
    return {number: json.loads(text) for number, _, text in query(folder, HEIRS)}


def test_children_inherit_from_parents_of_the_top_rung(undisturbed: Path) -> None:
    found = heirs(undisturbed)
    generations = {generation for _, generation, _ in query(undisturbed, HEIRS)}
    assert generations == {1, 2, 3}
    better = dict(query(undisturbed, BETTER_PARENTS))
    rungs = dict(query(undisturbed, "SELECT number, rung FROM individuals"))
    epochs = dict(query(undisturbed, EPOCHS))
    for number, inherited in found.items():
        assert inherited["parent"] == better[number]
        assert rungs[better[number]] == 2
        assert epochs[number] <= inherited["epochs"] <= 4
    assert {inherited["parent"] for inherited in found.values()} & found.keys(), "no heir of an heir"


def test_the_weights_that_are_kept_are_those_that_were_inherited(undisturbed: Path) -> None:
    for inherited in heirs(undisturbed).values():
        for fold, key in enumerate(inherited["lanes"]):
            path = undisturbed / "weights" / f"i{inherited['parent']}-f{fold}-s0.safetensors"
            spec = load_lane(path).spec
            assert (spec.key, spec.fold) == (key, fold)


def champion_of(line: CommandLine, run_id: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(line("show", run_id, "--json").out)["champion"]
    return facts


def test_the_champion_is_trained_from_scratch_and_both_scores_are_shown(
    line: CommandLine, table: Path, undisturbed: Path
) -> None:
    run_id, seeds = "undisturbed", iter(range(8, 14))
    while (champion := champion_of(line, run_id))["inherited"] is None:  # by chance, on another machine
        run_id = f"seed-{next(seeds)}"
        line("run", table, *SETTINGS, "--seed", run_id.removeprefix("seed-"), "--run-id", run_id)
    inherited, folder = champion["inherited"], line.folder(run_id)
    for name in champion["networks"]:
        assert not name.endswith("-s0")
        spec = load_lane(folder / "champion" / f"{name}.safetensors").spec
        assert (spec.inherited, spec.epochs) == (None, champion["genome"]["epochs"])
    number = champion["individual"]
    (searched,) = query(folder, f"SELECT value FROM fitness WHERE individual_id = {number + 1}")[0]
    assert inherited["validation"] == {"log_loss": searched} != champion["validation"]
    text = line("show", run_id).out
    assert f"Individual {number} inherited the weights of {inherited['parent']} in the search" in text
    assert ", inheriting" in text
    assert f"{searched:.6g}" in text
    assert f"{champion['validation']['log_loss']:.6g}" in text


def test_one_worker_and_fewest_kept_weights_give_the_same(
    line: CommandLine, table: Path, undisturbed: Path
) -> None:
    """Parents keep their weights until their children are trained, leaders or not."""
    line("run", table, *SETTINGS, "--workers", 1, "--keep", 1, "--run-id", "one")
    assert reproducible(line.folder("one")) == reproducible(undisturbed)


def test_a_killed_run_inherits_the_same_after_a_resume(
    line: CommandLine, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("killed")
    kill_in_the_third_generation(line, table, "killed")
    line("resume", "killed")
    assert reproducible(folder) == reproducible(undisturbed)


def test_of_two_that_resume_a_killed_run_one_goes_on_and_inherits_the_same(
    line: CommandLine, table: Path, undisturbed: Path
) -> None:
    """The dead one's facts still lie about: the loser names the process that goes on, not that one."""
    folder = line.folder("wanted")
    dead = kill_in_the_third_generation(line, table, "wanted")
    assert json.loads((folder / "run.holder.json").read_text())["pid"] == dead
    both = [line.start("resume", "wanted") for _ in range(2)]
    outputs = [process.communicate(timeout=110)[0] for process in both]
    for out in outputs:
        assert_no_fault(out)
    assert sorted(process.returncode for process in both) == [0, 2], outputs
    loser = next(place for place, process in enumerate(both) if process.returncode == 2)
    assert f"Run wanted is held by process {both[1 - loser].pid} on host" in outputs[loser]
    started = query(folder, "SELECT count(*) FROM events WHERE kind = 'run-started'")
    assert started == [(2,)]
    assert reproducible(folder) == reproducible(undisturbed)
    (champion, genome) = query(
        folder, "SELECT champion, genome FROM run JOIN individuals ON number = champion"
    )[0]
    model = json.loads((folder / "champion" / "model.json").read_text(encoding="utf-8"))
    assert (model["facts"]["individual"], model["facts"]["genome"]) == (champion, json.loads(genome))
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]


def kill_in_the_third_generation(line: CommandLine, table: Path, run_id: str) -> int:
    """A run that ends by `kill -9` while heirs of generation 2 train; the pid that it had."""
    folder = line.folder(run_id)
    process = line.start("run", table, *SETTINGS, "--workers", 2, "--run-id", run_id)
    wait_for(
        lambda: query(
            folder,
            "SELECT 1 FROM rungs JOIN evaluations ON evaluation_id = evaluations.id"
            " JOIN individuals ON individual_id = individuals.id"
            " WHERE generation = 2 AND inherited IS NOT NULL",
        ),
        timeout=180,
        what="for heirs of the third generation",
    )
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not session_processes(process.pid), timeout=15, what="for the workers to go")
    assert query(folder, "SELECT result FROM run") == [(None,)]
    return process.pid
