"""What the window does with errors that nobody foresaw: a log with all of it, and a sentence for the user."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from cambrian.errors import UserFacingError
from cambrian_desktop.context import settings_path

LOGGER = logging.getLogger("cambrian_desktop")
_LARGEST = 1_000_000


class Faults(QObject):
    """Catches exceptions of slots and threads; `happened` brings each to the GUI thread.

    `happened` gives what went wrong and what to do, each a sentence.
    """

    happened = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before = sys.excepthook
        self._threads_before = threading.excepthook
        _log_to(log_path())
        sys.excepthook = self.caught
        threading.excepthook = self._caught_in_thread

    def release(self) -> None:
        """Leave exceptions to whoever had them before."""
        sys.excepthook = self._before
        threading.excepthook = self._threads_before

    def caught(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        """Log an exception and say so; an error meant for users says itself."""
        if isinstance(error, UserFacingError):
            LOGGER.warning("%s", error)
            self.happened.emit(error.problem, error.remedy)
            return
        LOGGER.error("An exception reached the event loop", exc_info=(kind, error, traceback))
        problem = self.tr("Something in the window went wrong: {error}.").format(error=kind.__name__)
        remedy = self.tr("Runs are not touched by it. The details are in {path}.")
        self.happened.emit(problem, remedy.format(path=log_path()))

    def _caught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.caught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def log_path() -> Path:
    """The window's log, beside its settings."""
    return settings_path().with_name("desktop.log")


def _log_to(path: Path) -> None:
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.propagate = False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made: logging.Handler = RotatingFileHandler(
            path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:  # a home that cannot be written to: the window goes on without a log
        made = logging.NullHandler()
    made.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.addHandler(made)
    LOGGER.setLevel(logging.INFO)
