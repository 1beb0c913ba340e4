"""Lanes of a lost job are tried once more, each alone, whatever happens in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from run_parts import database, individual, resolved_of, task_of

from cambrian.experiment import Limits
from cambrian.records import Evaluation, State
from cambrian.run.dispatch import Dispatcher, DispatchSettings
from cambrian.run.store import Store
from cambrian.workers.protocol import Finished, Job, Lost, Progress


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

    def submit(self, job: Job) -> None:
        self.jobs.append(job)
        act = self.script.pop(0) if self.script else "silent"
        if act == "lost":
            self._answers.append(Lost(job, 0, "crashed", "the worker was ended by SIGSEGV"))
        elif act == "done":
            self._answers += [
                Progress(job, 0, {"report": _report(lane["id"])}) for lane in job.payload["lanes"]
            ]
            self._answers.append(Finished(job, 0, {}, 0.1, 0.1))

    def wait(self, timeout: float) -> list[Any]:
        answers, self._answers = self._answers, []
        return answers

    def cancel_waiting(self) -> list[Job]:
        return []

    def stop(self, job_id: str | None = None) -> None: ...

    def kill(self, job_id: str) -> None: ...


def _report(lane: list[int]) -> dict[str, Any]:
    facts = {"status": "finished", "epochs": 64, "best_epoch": 3, "values": [0.5], "metrics": {}}
    rest = {"seconds": 0.1, "measured_bytes": 1, "error": None, "final": True, "parked": False}
    return {"id": lane, **facts, **rest}


class Control:
    """Pauses once, at the second look, and goes on at the next."""

    def __init__(self) -> None:
        self.looks = 0

    def poll(self) -> bool:
        self.looks += 1
        return False

    @property
    def paused(self) -> bool:
        return self.looks == 2


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
