"""What a user may ask of a gene, in the three forms in which it is written: TOML, one line of text, values.

A gene is fixed (`0.001`, `"adam"`), switched off (`"off"`), given choices (`["adam", "sgd"]`) or another
range (`{low = 1e-4, high = 1e-2, scale = "log", zero = true}`, each key optional). As text, on the command
line and in TOML: `0.001`, `off`, `adam,sgd`, `log 0 or 1e-4..1e-2`, of which every part but the two dots may
be left out. A scale may stand alone; of a gene with a choice of that name it is the choice. Whether a gene
can be that, the family says (`cambrian.space.changes`).

Nothing here imports numpy: the command line's help does without.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

OFF = "off"
SCALES = ("linear", "log", "1-x log")
"""As `cambrian space` shows them; 1-x log: 1 minus the value is log-uniform, as for momentum."""
_KEYS = ("low", "high", "scale", "zero")
_ZERO = "0 or "
_WORDS = {"on": True, "true": True, "false": False}


def asked(value: Any) -> Any:
    """What is asked of a gene in its one form: a number, word or boolean, a tuple of them, or a range's dict.

    Raises:
        ValueError: It has none of the forms; says what is wrong.
    """
    if isinstance(value, str):
        return asked_text(value)
    if isinstance(value, Mapping):
        return _range(value)
    if isinstance(value, Sequence):
        if any(isinstance(each, str) and (".." in each or "," in each) for each in value):
            raise ValueError("a choice is a single value, not a range or several")
        return _choices([_word(each) if isinstance(each, str) else _single(each) for each in value])
    return _single(value)


def asked_text(text: str) -> Any:
    """What a line of text asks of a gene, in its one form.

    Raises:
        ValueError: It has none of the forms; says what is wrong.
    """
    text = text.strip()
    if _is_range(text):
        return _range_of_text(text)
    if "," in text:
        return _choices([_word(part) for part in text.split(",")])
    return _word(text)


def asked_as_text(value: Any) -> str:
    """The line of text that asks for `value`, which is in its one form."""
    if isinstance(value, Mapping):
        if list(value) == ["scale"]:
            return str(value["scale"])
        scale = f"{value['scale']} " if "scale" in value else ""
        zero = _ZERO if "zero" in value else ""
        return f"{scale}{zero}{_shown(value.get('low'))}..{_shown(value.get('high'))}"
    return ",".join(map(_shown, value)) if isinstance(value, tuple) else _shown(value)


def least_asked(value: Any) -> float | None:
    """The least number that is asked of a gene, or None if nothing says where it begins."""
    return min(_numbers(value, "low"), default=None)


def most_asked(value: Any) -> float | None:
    """The greatest number that is asked of a gene, or None if nothing says where it ends."""
    return max(_numbers(value, "high"), default=None)


def _numbers(value: Any, end: str) -> list[float]:
    if isinstance(value, Mapping):
        value = value.get(end)
    found = value if isinstance(value, tuple) else (value,)
    return [each for each in found if isinstance(each, int | float) and not isinstance(each, bool)]


def _is_range(text: str) -> bool:
    return ".." in text or text.strip() in SCALES


def _range_of_text(text: str) -> dict[str, Any]:
    ends = " ".join(text.split())
    value: dict[str, Any] = {}
    scale = next((each for each in SCALES if f"{ends} ".startswith(f"{each} ")), None)
    if scale:
        value["scale"], ends = scale, ends.removeprefix(scale).lstrip()
    if ends.startswith(_ZERO):
        value["zero"], ends = True, ends.removeprefix(_ZERO)
    low, _, high = ends.partition("..")
    value |= {key: _word(end) for key, end in (("low", low), ("high", high)) if end.strip()}
    return _range(value)


def _range(value: Mapping[str, Any]) -> dict[str, Any]:
    for key in value:
        if key not in _KEYS:
            similar = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"; did you mean {similar[0]}?" if similar else ""
            raise ValueError(f"a range has no {key!r}, only {', '.join(_KEYS)}{hint}")
    for key in ("low", "high"):
        end = value.get(key, 0)
        if isinstance(end, bool) or not isinstance(end, int | float) or not _finite(end):
            raise ValueError(f"{key} is {end!r}, not a number")
    if "low" in value and "high" in value and value["low"] > value["high"]:
        raise ValueError(f"the range {_shown(value['low'])}..{_shown(value['high'])} is empty")
    if value.get("scale", "log") not in SCALES:
        raise ValueError(f"there is no scale {value['scale']!r}, only {', '.join(SCALES)}")
    if value.get("zero", True) is not True:
        raise ValueError("zero can only be true; a range with a low above 0 and without zero has no 0")
    if not value:
        raise ValueError("nothing is asked of it")
    return {key: value[key] for key in _KEYS if key in value}


def _choices(values: Sequence[Any]) -> Any:
    if not values:
        raise ValueError("there are no choices")
    for place, value in enumerate(values):
        if any(type(value) is type(other) and value == other for other in values[:place]):
            raise ValueError(f"{_shown(value)} is given twice")
    return tuple(values) if len(values) > 1 else values[0]  # a single choice is a value


def _word(text: str) -> Any:
    text = text.strip()
    if not text:
        raise ValueError("a value is missing")
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            return _single(kind(text))
        except ValueError:
            if kind is float and _is_number(text):
                raise
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _single(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not _finite(value):
            raise ValueError(f"{value} is no number that a gene can have")
        return value
    raise ValueError(f"{value!r} is no value of a gene")


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the floats
        return False


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "false"
    return "" if value is None else str(value)
