"""The model of a complete run, written again from the run's own networks; the test part stays unread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cambrian.data.prepared import MANIFEST
from cambrian.errors import RunError
from cambrian.experiment import Experiment
from cambrian.log import LOGGER
from cambrian.records import RunEvent
from cambrian.results.bundle import NewerModelError, read_bundle
from cambrian.run.calls import call, prepare_in_worker
from cambrian.run.control import RunControl
from cambrian.run.execution import Listener
from cambrian.run.workspace import RunFolder
from cambrian.store.writer import RunWriter
from cambrian.workers.limits import WorkerSettings
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Job


def fault_of_model(folder: RunFolder) -> str | None:
    """Why the delivered model of a complete run cannot be used; None: it can, by a newer program at least."""
    try:
        read_bundle(folder.champion)
    except NewerModelError:
        return None
    except RunError as error:
        return error.problem
    return None


class ModelRewriter:
    """Writes a complete run's model again; its state, its result and its scores stay as they are.

    Args:
        folder: The run's folder.
        writer: The run's database, held by this process alone; it gets events and nothing else.
        listener: Receives every event.
        handlers: Table of the workers' job handlers.
    """

    def __init__(self, folder: RunFolder, writer: RunWriter, *, listener: Listener, handlers: str) -> None:
        self._folder = folder
        self._writer = writer
        self._listener = listener
        self._handlers = handlers

    def run(self, experiment: Experiment, result: dict[str, Any], control: RunControl) -> None:
        """Write it.

        Raises:
            RunError: Networks or data that it needs are lost too; names them.
            CallInterruptedError: The user interrupted.
        """
        champion, folder = result["champion"], self._folder
        _refuse_lost(folder, [name for name in champion["networks"] if not self._weights(name).exists()])
        if not (folder.data / MANIFEST).exists():
            raise RunError(
                f"The model of run {folder.id} cannot be written again: its prepared data in {folder.data} "
                "is lost too.",
                "Put back a copy of the run's folder, or run the experiment again.",
            )
        settings = WorkerSettings(log_path=folder.log)
        with Pool(self._handlers, workers=1, devices=["cpu"], settings=settings) as pool:
            prepare_in_worker(pool, folder, experiment, control, self.tell)
            payload = {"folder": str(folder.path), "lanes": champion["networks"], "facts": champion}
            job = Job("write-model", "write-model", payload, limit_seconds=3600.0)
            _refuse_lost(folder, call(pool, [job], control)["write-model"]["lost"])
        self.tell(RunEvent("model-rewritten", "the model is written again from the run's own networks"))

    def tell(self, event: RunEvent) -> None:
        """Store an event, log it and pass it on."""
        self._writer.add_event(event)
        LOGGER.info("%s: %s", event.kind, event.message)
        self._listener(event)

    def _weights(self, name: str) -> Path:
        return self._folder.weights / f"{name}.safetensors"


def _refuse_lost(folder: RunFolder, lost: list[str]) -> None:
    if lost:
        raise RunError(
            f"The model of run {folder.id} is damaged or missing and cannot be written again: of its "
            f"networks in {folder.weights}, {', '.join(lost)} {'is' if len(lost) == 1 else 'are'} missing or "
            "damaged too. Its scores are still shown.",
            "Put back a copy of the run's folder, or run the experiment again.",
        )
