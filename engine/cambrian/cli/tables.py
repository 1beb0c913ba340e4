"""Tables as lines: fitted to a terminal's width without cutting a word, one line a row elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from cambrian.cli.text import on_terminal, visible, width_of

_GAP = 2


def table_lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as columns, the first row a header; hostile characters are escaped.

    On a terminal that is too narrow, cells are wrapped between words; where even the longest words do not
    fit side by side, every row becomes a paragraph.
    """
    shown = [[visible(cell) for cell in row] for row in cells]
    widths = [max(map(width_of, column)) for column in zip(*shown, strict=True)]
    if on_terminal():
        limit = shutil.get_terminal_size().columns
        least = [max(map(_longest_word, column)) for column in zip(*shown, strict=True)]
        if _total(least) > limit:
            yield from _paragraphs(shown, limit)
            return
        widths = _narrowed(widths, least, limit)
    for number, row in enumerate(shown):
        yield from _row_lines(row, widths)
        if number == 0:
            yield "  ".join("-" * width for width in widths)


def _row_lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    for line in range(max(map(len, wrapped))):
        parts = [lines[line] if line < len(lines) else "" for lines in wrapped]
        padded = (part + " " * (width - width_of(part)) for part, width in zip(parts, widths, strict=True))
        yield (" " * _GAP).join(padded).rstrip()


def _paragraphs(rows: Sequence[Sequence[str]], limit: int) -> Iterator[str]:
    """Every row by itself: its first cell on a line, the others below it, each with its heading."""
    first, *headings = rows[0]
    for name, *values in rows[1:]:
        yield from _wrapped(f"{first} {name}", limit)
        named = [f"{heading} {value}" for heading, value in zip(headings, values, strict=True) if value]
        yield from (f"  {line}" for line in _wrapped("; ".join(named), max(1, limit - _GAP)))


def _narrowed(widths: Sequence[int], least: Sequence[int], limit: int) -> list[int]:
    """Widths that fit: the widest column that can still be wrapped gives way first."""
    narrowed = list(widths)
    while _total(narrowed) > limit:
        able = [column for column in range(len(narrowed)) if narrowed[column] > least[column]]
        narrowed[max(able, key=lambda column: narrowed[column])] -= 1
    return narrowed


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words; only a word that is wider itself makes a wider line."""
    if width_of(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _longest_word(text: str) -> int:
    return max(map(width_of, text.split()), default=0)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)
