"""What the dispatcher hands out and writes: lanes of lost jobs once more and alone, names, transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import psutil
import pytest
from run_parts import database, individual, resolved_of, task_of

from cambrian.experiment import Limits
from cambrian.records import Evaluation, RunEvent, State
from cambrian.run.dispatch import Dispatcher, DispatchSettings
from cambrian.run.lanes import LaneTask
from cambrian.run.packs import ROUND_SECONDS
from cambrian.run.resolve import Resolved, room_bytes
from cambrian.run.store import Store
from cambrian.store.reader import RunReader
from cambrian.store.writer import RunWriter
from cambrian.workers.protocol import Failed, Finished, Job, Lost, Progress, Started


class Pool:
    """Answers by a script: what becomes of each job, in the order of submission."""

    def __init__(self, script: list[str]) -> None:
        self.script = script
        self.jobs: list[Job] = []
        self.open: list[Job] = []
        self._answers: list[Any] = []

    @property
    def outstanding(self) -> int:
        return 0

    @property
    def idle(self) -> int:
        return 0

    def submit(self, job: Job) -> None:
        self.jobs.append(job)
        act = self.script.pop(0) if self.script else "silent"
        if act != "silent":
            self._answers.append(Started(job, 0))
        if act == "epochs":
            self._answers += [
                Progress(job, 0, {"epochs": [_row(lane["id"], epoch) for epoch in (1, 2)]})
                for lane in job.payload["lanes"]
            ]
        if act in ("lost", "epochs"):
            self._answers.append(Lost(job, 0, "crashed", "the worker was ended by SIGSEGV"))
        elif act == "memory":
            self._answers.append(Failed(job, 0, "MemoryError: cannot allocate", "memory"))
        elif act == "one_then_memory":
            self._answers.append(Progress(job, 0, {"report": _report(job.payload["lanes"][0]["id"])}))
            self._answers.append(Failed(job, 0, "out of memory", "memory"))
        elif act == "done":
            self._answers += [
                Progress(job, 0, {"report": _report(lane["id"])}) for lane in job.payload["lanes"]
            ]
            self._answers.append(Finished(job, 0, {"lane_epochs": 8, "program_epochs": 2}, 0.1, 0.1))

    def wait(self, timeout: float) -> list[Any]:
        answers, self._answers = self._answers, []
        return answers

    def cancel_waiting(self) -> list[Job]:
        return []

    def stop(self, job_id: str | None = None) -> None: ...

    def kill(self, job_id: str) -> None: ...


def _row(lane: list[int], epoch: int) -> list[Any]:
    return [*lane, epoch, 0.5, 0.6, 1e-3, 0.1, "running"]


def _report(lane: list[int]) -> dict[str, Any]:
    facts = {"status": "finished", "epochs": 64, "best_epoch": 3, "values": [0.5], "metrics": {}}
    rest = {
        "seconds": 0.1,
        "measured_bytes": 1,
        "reason": None,
        "error": None,
        "final": True,
        "parked": False,
    }
    return {"id": lane, **facts, **rest}


class Control:
    """Pauses once, at the second look, and goes on at the next."""

    def __init__(self) -> None:
        self.looks = 0

    def poll(self) -> bool:
        self.looks += 1
        return False

    @property
    def pausing(self) -> bool:
        return self.looks == 2

    def waiting(self) -> AbstractContextManager[None]:
        return nullcontext()


def test_suspects_stay_alone_after_a_pause(tmp_path: Path) -> None:
    writer = database(tmp_path / "run.db")
    writer.begin_generation(
        0,
        [individual(number) for number in range(3)],
        {},
        [Evaluation(n, 0, 0, State.WAITING) for n in range(3)],
    )
    # The pack is lost; the pause comes before its three suspects are heard of again.
    pool = Pool(["lost", "silent", "silent", "silent", "lost", "done", "done"])
    failed = []
    dispatcher = Dispatcher(
        pool,  # type: ignore[arg-type]
        Store(writer, lambda error: None),
        control=Control(),
        settings=DispatchSettings(tmp_path, resolved_of(), Limits(), 2),
        failed=lambda task, report: failed.append(task.id.individual),
    )
    reports, halted = dispatcher.run([task_of(number, work=0.001) for number in range(3)])
    lanes = [[lane["id"][0] for lane in job.payload["lanes"]] for job in pool.jobs]
    assert lanes == [[0, 1, 2], [0], [1], [2], [0], [1], [2]]
    assert [job.attempt for job in pool.jobs] == [1, 2, 2, 2, 2, 2, 2]
    assert failed == [0]
    assert not halted
    assert [report.values for _, report in sorted(reports.items())] == [None, (0.5,), (0.5,)]
    writer.close()


class Steady:
    """Neither ends nor pauses anything."""

    pausing = False

    def poll(self) -> bool:
        return False

    def waiting(self) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RunWriter]:
    """A run that begins its first execution, with one individual."""
    writer = database(tmp_path / "run.db")
    writer.begin_generation(0, [individual(0)], {}, [Evaluation(0, 0, 0, State.WAITING)])
    writer.add_event(RunEvent("run-started", ""))
    yield writer
    writer.close()


def dispatcher_of(
    writer: RunWriter, pool: Pool, workers: int = 2, settings: DispatchSettings | None = None
) -> Dispatcher:
    return Dispatcher(
        pool,  # type: ignore[arg-type]
        Store(writer, lambda error: None),
        control=Steady(),
        settings=settings or DispatchSettings(writer.path.parent, resolved_of(), Limits(), workers),
        failed=lambda task, report: None,
    )


def test_a_pack_whose_memory_ran_out_is_halved_until_a_lane_is_alone(tmp_path: Path) -> None:
    writer = database(tmp_path / "run.db")
    lanes = range(5)
    waiting = [Evaluation(number, 0, 0, State.WAITING) for number in lanes]
    writer.begin_generation(0, [individual(number) for number in lanes], {}, waiting)
    # All; the first two; the others; 0 and 1 alone, of which 1 never fits; 2 alone; 3 and 4.
    pool = Pool(["memory", "memory", "memory", "done", "memory", "done", "done"])
    reports, _ = dispatcher_of(writer, pool).run([task_of(number, work=0.001) for number in lanes])
    packs = [[lane["id"][0] for lane in job.payload["lanes"]] for job in pool.jobs]
    assert packs == [[0, 1, 2, 3, 4], [0, 1], [2, 3, 4], [0], [1], [2], [3, 4]]
    assert {job.attempt for job in pool.jobs} == {1}  # nobody is suspected of a crash
    states = {lane.individual: report.state for lane, report in reports.items()}
    assert states == {n: State.INFEASIBLE if n == 1 else State.COMPLETE for n in lanes}
    writer.close()


def test_many_workers_share_the_machines_memory_and_keep_the_limit_of_a_lane(writer: RunWriter) -> None:
    machine = psutil.virtual_memory().total
    for workers in (1, 3, 5, 64):
        pool = Pool(["done"])
        settings = DispatchSettings(
            writer.path.parent, resolved_of(memory_bytes=machine // 4), Limits(), workers
        )
        dispatcher_of(writer, pool, settings=settings).run([task_of(0)])
        payload = pool.jobs[0].payload
        assert payload["memory_bytes"] == machine // 4
        assert payload["room_bytes"] <= payload["memory_bytes"]
        assert payload["room_bytes"] * workers <= machine * 3 / 4
        assert payload["room_bytes"] >= machine // max(4, 2 * workers)
    assert room_bytes(resolved_of(memory_bytes=3), 64) == 3


def test_packs_of_two_executions_have_two_names(writer: RunWriter) -> None:
    first, second = Pool(["done"]), Pool(["done", "done"])
    dispatcher_of(writer, first).run([task_of(0)])
    writer.add_event(RunEvent("run-started", "as a resume says"))
    later = dispatcher_of(writer, second)
    later.run([task_of(0)])
    later.run([task_of(0)])
    assert [job.id for pool in (first, second) for job in pool.jobs] == ["pack-1-1", "pack-2-1", "pack-2-2"]


def test_a_worker_is_told_which_epochs_the_run_has(writer: RunWriter) -> None:
    pool = Pool(["epochs", "done", "done"])
    dispatcher = dispatcher_of(writer, pool)
    dispatcher.run([task_of(0)])
    dispatcher.run([task_of(0)])
    assert [lane["written"] for job in pool.jobs for lane in job.payload["lanes"]] == [0, 2, 2]
    again = Pool(["done"])
    dispatcher_of(writer, again).run([task_of(0)])  # after a resume nobody knows: everything is said again
    assert again.jobs[0].payload["lanes"][0]["written"] == 0


def test_a_lane_that_starts_again_has_the_time_it_had_at_first(writer: RunWriter) -> None:
    pool = Pool(["epochs", "done"])
    dispatcher_of(writer, pool).run([task_of(0, work=64 * 100.0)])
    first, second = pool.jobs
    assert first.limit_seconds == second.limit_seconds == pytest.approx(Limits().timeout_factor * 100.0)


def limits_of(writer: RunWriter, tasks: list[LaneTask], resolved: Resolved) -> list[float]:
    """The limits of the jobs that one worker gets."""
    pool = Pool(["done"] * len(tasks))
    dispatcher = Dispatcher(
        pool,  # type: ignore[arg-type]
        Store(writer, lambda error: None),
        control=Steady(),
        settings=DispatchSettings(writer.path.parent, resolved, Limits(timeout_seconds=1.0), 1),
        failed=lambda task, report: None,
    )
    dispatcher.run(tasks)
    return [job.limit_seconds / Limits().timeout_factor for job in pool.jobs]


def test_the_silence_of_a_job_does_not_grow_with_its_epochs_or_its_lanes(writer: RunWriter) -> None:
    lane, long = task_of(0, work=64 * 0.5), task_of(0, work=64 * 50.0)
    assert limits_of(writer, [lane], resolved_of()) == [pytest.approx(0.5)]
    many = [task_of(0, fold=fold, work=64 * 0.5) for fold in range(40)]
    assert limits_of(writer, many[:2], resolved_of()) == [pytest.approx(1.0)]
    assert limits_of(writer, many, resolved_of()) == [pytest.approx(ROUND_SECONDS)]
    # A lane whose epoch is longer than a round trains alone.
    assert limits_of(writer, [*many[1:], long], resolved_of()) == [pytest.approx(50.0)]
    early = task_of(0, work=64 * 0.5, until=1)
    assert limits_of(writer, [early], resolved_of()) == [pytest.approx(0.5)]


def test_a_table_that_is_longer_than_an_epoch_may_be_read_in_silence(writer: RunWriter) -> None:
    lane = task_of(0, work=64 * 0.5)
    short = resolved_of(rows=4000, rows_per_epoch=400, validation_rows=100)
    assert limits_of(writer, [lane], short) == [pytest.approx(0.5 * 4000 / 500)]
    quick = task_of(0, work=64 * 0.001)
    huge = resolved_of(rows=10**8, rows_per_epoch=10**5, validation_rows=10**4)
    assert limits_of(writer, [quick], huge)[0] >= 100


def test_memory_that_runs_out_beside_a_lane_that_has_left_proves_nothing(writer: RunWriter) -> None:
    pool = Pool(["one_then_memory", "memory"])
    reports, _ = dispatcher_of(writer, pool, workers=1).run([task_of(0, fold=fold) for fold in range(2)])
    assert [len(job.payload["lanes"]) for job in pool.jobs] == [2, 1]
    states = [report.state for _, report in sorted(reports.items())]
    assert states == [State.COMPLETE, State.INFEASIBLE]


def test_what_one_look_brings_is_one_transaction(writer: RunWriter) -> None:
    pool = Pool(["epochs", "done"])
    store = Store(writer, lambda error: None)
    write, writes = store.write, []

    def counted(work: Any) -> Any:
        writes.append(work)
        return write(work)

    store.write = counted  # type: ignore[method-assign]
    dispatcher = Dispatcher(
        pool,  # type: ignore[arg-type]
        store,
        control=Steady(),
        settings=DispatchSettings(writer.path.parent, resolved_of(), Limits(), 2),
        failed=lambda task, report: None,
    )
    dispatcher.run([task_of(0)])
    # Who waits; what started, its epochs and the loss; the second attempt from its start to its report.
    assert len(writes) == 3
    with RunReader(writer.path) as reader:
        (row,) = reader.evaluations()
    assert row.evaluation.state is State.COMPLETE


class Ending(Steady):
    """The run is interrupted at the given look."""

    def __init__(self, look: int) -> None:
        self.left = look

    def poll(self) -> bool:
        self.left -= 1
        return self.left <= 0


class EndedWithTheRun(Pool):
    """What trains when the run ends loses its worker by the signal that ends the run."""

    @property
    def outstanding(self) -> int:
        return len(self._answers)

    def stop(self, job_id: str | None = None) -> None:
        self._answers.append(Lost(self.jobs[-1], 0, "crashed", "the worker was ended by SIGTERM"))


@pytest.mark.parametrize(
    ("script", "look", "attempts"),
    [(["lost"], 1, [1]), (["silent"], 1, [1]), (["lost", "silent"], 2, [1, 2])],
)
def test_a_worker_that_ends_with_the_run_is_no_fault_of_its_lane(
    writer: RunWriter, script: list[str], look: int, attempts: list[int]
) -> None:
    pool = EndedWithTheRun(script)
    dispatcher = Dispatcher(
        pool,  # type: ignore[arg-type]
        Store(writer, lambda error: None),
        control=Ending(look),
        settings=DispatchSettings(writer.path.parent, resolved_of(), Limits(), 2),
        failed=lambda task, report: pytest.fail("it has not failed"),
    )
    assert dispatcher.run([task_of(0)]) == ({}, True)
    assert [job.attempt for job in pool.jobs] == attempts  # nor is it handed to a worker that ends too


class TwoWorkers(Pool):
    """The first job runs until it is stopped and parks all but its first lane; a worker has nothing to do."""

    def __init__(self, script: list[str]) -> None:
        super().__init__(script)
        self.stopped: list[str] = []

    @property
    def idle(self) -> int:
        return 1

    @property
    def outstanding(self) -> int:
        return int(len(self.jobs) == 1 and not self.stopped)

    def stop(self, job_id: str | None = None) -> None:
        assert job_id is not None
        self.stopped.append(job_id)
        (job,) = self.jobs
        lanes = [lane["id"] for lane in job.payload["lanes"]]
        epochs = {"epochs": [_row(lane, 1) for lane in lanes]}
        parked = [_report(lane) | {"values": None, "parked": True, "status": "running"} for lane in lanes[1:]]
        reports = [_report(lanes[0]), *parked]
        self._answers += [
            Progress(job, 0, data) for data in (epochs, *({"report": each} for each in reports))
        ]
        self._answers.append(Finished(job, 0, {"lane_epochs": 5, "program_epochs": 1}, 0.1, 0.1))


def test_an_idle_worker_takes_half_of_the_longest_job(writer: RunWriter) -> None:
    pool = TwoWorkers(["begin", "done", "done"])
    dispatcher = dispatcher_of(writer, pool, workers=1)
    reports, halted = dispatcher.run([task_of(0, fold=fold, work=0.3) for fold in range(5)])
    assert pool.stopped == ["pack-1-1"]
    lanes = [[lane["id"][1] for lane in job.payload["lanes"]] for job in pool.jobs]
    # One worker has nothing to do when the job has ended, so the lanes that are left stay together.
    assert lanes == [[0, 1, 2, 3, 4], [1, 2, 3, 4]]
    assert [lane["written"] for lane in pool.jobs[1].payload["lanes"]] == [1, 1, 1, 1]
    assert not halted
    assert all(report.values == (0.5,) and report.attempt == 1 for report in reports.values())
    assert (dispatcher.packed.lane_epochs, dispatcher.packed.program_epochs) == (13, 3)
