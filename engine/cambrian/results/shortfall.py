"""What a baseline was not given, in words: a comparison with one that lacked time is no fair one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shortfall(facts: Mapping[str, Any]) -> str:
    """On how little of the data a baseline was fitted, as "fitted on 80 of 4800 rows"; empty if on all."""
    parts = [
        f"{'on' if unit == 'rows' else 'in'} {facts[unit]} of {facts[f'of_{unit}']} {unit}"
        for unit in ("rows", "rounds")
        if facts.get(unit, 0) < facts.get(f"of_{unit}", 0)
    ]
    return f"fitted {' '.join(parts)}" if parts else ""
