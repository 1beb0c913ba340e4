"""`python -m cambrian_desktop.screenshots OUT`: pictures of every page, in both themes and languages.

The pages are filled by real runs of the penguins sample, made in a temporary workspace by the command that
users have: one that is complete, and one that goes on while it is photographed. Pages of a run are also
taken empty, as they are before anything was read.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from cambrian.run.requests import write_request
from cambrian.run.workspace import RunFolder
from cambrian_desktop import languages, theme
from cambrian_desktop.context import SETTINGS_VARIABLE, Context
from cambrian_desktop.resources import resource_dir
from cambrian_desktop.window import MainWindow

Theme = Literal["light", "dark"]

_DONE, _GOING = "penguins-complete", "penguins-running"
_SMALL = ("--population", "16", "--epochs", "12", "--workers", "1", "--seed", "1")
_PATIENCE = 300.0
"""Seconds for a run to come as far as a picture needs it."""
_SETTLE_MS = 700
"""Until what draws itself bit by bit is drawn."""


def main(arguments: list[str] | None = None) -> int:
    """Make the pictures.

    Args:
        arguments: Of the command line; by default those of this process.

    Returns:
        Exit status: 0 where every picture was made.
    """
    options = _options(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cambrian-screenshots-") as folder:
        os.environ[SETTINGS_VARIABLE] = str(Path(folder) / "desktop.ini")
        app = QApplication(sys.argv[:1])
        context = Context(Path(folder) / "workspace")
        studio = Studio(app, context, options.out, QSize(*options.size))
        studio.take_all()
        print(f"{studio.taken} pictures in {options.out}")
    return 0


class Studio:
    """Takes pictures of a window.

    Args:
        app: The application.
        context: Settings and the workspace, which holds no run yet.
        out: Folder of the pictures: `<page>-<state>-<theme>-<language>.png`.
        size: Of the window, in pixels.

    Attributes:
        taken: How many pictures there are so far.
    """

    def __init__(self, app: QApplication, context: Context, out: Path, size: QSize) -> None:
        self._app, self._context, self._out, self._size = app, context, out, size
        self.taken = 0
        for choice in languages.NAMES:
            if not languages.apply(app, choice) and choice != "en":
                raise SystemExit("The Chinese texts are not compiled: bash packaging/translations.sh release")
        theme.apply(app, "light")

    def take_all(self) -> None:
        """Every page, empty and full."""
        with self._window() as window:
            self._take_empty(window)
        self._evolve(_DONE, "--generations", "6")
        going = self._begin(_GOING, "--generations", "400")
        try:
            with self._window() as window:
                self._take_running(window)
                self._take_new(window)
                self._take_complete(window)
        finally:
            _end(going, RunFolder(self._context.workspace.runs / _GOING))

    def _take_empty(self, window: MainWindow) -> None:
        for name in ("home", "new", "settings"):
            window.show_page(name)
            self._take(window, f"{name}-empty")
        window.rail.set_caption("penguins · species")
        for name in ("live", "individuals", "model"):
            window.stack.setCurrentWidget(window.pages[name])
            window.rail.select(name)
            self._take(window, f"{name}-empty")

    def _take_running(self, window: MainWindow) -> None:
        window.open_run(_GOING)
        watcher = window.watcher
        assert watcher is not None
        self._until(lambda: len(watcher.picture.generations if watcher.picture else ()) > 3)
        window.show_page("home")
        self._wait(_SETTLE_MS)
        self._take(window, "home-full")
        window.show_page("live")
        self._take(window, "live-running")

    def _take_new(self, window: MainWindow) -> None:
        window.show_page("new")
        window.new.open_file(str(_sample()), "species")
        self._until(lambda: window.new.profile is not None and not window.new.inspection.busy)
        self._take(window, "new-full")

    def _take_complete(self, window: MainWindow) -> None:
        window.open_run(_DONE)
        watcher = window.watcher
        assert watcher is not None
        self._until(lambda: watcher.picture is not None and watcher.picture.run is not None)
        self._take(window, "live-complete")
        window.show_page("individuals")
        self._take(window, "individuals-full")
        assert watcher.picture is not None
        champion = watcher.picture.leaders[0].individual
        window.individuals.open_individual(champion)
        self._until(lambda: window.individuals.panel.individual is not None)
        self._take(window, "individual-full")
        window.show_page("model")
        self._take(window, "model-full")

    @contextmanager
    def _window(self) -> Iterator[MainWindow]:
        window = MainWindow(self._context)
        window.resize(self._size)
        window.show()
        try:
            yield window
        finally:
            window.close()
            window.deleteLater()
            self._wait(1)

    def _take(self, window: MainWindow, name: str) -> None:
        """Take what is shown in both themes and languages."""
        looks: tuple[Theme, ...] = ("light", "dark")
        for language in languages.NAMES:
            languages.apply(self._app, language)
            for look in looks:
                theme.apply(self._app, look)
                self._wait(_SETTLE_MS)
                window.grab().save(str(self._out / f"{name}-{look}-{language}.png"))
                self.taken += 1

    def _wait(self, milliseconds: int) -> None:
        end = QDeadlineTimer(milliseconds)
        while not end.hasExpired():
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            time.sleep(0.005)

    def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("The run did not come far enough for its picture.")
            self._wait(50)

    def _evolve(self, run_id: str, *more: str) -> None:
        process = self._begin(run_id, *more)
        if process.wait():
            raise SystemExit(f"The run {run_id} failed: see what it printed.")

    def _begin(self, run_id: str, *more: str) -> subprocess.Popen[bytes]:
        command = [*self._context.command(), "run", str(_sample()), "--target", "species", *_SMALL, *more]
        places = ["--run-id", run_id, "--workspace", str(self._context.workspace.path)]
        return subprocess.Popen([*command, *places], stdout=subprocess.DEVNULL)


def _end(process: subprocess.Popen[bytes], folder: RunFolder) -> None:
    write_request(folder.requests, "stop-now")
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _sample() -> Path:
    return resource_dir() / "samples" / "penguins.csv"


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cambrian_desktop.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the pictures")
    parser.add_argument("--size", type=_size, default=(1440, 900), help="of the window, such as 1024x700")
    return parser.parse_args(arguments)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
