"""Numbers in text: their shapes, and bringing them to the plain notation that a parser takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
INTEGER = r"^[+-]?\d{1,18}$"
CODE = r"^[+-]?(0\d+|\d{19,})$"
"""Leading zeros, or more digits than an int64 holds: a code, whose text must survive."""
NUMBER_WORD = r"(?i)^[+-]?(nan|inf|infinity)$"
NUMBER_LIKE = r"(?i)^[+-]?[.,]?\d|^[+-]?(nan|inf|infinity)$"
THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
THOUSANDS_BY_POINT = r"^[+-]?\d{1,3}(\.\d{3})+$"
MISSING_WORD = (
    r"(?i)^(\?+|-+|\.+|n/?a|#n/?a|#?null!?|none|nil|missing|unknown|undefined|not available"
    r"|#(?:div/0|ref|num|value|spill|calc)!|#name\?)$"
)
"""The last are what a spreadsheet shows where a formula fails."""
APART = "'\u2019\u00a0\u202f"
"""Apostrophes and the blanks that no line breaks at: in a number they stand between thousands alone."""
_BLANKS = " \u00a0\u202f"


def thousands_marks(decimal_comma: bool, said: str) -> str:
    """The characters that may stand between thousands, as detected or as the user said."""
    if said == "auto":
        return ("." if decimal_comma else ",") + APART
    return {"none": "", " ": _BLANKS, "'": "'\u2019"}.get(said, said)


def plain_numbers(cells: pa.Array, *, decimal_comma: bool, thousands: str) -> tuple[pa.Array, pa.Array]:
    """Text whose numbers have a decimal point and no thousands marks, and where such marks stood.

    Cells of another shape are left as they are. A cell uses one mark between all its thousands.
    """
    marks = thousands_marks(decimal_comma, thousands)
    grouped = _match(
        cells, _alternatives(marks, r"(?:,\d+(?:[eE][+-]?\d+)?)?$" if decimal_comma else r"(\.\d*)?$")
    )
    if pc.any(grouped).as_py():
        bare = pc.replace_substring_regex(cells, f"[{marks}]", "")
        cells = pc.if_else(grouped, bare, cells)
    if decimal_comma:
        commas = _match(cells, r"^[+-]?\d*,\d+([eE][+-]?\d+)?$")
        cells = pc.if_else(commas, pc.replace_substring(cells, ",", "."), cells)
    return cells, grouped


def decimal_comma_pattern(thousands: str) -> str:
    """The shape of a number with a decimal comma."""
    marks = thousands_marks(True, thousands)
    grouped = "".join(rf"|\d{{1,3}}(?:{_escaped(mark)}\d{{3}})+" for mark in marks)
    return rf"^[+-]?(?:\d+{grouped})?,\d+([eE][+-]?\d+)?$"


def matches(cells: pa.Array, pattern: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells (none of them null) match."""
    return np.asarray(pc.match_substring_regex(cells, pattern), dtype=bool)


def _alternatives(marks: str, ending: str) -> str:
    groups = "|".join(rf"\d{{1,3}}(?:{_escaped(mark)}\d{{3}})+" for mark in marks)
    return rf"^[+-]?(?:{groups}){ending}" if groups else r"^\b\B"


def _escaped(mark: str) -> str:
    return f"[{mark}]"


def _match(cells: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)
