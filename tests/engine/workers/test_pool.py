"""Jobs, messages, errors and the end of a pool whose workers behave."""

import os
import signal
import time

import pytest
from pool_parts import is_alive, job, outcomes, until

from cambrian.errors import CambrianError
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Failed, Finished, Progress, Started


def test_jobs_start_in_order_and_all_finish(make_pool):
    pool = make_pool(2)
    jobs = [job(f"j{number}", "by_name" if number % 2 else "echo", number=number) for number in range(10)]
    for item in jobs:
        pool.submit(item)
    assert pool.outstanding == 10
    messages = []
    while pool.outstanding:
        messages += pool.wait(1)
    assert [message.job for message in messages if isinstance(message, Started)] == jobs
    finished = {message.job.id: message for message in messages if isinstance(message, Finished)}
    assert {name: message.result["payload"] for name, message in finished.items()} == {
        item.id: item.payload for item in jobs
    }
    for message in finished.values():
        assert message.worker == message.result["worker"]
        assert 0 <= message.busy_seconds < 30
        assert 0 <= message.seconds < 30
    assert pool.idle == 2


def test_progress_comes_whole_in_order_and_before_the_result(make_pool):
    pool = make_pool()
    pool.submit(job("long", "add_up", count=3000, padding=1000))
    messages = until(pool, lambda message: isinstance(message, Finished))
    assert isinstance(messages[0], Started)
    assert [message.data["number"] for message in messages[1:-1]] == list(range(3000))
    assert messages[-1].result == {"sum": sum(range(3000))}


def test_progress_leaves_while_the_job_goes_on(make_pool):
    pool = make_pool()
    pool.submit(job("slow", "slowly", naps=400))
    messages = until(pool, lambda message: isinstance(message, Progress) and message.data["nap"] >= 15)
    assert all(isinstance(message, Started | Progress) for message in messages)
    assert pool.states()[0].state == "busy"
    assert pool.states()[0].job == "slow"
    assert pool.states()[0].busy_seconds >= 15 * 0.05


def test_stop_asks_one_running_job_or_all_and_leaves_waiting_ones(make_pool):
    pool = make_pool(2)
    for name in "abc":
        pool.submit(job(name, "slowly", naps=400 if name != "c" else 1))
    seen = set()
    while len(seen) < 2:
        seen |= {message.job.id for message in pool.wait(1) if isinstance(message, Progress)}
    pool.stop("a")
    stopped = until(pool, lambda message: isinstance(message, Finished))[-1]
    assert stopped.job.id == "a" or stopped.job.id == "c"
    pool.stop()
    found = outcomes(pool)
    assert found["b"].result["stopped"]
    assert pool.cancel_waiting() == []


def test_cancel_waiting_takes_back_what_nobody_took_up(make_pool):
    pool = make_pool()
    jobs = [job(name, "slowly", naps=4) for name in "abc"]
    for item in jobs:
        pool.submit(item)
    until(pool, lambda message: isinstance(message, Started))
    assert pool.cancel_waiting() == jobs[1:]
    assert set(outcomes(pool)) == {"a"}


def test_kill_ends_a_running_and_a_waiting_job(make_pool):
    pool = make_pool()
    pool.submit(job("running", "deaf"))
    pool.submit(job("waiting"))
    pool.submit(job("last"))
    until(pool, lambda message: isinstance(message, Progress))
    pool.kill("waiting")
    pool.kill("running")
    pool.kill("unknown")
    found = outcomes(pool)
    assert (found["running"].reason, found["running"].worker) == ("killed", 0)
    assert (found["waiting"].reason, found["waiting"].worker) == ("killed", -1)
    assert isinstance(found["last"], Finished)


@pytest.mark.parametrize(
    ("error", "text", "kind", "line"),
    [
        ("value", "a\nb", "error", "ValueError: a b"),
        ("memory", "", "memory", "MemoryError:"),
        ("exit", "3", "error", "SystemExit: 3"),
        (
            "runtime",
            "[enforce fail] DefaultCPUAllocator: can't allocate memory",
            "memory",
            "RuntimeError: [enf",
        ),
        ("runtime", "CUDA out of memory. Tried to allocate 2 GiB", "memory", "RuntimeError: CUDA out"),
    ],
)
def test_an_error_of_the_handler_is_one_line_and_the_worker_goes_on(make_pool, log, error, text, kind, line):
    pool = make_pool()
    pid = pool.states()[0].pid
    pool.submit(job("bad", "raise_error", error=error, text=text))
    pool.submit(job("good"))
    found = outcomes(pool)
    assert isinstance(found["bad"], Failed)
    assert found["bad"].kind == kind
    assert found["bad"].error.startswith(line)
    assert "\n" not in found["bad"].error
    assert found["good"].result["pid"] == pid
    assert "Traceback" in log.read_text()
    assert "raise_error" in log.read_text()


def test_results_that_are_not_json_and_unknown_kinds_fail(make_pool):
    pool = make_pool()
    pool.submit(job("object", "not_json"))
    pool.submit(job("kind", "no such kind"))
    found = outcomes(pool)
    assert "not JSON serializable" in found["object"].error
    assert found["kind"].error == "There is no handler for jobs of the kind 'no such kind'."
    with pytest.raises(TypeError):
        pool.submit(job("payload", value=object()))
    assert pool.outstanding == 0


def test_not_a_number_and_infinities_pass(make_pool):
    pool = make_pool()
    pool.submit(job("numbers", values=[float("inf"), float("nan")]))
    values = outcomes(pool)["numbers"].result["payload"]["values"]
    assert values[0] == float("inf")
    assert values[1] != values[1]


def test_what_workers_print_stands_in_the_log_and_nowhere_else(make_pool, log, capfd):
    pool = make_pool()
    pool.submit(job("speak", "speak"))
    outcomes(pool)
    pool.close()
    text = log.read_text()
    for line in ("printed by a worker", "written to descriptor 1", "written to descriptor 2"):
        assert line in text
    assert capfd.readouterr() == ("", "")


def test_a_worker_has_low_priority_one_thread_and_nothing_of_its_parent(make_pool):
    pool = make_pool(2, handlers="worker_jobs_torch:HANDLERS", devices=["cpu", "cpu"])
    pool.submit(job("look", "look_around"))
    seen = outcomes(pool, 40)["look"].result
    assert seen["nice"] == min(os.nice(0) + 10, 19)
    assert (seen["torch_threads"], seen["omp"], seen["mkl"]) == (1, "1", "1")
    assert seen["main"] is None
    assert not seen["pytest"]
    assert sum("socket:" in path for path in seen["descriptors"]) == 1  # its own pipe end
    assert seen["oom"] == "500"


def test_start_of_the_handlers_module_is_called_with_the_context(make_pool):
    pool = make_pool(1, devices=["cuda:7"])
    pool.submit(job("look", "look_around"))
    seen = outcomes(pool, 40)["look"].result
    assert seen["started"] == {"worker": 0, "device": "cuda:7", "thread": "MainThread"}


def test_devices_are_dealt_out_in_turn(make_pool):
    pool = make_pool(3, devices=["cuda:0", "cuda:1"])
    assert [state.device for state in pool.states()] == ["cuda:0", "cuda:1", "cuda:0"]
    pool.submit(job("where"))
    result = outcomes(pool)["where"].result
    assert result["device"] == f"cuda:{result['worker'] % 2}"


def test_workers_ignore_ctrl_c_from_their_first_moment(make_pool, capfd):
    pool = make_pool(2)
    pids = [state.pid for state in pool.states()]
    deadline = time.monotonic() + 20
    while any(state.state == "starting" for state in pool.states()) and time.monotonic() < deadline:
        for pid in pids:
            os.kill(pid, signal.SIGINT)
            os.kill(pid, signal.SIGHUP)
        pool.wait(0.02)
    pool.submit(job("after"))
    assert isinstance(outcomes(pool)["after"], Finished)
    assert [state.pid for state in pool.states()] == pids
    assert capfd.readouterr() == ("", "")


def test_close_asks_first_and_leaves_nobody(make_pool):
    pool = make_pool(3)
    pool.submit(job("deaf", "deaf"))
    pool.submit(job("polite", "slowly", naps=1000))
    seen = set()
    while len(seen) < 2:
        seen |= {message.job.id for message in pool.wait(1) if isinstance(message, Progress)}
    pids = [state.pid for state in pool.states()]
    os.kill(pids[2], signal.SIGSTOP)
    begun = time.monotonic()
    pool.close(grace=0.5)
    assert time.monotonic() - begun < 20  # the naps alone take 50
    assert not any(is_alive(pid) for pid in pids)
    with pytest.raises(CambrianError, match="closed"):
        pool.submit(job("late"))


def test_close_is_quick_when_all_are_idle_or_starting(make_pool):
    idle, starting = make_pool(2), None
    idle.submit(job("first"))
    outcomes(idle)
    starting = make_pool(2)
    pids = [state.pid for pool in (idle, starting) for state in pool.states()]
    begun = time.monotonic()
    idle.close(grace=200)
    starting.close(grace=200)
    assert time.monotonic() - begun < 60  # nobody waited for the end of the grace
    assert not any(is_alive(pid) for pid in pids)


def test_an_error_in_the_with_block_ends_the_workers_at_once(log):
    pids = []

    def work():
        with Pool("worker_jobs:HANDLERS", workers=1, devices=["cpu"], settings=WorkerSettings(log)) as pool:
            pool.submit(job("slow", "slowly", naps=1000))
            until(pool, lambda message: isinstance(message, Progress))
            pids.append(pool.states()[0].pid)
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert not is_alive(pids[0])
    assert time.monotonic() - begun < 20  # of 50 that the job takes


def test_a_job_id_is_held_once(make_pool):
    pool = make_pool()
    pool.submit(job("twice"))
    with pytest.raises(CambrianError, match="twice"):
        pool.submit(job("twice", attempt=2))
    outcomes(pool)
    pool.submit(job("twice", attempt=2))
    assert outcomes(pool)["twice"].job.attempt == 2


def test_wait_returns_after_its_time_with_nothing(make_pool):
    pool = make_pool()
    begun = time.monotonic()
    assert pool.wait(0.3) == []
    assert 0.25 < time.monotonic() - begun < 10
