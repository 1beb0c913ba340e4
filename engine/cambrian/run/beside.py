"""Work of the run's own process while it waits for its workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do the work in a thread while the block lasts; whoever leaves the block waits for its end."""
    thread = Thread(target=work, name="beside")
    thread.start()
    try:
        yield
    finally:
        thread.join()
