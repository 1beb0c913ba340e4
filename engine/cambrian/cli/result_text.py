"""The end of a run in words: leaderboard, champion, test scores beside the baselines, verdict."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cambrian.records import RunState

if TYPE_CHECKING:
    from cambrian.run.run import Ended
    from cambrian.run.workspace import RunFolder

_NAMES = {
    "champion": "evolved",
    "boosting": "gradient boosting",
    "linear": "linear",
    "majority": "majority or mean",
}
_SHOWN = 8
_NAME_WIDTH = 48
"""Characters of a name on a terminal; redirected, nothing is cut."""
_JOINERS = "\u200c\u200d"
"""Invisible, yet part of words (Persian) and of emoji."""


def result_lines(folder: RunFolder, ended: Ended) -> Iterator[str]:
    """The result as lines of text; what to do next where there is none."""
    if ended.state is not RunState.COMPLETE or ended.result is None:
        yield f"Interrupted. `cambrian resume {folder.id}` goes on from here."
        return
    yield from leaderboard_lines(folder)
    yield from score_lines(ended.result)
    yield ""
    yield visible(str(ended.result["verdict"]))
    yield visible(f"Model and history: {folder.path}")
    yield f"`cambrian predict {folder.id} FILE -o OUT` predicts a table."


def leaderboard_lines(folder: RunFolder, limit: int = _SHOWN) -> Iterator[str]:
    """The best individuals of the run, best first."""
    from cambrian.store.reader import RunReader

    reader = RunReader(folder.database)
    try:
        rows = reader.leaderboard(limit)
    finally:
        reader.close()
    if not rows:
        return
    cells = [["place", "individual", "generation", "rung", rows[0].objective, "network", "origin"]]
    cells += [
        [
            str(row.place),
            str(row.individual),
            str(row.generation),
            str(row.rung + 1),
            f"{row.value:.6g}",
            network_text(row.genome),
            row.operator,
        ]
        for row in rows
    ]
    yield ""
    yield from table_lines(cells)


def score_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Every metric of every model on the test rows, with standard errors; the decisive metric first."""
    test = result["test"]
    scores = test["scores"]
    first = test["metric"]
    metrics = [first, *(name for name in scores["champion"] if name != first)]
    sample = [name for name in _NAMES if name in scores]
    cells = [["test score", *(_NAMES[name] for name in sample)]]
    for metric in metrics:
        cells.append([metric, *(_score(scores[name][metric]) for name in sample)])
    yield ""
    yield from table_lines(cells)


def _score(value: Mapping[str, float | None]) -> str:
    if value["value"] is None:
        return "undefined"
    if value["error"] is None:
        return f"{value['value']:.5g}"
    return f"{value['value']:.5g} ± {value['error']:.2g}"


def network_text(genome: Mapping[str, Any]) -> str:
    """A genome in a few words: widths, activation, normalisation, optimizer."""
    from cambrian.space.families.mlp import layer_widths

    widths = layer_widths(genome)
    shape = "linear" if not widths else "×".join(str(width) for width in widths)
    if widths and len(set(widths)) == 1:
        shape = f"{len(widths)}×{widths[0]}"
    norm = "" if genome["normalisation"] == "none" or not widths else f" {genome['normalisation']} norm"
    activation = f" {genome['activation']}" if widths else ""
    return f"{shape}{activation}{norm}, {genome['optimizer']}"


def table_lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as columns padded to equal width, the first row a header; hostile characters are escaped."""
    shown = [[visible(cell) for cell in row] for row in cells]
    widths = [max(_width(row[column]) for row in shown) for column in range(len(shown[0]))]
    for number, row in enumerate(shown):
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
        if number == 0:
            yield "  ".join("-" * width for width in widths)


def visible(text: str) -> str:
    r"""Text of a stranger as one line that cannot steer a terminal.

    Control characters, line ends, direction marks and lone surrogates become escapes such as `\x1b`, `\n`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_harmless(char) else char.encode("unicode_escape").decode() for char in text)


def name_text(text: str) -> str:
    """A name for a table: escaped, and on a terminal cut where it is longer than a line can bear."""
    shown = visible(text)
    if len(shown) <= _NAME_WIDTH or not sys.stdout.isatty():
        return shown
    return shown[: _NAME_WIDTH - 1] + "…"


def json_text(value: Any) -> str:
    """A JSON object for programs: ASCII, so that no console's encoding can spoil it.

    Raises:
        ValueError: It holds NaN or an infinity.
    """
    return json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False)


def _is_harmless(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _width(text: str) -> int:
    """Columns that text takes on a terminal: East Asian characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if char in _JOINERS or unicodedata.category(char) in ("Mn", "Me")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )
