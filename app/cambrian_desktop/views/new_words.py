"""The words of a new experiment that stand in several places: roles, tasks, measures, findings, numbers.

`inspect` says what it found in English sentences with numbers in them; the window puts its own words in front
of them, by the finding's code, and its own advice behind them, for the engine's names options of a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from cambrian_desktop.models.words import metric_text

translate = QCoreApplication.translate

FEATURE_CHOICES = ("numeric", "categorical", "ordinal", "boolean", "datetime", "text")
"""Roles that the user can set, in the order in which they are offered."""
WHOLE_NUMBERS = 1e15
GROUPED_FROM = 10_000


def role_name(role: str) -> str:
    """A column's role in the window's language."""
    names = {
        "numeric": translate("Roles", "numeric"),
        "categorical": translate("Roles", "categorical"),
        "ordinal": translate("Roles", "ordinal"),
        "boolean": translate("Roles", "yes or no"),
        "datetime": translate("Roles", "date or time"),
        "text": translate("Roles", "free text"),
        "identifier": translate("Roles", "identifier"),
        "constant": translate("Roles", "constant"),
        "empty": translate("Roles", "empty"),
        "target": translate("Roles", "target"),
        "weight": translate("Roles", "row weight"),
        "group": translate("Roles", "row group"),
        "time": translate("Roles", "time order"),
        "drop": translate("Roles", "left out"),
    }
    return names.get(role, role)


def role_meaning(role: str) -> str:
    """What a role does, in a sentence for tooltips."""
    meanings = {
        "numeric": translate("Roles", "Scaled numbers; missing ones become the median."),
        "categorical": translate("Roles", "One input for each of the commonest categories."),
        "ordinal": translate("Roles", "Categories with an order: their rank is a number."),
        "boolean": translate("Roles", "One of two values."),
        "datetime": translate("Roles", "Days, weekday, month and hour become numbers."),
        "text": translate("Roles", "16 numbers made of its letters, not of its meaning."),
        "target": translate("Roles", "What is to be predicted."),
        "weight": translate("Roles", "How much a row counts."),
        "group": translate("Roles", "Rows of one group stay together when the data is split."),
        "time": translate("Roles", "Later rows validate, the latest test."),
        "drop": translate("Roles", "The networks do not see it."),
    }
    return meanings.get(role, "")


def task_name(task: str) -> str:
    """What is learnt, in the window's language."""
    names = {
        "auto": translate("Tasks", "automatic"),
        "binary": translate("Tasks", "one of two classes"),
        "multiclass": translate("Tasks", "one of several classes"),
        "regression": translate("Tasks", "a number (regression)"),
    }
    return names.get(task, task)


def measure_name(name: str) -> str:
    """A metric or another objective in the window's language."""
    own = {
        "precision": translate("Measures", "Precision"),
        "recall": translate("Measures", "Recall"),
    }
    return own.get(name) or metric_text(name)


def finding_title(finding: Mapping[str, Any], column: Mapping[str, Any] | None = None) -> str:
    """A finding in a few words."""
    code = str(finding["code"])
    common = (column or {}).get("commonest") or []
    distinct = int((column or {}).get("distinct") or 0)
    if code == "constant" and common:
        return translate("Findings", "always {value}").format(value=shortened(str(common[0][0])))
    if code == "high_cardinality":
        return translate("Findings", "{count} categories").format(count=number_text(distinct))
    found = _titles().get(code)
    return found or code.replace("_", " ")


def finding_advice(code: str) -> str:
    """What to do about a finding, as a sentence; empty where nothing need be done."""
    return _advice().get(code, "")


def _titles() -> dict[str, str]:
    return {
        "ambiguous_dates": translate("Findings", "day and month may be swapped"),
        "bad_time": translate("Findings", "not usable as the time"),
        "bad_weight": translate("Findings", "not usable as weights"),
        "cannot_prepare": translate("Findings", "the rows cannot be split"),
        "categories_alike": translate("Findings", "categories differ only by case or blanks"),
        "constant": translate("Findings", "always the same value"),
        "constant_target": translate("Findings", "one value only"),
        "contradictions": translate("Findings", "equal rows of different classes"),
        "dominant_number": translate("Findings", "one number is most common"),
        "duplicate_name": translate("Findings", "its name occurred twice"),
        "duplicate_rows": translate("Findings", "repeated rows"),
        "empty": translate("Findings", "no value in any row"),
        "empty_name": translate("Findings", "it had no name"),
        "empty_target": translate("Findings", "no row has a value"),
        "extra_columns": translate("Findings", "the test file has more columns"),
        "extreme_values": translate("Findings", "extreme values"),
        "few_numbers": translate("Findings", "few different numbers: classes?"),
        "fewer_folds": translate("Findings", "fewer folds, for a rare class"),
        "free_text": translate("Findings", "free text: letters, not meaning"),
        "identifier": translate("Findings", "only names the rows"),
        "imbalance": translate("Findings", "a class is rare"),
        "impossible_dates": translate("Findings", "impossible dates count as missing"),
        "infinite": translate("Findings", "infinite values count as missing"),
        "integer_classes": translate("Findings", "whole numbers taken as classes"),
        "labels_alike": translate("Findings", "classes differ only by case or blanks"),
        "leak": translate("Findings", "tells the target by itself"),
        "long_numbers": translate("Findings", "too long to be numbers"),
        "many_classes": translate("Findings", "many classes"),
        "many_features": translate("Findings", "more features than rows"),
        "missing_by_target": translate("Findings", "its gaps tell of the target"),
        "missing_code": translate("Findings", "a value may stand for missing"),
        "missing_target": translate("Findings", "rows without a target are left out"),
        "no_features": translate("Findings", "no column to learn from"),
        "no_header": translate("Findings", "the first line looks like data"),
        "no_target": translate("Findings", "no such column"),
        "odd_values": translate("Findings", "some cells do not fit and count as missing"),
        "ordered": translate("Findings", "taken as ordered"),
        "shared_rows": translate("Findings", "rows of both files"),
        "shift": translate("Findings", "differs in the test file"),
        "single_class": translate("Findings", "one class only"),
        "single_member": translate("Findings", "a class of one row"),
        "skewed_target": translate("Findings", "long right tail: its logarithm may be learnt"),
        "target_shift": translate("Findings", "the target differs in the test file"),
        "task_contradicts": translate("Findings", "does not suit the task"),
        "thousands": translate("Findings", "marks between thousands were read"),
        "too_few_rows": translate("Findings", "too few rows"),
        "too_many_classes": translate("Findings", "too many classes"),
        "two_classes": translate("Findings", "two classes"),
        "unseen_category": translate("Findings", "categories that training lacks"),
        "unsupported_type": translate("Findings", "a type that is not read"),
        "wrong_type": translate("Findings", "another type in the test file"),
    }


def _advice() -> dict[str, str]:
    check = translate("Findings", "Check these cells in the file.")
    other_target = translate("Findings", "Choose another target.")
    leave_out = translate("Findings", "If it is not known when predicting, leave it out.")
    return {
        "ambiguous_dates": translate("Findings", "Write the dates as 2026-11-21 if this is wrong."),
        "bad_time": translate("Findings", "Choose another column for the time."),
        "bad_weight": translate("Findings", "Weights are numbers of 0 or more: choose another column."),
        "cannot_prepare": translate("Findings", "Change what decides the split under Expert settings."),
        "categories_alike": translate("Findings", "If they mean the same, write them alike in the file."),
        "constant_target": other_target,
        "contradictions": translate("Findings", "Check their labels, or add a column that tells them apart."),
        "duplicate_rows": translate("Findings", "If they are copies, remove them from the file."),
        "duplicate_name": translate("Findings", "Give every column its own name in the file."),
        "empty_name": translate("Findings", "Name it in the first line of the file."),
        "empty_target": other_target,
        "extreme_values": check,
        "few_numbers": translate("Findings", "If they are classes, choose that as the task."),
        "free_text": translate("Findings", "Columns that say what matters in it are worth more."),
        "high_cardinality": translate("Findings", "Merge rare categories in the file, or leave it out."),
        "identifier": translate("Findings", "If it means something, choose a role."),
        "imbalance": translate("Findings", "Judge by a measure that counts every class."),
        "infinite": check,
        "impossible_dates": check,
        "labels_alike": translate("Findings", "If they mean the same, make them one."),
        "leak": leave_out,
        "many_features": translate("Findings", "Leave columns out, or add rows."),
        "missing_by_target": leave_out,
        "missing_code": translate("Findings", "If it does, say so."),
        "no_features": translate("Findings", "Add columns that say something about the target."),
        "no_header": translate("Findings", "If it is data, read the file without a header."),
        "odd_values": translate("Findings", "Mend these cells, or choose another role."),
        "ordered": translate("Findings", "Set another order below, or none."),
        "single_class": other_target,
        "single_member": translate("Findings", "Add rows of it, or merge it with another class."),
        "too_few_rows": translate("Findings", "Add rows to the file."),
        "too_many_classes": translate("Findings", "Choose another target, or merge classes in the file."),
    }


def shortened(text: str, length: int = 24) -> str:
    """A value for a narrow place, on one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= length else f"{plain[: length - 1]}…"


def number_text(value: float | str) -> str:
    """A number the user's way, thousands set apart from 10,000 on (a year is none); a time as it stands."""
    if isinstance(value, str):
        return value
    locale = QLocale()
    if abs(value) < GROUPED_FROM:
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    if value == int(value) and abs(value) < WHOLE_NUMBERS:
        return locale.toString(int(value))
    return locale.toString(float(value), "g", 5)


def values_text(column: Mapping[str, Any], *, labelled: bool = False) -> str:
    """The range of numbers and times, the order of ordinal categories, else the commonest values.

    Args:
        column: The column as `inspect` describes it.
        labelled: Whether its numbers are classes.
    """
    if column["role"] == "ordinal" and column["categories"]:
        order = [shortened(each, 12) for each in column["categories"]]
        return " < ".join(order if len(order) <= 4 else [*order[:2], "…", order[-1]])
    if column["low"] is not None and not labelled:
        return f"{number_text(column['low'])} … {number_text(column['high'])}"
    shown = [shortened(str(value), 16) for value, _ in column["commonest"][:3]]
    return ", ".join(shown) + (", …" if column["distinct"] > len(shown) else "")


def bar_counts(column: Mapping[str, Any], *, labelled: bool = False) -> tuple[int, ...]:
    """The counts to draw: a histogram of numbers and times, else those of the commonest values."""
    if column["histogram"] and not labelled:
        return tuple(column["histogram"]["counts"])
    order = column["categories"] if column["role"] in ("ordinal", "boolean") else ()
    counts = dict(column["commonest"])
    if order and len(order) == len(counts):
        return tuple(counts.get(label, 0) for label in order)
    return tuple(counts.values()) if len(counts) > 1 and column["role"] != "identifier" else ()
