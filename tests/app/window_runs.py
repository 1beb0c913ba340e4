"""What tests of the window share: real runs, and waiting for what a watcher says of them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from cambrian.experiment import make_experiment
from cambrian.run.workspace import RunFolder
from cambrian.store.lock import RunLock
from cambrian_desktop.operation import Operation
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.run_watcher import RunWatcher
from real_runs import SAMPLE

PATIENCE = 90_000
"""Milliseconds that a test waits at most; what it asserts is what is said, never how long it took."""


def experiment_toml(file: Path = SAMPLE, target: str = "species", **sections: dict[str, Any]) -> str:
    """A small experiment: two generations of 16, 8 epochs."""
    tree: dict[str, Any] = {
        "data": {"file": str(file), "target": target},
        "search": {"population": 16, "epochs": 8},
        "budget": {"generations": 2},
        "execution": {"workers": 1},
    }
    return make_experiment({name: values | sections.get(name, {}) for name, values in tree.items()}).to_toml()


def ended(qtbot: QtBot, operation: Operation) -> tuple[object, tuple[str, str] | None]:
    """Wait for an operation; its result, or its problem and remedy."""
    said: list[tuple[object, tuple[str, str] | None]] = []
    operation.finished.connect(lambda result: said.append((result, None)))
    operation.refused.connect(lambda problem, remedy: said.append((None, (problem, remedy))))
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    return said[0]


@contextmanager
def watched(folder: RunFolder) -> Iterator[RunWatcher]:
    """A watcher that looks while the block lasts."""
    watcher = RunWatcher(folder)
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


def wait_for_picture(qtbot: QtBot, watcher: RunWatcher, fits: Callable[[RunPicture], bool]) -> RunPicture:
    """Wait until the watcher shows what fits; the picture in which it did."""
    seen: list[RunPicture] = []

    def look() -> bool:
        picture = watcher.picture
        if picture is not None and fits(picture):
            seen.append(picture)
        return bool(seen)

    qtbot.waitUntil(look, timeout=PATIENCE)
    return seen[0]


def holder_of(folder: RunFolder) -> int:
    """The process that executes a run."""
    holder = RunLock(folder.path).holder()
    assert holder is not None
    return holder.pid


def kill_run(folder: RunFolder) -> None:
    """Kill the process of a run as a crash or the system's memory killer does."""
    os.kill(holder_of(folder), signal.SIGKILL)


def end_run(folder: RunFolder) -> None:
    """Leave no process behind, whatever a test came to."""
    for _ in range(100):
        if not RunLock(folder.path).is_held():
            return
        holder = RunLock(folder.path).holder()
        if holder is not None:
            try:
                os.kill(holder.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
        time.sleep(0.05)
