"""A worker that cannot read its orders ends: one that is deaf would look alive and never stop."""

import multiprocessing

import pytest

from cambrian.workers.limits import WorkerSettings
from cambrian.workers.protocol import Assembler, encode
from cambrian.workers.worker import WorkerConfig, main

SECONDS = 60.0


@pytest.fixture
def worker(log):
    """A worker that is ready, and our end of its pipe."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    config = WorkerConfig(3, "cpu", "worker_jobs:HANDLERS", WorkerSettings(log), False)
    process = context.Process(target=main, args=(theirs, config))
    process.start()
    theirs.close()
    assert ours.poll(SECONDS)
    assert Assembler().add(ours.recv_bytes()) == {"is": "ready"}
    yield process, ours
    process.kill()
    process.join(SECONDS)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (b"{", "JSONDecodeError"),
        (b'{"do": "\xff"}', "UnicodeDecodeError"),
        (encode({"do": "job"}), "KeyError"),
        (b"[]", "TypeError"),
    ],
    ids=["no JSON", "no text", "a job without a name", "a list"],
)
def test_an_order_that_makes_no_sense_ends_the_worker(worker, log, order, error):
    process, ours = worker
    ours.send_bytes(order)
    process.join(SECONDS / 6)
    assert process.exitcode == 1
    text = log.read_text()
    assert "worker 3 cannot read its orders" in text
    assert error in text


def test_the_end_of_the_pipe_ends_it_as_an_orphan(worker, log):
    process, ours = worker
    ours.close()
    process.join(SECONDS / 6)
    assert process.exitcode == 70
    assert "cannot read its orders" not in log.read_text()
