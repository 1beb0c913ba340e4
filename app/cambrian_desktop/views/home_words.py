"""What home says of a run: its sign, what may be done with it, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QIcon

from cambrian.records import RunState
from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian_desktop import theme
from cambrian_desktop.views.verdict import verdict_text
from cambrian_desktop.workspace_reading import RunEntry

translate = QCoreApplication.translate
_LIVE = frozenset(str(state) for state in RunState if state.live)
_RESUMABLE = frozenset(
    {ENDED_UNEXPECTEDLY, str(RunState.INTERRUPTED), str(RunState.FAILED), str(RunState.PAUSED)}
)
_SIGNS = {
    "preparing": ("refresh", "accent"),
    "running": ("activity", "accent"),
    "paused": ("pause", "warn"),
    "finishing": ("refresh", "accent"),
    "interrupted": ("pause", "warn"),
    "complete": ("check", "good"),
    "failed": ("warning", "bad"),
    ENDED_UNEXPECTEDLY: ("warning", "warn"),
    UNREADABLE: ("warning", "bad"),
}


def is_live(state: str) -> bool:
    """Whether a process executes the run."""
    return state in _LIVE


def is_resumable(state: str) -> bool:
    """Whether the run can be told to go on."""
    return state in _RESUMABLE


def state_icon(state: str) -> QIcon:
    """The sign of a state; its word stands beside it."""
    name, role = _SIGNS.get(state, ("info", "muted"))
    return theme.icon(name, role)


def advice(entry: RunEntry) -> str:
    """What came of a run, or what happened to it and what to do."""
    state = entry.summary.state
    if state == UNREADABLE:
        return f"{entry.summary.problem} {entry.remedy}".strip()
    if state == ENDED_UNEXPECTEDLY:
        return translate(
            "Home",
            "Its process ended before it was done: it was killed, or the machine went down. Everything up to"
            " then is kept; Resume goes on from there.",
        )
    if state == RunState.FAILED:
        return entry.error
    if state == RunState.INTERRUPTED:
        return translate("Home", "It was interrupted. Resume goes on from where it stood.")
    if state == RunState.PAUSED:
        return translate("Home", "It is paused. Resume goes on.")
    return _verdict(entry)


def _verdict(entry: RunEntry) -> str:
    """What the run came to; the engine's own sentence where a result of another program lacks a figure."""
    if entry.result is None:
        return ""
    try:
        return verdict_text(entry.result, task=entry.task, target=entry.summary.target)
    except (KeyError, TypeError, ValueError, AttributeError):
        return entry.result_sentence
