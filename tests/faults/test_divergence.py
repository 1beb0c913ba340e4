"""Faults 11 to 13: numbers that run away, a generation that fails as a whole, memory for nobody."""

from __future__ import annotations

import math
from pathlib import Path

from hostile_line import SETTINGS, HostileLine, always, events, rows, sound, state

from real_runs import CommandLine, query, write_table

# Rung 0 of generation 0 trains every individual alike, whatever became of another one.
FIRST_EPOCHS = (
    "SELECT individual_id - 1, train_loss, validation_loss, learning_rate FROM epochs"
    " JOIN evaluations ON evaluation_id = evaluations.id"
    " WHERE epoch = 1 AND fold = 0 AND seed = 0 AND individual_id <= 12 ORDER BY 1"
)


def test_a_lane_that_diverges_is_a_row_and_its_pack_never_notices(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    number = 8
    line = HostileLine(tmp_path / "workspace", {number: always("diverge")})
    line("run", table, *SETTINGS, "--generations", 1, "--run-id", "diverged")
    folder = line.folder("diverged")
    assert state(folder) == "complete"
    sound(folder)
    (row,) = rows(folder, number)
    assert (row["state"], row["reason"], row["attempt"]) == ("failed", "diverged", 1)
    assert row["epochs"] >= 1
    assert row["error"] == f"diverged: the loss or a weight was not finite at epoch {row['epochs']}"
    last = query(folder, f"SELECT max(epoch) FROM epochs WHERE evaluation_id = {row['id']}")
    assert last == [(row["epochs"],)]
    others = [each for each in query(folder, FIRST_EPOCHS) if each[0] != number]
    assert len(others) == 11
    assert others == [each for each in query(undisturbed, FIRST_EPOCHS) if each[0] != number]


def test_a_feature_of_1e38_never_stops_a_run(tmp_path: Path, table: Path) -> None:
    path = tmp_path / "huge.csv"
    header, *lines = table.read_text().splitlines()
    cells = ["1e38" if number % 7 == 0 else f"{number}.5" for number in range(len(lines))]
    text = [f"{line},{cell}" for line, cell in zip(lines, cells, strict=True)]
    path.write_text("\n".join([header + ",huge", *text]) + "\n")
    line = CommandLine(tmp_path / "workspace")
    line("run", path, *SETTINGS, "--run-id", "huge")
    folder = line.folder("huge")
    assert state(folder) == "complete"
    (losses,) = query(folder, "SELECT count(*) FROM fitness WHERE value < 1e6")
    assert losses[0] > 0
    assert set(query(folder, "SELECT DISTINCT reason FROM evaluations")) <= {(None,), ("diverged",)}


def test_a_generation_that_fails_as_a_whole_ends_the_run_with_the_commonest_error(
    tmp_path: Path, table: Path
) -> None:
    plan = {number: always("raise_error") for number in range(24)} | {3: always("leave")}
    line = HostileLine(tmp_path / "workspace", plan)
    done = line("run", table, *SETTINGS, "--run-id", "hopeless", expect=1)
    assert (
        "All 12 individuals of generation 0 failed; the commonest error (11 of them):"
        " ValueError: a mistake in a network." in done.err
    )
    folder = line.folder("hopeless")
    assert state(folder) == "failed"
    assert "a mistake in a network" in query(folder, "SELECT error FROM run")[0][0]
    assert query(folder, "SELECT count(*) FROM individuals") == [(12,)]
    assert query(folder, "SELECT DISTINCT state, reason FROM evaluations") == [("failed", "crashed")]
    why = query(folder, "SELECT error FROM run")
    again = line("resume", "hopeless", expect=1)
    assert "All 12 individuals of generation 0 failed; the commonest error (11 of them)" in again.err
    assert "begin a new run" in again.err
    assert query(folder, "SELECT error FROM run") == why
    assert query(folder, "SELECT count(*) FROM individuals") == [(12,)]  # nothing more was asked
    sound(folder)


def test_memory_for_no_individual_is_refused_before_training(tmp_path: Path) -> None:
    table = write_table(tmp_path / "long.csv", rows=120_000)  # the order of its rows alone takes a megabyte
    line = CommandLine(tmp_path / "workspace")
    done = line("run", table, *SETTINGS, "--memory-mb", 1, "--run-id", "small", expect=1)
    folder = line.folder("small")
    found = query(folder, "SELECT state, predicted_bytes, error FROM evaluations")
    assert {each[0] for each in found} == {"infeasible"}
    least = min(each[1] for each in found)
    assert least > 2**20
    assert f"fits the memory limit of {2**20} bytes; the smallest needs {least} bytes" in done.err
    assert query(folder, "SELECT count(*) FROM epochs") == [(0,)]
    assert all(str(bytes_) in error for _, bytes_, error in found)
    assert not events(folder, "generation-finished")
    assert f"Begin a new run with `--memory-mb {math.ceil(least / 2**20)}` or more" in done.err
    again = line("resume", "small", expect=1)
    assert f"None of the 12 individuals of generation 0 fits the memory limit of {2**20} bytes" in again.err
    assert query(folder, "SELECT count(*) FROM individuals") == [(12,)]


def test_individuals_that_do_not_fit_are_rows_and_the_others_train(tmp_path: Path, table: Path) -> None:
    memory = 1
    line = CommandLine(tmp_path / "workspace")
    line("run", table, *SETTINGS, "--memory-mb", memory, "--run-id", "tight")
    folder = line.folder("tight")
    found = query(folder, "SELECT state, predicted_bytes, error FROM evaluations WHERE epochs = 0")
    assert found
    for name, bytes_, error in found:
        assert name == "infeasible"
        assert bytes_ > memory * 2**20
        assert error == f"needs {bytes_} bytes of memory by prediction, the limit is {memory * 2**20}"
    assert query(folder, "SELECT count(*) FROM evaluations WHERE state = 'complete'")[0][0] > 0
