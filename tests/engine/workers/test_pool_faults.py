"""Workers that die, hang, stop, lose their device or never start."""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from pool_parts import is_alive, job, outcomes, until

from cambrian.errors import CambrianError
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Finished, Lost, Progress


@pytest.mark.parametrize(
    ("kind", "payload", "text"),
    [
        ("end", {"status": 3}, "exit status 3"),
        ("segfault", {}, "SIGSEGV"),
        ("kill_itself", {}, "SIGKILL"),
    ],
)
def test_a_dead_worker_is_replaced_and_the_others_are_untouched(make_pool, log, kind, payload, text):
    pool = make_pool(2)
    pool.submit(job("long", "slowly", naps=20))
    pool.submit(job("bad", kind, **payload))
    pids = {state.worker: state.pid for state in pool.states()}
    found = outcomes(pool)
    assert isinstance(found["long"], Finished)
    assert isinstance(found["bad"], Lost)
    assert found["bad"].reason == "crashed"
    assert text in found["bad"].error
    pool.submit(job("bad", attempt=2))
    assert isinstance(outcomes(pool)["bad"], Finished)
    later = {state.worker: state.pid for state in pool.states()}
    assert later.pop(found["bad"].worker) != pids.pop(found["bad"].worker)
    assert later == pids
    if kind == "segfault":
        assert "in segfault" in log.read_text()


def test_a_worker_killed_from_outside_between_jobs_costs_nothing(make_pool):
    pool = make_pool()
    pool.submit(job("first"))
    outcomes(pool)
    os.kill(pool.states()[0].pid, signal.SIGKILL)
    pool.submit(job("second"))
    found = outcomes(pool)["second"]
    if isinstance(found, Lost):  # it was handed over before the death was seen
        pool.submit(job("second", attempt=2))
        found = outcomes(pool)["second"]
    assert isinstance(found, Finished)


def test_thirty_kills_at_random_moments_lose_no_job(make_pool):
    pool = make_pool(3)
    rng = random.Random(0)
    for number in range(40):
        pool.submit(job(f"j{number}", "add_up", count=300, padding=rng.randrange(3000)))
    finished, lost, kills = set(), 0, 0
    while pool.outstanding:
        for message in pool.wait(rng.uniform(0, 0.05)):
            if isinstance(message, Finished):
                assert message.job.id not in finished
                assert message.result == {"sum": sum(range(300))}
                finished.add(message.job.id)
            elif isinstance(message, Lost):
                lost += 1
                pool.submit(replace(message.job, attempt=message.job.attempt + 1))
        busy = [state.pid for state in pool.states() if state.state == "busy"]
        if busy and kills < 30:
            with suppress(ProcessLookupError):  # killed a moment ago, collected, and not yet reported
                os.kill(rng.choice(busy), signal.SIGKILL)
                kills += 1
    assert finished == {f"j{number}" for number in range(40)}
    assert kills == 30
    assert 0 < lost <= 30


def test_a_job_past_its_limit_is_killed_though_it_ignores_sigterm(make_pool):
    pool = make_pool(2)
    pool.submit(job("hangs", "deaf", limit=1.0))
    pool.submit(job("works", "slowly", naps=30))
    found = outcomes(pool)
    assert found["hangs"].reason == "timeout"
    assert "1 s" in found["hangs"].error
    assert "SIGKILL" in found["hangs"].error
    assert isinstance(found["works"], Finished)
    assert [state.state for state in pool.states()].count("failed") == 0


def test_a_job_may_take_many_times_its_limit_as_long_as_it_speaks(make_pool):
    pool = make_pool(2)
    pool.submit(job("speaks", "slowly", naps=120, limit=2.0))
    pool.submit(job("falls silent", "falls_silent", naps=80, limit=2.0))
    messages = []
    while pool.outstanding:
        messages += pool.wait(0.5)
    heard = [message.job.id for message in messages if isinstance(message, Progress)]
    assert heard.count("speaks") == 120  # 6 s of naps
    assert heard.count("falls silent") == 80  # 4 s of them: it lived longer than its limit
    ends = {message.job.id: message for message in messages if isinstance(message, Finished | Lost)}
    assert isinstance(ends["speaks"], Finished)
    assert ends["falls silent"].reason == "timeout"
    assert ends["falls silent"].error == "gave no sign of life for 2 s (SIGKILL)"


def test_nobody_is_heard_for_another(make_pool):
    pool = make_pool(2)
    pool.submit(job("hangs", "deaf", limit=2.0))
    pool.submit(job("speaks", "add_up", count=10))
    pool.submit(job("follows", "slowly", naps=200))
    messages = until(
        pool, lambda message: isinstance(message, Lost | Finished) and message.job.id != "speaks"
    )
    assert [message.job.id for message in messages if isinstance(message, Lost)] == ["hangs"]


def test_a_stopped_worker_is_killed_at_its_limit_and_its_late_result_never_comes(make_pool):
    pool = make_pool()
    pool.submit(job("stopped", "slowly", naps=10, limit=2.0))
    until(pool, lambda message: isinstance(message, Progress))
    pid = pool.states()[0].pid
    os.kill(pid, signal.SIGSTOP)
    lost = until(pool, lambda message: isinstance(message, Lost))[-1]
    assert lost.reason == "timeout"
    pool.submit(job("stopped", "slowly", naps=10, attempt=2))
    messages = until(pool, lambda message: isinstance(message, Finished))
    assert {message.job.attempt for message in messages} == {2}
    assert sum(isinstance(message, Progress) for message in messages) == 10
    assert not is_alive(pid)


def test_a_late_answer_of_an_earlier_attempt_is_not_taken_for_the_later_ones(make_pool, monkeypatch):
    """What a worker said of attempt 1 comes out of a pipe while attempt 2 runs."""
    pool = make_pool()
    pool.submit(job("twice", "slowly", naps=10, attempt=2))
    until(pool, lambda message: isinstance(message, Progress))
    process = pool._slots[0].process
    facts = {"job": "twice", "attempt": 1}
    late = [
        {"is": "progress", "items": [facts | {"data": {"nap": "late"}}]},
        {"is": "finished", "result": {"late": True}, "seconds": 1.0, "busy_seconds": 1.0} | facts,
    ]
    answers = process.answers

    def with_late_ones():
        said = [*late, *answers()]
        late.clear()
        return said

    monkeypatch.setattr(process, "answers", with_late_ones)
    messages = until(pool, lambda message: isinstance(message, Finished))
    assert not late
    assert messages[-1].result == {"naps": 10, "stopped": False}
    assert all(message.data["nap"] != "late" for message in messages[:-1])


def test_a_worker_stopped_for_a_while_goes_on_where_it_was(make_pool):
    pool = make_pool()
    pool.submit(job("stopped", "slowly", naps=10))
    until(pool, lambda message: isinstance(message, Progress))
    os.kill(pool.states()[0].pid, signal.SIGSTOP)
    assert not [message for message in pool.wait(0.5) if isinstance(message, Finished)]
    os.kill(pool.states()[0].pid, signal.SIGCONT)
    assert isinstance(outcomes(pool)["stopped"], Finished)


def test_a_worker_stopped_in_the_middle_of_long_messages_blocks_nobody(make_pool):
    pool = make_pool(2)
    pool.submit(job("flood", "flood", limit=3.0))
    until(pool, lambda message: isinstance(message, Progress))
    pid = next(state.pid for state in pool.states() if state.job == "flood")
    time.sleep(0.3)  # nobody reads: it waits in the middle of a message, its pipe full
    os.kill(pid, signal.SIGSTOP)
    pool.submit(job("works", "slowly", naps=5))
    found = outcomes(pool)
    assert isinstance(found["works"], Finished)
    assert found["flood"].reason == "timeout"


def test_handing_a_huge_job_to_a_stopped_worker_blocks_nobody(make_pool):
    pool = make_pool()
    pool.submit(job("first"))
    outcomes(pool)
    os.kill(pool.states()[0].pid, signal.SIGSTOP)
    pool.submit(job("huge", limit=1.0, text="x" * 5_000_000))
    assert outcomes(pool)["huge"].reason == "timeout"


def test_memory_is_limited_beyond_what_a_worker_holds_and_only_while_asked_for(make_pool):
    pool = make_pool(handlers="worker_jobs_torch:HANDLERS")
    pool.submit(job("numpy", "numpy_memory", bytes=1_000_000_000, allowed=400_000_000))
    pool.submit(job("torch", "torch_memory", bytes=1_000_000_000, allowed=400_000_000))
    pool.submit(job("small", "torch_memory", bytes=100_000_000, allowed=400_000_000))
    pool.submit(job("large", "torch_memory", bytes=1_000_000_000, allowed=2_000_000_000))
    found = outcomes(pool)
    assert (found["numpy"].kind, found["torch"].kind) == ("memory", "memory")
    assert found["small"].result == {"bytes": 100_000_000}
    assert found["large"].result == {"bytes": 1_000_000_000}


def test_a_lost_device_gets_a_new_process_and_is_left_out_after_three(make_pool):
    pool = make_pool(2)
    text = "CUDA error: an illegal memory access was encountered"
    pids = set()
    for number in range(3):
        pids.add(pool.states()[0].pid)
        while pool.states()[0].state == "starting":
            pool.wait(0.1)
        pool.submit(job(f"bad {number}", "raise_error", error="runtime", text=text))
        assert outcomes(pool)[f"bad {number}"].worker == 0
    assert len(pids) == 3
    assert pool.states()[0].state == "failed"
    assert "illegal memory access" in pool.states()[0].error
    pool.submit(job("good"))
    assert outcomes(pool)["good"].worker == 1


@pytest.mark.parametrize("workers", [1, 4])
def test_handlers_that_cannot_be_imported_are_an_error_and_no_loop(make_pool, log, workers):
    pool = make_pool(workers, handlers="worker_jobs_broken:HANDLERS")
    with pytest.raises(CambrianError, match="cannot be started: ImportError: no handlers for you"):
        until(pool, lambda message: False)
    assert 3 <= log.read_text().count("Traceback") <= 7


def test_workers_that_die_at_their_start_are_an_error(make_pool, monkeypatch):
    monkeypatch.setenv("WORKER_JOBS_BROKEN", "exit")
    pool = make_pool(2, handlers="worker_jobs_broken:HANDLERS")
    with pytest.raises(CambrianError, match="exit status 7"):
        until(pool, lambda message: False)


def test_a_log_that_cannot_be_written_is_an_error(tmp_path, capfd):
    settings = WorkerSettings(tmp_path / "missing" / "run.log")
    with (
        Pool("worker_jobs:HANDLERS", workers=1, devices=["cpu"], settings=settings) as pool,
        pytest.raises(CambrianError, match="FileNotFoundError"),
    ):
        until(pool, lambda message: False)
