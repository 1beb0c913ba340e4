"""Jobs apart: they have their own listener and go on whatever happens to the others."""

from __future__ import annotations

import time

from pool_parts import job, outcomes, until

from cambrian.workers.protocol import Finished, Lost, Progress, Started


def _wait_for(pool, condition, seconds=30.0):
    """What `wait` returned until the condition holds."""
    seen = []
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        seen += pool.wait(0.1)
    return seen


def test_a_job_apart_tells_its_listener_alone(make_pool):
    pool, heard = make_pool(), []
    pool.submit(job("apart", "add_up", count=3), apart=heard.append)
    assert pool.outstanding == 0
    assert _wait_for(pool, lambda: heard and isinstance(heard[-1], Finished)) == []
    assert isinstance(heard[0], Started)
    assert [message.data["number"] for message in heard if isinstance(message, Progress)] == [0, 1, 2]
    pool.submit(job("apart"))  # its name is free again, and it is nobody's apart
    assert outcomes(pool)["apart"].job.kind == "echo"


def test_what_ends_the_others_leaves_it_running(make_pool):
    pool, heard = make_pool(2), []
    pool.submit(job("apart", "slowly", naps=100), apart=heard.append)
    for name in "ab":
        pool.submit(job(name, "slowly", naps=400))
    until(pool, lambda message: isinstance(message, Started))
    _wait_for(pool, lambda: len(heard) > 1)
    assert pool.outstanding == 2
    assert [taken.id for taken in pool.cancel_waiting()] == ["b"]
    pool.stop()
    assert outcomes(pool)["a"].result["stopped"]
    _wait_for(pool, lambda: isinstance(heard[-1], Finished))
    assert not heard[-1].result["stopped"]


def test_one_that_waits_is_not_taken_back(make_pool):
    pool, heard = make_pool(), []
    pool.submit(job("first", "slowly", naps=4))
    until(pool, lambda message: isinstance(message, Started))
    pool.submit(job("apart"), apart=heard.append)
    assert pool.cancel_waiting() == []
    _wait_for(pool, lambda: heard and isinstance(heard[-1], Finished))


def test_its_listener_may_submit_it_again(make_pool):
    pool, heard = make_pool(), []

    def listen(message):
        heard.append(message)
        if isinstance(message, Lost) and message.job.attempt == 1:
            pool.submit(job("apart", attempt=2), apart=listen)

    pool.submit(job("apart", "kill_itself"), apart=listen)
    _wait_for(pool, lambda: heard and isinstance(heard[-1], Finished))
    assert [type(message) for message in heard] == [Started, Lost, Started, Finished]


def test_kill_reaches_it(make_pool):
    pool, heard = make_pool(), []
    pool.submit(job("apart", "slowly", naps=400), apart=heard.append)
    _wait_for(pool, lambda: heard)
    pool.kill("apart")
    _wait_for(pool, lambda: isinstance(heard[-1], Lost))
    assert heard[-1].reason == "killed"
