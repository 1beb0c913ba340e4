"""What the pages of a result need of a run beside its picture: its active genes and its inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from cambrian.run.workspace import RunFolder
from cambrian.space.space import SearchSpace
from cambrian.store.rows import RunRow
from cambrian_desktop.operation import Operation
from cambrian_desktop.views.network_layers import Layer, encoded_inputs, network_layers


def active_genes(run: RunRow, genome: Mapping[str, Any]) -> frozenset[str]:
    """The genes whose conditions hold, by the run's own search space; all of them where it stored none."""
    stored = (run.resolved or {}).get("space")
    return SearchSpace.from_json(stored).active(genome) if stored else frozenset(genome)


class TableSchema(QObject):
    """The columns that a run's networks see, read beside the window: the list of categories may be long.

    Signals:
        found: It is read, or cannot be.
    """

    found = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: RunFolder | None = None
        self._schema: Mapping[str, Any] | None = None

    def read(self, folder: RunFolder) -> None:
        """Read that of a run; the one that is known, or on its way, is not read again."""
        if folder == self._folder:
            return
        self._folder, self._schema = folder, None
        operation = Operation(lambda: (folder, _schema(folder)))
        operation.finished.connect(self._take)
        operation.refused.connect(self._give_up)

    def layers(self, run: RunRow, genome: Mapping[str, Any]) -> tuple[Layer, ...]:
        """The layers of a network of this run; none as long as its inputs are not known."""
        if self._schema is None or run.resolved is None:
            return ()
        inputs = encoded_inputs(self._schema, int(genome["max_one_hot"]))
        return network_layers(genome, inputs, int(run.resolved["outputs"]))

    def _take(self, found: object) -> None:
        assert isinstance(found, tuple)
        folder, schema = found
        if folder == self._folder:
            self._schema = schema
            self.found.emit()

    def _give_up(self, problem: str, remedy: str) -> None:
        self._folder = None  # asked again with the next picture: it may be there by then
        self.found.emit()


def _schema(folder: RunFolder) -> Mapping[str, Any]:
    """The schema of the run's prepared data.

    Raises:
        OSError: It cannot be read, or is no schema.
    """
    path = folder.data / "manifest.json"
    try:
        schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(0, str(error), str(path)) from error
    return schema
