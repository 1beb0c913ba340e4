"""Starting a child process so that neither the parent's main module nor its signals get into it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Any

_CONTEXT = multiprocessing.get_context("spawn")
_MAIN_LOCK = threading.Lock()


def start_process(target: Callable[..., None], *args: Any, name: str) -> tuple[SpawnProcess, Connection]:
    """Start a daemonic child by spawn and return it with our end of its pipe.

    SIGINT and SIGHUP are blocked in the child until it settles them.

    Args:
        target: A module-level function; the child imports its module and nothing of the parent's main.
        args: Plain values, pickled for the child; its end of the pipe comes before them.
        name: Shown by tools that list processes of Python.
    """
    _open_standard_descriptors()
    _start_resource_tracker()
    ours, theirs = _CONTEXT.Pipe(duplex=True)
    process = _CONTEXT.Process(target=target, args=(theirs, *args), name=name, daemon=True)
    try:
        with _signals_blocked(), _main_hidden():
            process.start()
    finally:
        theirs.close()
    return process, ours


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Spawn would run the parent's main again in the child: a notebook, a test runner, a user's script.

    A script without `if __name__ == "__main__"` would even start a pool there.
    """
    with _MAIN_LOCK:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """A child inherits the mask, so that Ctrl-C during its first second does not end it with a traceback."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_resource_tracker() -> None:
    """Started inside `process.start`, it would unblock SIGINT on its way."""
    if sys.platform != "win32":
        from multiprocessing import resource_tracker  # it cannot be imported on Windows

        resource_tracker.ensure_running()


def _open_standard_descriptors() -> None:
    """With stdout closed, a pipe end could get its number, and the child would write its log over it."""
    if sys.platform == "win32":
        return
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
