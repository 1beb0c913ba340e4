"""What a run shows while it goes: a live panel on a terminal, plain lines elsewhere, or JSON lines.

The JSON schema is versioned: every line is an object with `version` (1), `event`, `time` (UTC, ISO 8601 with
`Z`), `message` and `data`; the kinds and their data are listed in the README.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, Self

from cambrian.cli.pace import SearchPace
from cambrian.cli.result_text import result_lines
from cambrian.cli.text import on_terminal
from cambrian.records import RunEvent
from cambrian.store.columns import utc_now

if TYPE_CHECKING:
    from cambrian.run.run import Ended
    from cambrian.run.workspace import RunFolder

SCHEMA_VERSION = 1
_QUIET = ("beat", "rung")


class Display(AbstractContextManager["Display"], Protocol):
    """Shows events while a run goes, and its result."""

    def show(self, event: RunEvent) -> None:
        """Show an event."""

    def result(self, ended: Ended) -> None:
        """Show how the run ended, after the display was closed."""


def make_display(folder: RunFolder, *, as_json: bool) -> Display:
    """JSON lines if asked for, a live panel on a terminal, else plain lines."""
    if as_json:
        return JsonLines()
    if on_terminal():
        return LivePanel(folder)
    return PlainLines(folder)


def write_line(text: str) -> None:
    """Print a line; once nobody reads any more, say nothing: the run goes on."""
    with _reader_may_leave():
        print(text, flush=True)


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Once a line cannot be written, point stdout at the null device: no later one fails, nor the exit's."""
    try:
        yield
    except (OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        with suppress(OSError, ValueError):
            os.dup2(null, sys.stdout.fileno())
        os.close(null)


def restore_terminal() -> None:
    """Show the cursor again, for a process that ends without closing its display."""
    with suppress(OSError, ValueError, AttributeError):
        if sys.stdout.isatty():
            os.write(sys.stdout.fileno(), b"\x1b[?25h\n")


class JsonLines:
    """One JSON object a line."""

    def __init__(self) -> None:
        self._last = ""

    def __enter__(self) -> Self:
        """Nothing to prepare."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, event: RunEvent) -> None:
        """Print the event."""
        self._last = event.kind
        line = {
            "version": SCHEMA_VERSION,
            "event": event.kind,
            "time": utc_now(),
            "message": event.message,
            "data": event.data,
        }
        write_line(json.dumps(line, ensure_ascii=False, allow_nan=False))

    def result(self, ended: Ended) -> None:
        """The last event has said it, unless the run was complete already."""
        if ended.result is not None and self._last != "finished":
            self.show(RunEvent("finished", str(ended.result["verdict"]), {"result": ended.result}))


class PlainLines:
    """One line an event, with the time since the start."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        """Nothing to prepare."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, event: RunEvent) -> None:
        """Print the event unless it only says that the run is alive."""
        if event.kind not in _QUIET:
            write_line(f"{clock_text(time.monotonic() - self._started)}  {event.message}")

    def result(self, ended: Ended) -> None:
        """Print leaderboard, scores and verdict."""
        for line in result_lines(self._folder, ended):
            write_line(line)


class LivePanel:
    """A panel that is redrawn in place: generation, best, time left, workers; events scroll above it."""

    def __init__(self, folder: RunFolder) -> None:
        from rich.console import Console
        from rich.live import Live

        self._folder = folder
        self._console = Console(highlight=False)
        # No thread of its own: it would meet a closed terminal where nobody catches the error.
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._state: dict[str, Any] = {"generation": None, "best": None, "evaluated": 0, "beat": {}}
        self._started = time.monotonic()
        self._pace = SearchPace()
        self._apply: Mapping[str, Callable[[RunEvent], None]] = {
            "generation-started": self._generation,
            "generation-finished": self._finished,
            "rung": self._rung,
            "beat": self._beat,
        }

    def __enter__(self) -> Self:
        """Begin drawing."""
        with _reader_may_leave():
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        with _reader_may_leave():
            self._live.stop()

    def show(self, event: RunEvent) -> None:
        """Take the event into the panel; those that people want to read later scroll by above it."""
        self._pace.take(event, time.monotonic())
        handler = self._apply.get(event.kind)
        if handler is not None:
            handler(event)
        with _reader_may_leave():
            if event.kind not in (*_QUIET, "generation-started"):
                elapsed = clock_text(time.monotonic() - self._started)
                self._console.print(f"{elapsed}  {event.message}", markup=False)
            self._live.update(self._panel(), refresh=True)

    def result(self, ended: Ended) -> None:
        """Print leaderboard, scores and verdict."""
        with _reader_may_leave():
            for line in result_lines(self._folder, ended):
                self._console.print(line, markup=False)

    def _generation(self, event: RunEvent) -> None:
        self._state["generation"] = event.data["generation"]
        self._state["stage"] = f"{event.data['individuals']} individuals"

    def _finished(self, event: RunEvent) -> None:
        self._state["best"] = event.data["best"]
        self._state["evaluated"] = event.data["evaluated"]

    def _rung(self, event: RunEvent) -> None:
        self._state["stage"] = event.message

    def _beat(self, event: RunEvent) -> None:
        self._state["beat"] = event.data

    def _panel(self) -> Any:
        from rich.panel import Panel
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        beat, best = self._state["beat"], self._state["best"]
        if self._state["generation"] is not None:
            table.add_row("generation", f"{self._state['generation']}  {self._state.get('stage', '')}")
        if best:
            table.add_row("best", "  ".join(f"{name} {value:.6g}" for name, value in best.items()))
        table.add_row("evaluated", str(self._state["evaluated"]))
        if beat.get("left") is not None:
            table.add_row("time left", clock_text(max(0.0, beat["left"])))
        search_left = self._pace.left(time.monotonic())
        if search_left is not None:
            table.add_row("search left", f"about {clock_text(search_left)} at the pace so far")
        workers = beat.get("workers", ())
        if workers:
            states = " ".join("●" if each["state"] == "busy" else "○" for each in workers)
            table.add_row("workers", f"{states}  {beat['busy']:.0%} busy")
        return Panel(table, title=self._folder.id, title_align="left")


def clock_text(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
