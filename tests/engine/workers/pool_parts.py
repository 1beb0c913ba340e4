"""What tests of the pool share: jobs, and waiting for what becomes of them."""

import time

from cambrian.workers.protocol import Failed, Finished, Job, Lost


def job(name, kind="echo", limit=30.0, attempt=1, **payload):
    return Job(name, kind, payload, limit, attempt)


def until(pool, condition, seconds=20.0):
    """The messages up to the first one that meets the condition."""
    messages = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        messages += pool.wait(0.5)
        if any(condition(message) for message in messages):
            return messages
    raise AssertionError(f"it did not happen; but {messages}")


def outcomes(pool, seconds=30.0):
    """The last message of every job, by job id, once none is outstanding."""
    found = {}
    deadline = time.monotonic() + seconds
    while pool.outstanding and time.monotonic() < deadline:
        for message in pool.wait(0.5):
            if isinstance(message, Finished | Failed | Lost):
                assert message.job.id not in found, "a job ended twice"
                found[message.job.id] = message
    assert not pool.outstanding
    return found


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
