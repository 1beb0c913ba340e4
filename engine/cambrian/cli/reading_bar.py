"""The bar that is shown while a large table is read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cambrian.cli.text import visible

_PATIENCE = 1.0
"""Seconds of reading before the bar is worth a line."""


@contextmanager
def reading_bar(file: Path) -> Iterator[Callable[[float], None] | None]:
    """Give what shows how far reading has got, on the standard error; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(f"reading {visible(file.name)}".replace("[", "\\["), total=1.0)
    began = time.monotonic()
    shown = False

    def show(part: float) -> None:
        nonlocal shown
        if not shown and time.monotonic() - began > _PATIENCE:
            bar.start()
            shown = True
        bar.update(task, completed=part)

    try:
        yield show
    finally:
        if shown:
            bar.stop()
