"""The run's writes: on a full disk the run waits, says so, and does the same again; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cambrian.store.connection import StoreBlockedError
from cambrian.store.writer import RunWriter

Result = TypeVar("Result")


class Store:
    """The run's database for those who cannot go on without it.

    Args:
        writer: The database.
        wait: Called when it cannot be written; returns when it is worth another try, or raises to give up.
    """

    def __init__(self, writer: RunWriter, wait: Callable[[StoreBlockedError], None]) -> None:
        self._writer = writer
        self._wait = wait

    def write(self, work: Callable[[RunWriter], Result]) -> Result:
        """Do the work in one transaction, again and again until the disk has room for it; give its result."""
        while True:
            try:
                with self._writer.atomic():
                    return work(self._writer)
            except StoreBlockedError as error:
                self._wait(error)
