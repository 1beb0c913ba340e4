"""The lock of a run, between real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cambrian.errors import RunError
from cambrian.store.lock import RunLock

CHILD = Path(__file__).with_name("store_child.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "amber-fox"
    folder.mkdir()
    return folder


def start_holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), "hold", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def started_holder(folder: Path) -> subprocess.Popen[str]:
    child = start_holder(folder)
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_the_second_process_is_told_who_holds_the_run(folder: Path) -> None:
    child = started_holder(folder)
    try:
        since = json.loads((folder / "run.holder.json").read_text())["since"]
        lock = RunLock(folder)
        with pytest.raises(RunError) as caught:
            lock.acquire()
        held = f"Run amber-fox is held by process {child.pid} on host {socket.gethostname()} since {since}."
        assert caught.value.problem == held
        assert "`cambrian stop amber-fox`" in caught.value.remedy
        assert lock.is_held()
        assert lock.holder() is not None
    finally:
        child.communicate("")
    assert child.returncode == 0
    assert not lock.is_held()
    assert lock.holder() is None, "who let go cleanly leaves no facts"
    with lock:
        pass


def test_a_killed_holder_frees_the_run_at_once(folder: Path) -> None:
    child = started_holder(folder)
    child.kill()
    child.communicate()
    (folder / ".run.holder.json.abc.tmp").write_text("{")
    lock = RunLock(folder)
    holder = lock.holder()
    assert holder is not None
    assert holder.pid == child.pid
    assert not lock.is_held()
    with lock:  # which never waits: a run that is held is refused
        taken = lock.holder()
        assert taken is not None
        assert taken.pid == os.getpid()
        assert list(folder.glob(".*.tmp")) == []


def test_of_processes_that_start_at_once_one_wins(folder: Path) -> None:
    children = [start_holder(folder) for _ in range(3)]
    deadline = time.monotonic() + 30
    while sum(child.poll() is not None for child in children) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    winner = next(child for child in children if child.poll() is None)
    for child in children:
        out, error = child.communicate("")
        if child is winner:
            assert (out, child.returncode) == ("held\n", 0)
        else:
            assert out == ""
            assert f"is held by process {winner.pid} on host" in error


def test_one_process_cannot_hold_it_twice(folder: Path) -> None:
    first, second = RunLock(folder), RunLock(folder)
    with first:
        for lock in (first, second):
            with pytest.raises(RunError, match=f"process {os.getpid()}"):
                lock.acquire()
        assert first.is_held()
        assert second.is_held()
        second.release()
        assert first.is_held(), "who does not hold it cannot release it"
    assert not second.is_held()


def test_asking_whether_it_is_held_disturbs_nobody(folder: Path) -> None:
    lock = RunLock(folder)
    assert not lock.is_held()
    assert list(folder.iterdir()) == [], "asking leaves no file"
    with lock:
        pass
    probe = RunLock(folder)
    for _ in range(200):
        assert not probe.is_held()
        with lock:
            pass


@pytest.mark.parametrize("facts", [b"", b"{", b"[1]", b'{"pid": "x"}', b"\xff\xfe"])
def test_facts_that_make_no_sense_do_not_matter(folder: Path, facts: bytes) -> None:
    (folder / "run.holder.json").write_bytes(facts)
    lock = RunLock(folder)
    assert lock.holder() is None
    with lock, pytest.raises(RunError, match="is held by process"):
        RunLock(folder).acquire()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run folder"):
        RunLock(tmp_path / "nowhere").acquire()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_process_is_never_named_as_the_holder(folder: Path) -> None:
    """Between a new holder's lock and its facts, those of one that was killed still lie there."""
    dead = started_holder(folder)
    dead.kill()
    dead.communicate()
    left = (folder / "run.holder.json").read_bytes()
    living = started_holder(folder)
    try:
        (folder / "run.holder.json").write_bytes(left)
        with pytest.raises(RunError, match="Run amber-fox is held by another process"):
            RunLock(folder).acquire()
    finally:
        living.communicate("")
