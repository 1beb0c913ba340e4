"""`cambrian runs` and `cambrian show`: the truth about every run, whatever state its folder is in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from run_folders import SPACE, make_run, result_of

from cambrian.cli.result_text import result_lines
from cambrian.records import Evaluation, Individual, Outcome, RunState, State
from cambrian.run.execution import Ended
from cambrian.run.facts import bytes_on_disk, failures
from cambrian.run.workspace import RunFolder
from cambrian.store.lock import RunLock
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter

KEYS = {
    "version", "id", "state", "error", "seed", "created", "started", "finished", "heartbeat", "used_seconds",
    "experiment", "resolved", "versions", "counts", "objectives", "leaderboard", "champion", "test",
    "test_looks", "baselines", "search", "verdict", "failures", "workers", "busy", "folder", "bytes",
}  # fmt: skip


def shown(cli, workspace: Path, run: str = "last") -> dict:
    status, out, _ = cli("show", run, "--json", "--workspace", workspace)
    assert status == 0
    return json.loads(out)


def listed(cli, workspace: Path) -> list[dict]:
    status, out, _ = cli("runs", "--json", "--workspace", workspace)
    assert status == 0
    return json.loads(out)["runs"]


def test_an_empty_workspace_says_what_to_do(cli, workspace: Path) -> None:
    status, out, _ = cli("runs", "--workspace", workspace)
    assert status == 0
    assert "`cambrian run FILE --target COLUMN`" in out
    assert listed(cli, workspace) == []
    assert not workspace.exists()


def test_runs_prints_a_line_a_run(cli, workspace: Path, complete_run: RunFolder) -> None:
    make_run(workspace, "second", state=RunState.INTERRUPTED)
    _, out, _ = cli("runs", "--workspace", workspace)
    header, _, first, second = out.splitlines()
    assert header.split() == ["run", "state", "data", "target", "generations", "individuals", "best", "age"]
    assert first.split()[:5] == ["done", "complete", "企鹅", "表.csv", "species"]
    assert first.split()[5:9] == ["1", "3", "log_loss", "0.25"]
    assert second.split()[:2] == ["second", "interrupted"]
    assert [each["id"] for each in listed(cli, workspace)] == ["done", "second"]


def test_a_run_whose_process_is_gone_ended_unexpectedly(cli, workspace: Path) -> None:
    folder = make_run(workspace, "alone", state=RunState.RUNNING)
    assert listed(cli, workspace)[0]["state"] == "ended unexpectedly"
    assert shown(cli, workspace)["state"] == "ended unexpectedly"
    assert "`cambrian resume alone`" in cli("show", "alone", "--workspace", workspace)[1]
    with RunLock(folder.path):
        assert listed(cli, workspace)[0]["state"] == "running"
        assert shown(cli, workspace)["state"] == "running"


@pytest.mark.parametrize("state", [RunState.COMPLETE, RunState.FAILED, RunState.INTERRUPTED])
def test_an_ended_run_keeps_its_state(cli, workspace: Path, state: RunState) -> None:
    make_run(workspace, "ended", state=state)
    assert listed(cli, workspace)[0]["state"] == state


def test_a_run_that_has_just_begun_is_not_dead(cli, workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / "new")
    folder.create()
    RunWriter.create(folder.database, run_id="new", seed=0, experiment_toml="", versions={}).close()
    assert listed(cli, workspace)[0]["state"] == "preparing"
    facts = shown(cli, workspace)
    assert set(facts) == KEYS
    assert facts["resolved"] is None
    assert facts["leaderboard"] == []
    assert cli("show", "new", "--workspace", workspace)[0] == 0


def test_a_damaged_run_hides_no_other(cli, workspace: Path, complete_run: RunFolder) -> None:
    broken = make_run(workspace, "broken")
    broken.database.write_bytes(b"not a database" * 500)
    by_id = {each["id"]: each for each in listed(cli, workspace)}
    assert by_id["done"]["state"] == "complete"
    assert by_id["broken"]["state"] == "unreadable"
    assert str(broken.database) in by_id["broken"]["problem"]
    status, out, _ = cli("runs", "--workspace", workspace)
    assert (status, out.count("unreadable")) == (0, 1)
    status, _, err = cli("show", "broken", "--workspace", workspace)
    assert (status, err.startswith("cambrian: ")) == (2, True)


def test_show_json_of_a_complete_run(cli, workspace: Path, complete_run: RunFolder) -> None:
    facts = shown(cli, workspace, "do")
    assert set(facts) == KEYS
    assert (facts["version"], facts["id"], facts["state"], facts["seed"]) == (1, "done", "complete", 3)
    assert facts["experiment"]["data"]["target"] == "species"
    assert facts["resolved"] == {"population": 3, "epochs": 4, "rungs": [1, 4]}
    assert facts["champion"]["individual"] == 1
    assert facts["test"]["scores"]["linear"]["log_loss"] == {"value": 0.05, "error": 0.02}
    assert facts["baselines"] == {"linear": {"rows": 276, "of_rows": 276}}
    assert [row["individual"] for row in facts["leaderboard"]] == [1, 0]
    assert facts["counts"]["evaluations"] == {"complete": 2, "failed": 2}
    assert facts["busy"] == 0.87
    assert facts["bytes"] == bytes_on_disk(complete_run) > complete_run.database.stat().st_size - 1


def test_show_works_without_a_result(cli, workspace: Path) -> None:
    folder = make_run(workspace, "going")
    with RunLock(folder.path):
        facts = shown(cli, workspace)
        _, out, _ = cli("show", "going", "--workspace", workspace)
    assert set(facts) == KEYS
    assert [facts[name] for name in ("champion", "test", "verdict", "baselines")] == [None] * 4
    assert facts["busy"] == pytest.approx(0.9)
    assert out.startswith("going: running\n")
    assert "best so far: " in out
    assert "(individual 1 of generation 0, by draw)" in out
    assert "resolved: population 3, epochs 4, rungs 1/4" in out


def test_the_search_is_shown_as_soon_as_it_is_over(cli, workspace: Path) -> None:
    folder = make_run(workspace, "ending", state=RunState.FINISHING)
    assert shown(cli, workspace)["search"] is None
    search = {"ended": "time", "seconds": 8.0, "individuals": 3, "busy": 0.5, "lanes_per_program": 2.0}
    with RunWriter.open(folder.database) as writer:
        writer.update_run(search=search)
    facts = shown(cli, workspace)
    assert (facts["search"], facts["busy"]) == (search, 0.5)


def test_show_in_words(cli, workspace: Path, complete_run: RunFolder) -> None:
    _, out, _ = cli("show", "done", "--workspace", workspace)
    assert "champion: 3×128 " in out
    assert "2 networks averaged" in out
    assert "learning rate 0.001 (flat_cosine)" in out
    assert "0.05 ± 0.02" in out
    assert "undefined" in out
    assert "not clearly different from a linear model" in out
    assert "workers: 1, 87% busy" in out
    assert any(line.split()[:2] == ["diverged", "2"] for line in out.splitlines())
    genes = [line.split()[0] for line in out.splitlines() if line.endswith(".") and "  " in line]
    assert "lr" in genes
    assert "lr_sgd" not in genes  # its condition does not hold


def test_the_end_of_a_run_says_who_the_champion_is(workspace: Path) -> None:
    """Also where the search had placed others before it, further down than is shown."""
    folder = make_run(workspace, "done", state=RunState.COMPLETE)
    result = result_of("done")
    first = list(result_lines(folder, Ended(RunState.COMPLETE, result)))
    (line,) = (each for each in first if each.startswith("champion: "))
    assert line.startswith("champion: 3×128 ")
    assert "learning rate 0.001" in line
    assert line.endswith("; 2 networks averaged (individual 1 of generation 0, by draw)")
    assert [each.split()[:3] for each in first if "(champion)" in each] == [["1", "1", "(champion)"]]

    with RunWriter.open(folder.database) as writer:
        rng = np.random.default_rng(1)
        better = [Individual(number, 1, SPACE.draw(rng), "draw", "b32") for number in range(3, 13)]
        writer.begin_generation(1, better, {}, [])
        writer.finish_generation(1, [Outcome(each, 1, (0.1,)) for each in better], range(10), {})
    then = [each for each in result_lines(folder, Ended(RunState.COMPLETE, result)) if "(champion)" in each]
    assert [each.split()[:3] for each in then] == [["11", "1", "(champion)"]]


def test_show_marks_the_champion(cli, workspace: Path, complete_run: RunFolder) -> None:
    _, out, _ = cli("show", "done", "--workspace", workspace)
    assert out.count("1 (champion)") == 1
    make_run(workspace, "going")
    assert "(champion)" not in cli("show", "going", "--workspace", workspace)[1]


def test_looks_at_the_test_part_are_counted_and_shown(cli, workspace: Path, complete_run: RunFolder) -> None:
    def line_of_looks() -> list[str]:
        return [
            line for line in cli("show", "done", "--workspace", workspace)[1].splitlines() if "looked" in line
        ]

    assert (shown(cli, workspace)["test_looks"], line_of_looks()) == (0, [])
    for looks, line in enumerate(["test part: looked at once", "test part: looked at 2 times"], start=1):
        with RunWriter.open(complete_run.database) as writer:
            writer.count_test_look()
        assert (shown(cli, workspace)["test_looks"], line_of_looks()) == (looks, [line])


def test_failures_that_differ_in_numbers_alone_are_one_group(workspace: Path) -> None:
    folder = make_run(workspace, "failing")
    with RunWriter.open(folder.database) as writer:
        other = Evaluation(2, 2, 0, State.INFEASIBLE, None, "needs 12 GB")
        writer.save_evaluations([other])
    with RunReader(folder.database) as reader:
        groups = failures(reader)
    assert [(each.reason, each.count, each.error) for each in groups] == [
        ("diverged", 2, "the loss was nan in epoch 1"),
        (None, 1, "needs 12 GB"),
    ]


def test_hostile_text_of_a_run_is_shown_escaped(cli, workspace: Path) -> None:
    folder = make_run(workspace, "evil", data=Path("/data/a\u202eb\x07.csv"), state=RunState.FAILED)
    with RunWriter.open(folder.database) as writer:
        writer.update_run(error="bad \x1b[31m column\nsecond line")
    for command in (("runs",), ("show", "evil")):
        _, out, _ = cli(*command, "--workspace", workspace)
        assert not {"\x1b", "\u202e", "\x07"} & set(out)
    assert r"error: bad \x1b[31m column\nsecond line" in out


def test_an_unknown_run_is_refused_with_a_sentence(cli, workspace: Path) -> None:
    status, out, err = cli("show", "nothing", "--workspace", workspace)
    assert (status, out) == (2, "")
    assert "There is no run 'nothing'" in err
    assert "`cambrian run FILE --target COLUMN` starts one" in err


def test_a_folder_without_a_database_is_named(cli, workspace: Path) -> None:
    (workspace / "runs" / "hollow").mkdir(parents=True)
    status, out, err = cli("show", "hollow", "--workspace", workspace)
    assert (status, out) == (2, "")
    assert "its run.db is missing" in err
    assert listed(cli, workspace) == []


def test_the_beginning_of_two_ids_names_both(cli, workspace: Path, complete_run: RunFolder) -> None:
    make_run(workspace, "done-again")
    assert shown(cli, workspace, "done")["id"] == "done"
    status, _, err = cli("show", "don", "--workspace", workspace)
    assert status == 2
    assert "'don' fits 2 runs: done, done-again" in err


@pytest.mark.parametrize("command", ["pause", "stop"])
def test_a_complete_run_cannot_be_asked_anything(cli, workspace: Path, complete_run, command: str) -> None:
    status, out, err = cli(command, "done", "--workspace", workspace)
    assert (status, out) == (1, "")
    assert "Run done is complete." in err
    assert "`cambrian show done`" in err


@pytest.mark.skipif(os.name == "nt", reason="rights of folders")
def test_a_vanishing_file_does_not_stop_the_size(workspace: Path, complete_run: RunFolder) -> None:
    before = bytes_on_disk(complete_run)
    (complete_run.lanes / "dangling").symlink_to("/no/such/file")
    assert bytes_on_disk(complete_run) >= before
