"""The words for what the database says by its own terms, in the language in force."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE, moment

translate = QCoreApplication.translate


def state_text(state: str) -> str:
    """What is true of a run, in a word or two."""
    return {
        "preparing": translate("Words", "Preparing"),
        "running": translate("Words", "Running"),
        "paused": translate("Words", "Paused"),
        "finishing": translate("Words", "Finishing"),
        "interrupted": translate("Words", "Interrupted"),
        "complete": translate("Words", "Complete"),
        "failed": translate("Words", "Failed"),
        ENDED_UNEXPECTEDLY: translate("Words", "Ended unexpectedly"),
        UNREADABLE: translate("Words", "Cannot be read"),
    }.get(state, state)


def metric_text(name: str) -> str:
    """What a metric or objective is called; one that is not known keeps its name."""
    return {
        "log_loss": translate("Words", "Log-loss"),
        "brier": translate("Words", "Brier score"),
        "accuracy": translate("Words", "Accuracy"),
        "balanced_accuracy": translate("Words", "Balanced accuracy"),
        "macro_f1": translate("Words", "Macro F1"),
        "f1": translate("Words", "F1"),
        "roc_auc": translate("Words", "ROC AUC"),
        "average_precision": translate("Words", "Average precision"),
        "rmse": translate("Words", "RMSE"),
        "mae": translate("Words", "Mean absolute error"),
        "r2": translate("Words", "R²"),
        "parameters": translate("Words", "Parameters"),
        "train_seconds": translate("Words", "Training time"),
    }.get(name, name)


def baseline_text(name: str) -> str:
    """What a baseline is called."""
    return {
        "majority": translate("Words", "always the commonest answer"),
        "linear": translate("Words", "linear model"),
        "boosting": translate("Words", "gradient boosting"),
    }.get(name, name)


def operator_text(operator: str) -> str:
    """How an individual was made, in a word or two; an operator that is not known keeps its name."""
    kind, _, recipe = operator.partition(": ")
    words = {
        "crossover": translate("Words", "crossed"),
        "mutation": translate("Words", "mutated"),
        "immigrant": translate("Words", "newcomer"),
        "random": translate("Words", "drawn at random"),
        "space-filling": translate("Words", "drawn evenly"),
        "known-good": translate("Words", "recipe: {name}"),
        "known-good mutated": translate("Words", "mutated recipe: {name}"),
    }
    return words.get(kind, operator).replace("{name}", recipe_text(recipe))


def recipe_text(name: str) -> str:
    """What a genome that is known to do well is called."""
    return {
        "plain_mlp": translate("Words", "plain network"),
        "realmlp_simple": "RealMLP",
        "tabm_mlp": translate("Words", "TabM's network"),
        "textbook_elu": translate("Words", "textbook, ELU"),
        "textbook_selu": translate("Words", "textbook, SELU"),
        "textbook_adam": translate("Words", "textbook, Adam"),
        "resnet": "ResNet",
        "linear": translate("Words", "linear model"),
        "small": translate("Words", "small network"),
        "large": translate("Words", "large network"),
        "autogluon_mlp": translate("Words", "AutoGluon's network"),
    }.get(name, name.replace("_", " "))


def number_text(value: float | None, digits: int = 4) -> str:
    """A number with so many significant digits; nothing for none."""
    return "" if value is None or value != value else QLocale().toString(value, "g", digits)


def count_text(count: int) -> str:
    """A whole number with the language's separators."""
    return QLocale().toString(count)


def size_text(size: int) -> str:
    """Bytes as '240 MB'."""
    return QLocale().formattedDataSize(
        size, 1 if size >= 10**9 else 0, QLocale.DataSizeFormat.DataSizeSIFormat
    )


def local_time(text: str) -> datetime | None:
    """A time of the database on the clock of this machine; None where there is none."""
    return moment(text).astimezone() if text else None


def clock_text(text: str) -> str:
    """A time of the database as '12:40:03'."""
    found = local_time(text)
    return found.strftime("%H:%M:%S") if found else ""


def day_text(text: str, now: datetime) -> str:
    """A time of the database as '12:40' today, else with its date."""
    found = local_time(text)
    if found is None:
        return ""
    if found.date() == now.astimezone().date():
        return translate("Words", "today {time}").format(time=f"{found:%H:%M}")
    date = QDate(found.year, found.month, found.day)
    return f"{QLocale().toString(date, QLocale.FormatType.ShortFormat)} {found:%H:%M}"


def file_text(path: str) -> str:
    """A file's name without its folders, whichever system's path it is."""
    return PurePath(path.replace("\\", "/")).name


def value_text(value: Any) -> str:
    """A gene's value, short."""
    if isinstance(value, bool):
        return translate("Words", "yes") if value else translate("Words", "no")
    if isinstance(value, float):
        return number_text(value, 3)
    return "" if value is None else str(value)
