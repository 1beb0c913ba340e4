"""The worker process: it takes one job after another from its pipe and answers on it.

The main thread runs the handlers. A second thread reads the pipe, so that a request to stop arrives in the
middle of a job and the parent's death is noticed at once; a third sends the progress, batched.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import ModuleType
from typing import Any, NoReturn

from cambrian.errors import CambrianError
from cambrian.log import LOGGER, log_to_file
from cambrian.workers import limits
from cambrian.workers.handlers import Handlers, set_torch_threads
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.protocol import FailureKind, decode, encode, pieces

FLUSH_SECONDS = 0.1
_ERROR_LENGTH = 500
_EXIT_DONE, _EXIT_BROKEN, _EXIT_ORPHANED = 0, 1, 70
_MEMORY_WORDS = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "alloc_failed",
    "bad_alloc",
)
_DEVICE_WORDS = ("cuda error", "hip error", "cudnn_status_execution_failed", "cudnn_status_internal_error")


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker is started with; `ends_with_parent`: the pool lives in its process's main thread."""

    worker: int
    device: str
    handlers: str
    settings: WorkerSettings
    ends_with_parent: bool


class WorkContext:
    """A running job's view of its worker; handlers get it beside the payload.

    Attributes:
        worker: The worker's number.
        device: "cpu", "mps" or "cuda:N".
    """

    def __init__(self, worker: int, device: str, *, job: tuple[str, int], outgoing: _Outgoing) -> None:
        self.worker = worker
        self.device = device
        self._job = job
        self._outgoing = outgoing
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether the parent asked the job to return at its next good point."""
        return self._stopping.is_set()

    def emit(self, data: dict[str, Any]) -> None:
        """Send progress to the caller: it leaves within 0.1 s, in order, and before the job's result.

        Raises:
            TypeError: `data` is not JSON.
        """
        name, attempt = self._job
        self._outgoing.add(json.dumps({"job": name, "attempt": attempt, "data": data}))

    def stop(self) -> None:
        """Ask the job to return at its next good point."""
        self._stopping.set()


class _Outgoing:
    """The sending side of the pipe: answers at once, progress in batches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._progress: deque[str] = deque()
        self._waiting = threading.Event()
        self._sending = threading.Lock()
        threading.Thread(target=self._flush_forever, name="progress", daemon=True).start()

    def add(self, progress: str) -> None:
        self._progress.append(progress)
        self._waiting.set()

    def send(self, answer: bytes) -> None:
        """Send an answer behind the progress that waits; ends the process when nobody listens any more."""
        with self._sending:
            try:
                self._flush()
                self._write(answer)
            except OSError:
                os._exit(_EXIT_ORPHANED)

    def _flush_forever(self) -> None:
        while True:
            self._waiting.wait()
            self._waiting.clear()
            with self._sending:
                try:
                    self._flush()
                except OSError:
                    os._exit(_EXIT_ORPHANED)
            time.sleep(FLUSH_SECONDS)

    def _flush(self) -> None:
        items = [self._progress.popleft() for _ in range(len(self._progress))]
        if items:
            self._write(f'{{"is":"progress","items":[{",".join(items)}]}}'.encode())

    def _write(self, data: bytes) -> None:
        for piece in pieces(data):
            self._connection.send_bytes(piece)


class _Worker:
    """The worker's two ends: orders come in on a thread of its own, jobs are answered by the main one."""

    def __init__(self, connection: Connection, config: WorkerConfig) -> None:
        self._connection = connection
        self._config = config
        self._outgoing = _Outgoing(connection)
        self._jobs: SimpleQueue[tuple[dict[str, Any], WorkContext]] = SimpleQueue()
        self._current: WorkContext | None = None
        self._leaving = False

    def listen(self) -> NoReturn:
        """Obey the parent until it is gone; then the process ends, whatever the main thread is doing."""
        try:
            while True:
                self._obey(decode(self._connection.recv_bytes()))
        except (EOFError, OSError):
            os._exit(_EXIT_ORPHANED)
        except BaseException:  # noqa: BLE001 - a worker that is deaf would look alive for ever
            try:
                LOGGER.exception("worker %d cannot read its orders", self._config.worker)
            finally:
                os._exit(_EXIT_BROKEN)

    def _obey(self, order: dict[str, Any]) -> None:
        if order["do"] == "job":
            self._current = self._context(order["job"], order["attempt"])
            self._jobs.put((order, self._current))
            return
        current = self._current  # once: the main thread may end the job at any moment
        if order["do"] == "leave":
            self._leaving = True
            if current is None:
                os._exit(_EXIT_DONE)
        if current is not None:
            current.stop()

    def _context(self, job: str, attempt: int) -> WorkContext:
        config = self._config
        return WorkContext(config.worker, config.device, job=(job, attempt), outgoing=self._outgoing)

    def prepare(self) -> Handlers:
        """Import the table of handlers; each module's `start` runs when the module is opened."""
        _redirect_output(self._config.settings)
        handlers = Handlers(self._config.handlers, self._open)
        if self._config.device != "cpu":
            handlers.load_all()  # a device that cannot be used shows now: the pool leaves its worker out
        return handlers

    def _open(self, module: ModuleType) -> None:
        if (start := getattr(module, "start", None)) is not None:
            start(self._context("", 0))
        set_torch_threads(self._config.settings.threads)

    def work(self) -> NoReturn:
        """Answer jobs until the parent says leave or is gone; import what later jobs need in between."""
        try:
            handlers = self.prepare()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - logged, and told to the parent
            LOGGER.exception("worker %d cannot start", self._config.worker)
            self._outgoing.send(encode({"is": "broken", "error": _one_line(error)}))
            os._exit(_EXIT_BROKEN)
        self._outgoing.send(encode({"is": "ready"}))
        while True:
            if self._jobs.empty() and handlers.load_next():
                continue
            order, context = self._jobs.get()
            answer = self._answer(handlers, order, context)
            self._current = None
            self._outgoing.send(answer)
            if self._leaving:
                os._exit(_EXIT_DONE)

    def _answer(self, handlers: Handlers, order: dict[str, Any], context: WorkContext) -> bytes:
        name = {"job": order["job"], "attempt": order["attempt"]}
        begun, busy = time.perf_counter(), time.process_time()
        try:
            result = handlers.find(order["kind"])(order["payload"], context)
            times = {"seconds": time.perf_counter() - begun, "busy_seconds": time.process_time() - busy}
            return encode({"is": "finished", **name, "result": result, **times})
        except (Exception, SystemExit) as error:  # noqa: BLE001 - logged, and told to the parent
            LOGGER.exception("worker %d: job %s failed", self._config.worker, order["job"])
            failure = {
                "error": _one_line(error),
                "kind": failure_kind(error),
                "device_lost": device_is_lost(error),
            }
        gc.collect()  # the frames of the traceback may hold a pack's tensors in a cycle
        return encode({"is": "failed", **name, **failure})


def main(connection: Connection, config: WorkerConfig) -> NoReturn:
    """Run a worker until its parent lets it go, asks it to or dies."""
    limits.settle_signals()
    if config.ends_with_parent:
        limits.die_with_parent()
    limits.limit_threads(config.settings.threads)
    limits.forbid_core_dumps()
    limits.lower_priority(config.settings.niceness)
    worker = _Worker(connection, config)
    threading.Thread(target=worker.listen, name="orders", daemon=True).start()
    worker.work()


def _redirect_output(settings: WorkerSettings) -> None:
    log = open(settings.log_path, "a", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    sys.stdout = sys.stderr = log
    faulthandler.enable(log)
    log_to_file(settings.log_path)


def failure_kind(error: BaseException) -> FailureKind:
    """Whether memory ran out: Python's, numpy's, torch's on the processor, or a GPU's."""
    return "memory" if any(_is_memory(cause) for cause in _causes(error)) else "error"


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError | OSError) and any(word in text for word in _MEMORY_WORDS)


def device_is_lost(error: BaseException) -> bool:
    """Whether a GPU's context is beyond repair; only a new process gets a new one."""
    if failure_kind(error) == "memory":
        return False
    texts = (str(cause).lower() for cause in _causes(error) if isinstance(cause, RuntimeError))
    return any(word in text for text in texts for word in _DEVICE_WORDS)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _one_line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    text = words if isinstance(error, CambrianError) and words else f"{type(error).__name__}: {words}"
    return text if len(text) <= _ERROR_LENGTH else text[: _ERROR_LENGTH - 1] + "…"
