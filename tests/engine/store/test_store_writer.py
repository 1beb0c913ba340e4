"""What is written comes back as it was, and a batch is written whole or not at all."""

from __future__ import annotations

import math
import os
import sqlite3
import statistics
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cambrian.errors import RunError
from cambrian.records import Evaluation, Outcome, Reason, RunEvent, RunState, State
from cambrian.store.connection import connect, copy_database
from cambrian.store.reader import RunReader
from cambrian.store.rows import RungRow, WorkerRow
from cambrian.store.writer import RunWriter


def test_a_new_run_is_preparing_and_durable(path: Path, writer: RunWriter, make) -> None:
    with RunReader(path) as reader:
        run = reader.run()
        assert (run.id, run.seed, run.state) == ("amber-fox", 7, RunState.PREPARING)
        assert run.versions == {"cambrian": "0.1.0", "torch": "2.10"}
        assert "表.csv" in run.experiment
        assert run.created.endswith("Z")
        assert reader.objectives() == make.objectives
        assert reader.last_generation() is None
    pragma = {name: writer._db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in
              ("journal_mode", "synchronous", "foreign_keys")}  # fmt: skip
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_create_leaves_an_existing_run_alone(path: Path, filled: Path, make) -> None:
    with pytest.raises(RunError, match="already"):
        make.create(path)
    with RunReader(path) as reader:
        assert len(reader.individuals()) == 8


def test_create_in_a_missing_folder_says_so(tmp_path: Path, make) -> None:
    with pytest.raises(RunError, match="cannot be written"):
        make.create(tmp_path / "nowhere" / "run.db")


def test_update_run_sets_named_columns_only(path: Path, writer: RunWriter) -> None:
    resolved = {"population": 64, "share": 0.1 + 0.2}
    writer.update_run(state=RunState.RUNNING, resolved=resolved, result={"champion": 3}, error="x")
    writer.update_run(error=None, started="2026-01-01T00:00:00.000Z")
    with RunReader(path) as reader:
        run = reader.run()
    assert (run.state, run.resolved, run.result) == (RunState.RUNNING, resolved, {"champion": 3})
    assert (run.error, run.started) == (None, "2026-01-01T00:00:00.000Z")
    for wrong in ({"seed": 3}, {"id": "x"}, {"state = 'x', seed": 3}):
        with pytest.raises(ValueError, match="run has no column"):
            writer.update_run(**wrong)
    with pytest.raises(ValueError, match="walking"):
        writer.update_run(state="walking")
    with pytest.raises(ValueError, match="result cannot be stored"):
        writer.update_run(result={"score": math.nan})


def test_the_heartbeat_moves(path: Path, writer: RunWriter) -> None:
    with RunReader(path) as reader:
        before = reader.run().heartbeat
        time.sleep(0.01)
        writer.update_run()
        assert reader.run().heartbeat > before


def test_a_generation_is_there_when_it_was_asked(path: Path, writer: RunWriter, make) -> None:
    individuals = [make.individual(0), make.individual(1)]
    state = {"random": [1, 2**63 - 1], "scale": 0.1 + 0.2, "names": ["ä"]}
    writer.begin_generation(0, individuals, state, make.waiting(0) + make.waiting(1))
    with RunReader(path) as reader:
        last = reader.last_generation()
        assert last is not None
        assert (last.number, last.complete, last.strategy) == (0, False, state)
        rows = reader.individuals()
        assert [row.genome for row in rows] == [each.genome.to_json() for each in individuals]
        assert list(rows[0].genome) == list(individuals[0].genome), "genes keep their order"
        assert [(row.rung, row.rank, row.values) for row in rows] == [(None, None, None)] * 2
        assert [row.evaluation for row in reader.evaluations()] == make.waiting(0) + make.waiting(1)
        assert [row.key for row in rows] == [each.genome.key for each in individuals]


def test_a_generation_ends_with_fitness_ranks_and_state_together(path: Path, writer: RunWriter, make) -> None:
    individuals = [make.individual(number) for number in range(3)]
    writer.begin_generation(0, individuals, {}, [])
    outcomes = [
        Outcome(individuals[0], 2, (0.1 + 0.2, 10.0)),
        Outcome(individuals[1], -1, None),
        Outcome(individuals[2], 0, (math.inf, 5.0)),
    ]
    writer.finish_generation(0, outcomes, [0, 2, 1], {"told": 1})
    with RunReader(path) as reader:
        rows = reader.individuals()
        assert [(row.rung, row.rank) for row in rows] == [(2, 0), (-1, 2), (0, 1)]
        assert rows[0].values == (0.1 + 0.2, 10.0)
        assert rows[1].values is None
        assert rows[2].values is not None
        assert math.isnan(rows[2].values[0])
        assert rows[2].values[1] == 5.0
        last = reader.last_generation()
        assert last is not None
        assert last.complete
        assert last.strategy == {"told": 1}
        assert last.finished is not None
        assert [row.individual for row in reader.leaderboard()] == [0]


def test_only_the_latest_generation_keeps_the_strategy(filled: Path) -> None:
    with RunReader(filled) as reader:
        last = reader.last_generation()
        assert last is not None
        assert (last.number, last.strategy) == (1, {"told": 1})
        assert [row.number for row in reader.generations()] == [0, 1]
    connection = sqlite3.connect(filled)
    assert connection.execute("SELECT count(strategy) FROM generations").fetchone() == (1,)
    connection.close()


def test_a_wrong_outcome_leaves_the_generation_open(path: Path, writer: RunWriter, make) -> None:
    individuals = [make.individual(0)]
    writer.begin_generation(0, individuals, {}, [])
    for outcomes, ranks in (([Outcome(individuals[0], 1, (0.5,))], [0]), ([], [0])):
        with pytest.raises(ValueError, match="zip"):
            writer.finish_generation(0, outcomes, ranks, {})
    with RunReader(path) as reader:
        last = reader.last_generation()
        assert last is not None
        assert not last.complete


def test_what_the_end_of_a_run_has_decided_so_far(path: Path, writer: RunWriter) -> None:
    with RunReader(path) as reader:
        run = reader.run()
        assert (run.stop, run.search, run.repeats, run.choice, run.test_looks) == (None, None, None, None, 0)
        writer.update_run(
            stop="stop-now", search={"ended": "time"}, repeats=[], choice={"lanes": [[1, 0, 2]]}
        )
        assert [writer.count_test_look(), writer.count_test_look()] == [1, 2]
        run = reader.run()
    assert (run.stop, run.search, run.repeats) == ("stop-now", {"ended": "time"}, [])
    assert (run.choice, run.test_looks) == ({"lanes": [[1, 0, 2]]}, 2)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        writer.update_run(stop="please")


def test_what_is_complete_stays_complete(path: Path, writer: RunWriter, make) -> None:
    """A lost network of the champion trains again: a kill meanwhile must not undo what chose it."""
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    done = Evaluation(0, 0, 0, State.COMPLETE, epochs=7, metrics={"log_loss": 0.3})
    writer.save_evaluations([done])
    writer.save_evaluations([Evaluation(0, 0, 0, State.WAITING), Evaluation(0, 1, 0, State.WAITING)])
    writer.start_evaluations([(0, 0, 0), (0, 1, 0)])
    writer.save_evaluations([Evaluation(0, 0, 0, State.FAILED, error="lost")])
    with RunReader(path) as reader:
        assert [row.evaluation for row in reader.evaluations()] == [done, Evaluation(0, 1, 0, State.RUNNING)]
        writer.save_evaluations([replace(done, attempt=2)])
        assert reader.evaluations()[0].evaluation.attempt == 2


def test_an_evaluation_is_one_row_however_often_it_is_saved(path: Path, writer: RunWriter, make) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    done = Evaluation(
        0, 1, 0, State.FAILED, Reason.DIVERGED, "loss is NaN\nat epoch 3", 2, "pack-9", 1, 3, 2, 0.1 + 0.2,
        2**40, 2**41, {"log_loss": 1 / 3},
    )  # fmt: skip
    with RunReader(path) as reader:
        ids = [row.id for row in reader.evaluations()]
        writer.save_evaluations([replace(done, attempt=1), done])
        rows = reader.evaluations()
        assert [row.id for row in rows] == ids
        assert rows[1].evaluation == done
        assert [row.id for row in reader.evaluations(after=ids[0])] == ids[1:]


def test_finalists_get_new_evaluations_of_old_individuals(path: Path, writer: RunWriter, make) -> None:
    make.fill(writer)
    writer.save_evaluations([Evaluation(1, fold, 1, State.RUNNING) for fold in range(2)])
    writer.save_epochs([(1, 1, 1, make.epoch(1)), (1, 0, 0, make.epoch(4))])
    with RunReader(path) as reader:
        rows = reader.evaluations(individual=1)
        assert [(row.evaluation.fold, row.evaluation.seed) for row in rows] == [
            (0, 0),
            (1, 0),
            (0, 1),
            (1, 1),
        ]
        assert [row.epoch for row in reader.epochs(rows[0].id)] == [1, 2, 3, 4]
        assert [row.epoch for row in reader.epochs(rows[3].id)] == [1]
        assert {row.evaluation.individual for row in reader.evaluations(generation=1)} == {4, 5, 6, 7}


def test_a_repeated_epoch_overwrites_and_comes_once(path: Path, writer: RunWriter, make) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    writer.save_epochs([(0, 0, 0, make.epoch(epoch)) for epoch in (1, 2, 3)])
    writer.save_epochs([(0, 0, 0, make.epoch(epoch, 0.25)) for epoch in (2, 3, 4)])
    with RunReader(path) as reader:
        rows = reader.epochs_after(0)
        assert [(row.rowid, row.epoch) for row in rows] == [(1, 1), (2, 2), (3, 3), (4, 4)]
        assert [row.validation_loss for row in rows] == [0.5, 0.25, 0.25, 0.25]
        assert [row.epoch for row in reader.epochs_after(2, limit=1)] == [3]
        assert reader.counts().epochs == 4


def test_a_lane_that_was_never_saved_has_no_epochs(writer: RunWriter, make) -> None:
    with pytest.raises(ValueError, match="individual 3, fold 0, seed 0"):
        writer.save_epochs([(3, 0, 0, make.epoch(1))])


def test_nan_becomes_null_and_infinity_stays(path: Path, writer: RunWriter, make) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    writer.save_epochs([(0, 0, 0, make.epoch(1, math.nan)), (0, 0, 0, make.epoch(2, math.inf))])
    metrics = {"roc_auc": math.nan, "rmse": math.inf, "r2": 0.5}
    writer.save_evaluations([Evaluation(0, 0, 0, State.COMPLETE, metrics=metrics)])
    with RunReader(path) as reader:
        first, second = reader.epochs_after(0)
        assert math.isnan(first.validation_loss)
        assert second.validation_loss == math.inf
        back = reader.evaluations()[0].evaluation.metrics
    assert back["r2"] == 0.5
    assert math.isnan(back["roc_auc"])
    assert math.isnan(back["rmse"])


FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(FLOATS, min_size=1, max_size=4), loss=FLOATS, seconds=FLOATS)
def test_floats_come_back_bit_for_bit(
    path: Path, writer: RunWriter, make, values: list[float], loss: float, seconds: float
) -> None:
    with RunReader(path) as reader:
        if reader.last_generation() is None:
            writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
        rung = RungRow(0, 0, 0, 1, tuple(values), 9, ended=True)
        named = {str(index): value for index, value in enumerate(values)}
        done = Evaluation(0, 0, 0, State.COMPLETE, seconds=seconds, metrics=named)
        with writer.atomic():
            writer.save_evaluations([done])
            writer.save_epochs([(0, 0, 0, make.epoch(1, loss))])
            writer.save_rungs([rung])
        assert reader.rungs(generation=0) == [rung]
        assert [value.hex() for value in reader.rungs(generation=0)[0].values] == [
            value.hex() for value in values
        ]
        assert reader.evaluations()[0].evaluation == done
        assert reader.epochs_after(0)[0].validation_loss == loss


def test_rungs_refuse_what_is_no_number(path: Path, writer: RunWriter, make) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    with pytest.raises(ValueError, match="values cannot be stored"):
        writer.save_rungs([RungRow(0, 0, 0, 0, (math.nan,), 3, ended=False)])
    with RunReader(path) as reader:
        assert reader.rungs(generation=0) == []


def test_events_and_workers(path: Path, writer: RunWriter) -> None:
    first = writer.add_event(RunEvent("started", "The run has started.", {"seed": 7}))
    second = writer.add_event(RunEvent("note", "'; DROP TABLE run; --"))
    now = "2026-01-01T00:00:00.000Z"
    workers = [WorkerRow(place, 100 + place, "cpu", "idle", None, 0.0, now, now) for place in range(2)]
    writer.save_workers(workers)
    writer.save_workers([replace(workers[1], pid=None, state="dead", job="g0-3")])
    with RunReader(path) as reader:
        assert [(row.id, row.kind, row.data) for row in reader.events()] == [
            (first, "started", {"seed": 7}),
            (second, "note", {}),
        ]
        assert [row.message for row in reader.events(after=first)] == ["'; DROP TABLE run; --"]
        assert reader.workers() == [workers[0], replace(workers[1], pid=None, state="dead", job="g0-3")]


@pytest.mark.parametrize("state", RunState)
def test_a_run_that_has_ended_has_no_workers(path: Path, writer: RunWriter, state: RunState) -> None:
    now = "2026-01-01T00:00:00.000Z"
    busy = WorkerRow(0, 100, "cpu", "busy", "pack-1", 9.0, now, now)
    writer.save_workers([busy])
    writer.update_run(state=state)
    ended = state in (RunState.COMPLETE, RunState.INTERRUPTED, RunState.FAILED)
    with RunReader(path) as reader:
        assert reader.workers() == [replace(busy, pid=None, state="ended", job=None) if ended else busy]


@pytest.mark.skipif(os.name == "nt", reason="rights of files")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_who_may_read_a_run_is_the_users_affair(tmp_path: Path, umask: int, mode: int, make) -> None:
    """The umask decides for the database and for its copies: not `mkstemp`, whose files are private."""
    before = os.umask(umask)
    try:
        with make.create(tmp_path / "run.db"), closing(sqlite3.connect(tmp_path / "run.db")) as open_one:
            copy_database(open_one, tmp_path / "copy.db")
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {"run.db", "copy.db"} <= set(modes)
    assert set(modes.values()) == {mode}


def test_a_batch_is_seen_whole_or_not_at_all(path: Path, writer: RunWriter, make) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))
    with RunReader(path) as reader:
        before = reader.data_version()
        with writer.atomic():
            writer.save_evaluations([Evaluation(0, 0, 5, State.RUNNING)])
            writer.save_epochs([(0, 0, 5, make.epoch(1))])
            writer.add_event(RunEvent("epoch", "one"))
            assert reader.counts().epochs == 0
            assert reader.data_version() == before
        assert reader.data_version() != before
        assert (reader.counts().epochs, reader.counts().events) == (1, 1)


def test_a_batch_that_raises_leaves_nothing_and_can_be_done_again(
    path: Path, writer: RunWriter, make
) -> None:
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0))

    def batch() -> None:
        writer.save_evaluations([Evaluation(0, 0, 5, State.RUNNING), Evaluation(0, 1, 5, State.RUNNING)])
        writer.save_epochs([(0, 1, 5, make.epoch(1))])
        writer.add_event(RunEvent("epoch", "one"))

    def interrupted() -> None:
        with writer.atomic():
            batch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with RunReader(path) as reader:
        assert (reader.counts().epochs, reader.counts().events) == (0, 0)
        with writer.atomic():
            # another order than before: an id remembered from what was undone would be another's now
            writer.save_evaluations([Evaluation(0, 1, 5, State.RUNNING)])
            batch()
        evaluation = next(row for row in reader.evaluations() if row.evaluation.seed == 5)
        assert evaluation.evaluation.fold == 1
        assert len(reader.epochs(evaluation.id)) == 1
        assert reader.counts().evaluations == {"running": 2, "waiting": 2}


def test_a_run_goes_on_after_close_and_open(path: Path, make) -> None:
    with make.create(path) as writer:
        make.fill(writer)
    assert not path.with_name("run.db-wal").exists()
    leftover = path.with_name(".run.db.abc.tmp")
    leftover.write_bytes(b"half a copy")
    with RunWriter.open(path) as writer:
        assert not leftover.exists()
        assert writer.migrated_from is None
        writer.begin_generation(2, [make.individual(8, 2, (5, 4))], {"asked": 2}, make.waiting(8))
        writer.save_epochs([(8, 0, 0, make.epoch(1)), (5, 0, 0, make.epoch(4))])
    with RunReader(path) as reader:
        assert reader.individual(8).parents == (5, 4)
        ids = [row.id for row in reader.evaluations()]
        assert ids == list(range(1, 19))


def test_a_copy_of_a_live_database_is_whole(filled: Path, writer: RunWriter, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(connect(filled, "rw")) as connection:
        copy_database(connection, copy)
        writer.update_run(error="later")
        copy_database(connection, copy)
    with RunReader(copy) as theirs, RunReader(filled) as ours:
        assert theirs.individuals() == ours.individuals()
        assert theirs.epochs_after(0) == ours.epochs_after(0)
        assert theirs.run() == ours.run()
    assert sorted(file.suffix for file in tmp_path.iterdir() if file.suffix == ".tmp") == []


def test_it_takes_thousands_of_epochs_a_second(path: Path, writer: RunWriter, make) -> None:
    """165,000 rows a second were measured; the median batch keeps a busy disk out of it."""
    writer.begin_generation(0, [make.individual(0)], {}, make.waiting(0, folds=500))
    seconds = []
    for epoch in range(1, 21):
        start = time.perf_counter()
        with writer.atomic():
            writer.save_epochs([(0, fold, 0, make.epoch(epoch)) for fold in range(500)])
        seconds.append(time.perf_counter() - start)
    rate = 500 / statistics.median(seconds)
    with RunReader(path) as reader:
        assert reader.counts().epochs == 10_000
    assert rate > 20_000, f"{rate:.0f} rows a second"


def test_what_the_end_leaves_open_is_pruned(path: Path, writer: RunWriter, make) -> None:
    individuals = [make.individual(number) for number in range(3)]
    waiting = [Evaluation(number, 0, 0, State.WAITING) for number in range(3)]
    writer.begin_generation(0, individuals, {}, waiting)
    writer.start_evaluations([(0, 0, 0)])
    writer.save_evaluations([Evaluation(2, 0, 0, State.COMPLETE)])
    writer.prune_open_evaluations()
    with RunReader(path) as reader:
        states = [row.evaluation.state for row in reader.evaluations()]
    assert states == [State.PRUNED, State.PRUNED, State.COMPLETE]
