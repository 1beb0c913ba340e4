"""What the run waits for, and what it does not wait for any longer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cambrian.run.calls import CallInterruptedError, call
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Job


class Patient:
    """A control that never ends the stage."""

    pausing = False

    def poll(self) -> bool:
        return False


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    settings = WorkerSettings(tmp_path / "run.log")
    with Pool("napping_jobs:HANDLERS", workers=1, devices=["cpu"], settings=settings) as pool:
        yield pool


def nap(name: str, seconds: float, *, kind: str = "nap", limit: float = 100.0) -> Job:
    return Job(name, kind, {"name": name, "seconds": seconds}, limit)


def test_optional_jobs_end_when_their_time_is_over_and_the_others_go_on(pool: Pool) -> None:
    heard: dict[str, Any] = {}
    began = time.monotonic()
    jobs = [nap("short", 0), nap("endless", 60), nap("waiting", 60), nap("needed", 0, kind="need")]
    control: Any = Patient()
    results = call(
        pool, jobs, control, optional=("nap",), over=lambda: "endless" in heard, heard=heard.update
    )
    assert time.monotonic() - began < 50
    late = {"error": "not done within its share of the time", "late": True}
    assert results["endless"] == results["waiting"] == late
    assert results["short"] == results["needed"] == {"napped": 0}
    assert set(heard) == {"short", "endless", "needed"}  # what was told before is kept
    assert call(pool, [nap("after", 0)], control)["after"] == {"napped": 0}


def test_a_job_that_reaches_its_limit_is_late_and_one_that_breaks_is_not(pool: Pool) -> None:
    control: Any = Patient()
    broken = Job("broken", "nap", {"name": "broken", "seconds": "no number"}, 100.0)
    results = call(pool, [nap("stuck", 60, limit=0.3), broken], control, optional=("nap",))
    assert results["stuck"]["late"]
    assert not results["broken"]["late"]


def test_what_is_lost_when_the_run_ends_is_no_failure(pool: Pool) -> None:
    class Ending(Patient):
        """The run ends as soon as the worker has ended."""

        def poll(self) -> bool:
            return bool(pids) and pool.states()[0].pid not in pids

    control: Any = Ending()
    pids: list[int | None] = []

    def end_worker(data: dict[str, Any]) -> None:
        pids.append(pool.states()[0].pid)
        os.kill(int(pids[0] or 0), signal.SIGTERM)

    attempts: list[int] = []
    with pytest.raises(CallInterruptedError):
        call(pool, [nap("long", 60)], control, heard=end_worker, trying=lambda: attempts.append(1))
    assert len(attempts) == 1  # not handed to a worker that ends too
