"""Who descends from whom: generations from left to right, the best at the top."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pyqtgraph
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from cambrian_desktop.plots.base import NEAR, Plot, Table
from cambrian_desktop.plots.family_picture import NOTHING, FamilyPicture, Marks, curve_points
from cambrian_desktop.plots.ink import COMPANY, SUBJECT, colour, fitness_colours, pen
from cambrian_desktop.plots.scale import Floats
from cambrian_desktop.theme import Tokens

_INKS = 24
_MOST_LIT = 400
_MANY = 60
"""Above so many generations the lineage is a thin line, and the best are small points."""
_STEPS = (4, 7, 11, 15, 20, 25, 31, 39, 49, 62, 78, 98)
"""Last generation of the axis: it grows seldom, as everything is drawn anew then."""


class GenealogyPlot(Plot):
    """The whole ancestry of a run; the champion's line of better parents bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, whole_x=True)
        self._values: Floats = np.empty(0)
        self._unit = ""
        self._sign = 1.0
        self._lineage: tuple[int, ...] = ()
        self._rungs: NDArray[np.int64] = np.empty(0, np.int64)
        self._reference: dict[int, Floats] = {}
        self._describe: Callable[[int], str] = str
        self._lit: int | None = None
        self._neighbours: tuple[list[list[int]], list[list[int]]] = ([], [])
        self.view.invertY(True)
        self.picture = FamilyPicture(self.view)
        self.lit_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.lineage_item = pyqtgraph.PlotCurveItem(connect="finite")
        self.best_item = pyqtgraph.ScatterPlotItem(size=8, pen=None, pxMode=True)
        self.lit_point = pyqtgraph.ScatterPlotItem(size=10, pxMode=True)
        items = (self.picture, self.best_item, self.lineage_item, self.lit_item, self.lit_point)
        for height, item in enumerate(items):
            item.setZValue(height)
            self.plot_item.addItem(item, ignoreBounds=True)
        self.begin()

    @property
    def marks(self) -> Marks:
        """Places, colours and lines as they are drawn."""
        return self.picture.marks

    @property
    def last_generation(self) -> int:
        """The latest generation drawn; -1 where there is none."""
        return int(self.marks.x.max()) if len(self.marks.x) else -1

    def show(
        self,
        generations: ArrayLike | None = None,
        ranks: ArrayLike = (),
        values: ArrayLike = (),
        links: ArrayLike = (),
        *,
        rungs: ArrayLike | None = None,
        lineage: Sequence[int] = (),
        unit: str = "",
        direction: str = "minimize",
        describe: Callable[[int], str] = str,
    ) -> None:
        """Draw these individuals; without arguments make the widget visible.

        Args:
            generations: The generation of each individual, in the order of their numbers.
            ranks: Their places in it, 1 the best.
            values: Their values; NaN for those that failed.
            links: Number of child and parent of each line, (lines, 2).
            rungs: How far each was trained: one that was trained longer is better whatever the values are;
                None where all were trained alike.
            lineage: The champion and its better parents, one after another.
            unit: Name of the objective.
            direction: `minimize` or `maximize`.
            describe: What is said of an individual under the pointer.
        """
        if generations is None:
            super().show()
            return
        x, y = np.asarray(generations, np.float64), np.asarray(ranks, np.float64)
        lines = np.asarray(links, np.int64).reshape(-1, 2)
        found, sign = np.asarray(values, np.float64), 1.0 if direction == "minimize" else -1.0
        self._describe = describe
        grown = self._is_grown(x, y, found, lines) and (unit, sign) == (self._unit, self._sign)
        if grown and len(x) == len(self.marks.x) and tuple(lineage) == self._lineage:
            return
        self._values, self._unit, self._sign, self._lineage = found, unit, sign, tuple(lineage)
        self._rungs = np.zeros(len(x), np.int64) if rungs is None else np.asarray(rungs, np.int64)
        self.set_drawn(bool(len(x)))
        if len(x):
            self._redraw(x, y, lines, grown=grown)
        else:
            self.picture.set_marks(NOTHING, grown=False)
        self.retranslate()

    def show_until(self, generation: int | None) -> None:
        """Hide what comes after a generation, as a replay does."""
        self.picture.set_until(None if generation is None else float(generation))
        self._draw_lines()

    def _is_grown(self, x: Floats, y: Floats, values: Floats, lines: NDArray[np.int64]) -> bool:
        before, count = self.marks, len(self.marks.x)
        return (
            len(x) >= count > 0
            and np.array_equal(x[:count], before.x)
            and np.array_equal(y[:count], before.y)
            and np.array_equal(values[:count], self._values, equal_nan=True)
            and np.array_equal(lines[: len(before.links)], before.links)
        )

    def _redraw(self, x: Floats, y: Floats, lines: NDArray[np.int64], *, grown: bool) -> None:
        end, lowest = _axis_end(int(x.max())), float(y.max())
        wanted = [[-0.5, end + 0.5], [0.5 - 0.04 * lowest, lowest + 1.0]]
        grown = grown and np.allclose(self.view.viewRange(), wanted)
        if not grown:
            self.view.setRange(xRange=wanted[0], yRange=wanted[1], padding=0, disableAutoRange=True)
            self._reference = self._costs_by_rung()
        self.picture.set_marks(Marks(x, y, self._inks(), lines), grown=grown)
        self._draw_lines()

    def _costs_by_rung(self) -> dict[int, Floats]:
        """The costs of those that have one, rising, for each rung from the lowest."""
        costs = self._sign * self._values
        known = np.isfinite(costs)
        rungs = np.unique(self._rungs[known]).tolist()
        return {rung: np.sort(costs[known & (self._rungs == rung)]) for rung in rungs}

    def _inks(self) -> NDArray[np.int64]:
        """Colours by the share of individuals that are worse: an outlier takes no colour from the others.

        The shares are those of the last full drawing, so that colours stay as new generations come.
        """
        inks = np.full(len(self._values), -1, np.int64)
        costs = self._sign * self._values
        total = max(1, sum(map(len, self._reference.values())))
        for rung in np.unique(self._rungs).tolist():
            lower = sum(len(each) for level, each in self._reference.items() if level < rung)
            mine = self._reference.get(rung, np.empty(0))
            chosen = (self._rungs == rung) & np.isfinite(costs)
            worse = lower + len(mine) - np.searchsorted(mine, costs[chosen], side="left")
            inks[chosen] = np.clip((worse / total * _INKS).astype(np.int64), 0, _INKS - 1)
        return inks

    def _draw_lines(self) -> None:
        marks = self.marks
        until = np.inf if self.picture.until is None else self.picture.until
        lineage = [each for each in self._lineage if each < len(marks.x) and marks.x[each] <= until]
        steps = np.array(list(pairwise(lineage)), np.int64).reshape(-1, 2)
        self.lineage_item.setData(*_gapped(marks, steps))
        first = np.flatnonzero((marks.y == 1) & (marks.x <= until))
        many = self.last_generation > _MANY
        brushes = self._brushes(marks.inks[first])
        self.best_item.setData(marks.x[first], marks.y[first], brush=brushes, size=3 if many else 8)
        self.lineage_item.setPen(pen(self._lineage_ink, COMPANY if many else SUBJECT))

    def _brushes(self, inks: NDArray[np.int64]) -> list[object]:
        made = [pyqtgraph.mkBrush(each) for each in self._colours]
        return [made[ink] if ink >= 0 else self._failed for ink in inks]

    # -- theme, language ----------------------------------------------------------------------------------

    def recolour(self, tokens: Tokens) -> None:
        """Draw everything anew in the theme's colours."""
        self._colours = fitness_colours(tokens, _INKS)
        self._failed = pyqtgraph.mkBrush(tokens.line)
        self.picture.set_inks(
            self._colours, colour(tokens.line), colour(tokens.muted, 0.16 if tokens.dark else 0.11)
        )
        self._lineage_ink = tokens.text
        self.lit_item.setPen(pen(tokens.accent, 1.5))
        self.lit_point.setPen(pen(tokens.accent, 2.0))
        self.lit_point.setBrush(pyqtgraph.mkBrush(tokens.surface))
        self._draw_lines()

    def retranslate(self) -> None:
        """Set the texts."""
        self.axis("bottom").set_text(self.tr("Generation"))
        self.axis("left").set_text(self.tr("rank"))
        self.set_empty_text(self.tr("The family tree grows here, generation by generation."))
        failed = int(np.count_nonzero(~np.isfinite(self._values)))
        self.set_notes(self.tr("grey: %n failed", "", failed) if failed else "")

    # -- what is under the pointer -------------------------------------------------------------------

    def picked_at(self, position: QPointF) -> int | None:
        """The individual at a position."""
        at, (width, height) = self.to_view(position), self.pixel()
        marks = self.marks
        distances = np.hypot((marks.x - at.x()) / width, (marks.y - at.y()) / height)
        if self.picture.until is not None:
            distances = np.where(marks.x <= self.picture.until, distances, np.inf)
        found = int(np.argmin(distances)) if len(distances) else 0
        return found if len(distances) and distances[found] <= NEAR else None

    def hover_text(self, position: QPointF) -> str:
        """The individual at a position; its ancestors and descendants light up."""
        found = self.picked_at(position)
        self.light(found)
        return "" if found is None else self._describe(found)

    def hover_left(self) -> None:
        """Nothing is lit any more."""
        self.light(None)

    def light(self, number: int | None) -> None:
        """Light an individual's ancestors and descendants, or none."""
        if number == self._lit:
            return
        self._lit = number
        marks = self.marks
        if number is None:
            self.lit_item.setData(*_gapped(marks, np.empty((0, 2), np.int64)))
            self.lit_point.setData([], [])
            return
        if len(self._neighbours[0]) != len(marks.x):
            self._neighbours = (_rows_by(marks, 0), _rows_by(marks, 1))
        chosen = _reached(marks, self._neighbours[0], number, 0) | _reached(
            marks, self._neighbours[1], number, 1
        )
        self.lit_item.setData(*_gapped(marks, marks.links[sorted(chosen)]))
        self.lit_point.setData(marks.x[number : number + 1], marks.y[number : number + 1])

    def complete(self) -> None:
        """Draw every curve."""
        self.picture.exact = True

    def completed(self) -> None:
        """Draw bit by bit again."""
        self.picture.exact = False

    def table(self) -> Table:
        """A row for each individual, with its parents."""
        parents: dict[int, list[str]] = {}
        for child, parent in self.marks.links.tolist():
            parents.setdefault(child, []).append(str(parent))
        rows = [
            (
                number,
                int(x),
                int(y),
                float(value) if np.isfinite(value) else "",
                " ".join(parents.get(number, ())),
            )
            for number, (x, y, value) in enumerate(zip(self.marks.x, self.marks.y, self._values, strict=True))
        ]
        return ("individual", "generation", "rank", self._unit, "parents"), rows


def _axis_end(last: int) -> int:
    known = next((end for end in _STEPS if end >= last), None)
    return known if known is not None else int(np.ceil((last + 1) / 50) * 50)


def _gapped(marks: Marks, links: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Curves as one line with gaps."""
    if not len(links):
        return np.empty(0), np.empty(0)
    across, along = curve_points(marks.x, marks.y, links)
    gap = np.full((len(links), 1), np.nan)
    return np.hstack([across, gap]).ravel(), np.hstack([along, gap]).ravel()


def _rows_by(marks: Marks, side: int) -> list[list[int]]:
    """For each individual the rows of the links where it is the child (side 0) or the parent (side 1)."""
    rows: list[list[int]] = [[] for _ in marks.x]
    for row, end in enumerate(marks.links[:, side].tolist()):
        rows[end].append(row)
    return rows


def _reached(marks: Marks, rows_of: list[list[int]], start: int, side: int) -> set[int]:
    """Rows of the links to the nearest ancestors (side 0) or descendants (side 1)."""
    found: set[int] = set()
    seen, waiting = {start}, deque([start])
    while waiting and len(found) < _MOST_LIT:
        for row in rows_of[waiting.popleft()]:
            found.add(row)
            other = int(marks.links[row, 1 - side])
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return found
