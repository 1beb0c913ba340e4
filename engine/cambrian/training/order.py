"""The order in which a lane sees its rows: one permutation after another, across epochs."""

from __future__ import annotations

import torch
from torch import Tensor


class RowOrder:
    """Draws permutations of the training rows and hands them out piece by piece.

    A permutation that an epoch did not use up goes on in the next. To go on in another process `drawn_from`
    and `position` are enough: the current permutation is drawn again.

    Args:
        rows: Row numbers int64.
        generator: The lane's generator for this purpose, on the CPU; a permutation is drawn at once.
        position: Rows of the first permutation that are used up already.
    """

    def __init__(self, rows: Tensor, generator: torch.Generator, position: int = 0) -> None:
        self._rows = rows
        self._generator = generator
        self._ahead: Tensor | None = None
        self._shuffle()
        self._next = position
        self._settle()

    @property
    def drawn_from(self) -> Tensor:
        """The generator's state before it drew the current permutation."""
        return self._drawn_from

    @property
    def position(self) -> int:
        """Rows of the current permutation that were taken."""
        return self._position

    def take(self, count: int) -> Tensor:
        """The next `count` row numbers; as many as were looked ahead, if any were."""
        ahead, self._ahead = self._ahead, None
        taken = self._draw(count) if ahead is None else ahead
        self._settle()
        return taken

    def look_ahead(self, count: int) -> None:
        """Draw what the next `take(count)` will give, at leisure; nothing is taken by it."""
        if self._ahead is None:
            self._ahead = self._draw(count)

    def _settle(self) -> None:
        self._position, self._drawn_from = self._next, self._next_drawn_from

    def _draw(self, count: int) -> Tensor:
        pieces = []
        while count:
            if self._next == len(self._order):
                self._shuffle()
            piece = self._order[self._next : self._next + count]
            self._next += len(piece)
            count -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces)

    def _shuffle(self) -> None:
        self._next_drawn_from = self._generator.get_state()
        permutation = torch.randperm(len(self._rows), generator=self._generator)
        self._order = self._rows.index_select(0, permutation.to(self._rows.device))
        self._next = 0
