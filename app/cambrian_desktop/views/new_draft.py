"""What the form of a new experiment holds: an `Experiment`, changed step by step, and its ways out.

Plain functions without Qt. A draft is an `Experiment` whose target may be empty; each change is validated, so
what is started, copied as TOML and copied as a command is one and the same value.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cambrian.data.roles import SETTABLE_ROLES
from cambrian.errors import SettingError
from cambrian.experiment import Budget, Data, Execution, Experiment, Limits, Search, Split, make_experiment
from cambrian.space.asked import asked_as_text

DEFAULT_MINUTES = 10.0
"""As `cambrian run` has it where no budget is named; in the form it is said."""
MOST_TOML = 1 << 24
AUTOMATIC, DROPPED = "", "drop"
ROW_PURPOSES = {"weight": "data", "group": "split", "time": "split"}
"""Purposes of a column for the rows, and the section whose setting names that column."""
SECTIONS: dict[str, type[BaseModel]] = {
    "data": Data,
    "split": Split,
    "search": Search,
    "budget": Budget,
    "limits": Limits,
    "execution": Execution,
}
_NAMES = {"roles": "role", "objectives": "objective", "genes": "gene"}
_OF_SPACE = ("preset", "genes", "epochs", "batch_size")
"""Settings by which `cambrian inspect` judges genes; of no matter to it where nothing is asked of any."""


def first_draft(file: str = "", *, workers: int = 0) -> Experiment:
    """A draft of all defaults.

    Raises:
        SettingError: The file's path has no form in TOML.
    """
    tree = {
        "data": {"file": file, "target": ""},
        "budget": {"minutes": DEFAULT_MINUTES},
        "execution": {"workers": workers},
    }
    return make_experiment(tree, source="the form")


def with_file(draft: Experiment, file: str) -> Experiment:
    """The draft for another file: what was said of columns, reading and test rows is forgotten."""
    data = first_draft(file).data.model_dump()
    split = {"test_file": "", "group": "", "time": ""}
    return draft.changed(data=data, split=split, search={"objectives": ()})


def without_columns(draft: Experiment) -> Experiment:
    """The draft without everything that it says of columns, the reading of the file kept."""
    plain = first_draft(draft.data.file).data.model_dump(exclude={"reading"})
    split = {"test_file": "", "group": "", "time": ""}
    return draft.changed(data=plain, split=split, search={"objectives": ()})


def opened_draft(path: Path) -> Experiment:
    """The draft of an experiment in a TOML file; without any budget it gets the default one.

    Raises:
        SettingError: It cannot be read, or is no experiment.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size > MOST_TOML:
        raise SettingError(f"{path} has {size >> 20} MB: that is no experiment.", "Give a TOML file.")
    draft = Experiment.load(path)
    budget = draft.budget
    if budget.minutes or budget.generations or budget.evaluations:
        return draft
    return draft.changed(budget={"minutes": DEFAULT_MINUTES})


def role_of(draft: Experiment, column: str) -> str:
    """What the user said a column is: a role, "target", a purpose, `DROPPED`, or `AUTOMATIC`."""
    if column == draft.data.target:
        return "target"
    for purpose, section in ROW_PURPOSES.items():
        if column == getattr(getattr(draft, section), purpose):
            return purpose
    if column in draft.data.drop:
        return DROPPED
    return draft.data.roles.get(column) or ("ordinal" if column in draft.data.ordinal else AUTOMATIC)


def with_role(draft: Experiment, column: str, role: str) -> Experiment:
    """The draft with another role of one column.

    What the column was before is taken back; a purpose that only one column can have moves here.

    Raises:
        SettingError: There is no such role.
    """
    if role == role_of(draft, column):
        return draft
    data: dict[str, Any] = {
        "target": "" if draft.data.target == column else draft.data.target,
        "weight": "" if draft.data.weight == column else draft.data.weight,
        "roles": {name: each for name, each in draft.data.roles.items() if name != column},
        "ordinal": {name: each for name, each in draft.data.ordinal.items() if name != column},
        "drop": tuple(name for name in draft.data.drop if name != column),
    }
    split = {
        "group": "" if draft.split.group == column else draft.split.group,
        "time": "" if draft.split.time == column else draft.split.time,
    }
    search: dict[str, Any] = {}
    if role == "target" or column == draft.data.target:
        # What is said of a target is said of that column alone.
        data |= {"task": "auto", "positive": "", "merge_labels": False}
        search = {"objectives": ()}
    if role == "target":
        data["target"] = column
    elif role == "weight":
        data["weight"] = column
    elif role in ("group", "time"):
        split = {"group": "", "time": ""} | {role: column}  # rows are split in one way
    elif role == DROPPED:
        data["drop"] = (*data["drop"], column)
    elif role in SETTABLE_ROLES:
        data["roles"] = {**data["roles"], column: role}
    elif role != AUTOMATIC:
        raise SettingError(
            f"There is no role {role!r}.", f"Choose one of {', '.join(sorted(SETTABLE_ROLES))}."
        )
    return draft.changed(data=data, split=split, search=search)


def with_order(draft: Experiment, column: str, order: Sequence[str]) -> Experiment:
    """The draft with a column's categories from low to high; it becomes ordinal by that."""
    moved = with_role(draft, column, AUTOMATIC)
    return moved.changed(data={"ordinal": {**moved.data.ordinal, column: tuple(order)}})


def without_strangers(draft: Experiment, columns: Collection[str]) -> Experiment:
    """The draft without what it says of columns that the table does not have."""
    named = {*draft.data.roles, *draft.data.ordinal, *draft.data.drop, draft.data.target, draft.data.weight}
    for column in {*named, draft.split.group, draft.split.time} - {"", *columns}:
        draft = with_role(draft, column, AUTOMATIC)
    return draft


def with_objectives(draft: Experiment, first: str, others: Sequence[str]) -> Experiment:
    """The draft with these objectives; none where they are the task's default alone."""
    names = tuple(name for name in (first, *others) if name)
    return draft.changed(search={"objectives": tuple(dict.fromkeys(names))})


def inspect_arguments(draft: Experiment) -> list[str]:
    """The arguments of `cambrian inspect` that judge this draft.

    Raises:
        SettingError: A name cannot stand on a command line.
    """
    judged = bool(draft.data.target)
    given = list(_given(draft, ("data", "split") if judged else ("data",)))
    if judged:
        told = ("objectives", *(_OF_SPACE if draft.search.genes else ()))
        given += [each for each in _given(draft, ("search",)) if each[1] in told]
    left_out = () if judged else ("task", "positive", "merge_labels")
    kept = [(key, value) for _, key, value in given if key not in left_out]
    orders = [key for key, _ in kept if key == "ordinal" and not _orders_can_be_typed(draft)]
    if orders:  # its role can be judged all the same
        roles = dict.fromkeys(draft.data.ordinal, "ordinal")
        kept = [(key, value) for key, value in kept if key not in ("ordinal", "roles")]
        kept.append(("roles", {**draft.data.roles, **roles}))
    return ["inspect", draft.data.file, *_options(kept), "--json"]


def run_arguments(draft: Experiment) -> list[str]:
    """The arguments of `cambrian run` that ask for this experiment, defaults left out.

    Raises:
        SettingError: A name or an order of categories cannot stand on a command line.
    """
    if not _orders_can_be_typed(draft):
        raise SettingError(
            "The order of a column has a category with '<' or blanks at its ends, which no option can say.",
            "Copy the TOML instead, save it, and run `cambrian run --experiment FILE`.",
        )
    given = [(key, value) for _, key, value in _given(draft, SECTIONS)]
    if draft.seed:
        given.append(("seed", draft.seed))
    return ["run", draft.data.file, *_options(given)]


def command_line(draft: Experiment, *, windows: bool = sys.platform == "win32") -> str:
    """The command to type into a terminal.

    Raises:
        SettingError: As `run_arguments`.
    """
    words = ["cambrian", *run_arguments(draft)]
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def _given(draft: Experiment, sections: Collection[str]) -> list[tuple[str, str, Any]]:
    """Section, key and value of every setting that differs from its default; the file's stands elsewhere."""
    found: list[tuple[str, str, Any]] = []
    for section in sections:
        values: BaseModel = getattr(draft, section)
        for key, value in values:
            if isinstance(value, BaseModel):
                found += [(key, *each) for each in _changed(value)]
            elif key == "file" or (key == "target" and not value):
                continue  # the file is the argument; without a target nothing is judged
            elif value != type(values).model_fields[key].get_default(call_default_factory=True):
                found.append((section, key, value))
    return found


def _changed(values: BaseModel) -> list[tuple[str, Any]]:
    fields = type(values).model_fields
    return [(key, value) for key, value in values if value != fields[key].get_default()]


def _options(given: Sequence[tuple[str, Any]]) -> list[str]:
    """Settings as options.

    Raises:
        SettingError: A text holds a NUL, which ends every argument.
    """
    words: list[str] = []
    for key, value in given:
        name = _NAMES.get(key, key).replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
            continue
        for text in _texts(key, value):
            # "--drop=-x": a value that begins with a dash would be taken for an option
            words += [f"--{name}={text}"] if text.startswith("-") or not text else [f"--{name}", text]
    if any("\0" in word for word in words):
        raise SettingError(
            "A name holds a NUL character, which no command line can carry.", "Rename the column in the file."
        )
    return words


def _texts(key: str, value: Any) -> list[str]:
    if key == "roles":
        return [f"{column}={role}" for column, role in value.items()]
    if key == "ordinal":
        return [f"{column}={'<'.join(order)}" for column, order in value.items()]
    if key == "genes":
        return [f"{gene}={asked_as_text(asked)}" for gene, asked in value.items()]
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, float):
        return [f"{value:g}" if float(f"{value:g}") == value else repr(value)]
    return [str(value)]


def _orders_can_be_typed(draft: Experiment) -> bool:
    """Whether `--ordinal column=a<b` reads back as what it was: see `cambrian.cli.role_option`."""
    return all(_can_be_typed(column, order) for column, order in draft.data.ordinal.items())


def _can_be_typed(column: str, order: Sequence[str]) -> bool:
    marked = "<" in column or any("<" in category for category in order) or "=" in order[0]
    return not marked and all(category == category.strip() for category in order)


def class_shares(profile: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Class and its share of the rows, in the order of the classes."""
    counts = profile.get("class_counts") or []
    total = max(1, sum(counts))
    return [(label, count / total) for label, count in zip(profile.get("classes", []), counts, strict=True)]
