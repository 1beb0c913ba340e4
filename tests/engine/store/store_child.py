"""What the tests of this folder run as a process of its own: `store_child.py ROLE PATH`."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from cambrian.records import EpochRecord, Evaluation, LaneStatus, RunEvent, State
from cambrian.store.connection import StoreFullError
from cambrian.store.lock import RunLock
from cambrian.store.reader import RunReader
from cambrian.store.rows import RungRow
from cambrian.store.writer import RunWriter

ROWS = 20


def say(text: object) -> None:
    print(text, flush=True)


def write_batch(writer: RunWriter, number: int) -> None:
    """Batch `number`: one evaluation, its 20 epochs, a rung and an event, in one commit."""
    with writer.atomic():
        writer.save_evaluations([Evaluation(0, 0, number, State.RUNNING)])
        record = [EpochRecord(0, e, 1 / e, 2 / e, 1e-3, 0.1, LaneStatus.RUNNING) for e in range(1, ROWS + 1)]
        writer.save_epochs([(0, 0, number, each) for each in record])
        writer.save_rungs([RungRow(0, 0, number, 0, (0.1,), ROWS, ended=False)])
        writer.add_event(RunEvent("batch", "x" * 500, {"number": number}))


def write(path: Path, last: int | None = None) -> None:
    """Write batches for ever, from where the database stands; say each after it is committed."""
    with RunReader(path) as reader:
        first = reader.counts().events
    with RunWriter.open(path) as writer:
        for number in itertools.count(first) if last is None else range(first, last):
            write_batch(writer, number)
            say(number)


def fill_the_disk(path: Path) -> None:
    """Write under a limit on the size of files until it is met; lift it; do the same batch again."""
    import resource

    with RunWriter.open(path) as writer:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
        for number in itertools.count():
            try:
                write_batch(writer, number)
            except StoreFullError:
                say(number)
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        write_batch(writer, number)


def hold(folder: Path) -> None:
    """Take the lock, say so, and keep it until the input ends."""
    with RunLock(folder):
        say("held")
        sys.stdin.read()


if __name__ == "__main__":
    role, where = sys.argv[1], Path(sys.argv[2])
    if role == "write":
        write(where, int(sys.argv[3]) if len(sys.argv) > 3 else None)
    else:
        {"fill": fill_the_disk, "hold": hold}[role](where)
