"""The random state that belongs to DEAP alone.

DEAP's operators draw from Python's global `random`, some of its selections from numpy's global state.
Other code draws from them too, so both are lent to DEAP for one call and taken back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from cambrian.records import derive_seed


class DeapRandom:
    """Two states that stand in for the global ones while DEAP runs."""

    def __init__(self, seed: int) -> None:
        self._python = random.Random(derive_seed("deap", "python", seed)).getstate()
        legacy = np.random.RandomState(derive_seed("deap", "numpy", seed) % 2**32)
        self._numpy: Any = legacy.get_state(legacy=True)
        self._on_loan = False

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the own states into the global generators; afterwards keep where they got to, and put back.

        A loan within a loan is the same loan: one around many calls saves each of them the copies.
        """
        if self._on_loan:
            yield
            return
        self._on_loan = True
        python, legacy = random.getstate(), np.random.get_state()
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        try:
            yield
        finally:
            self._python = random.getstate()
            self._numpy = np.random.get_state(legacy=True)
            random.setstate(python)
            np.random.set_state(legacy)
            self._on_loan = False

    def to_json(self) -> dict[str, Any]:
        """Both states as JSON."""
        version, internal, gauss = self._python
        name, keys, position, has_gauss, cached = self._numpy
        return {
            "python": [version, list(internal), gauss],
            "numpy": [name, [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> DeapRandom:
        """The states that `to_json` wrote."""
        restored = cls(0)
        version, internal, gauss = state["python"]
        name, keys, position, has_gauss, cached = state["numpy"]
        restored._python = (version, tuple(internal), gauss)
        restored._numpy = (name, np.array(keys, dtype=np.uint32), position, has_gauss, cached)
        return restored
