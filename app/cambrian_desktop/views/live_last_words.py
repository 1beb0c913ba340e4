"""The end of a run's log: what a process that is gone said last."""

from __future__ import annotations

from pathlib import Path

_READ = 4096
"""Bytes of the end of the log that are looked at."""
_LONGEST = 200


def last_words(log: Path) -> str:
    """The last line of a log, shortened; empty where there is none.

    Raises:
        OSError: The log cannot be read.
    """
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _READ))
        text = file.read().decode("utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    return lines[-1] if len(lines[-1]) <= _LONGEST else lines[-1][: _LONGEST - 1] + "…"
