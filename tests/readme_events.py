"""The events of `run --json` as the README lists them."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def documented_events() -> dict[str, set[str]]:
    """Event to the keys of its data; what stands in parentheses only explains."""
    events: dict[str, set[str]] = {}
    table = README.read_text(encoding="utf-8").split("| event | keys of `data` |")[1]
    for line in table.split("\n\n")[0].splitlines()[2:]:
        names, keys = (re.sub(r"\([^)]*\)", "", cell) for cell in line.strip("| ").split(" | "))
        for name in re.findall(r"`([^`]+)`", names):
            assert name not in events, f"{name} stands in the table twice"
            events[name] = set(re.findall(r"`([^`]+)`", keys))
    return events
