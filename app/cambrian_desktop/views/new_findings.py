"""What can be done about a finding or a refusal, as buttons: each changes the draft by one step.

The engine names remedies as options of the command line (`--drop leak`, `--sheet Data`); here each option
that a remedy names becomes an action of the window.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian.experiment import Experiment
from cambrian_desktop.views.new_draft import DROPPED, with_role
from cambrian_desktop.views.new_words import (
    FEATURE_CHOICES,
    finding_advice,
    measure_name,
    role_name,
    shortened,
    task_name,
)

translate = QCoreApplication.translate

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_OFFERED = re.compile(r" (?:has \d+|it has) ?(sheet|table)?s?:? ", re.IGNORECASE)
_MOST_OFFERED = 8


@dataclass(frozen=True)
class Action:
    """A step that mends something: the text of its button, and what it makes of the draft."""

    text: str
    apply: Callable[[Experiment], Experiment]


def finding_actions(finding: Mapping[str, Any]) -> list[Action]:
    """The actions that a finding's remedy offers."""
    return [*_column_actions(finding), *_table_actions(str(finding["remedy"]))]


def refusal_actions(problem: str, remedy: str) -> list[Action]:
    """The actions that the words of a refusal offer."""
    return [*_offered_names(problem, remedy), *_table_actions(remedy)]


def window_remedy(remedy: str) -> str:
    """The remedy in the window's words where the engine's names an option of the command line."""
    if not re.search(r"--[a-z]", remedy):
        return remedy
    if "--sheet" in remedy:
        return translate("Findings", "Choose the sheet to read.")
    if "--table" in remedy and "--query" not in remedy:
        return translate("Findings", "Choose the table to read.")
    if "--encoding" in remedy:
        return translate("Findings", "Save it as UTF-8, or name its encoding under 'How the file is read'.")
    if "--no-header" in remedy:
        return finding_advice("no_header")
    if "--role" in remedy or "--ordinal" in remedy or "--drop" in remedy:
        return translate("Findings", "Choose another role for the column, or leave it out.")
    return translate("Findings", "Change it under 'How the file is read' or in the expert settings.")


def _column_actions(finding: Mapping[str, Any]) -> list[Action]:
    column, remedy = str(finding["column"]), str(finding["remedy"])
    if not column:
        return []
    found = []
    if "--role" in remedy:
        tail = remedy[remedy.rindex("--role") :]
        named = re.findall(r"=(\w+)'?", tail) or re.findall(r"role (\w+) or \w+", remedy)
        found += [_role_action(column, role) for role in named[-1:] if role in FEATURE_CHOICES]
    if "--drop" in remedy:
        found.append(_role_action(column, DROPPED))
    return found


def _role_action(column: str, role: str) -> Action:
    if role == DROPPED:
        text = translate("Findings", "Leave it out")
    else:
        text = translate("Findings", "Treat as {role}").format(role=role_name(role))
    return Action(text, lambda draft: with_role(draft, column, role))


def _table_actions(remedy: str) -> list[Action]:
    found: list[Action] = []
    if "--merge-labels" in remedy:
        text = translate("Findings", "Make them one")
        found.append(Action(text, lambda draft: draft.changed(data={"merge_labels": True})))
    if "--no-header" in remedy:
        text = translate("Findings", "Read without a header")
        found.append(Action(text, lambda draft: _reading(draft, header=False)))
    for task in re.findall(r"--task (\w+)", remedy):
        text = translate("Findings", "Set the task: {task}").format(task=task_name(task))
        found.append(Action(text, lambda draft, task=task: draft.changed(data={"task": task})))  # type: ignore[misc]
    for name in re.findall(r"--objective (\w+)", remedy):
        text = translate("Findings", "Optimise {measure}").format(measure=measure_name(name))
        found.append(
            Action(text, lambda draft, name=name: draft.changed(search={"objectives": (name,)}))  # type: ignore[misc]
        )
    word = _missing_word(remedy)
    if word:
        text = translate("Findings", "Count {value} as missing").format(value=shortened(word))
        found.append(Action(text, lambda draft: _missing(draft, word)))
    for codec in re.findall(r"--encoding ([\w-]+)", remedy):
        text = translate("Findings", "Read it as {encoding}").format(encoding=codec)
        found.append(Action(text, lambda draft, codec=codec: _reading(draft, encoding=codec)))  # type: ignore[misc]
    return found


def _missing_word(remedy: str) -> str:
    _, found, tail = remedy.partition("--missing=")
    if not found:
        return ""
    try:
        words = shlex.split(tail.removesuffix("."))
    except ValueError:  # a quote that is a part of the word
        return tail.removesuffix(".")
    return words[0] if words else ""


def _missing(draft: Experiment, word: str) -> Experiment:
    return _reading(draft, missing=tuple(dict.fromkeys((*draft.data.reading.missing, word))))


def _reading(draft: Experiment, **values: Any) -> Experiment:
    return draft.changed(data={"reading": values})


def _offered_names(problem: str, remedy: str) -> list[Action]:
    """The sheets of a workbook, or tables of a database, of which one is to be named."""
    what = next(
        (each for each in ("sheet", "table") if f"--{each}" in remedy or f"its {each}s" in remedy), ""
    )
    offered = list(_OFFERED.finditer(problem))
    if not what or not offered:
        return []
    names = []
    for quoted in _QUOTED.findall(problem[offered[-1].end() :])[:_MOST_OFFERED]:
        names.append(str(ast.literal_eval(quoted)))
    return [
        Action(shortened(name), lambda draft, name=name: _reading(draft, **{what: name}))  # type: ignore[misc]
        for name in names
    ]
