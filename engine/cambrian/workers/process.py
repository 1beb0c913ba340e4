"""The parent's end of one worker process: its pipe, its life and its death."""

from __future__ import annotations

import signal
import threading
import time
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from cambrian.workers import worker
from cambrian.workers.protocol import Assembler
from cambrian.workers.spawn import start_process

_REAP_SECONDS = 5.0


class WorkerProcess:
    """A worker process that was just started; no method waits for it, `reap` apart.

    Attributes:
        ready: It has imported its handlers and takes jobs.
        error: What it said before it gave up starting.
        ended: Its pipe has ended: it is dead or about to be.
        started: Seconds since 1970 (UTC).
    """

    def __init__(self, config: worker.WorkerConfig) -> None:
        self.ready = False
        self.error = ""
        self.ended = False
        self.started = time.time()
        self._process, self.connection = start_process(worker.main, config, name=f"worker {config.worker}")
        self._assembler = Assembler()
        self._orders: SimpleQueue[bytes | None] = SimpleQueue()
        self._sender = threading.Thread(
            target=_send_orders, args=(self.connection, self._orders), name="orders", daemon=True
        )
        self._sender.start()

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """Becomes ready, for `multiprocessing.connection.wait`, when the process ends."""
        return self._process.sentinel

    @property
    def alive(self) -> bool:
        """Whether the process still runs (or is stopped)."""
        return self._process.is_alive()

    def send(self, order: bytes) -> None:
        """Send an encoded order behind those that wait.

        A thread of its own writes it: a stopped worker with a full pipe must not stop the pool.
        """
        self._orders.put(order)

    def answers(self) -> list[dict[str, Any]]:
        """All that has arrived; sets `ended` when nothing more can come."""
        found = []
        try:
            while self.connection.poll(0):
                message = self._assembler.add(self.connection.recv_bytes())
                if message is not None:
                    found.append(message)
        except (EOFError, OSError):
            self.ended = True
        return found

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL, which works on a stopped process too."""
        self._process.kill()

    def reap(self) -> str:
        """Collect the dead process, close its pipe and say how it ended."""
        self._process.join(_REAP_SECONDS)
        if self._process.exitcode is None:  # its pipe has ended, so it can do nothing useful any more
            self._process.kill()
            self._process.join(_REAP_SECONDS)
        status = self._process.exitcode
        self._orders.put(None)
        self._sender.join(_REAP_SECONDS)
        self.connection.close()
        return _ending(status)


def _send_orders(connection: Connection, orders: SimpleQueue[bytes | None]) -> None:
    try:
        while (data := orders.get()) is not None:
            connection.send_bytes(data)
    except OSError:
        return  # the worker is gone, which the pool learns from the other direction


def _ending(status: int | None) -> str:
    if status is None:
        return "the worker does not end, not even by SIGKILL"
    if status >= 0:
        return f"the worker ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (from outside, or because memory ran out)" if name == "SIGKILL" else ""
    return f"the worker was ended by {name}{hint}"
