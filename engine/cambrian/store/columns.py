"""How values stand in columns: JSON, UTC times, and numbers that are not finite."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def utc_text(seconds: float) -> str:
    """A time (seconds since 1970) as UTC ISO text with milliseconds and `Z`: sorts as text everywhere."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> str:
    """This moment in the form of `utc_text`."""
    return utc_text(time.time())


def to_json(column: str, value: Any) -> str:
    """Encode a value; every float comes back with the same bits (Python writes the shortest exact `repr`).

    Tuples come back as lists and keys as text.

    Raises:
        ValueError: It holds NaN, an infinity or something that JSON has no form for; names the column.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{column} cannot be stored as JSON: {error}") from error


def from_json(text: str | None) -> Any:
    """Decode a column that `to_json` wrote; NULL gives None."""
    return None if text is None else json.loads(text)


def metrics_to_json(metrics: Mapping[str, float]) -> str:
    """Encode metrics; one that is NaN or infinite (ROC AUC of a single class, say) stands as null."""
    usable = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
    return to_json("metrics", usable)


def metrics_from_json(text: str) -> dict[str, float]:
    """Decode metrics; null comes back as NaN."""
    return {name: number(value) for name, value in json.loads(text).items()}


def finite_or_null(value: float) -> float | None:
    """A fitness value for its column: NaN and the infinities are no fitness, so NULL."""
    return value if math.isfinite(value) else None


def number(value: float | None) -> float:
    """A number column read back: SQLite turns NaN into NULL without a word, so NULL is NaN."""
    return math.nan if value is None else float(value)
