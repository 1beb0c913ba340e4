"""The target column: which task it poses, its classes, and what makes it unfit to learn from."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from cambrian.data.alike import alike, alike_text
from cambrian.data.column_facts import ColumnFacts, column_facts, label_facts
from cambrian.data.extremes import extreme_findings
from cambrian.data.findings import DataWarning, named
from cambrian.data.read import Table
from cambrian.data.reading.number_text import NUMBER
from cambrian.data.reading.text_types import shortened
from cambrian.errors import SettingError

Task = Literal["", "binary", "multiclass", "regression"]
TASKS = ("auto", "binary", "multiclass", "regression")
LEAST_ROWS = 10
MOST_CLASSES = 1000
MANY_CLASSES = 50
CLASS_NUMBERS = 20
"""Whole numbers with up to so many different values are classes, beyond it amounts."""
ROWS_A_CLASS = 5
FEW_MEMBERS = 50
"""Rows of a class below which about ten or fewer are tested."""
RARE_SHARE = 0.05
SKEWED = 1.0


@dataclass(frozen=True)
class Target:
    """What was found out about the target.

    Attributes:
        task: The task, empty if there is none.
        facts: The target's facts: class labels or numbers; None if the file lacks the column.
        classes: The classes in the order of their index.
        class_counts: Rows of every class.
        missing: Rows without a target.
        infinite: Rows with an infinite one (regression).
        warnings: What was found.
        refusals: Why a run would refuse it.
    """

    task: Task = ""
    facts: ColumnFacts | None = None
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    missing: int = 0
    infinite: int = 0
    warnings: tuple[DataWarning, ...] = ()
    refusals: tuple[DataWarning, ...] = ()


def describe_target(table: Table, name: str, *, task: str = "auto", positive: str = "") -> Target:
    """Find the task that a column poses and what speaks against it.

    Raises:
        SettingError: `positive` is not one of two classes, or `task` is unknown.
    """
    if task not in TASKS:
        raise SettingError(f"The task '{task}' is unknown.", f"Choose one of {', '.join(TASKS)}.")
    if name not in table.names:
        return Target(refusals=(_no_such_target(table, name),))
    facts = column_facts(table, name)
    if not facts.valid:
        message = f"No row has a value in the target {named(name)}: all {facts.rows} are missing."
        refusal = DataWarning("empty_target", name, message, "Choose another target.")
        return Target(facts=facts, missing=facts.missing, refusals=(refusal,))
    chosen, note = _infer(facts) if task == "auto" else (task, ())
    if chosen == "regression":
        return _regression(table, facts, inferred=task == "auto")
    found = _classification(table, name, chosen, positive)
    return replace(found, warnings=note + found.warnings)


def _infer(facts: ColumnFacts) -> tuple[str, tuple[DataWarning, ...]]:
    if facts.distinct <= 2:
        return "binary", ()
    if facts.kind in ("text", "boolean"):
        return "multiclass", ()
    few = facts.distinct <= CLASS_NUMBERS and facts.valid >= ROWS_A_CLASS * facts.distinct
    if facts.kind == "time" or not facts.whole or not few:
        return "regression", ()
    message = f"{named(facts.name)} holds {facts.distinct} different whole numbers, taken as classes."
    note = DataWarning(
        "integer_classes", facts.name, message, "If they are amounts, set the task to regression."
    )
    return "multiclass", (note,)


def _regression(table: Table, facts: ColumnFacts, *, inferred: bool) -> Target:
    name, usable = facts.name, facts.valid
    missing, infinite = facts.missing - facts.infinite, facts.infinite
    target = Target("regression", facts, missing=missing, infinite=infinite)
    if facts.kind != "number":
        message = (
            f"The target {named(name)} holds {'times' if facts.kind == 'time' else 'text'}, not numbers."
        )
        remedy = (
            "Choose another target."
            if facts.kind == "time"
            else "Set the task to auto, or choose another target."
        )
        return replace(target, refusals=(DataWarning("task_contradicts", name, message, remedy),))
    warnings = _left_out(facts, missing, infinite) + _few_numbers(facts, inferred=inferred)
    warnings += extreme_findings(facts, table.place, feature=False)
    refusals = _too_few(name, usable)
    if facts.distinct == 1:
        message = f"The target {named(name)} has one value only ({facts.label(0)})."
        refusals += (DataWarning("constant_target", name, message, "Choose another target."),)
    if facts.levels[0] > 0 and _skewness(facts) > SKEWED:
        skew = "positive and skewed to the right; the search may take its logarithm"
        message = f"The target {named(name)} is {skew}."
        warnings += (DataWarning("skewed_target", name, message),)
    return replace(target, warnings=warnings, refusals=refusals)


def _few_numbers(facts: ColumnFacts, *, inferred: bool) -> tuple[DataWarning, ...]:
    """A finding if the target's numbers may be classes, or if one of them is more common than all others."""
    if facts.distinct < 2:
        return ()
    if inferred and facts.distinct <= CLASS_NUMBERS and facts.valid >= ROWS_A_CLASS * facts.distinct:
        message = (
            f"The target {named(facts.name)} has {facts.distinct} different numbers in {facts.valid} rows."
        )
        remedy = "If they are classes, set --task multiclass."
        return (DataWarning("few_numbers", facts.name, message, remedy),)
    most = int(facts.counts.argmax())
    share = facts.counts[most] / facts.valid
    if share <= 0.5 or facts.distinct == 2:
        return ()
    message = f"The target {named(facts.name)} is {facts.label(most)} in {share:.0%} of {facts.valid} rows."
    remedy = "Predicting whether it is that value may be the better question; --objective mae may stay there."
    return (DataWarning("dominant_number", facts.name, message, remedy),)


def _left_out(facts: ColumnFacts, missing: int, infinite: int) -> tuple[DataWarning, ...]:
    if not facts.missing:
        return ()
    parts = [f"{missing} missing"] * bool(missing) + [f"{infinite} infinite"] * bool(infinite)
    message = (
        f"{facts.missing} of {facts.rows} rows have no usable target {named(facts.name)} "
        f"({', '.join(parts)}); they are left out of training and testing."
    )
    return (DataWarning("missing_target", facts.name, message),)


def _too_few(name: str, usable: int) -> tuple[DataWarning, ...]:
    if usable >= LEAST_ROWS:
        return ()
    rows = "1 row" if usable == 1 else f"{usable} rows"
    message = f"{rows} with a target {named(name)} cannot be split into training, validation and test."
    return (DataWarning("too_few_rows", name, message, f"At least {LEAST_ROWS} rows are needed."),)


def _skewness(facts: ColumnFacts) -> float:
    levels = facts.levels / max(abs(facts.levels[0]), abs(facts.levels[-1]))
    weights = facts.counts / facts.valid
    centred = levels - np.sum(levels * weights)
    deviation = float(np.sqrt(np.sum(centred**2 * weights)))
    return float(np.sum(centred**3 * weights)) / deviation**3 if deviation > 0 else 0.0


def _classification(table: Table, name: str, task: str, positive: str) -> Target:
    facts = label_facts(table, name, as_typed=True)
    notes: tuple[DataWarning, ...] = ()
    if task == "multiclass" and facts.distinct == 2:
        # Two classes have one of them as the positive: every metric and the network's head say so.
        task = "binary"
        message = f"{named(name)} has two classes: the task is binary, not multiclass."
        notes = (DataWarning("two_classes", name, message),)
    order = _class_order(facts, task, positive)
    classes = tuple(str(facts.levels[i]) for i in order)
    counts = tuple(int(facts.counts[i]) for i in order)
    return Target(
        task="binary" if task == "binary" else "multiclass",
        facts=facts,
        classes=classes,
        class_counts=counts,
        missing=facts.missing,
        warnings=notes + _left_out(facts, facts.missing, 0) + _class_warnings(name, classes, counts),
        refusals=_class_refusals(facts, task),
    )


def _class_order(facts: ColumnFacts, task: str, positive: str) -> list[int]:
    """Levels in the order of the classes: by value if all are numbers, the positive one of two last."""
    classes = [str(level) for level in facts.levels]
    order = list(range(len(classes)))
    if all(re.fullmatch(NUMBER, label) for label in classes):
        order.sort(key=lambda i: float(classes[i]))
    if not positive and (task != "binary" or len(classes) != 2):
        return order
    if positive and (task != "binary" or positive not in classes):
        shown = ", ".join(repr(shortened(label)) for label in classes[:20])
        raise SettingError(
            f"'{positive}' cannot be the positive class of {named(facts.name)}: its classes are {shown}.",
            "Name one of two classes, spelled as in the file.",
        )
    last = classes.index(positive) if positive else min(reversed(order), key=lambda i: int(facts.counts[i]))
    return [i for i in order if i != last] + [last]


def _class_refusals(facts: ColumnFacts, task: str) -> tuple[DataWarning, ...]:
    name, found = facts.name, _too_few(facts.name, facts.valid)
    if facts.distinct == 1:
        message = f"The target {named(name)} has one class only ({shortened(facts.label(0))!r})."
        found += (
            DataWarning(
                "single_class", name, message, "Choose another target, or add rows of another class."
            ),
        )
    elif task == "binary" and facts.distinct != 2:
        some = ", ".join(repr(shortened(facts.label(i))) for i in range(min(5, facts.distinct)))
        message = f"A binary task needs two classes, but {named(name)} has {facts.distinct} ({some})."
        found += (
            DataWarning("task_contradicts", name, message, "Set the task to multiclass, or mend the labels."),
        )
    elif facts.distinct > MOST_CLASSES:
        message = (
            f"The target {named(name)} has {facts.distinct} classes; at most {MOST_CLASSES} can be learnt."
        )
        found += (
            DataWarning("too_many_classes", name, message, "Merge classes, or set the task to regression."),
        )
    return found


def _class_warnings(name: str, classes: tuple[str, ...], counts: tuple[int, ...]) -> tuple[DataWarning, ...]:
    found = _alike(name, classes)
    if len(classes) > MANY_CLASSES:
        average = sum(counts) / len(classes)
        message = f"{named(name)} has {len(classes)} classes with {average:.1f} rows each on average."
        found += (DataWarning("many_classes", name, message, "Merge classes if you can."),)
    single = [label for label, count in zip(classes, counts, strict=True) if count == 1]
    if single:
        some = ", ".join(repr(shortened(label)) for label in single[:5])
        which = (
            f"Class {some} of {named(name)} has"
            if len(single) == 1
            else f"{len(single)} classes of {named(name)} ({some}) have"
        )
        message = f"{which} 1 row; it goes to the training part and is never tested."
        found += (
            DataWarning("single_member", name, message, "Add rows of it, or merge it with another class."),
        )
    rarest = min(range(len(counts)), key=lambda i: counts[i])
    if len(classes) > 1 and counts[rarest] < RARE_SHARE * max(counts):
        share = 100 * counts[rarest] / sum(counts)
        rows = f"{counts[rarest]} of {sum(counts)} rows ({share:.2g}%)"
        message = f"Class {shortened(classes[rarest])!r} of {named(name)} is rare: {rows}."
        guess = shortened(classes[int(np.argmax(counts))])
        often = 100 * max(counts) / sum(counts)
        proposed = "average_precision" if len(classes) == 2 else "macro_f1"
        remedy = (
            f"Guessing {guess!r} every time is right in {often:.3g}%, so judge by another measure: "
            f"--objective {proposed} or --objective balanced_accuracy."
        )
        if counts[rarest] < FEW_MEMBERS:
            remedy += f" With {counts[rarest]} rows of it every such score is rough: more of them help most."
        found += (DataWarning("imbalance", name, message, remedy),)
    return found


def _alike(name: str, classes: tuple[str, ...]) -> tuple[DataWarning, ...]:
    groups = alike(classes)
    if not groups:
        return ()
    message = (
        f"Classes of {named(name)} differ only by case or blanks: {alike_text(groups)}. They are kept apart."
    )
    remedy = "If they mean the same, make them one by --merge-labels."
    return (DataWarning("labels_alike", name, message, remedy),)


def _no_such_target(table: Table, name: str) -> DataWarning:
    close = close_names(name, table.names)
    message = f"There is no column {named(name)} to predict."
    remedy = f"Did you mean {close}?" if close else "Choose one of its columns."
    return DataWarning("no_target", name, message, remedy)


def close_names(name: str, names: tuple[str, ...]) -> str:
    """Up to three column names that look like `name`, for a message; empty if none does."""
    plain = {other.strip().casefold(): other for other in names}
    close = difflib.get_close_matches(name.strip().casefold(), list(plain), n=3, cutoff=0.6)
    return " or ".join(f"`{shortened(plain[match])}`" for match in close)
