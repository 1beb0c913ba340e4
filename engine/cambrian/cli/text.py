"""Text for people and for programs, harmless whatever a stranger wrote."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

_NAME_WIDTH = 48
"""Characters of a name on a terminal."""
_NAME_LIMIT = 1000
"""Characters of a name elsewhere: a cell may have millions, and every line of a table is as wide."""
_JOINERS = "\u200c\u200d"
"""Invisible, yet part of words (Persian) and of emoji."""


def on_terminal() -> bool:
    """Whether the output is read by a person on a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()  # None: it was closed before we began


def visible(text: str) -> str:
    r"""Text of a stranger as one line that cannot steer a terminal.

    Control characters, line ends, direction marks and lone surrogates become escapes such as `\x1b`, `\n`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_harmless(char) else char.encode("unicode_escape").decode() for char in text)


def name_text(text: str) -> str:
    """A name for a table: escaped, and cut where it is longer than a line can bear."""
    shown = visible(text[: _NAME_LIMIT + 1])
    limit = _NAME_WIDTH if on_terminal() else _NAME_LIMIT
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def json_text(value: Any) -> str:
    """A JSON object for programs: ASCII, so that no console's encoding can spoil it.

    Raises:
        ValueError: It holds NaN or an infinity.
    """
    return json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False)


def width_of(text: str) -> int:
    """Columns that text takes on a terminal: East Asian characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if char in _JOINERS or unicodedata.category(char) in ("Mn", "Me")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def _is_harmless(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
