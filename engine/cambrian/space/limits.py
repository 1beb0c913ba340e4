"""How far a user may go with a gene, whatever a preset's range: what the engine can train."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """The absolute limits of a gene, and what switches it off.

    Attributes:
        why: What stands in the way beyond them, or for a choice why there is no other; a clause.
        low: Least value of a number; 0 may then be exactly 0.
        high: Greatest value of a number.
        off: The value without effect; None if the gene cannot be switched off.
        instead: What to do instead of switching it off, a sentence; empty where `off` is given.
        listed: Whether an integer gene may be given choices.
    """

    why: str
    low: float = 0.0
    high: float = 0.0
    off: Any = None
    instead: str = ""
    listed: bool = True
