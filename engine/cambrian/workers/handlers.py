"""The functions that do the jobs, imported when one is needed or while a worker has nothing else to do."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from cambrian.errors import CambrianError
from cambrian.log import LOGGER

Handler = Callable[..., dict[str, Any]]


class Handlers:
    """A table of handlers by kind of job.

    Args:
        reference: "package.module:NAME" of the table; its items are functions, or "package.module:function".
        opened: Called with each module that a handler is in (and with the table's) before its first job.
    """

    def __init__(self, reference: str, opened: Callable[[ModuleType], object]) -> None:
        self._opened = opened
        self._modules: set[str] = set()
        self._table: Mapping[str, Any] = self._resolve(reference)
        self._found: dict[str, Handler] = {kind: item for kind, item in self._table.items() if callable(item)}
        self._untried = deque(kind for kind in self._table if kind not in self._found)

    def find(self, kind: str) -> Handler:
        """The function for a kind of job.

        Raises:
            CambrianError: There is none.
        """
        if kind not in self._table:
            raise CambrianError(f"There is no handler for jobs of the kind {kind!r}.")
        if kind not in self._found:
            self._found[kind] = self._resolve(self._table[kind])
        return self._found[kind]

    def load_all(self) -> None:
        """Import every handler; raises what the first of them raises."""
        for kind in self._table:
            self.find(kind)

    def load_next(self) -> bool:
        """Import a handler that nobody has asked for yet; False: all are there.

        One that cannot be imported is logged: whoever asks for it gets the error.
        """
        while self._untried:
            kind = self._untried.popleft()
            if kind in self._found:
                continue
            try:
                self.find(kind)
            except (Exception, SystemExit):  # noqa: BLE001 - logged; raised again when a job needs it
                LOGGER.exception("the handler of '%s' jobs cannot be imported", kind)
            return True
        return False

    def _resolve(self, reference: str) -> Any:
        name, _, attribute = reference.partition(":")
        module = import_module(name)
        if name not in self._modules:
            self._opened(module)
            self._modules.add(name)
        return getattr(module, attribute)


def set_torch_threads(threads: int) -> None:
    """Let torch, where it was imported, compute with so many threads."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
