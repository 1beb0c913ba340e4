"""Work that takes a moment, done beside the window: one way to wait for it, and one way to be refused."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from cambrian.errors import CambrianError, UserFacingError

translate = QCoreApplication.translate


class Operation(QObject):
    """Something that is being done in a thread.

    It lives until it has told its end, in the thread that made it, whether anybody keeps it or not.

    Args:
        work: What is done; its result is handed on, a `CambrianError` or `OSError` of it becomes a sentence.

    Signals:
        finished(object): It is done; with its result.
        refused(problem, remedy): It cannot be done.
    """

    finished = Signal(object)
    refused = Signal(str, str)
    _ended = Signal()

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._result: object = None
        self._error: tuple[str, str] | None = None
        self._ended.connect(self._say, Qt.ConnectionType.QueuedConnection)
        _UNDER_WAY.add(self)
        threading.Thread(target=self._run, args=(work,), name="operation", daemon=True).start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self._result = work()
        except UserFacingError as error:
            self._error = error.problem, error.remedy
        except CambrianError as error:
            self._error = str(error), translate("Operation", "Try again in a moment.")
        except OSError as error:
            problem = translate("Operation", "{file} cannot be used: {reason}.")
            self._error = (
                problem.format(file=error.filename or "?", reason=error.strerror or error),
                translate("Operation", "Check that its folder is there, has room and may be written to."),
            )
        if self in _UNDER_WAY:
            self._ended.emit()

    @Slot()
    def _say(self) -> None:
        _UNDER_WAY.discard(self)
        if self._error is not None:
            self.refused.emit(*self._error)
        else:
            self.finished.emit(self._result)


_UNDER_WAY: set[Operation] = set()
