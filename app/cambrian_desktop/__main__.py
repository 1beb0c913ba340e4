"""`cambrian-desktop [FILE]`: opens the window, on a new experiment where a file is named.

Whatever keeps the window from opening (no PySide6, no system library, no display) ends in one sentence and
what to do, on standard error, with exit status 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QMainWindow

_APT = (
    "libegl1 libgl1 libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-xkb1 "
    "libxcb-shape0 libdbus-1-3 libfontconfig1 libglib2.0-0 libx11-xcb1"
)
_INTERRUPTED = 130
_ENDING = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        arguments: Of the command line; by default those of this process.

    Returns:
        Exit status: 0 closed, 1 could not open, 130 interrupted by Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    try:
        from cambrian_desktop import languages, theme
        from cambrian_desktop.context import Context
        from cambrian_desktop.faults import Faults
        from cambrian_desktop.window import MainWindow
    except ImportError as error:
        return _refuse(*_missing(error))
    app = _application()
    context = Context(options.workspace)
    theme.apply(app, context.theme)
    languages.apply(app, context.language)
    faults = Faults(app)
    window = MainWindow(context)
    faults.happened.connect(window.say)
    quitting = _Interrupts(app, window)
    window.show()
    if options.file is not None:
        window.open_file(str(options.file.absolute()))
    status = app.exec()
    quitting.release()
    faults.release()
    _take_down(window)
    return _INTERRUPTED if quitting.interrupted else status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cambrian-desktop", description="The window of Cambrian.")
    parser.add_argument("file", nargs="?", type=Path, help="a table for a new experiment")
    parser.add_argument("--workspace", type=Path, help="folder of the runs, for this window alone")
    return parser


def _application() -> QApplication:
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    said: list[str] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        said.append(message)
        if kind == QtMsgType.QtFatalMsg:  # Qt aborts after this, with a dump of the process
            _refuse(*_no_platform(said))
            os._exit(1)

    before = qInstallMessageHandler(hear)
    app = QApplication(sys.argv[:1])
    qInstallMessageHandler(before)
    app.setApplicationName("cambrian-desktop")
    app.setApplicationDisplayName("Cambrian")
    app.setDesktopFileName("io.example.Cambrian")
    return app


def _take_down(window: QMainWindow) -> None:
    """Destroy the window while the application lives; left to the interpreter's end, the order is chance."""
    from shiboken6 import delete

    window.close()
    delete(window)


def _no_platform(said: list[str]) -> tuple[str, str]:
    """Why Qt found no display, out of what it said, and what to do."""
    words = " ".join(said)
    if "could not connect to display" in words or "Failed to create wl_display" in words:
        return (
            "There is no display to show the window on.",
            "Start it in a graphical session, or use the command line: `cambrian run FILE --target COLUMN`.",
        )
    if "xcb-cursor" in words:  # said of a display that is not there, too
        return "A system library is missing: libxcb-cursor0.", f"On Debian: apt install {_APT}"
    reason = said[-1].strip().splitlines()[0] if said else "Qt gave no reason"
    return (
        f"The window cannot be opened: {reason}",
        f"On Debian, install what Qt needs: apt install {_APT}",
    )


def _missing(error: ImportError) -> tuple[str, str]:
    """What is missing of the installation, and how to get it."""
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The window needs {error.name}, which is not installed.",
            "Install it with: pip install 'cambrian[desktop]'",
        )
    library = str(error).split(":", 1)[0]
    return f"A system library is missing: {library}.", f"On Debian: apt install {_APT}"


def _refuse(problem: str, remedy: str) -> int:
    if sys.stderr is not None:  # a windowed program has none on Windows
        sys.stderr.write(f"cambrian-desktop: {problem}\n  {remedy}\n")
        sys.stderr.flush()
    return 1


class _Interrupts:
    """Closes the window on Ctrl-C and on SIGTERM, as its close button does; runs go on.

    A handler of Python may run in the middle of a painting, and not before Qt next runs Python code. So it is
    the socket into which Python writes each signal's number that wakes the event loop, which then closes.
    """

    def __init__(self, app: QApplication, window: QMainWindow) -> None:
        from PySide6.QtCore import QSocketNotifier

        self.interrupted = False
        self._app, self._window = app, window
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, app)
        self._notifier.activated.connect(self._wake)
        for number in _ENDING:
            signal.signal(number, lambda number, frame: None)

    def release(self) -> None:
        """Let go of the window: from here on a signal ends the process at once."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)

    def _wake(self) -> None:
        numbers = self._read.recv(4096)
        if not set(numbers).isdisjoint(_ENDING):
            self.interrupted = self.interrupted or signal.SIGINT in numbers
            self._window.close()
            self._app.quit()


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
