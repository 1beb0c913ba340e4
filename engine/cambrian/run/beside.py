"""Work of the run's own process while it waits for its workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do the work in a thread while the block lasts, and wait for its end, unless the block fails."""
    thread = Thread(target=work, name="beside", daemon=True)
    thread.start()
    yield
    thread.join()
