"""The events of a run as sentences, composed from their data in the language in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from cambrian.store.rows import EventRow
from cambrian_desktop.models.words import count_text, metric_text, number_text

translate = QCoreApplication.translate
_Data = Mapping[str, Any]


def event_text(event: EventRow) -> str:
    """What happened; an event that is not known, or whose data is damaged, keeps the engine's words."""
    maker = _MAKERS.get(event.kind)
    if maker is None:
        return event.message
    try:
        return maker(event.data)
    except (KeyError, TypeError, ValueError, AttributeError):
        return event.message


def _best(values: Mapping[str, float]) -> str:
    return ", ".join(f"{metric_text(name)} {number_text(value, 6)}" for name, value in values.items())


def _run_started(data: _Data) -> str:
    text = translate("Events", "Run {run} begins or goes on; workers: {count}")
    return text.format(run=data["run"], count=len(data["devices"]))


def _data_prepared(data: _Data) -> str:
    text = translate(
        "Events",
        "Data prepared: {rows} rows, {features} features; {training} rows to train and validate,"
        " {test} to test",
    )
    return text.format(
        rows=count_text(data["rows"]),
        features=count_text(data["features"]),
        training=count_text(data["training_rows"]),
        test=count_text(data["test_rows"]),
    )


def _generation_started(data: _Data) -> str:
    text = translate("Events", "Generation {generation} begins; networks: {count}")
    return text.format(generation=count_text(data["generation"]), count=count_text(data["individuals"]))


def _rung(data: _Data) -> str:
    text = translate("Events", "Rung {rung}: {kept} of {cohort} networks go on")
    return text.format(
        rung=data["rung"] + 1, kept=count_text(len(data["kept"])), cohort=count_text(data["cohort"])
    )


def _generation_finished(data: _Data) -> str:
    generation = count_text(data["generation"])
    if not data["best"]:
        text = translate("Events", "Generation {generation} ended; none has a value yet")
        return text.format(generation=generation)
    text = translate("Events", "Generation {generation} ended; best so far {best} (no. {number})")
    said = text.format(generation=generation, best=_best(data["best"]), number=data["individual"])
    if not data["failed"]:
        return said
    return said + translate("Events", "; failed: {count}").format(count=count_text(data["failed"]))


def _search_finished(data: _Data) -> str:
    text = translate("Events", "Search over; networks: {count}, workers {busy} % busy")
    return text.format(count=count_text(data["individuals"]), busy=round(100 * data["busy"]))


def _finalists(data: _Data) -> str:
    text = translate("Events", "Finalists that train again from scratch: {count}")
    return text.format(count=len(data["finalists"]))


def _baselines(data: _Data) -> str:
    text = translate("Events", "Baselines on the first fold: {values}")
    metric = metric_text(data["metric"])
    values = ", ".join(
        f"{name} {number_text(value, 6)}" for name, value in data["validation"].items() if value is not None
    )
    return text.format(values=f"{metric} {values}")


def _resolved(data: _Data) -> str:
    text = translate(
        "Events", "Population {population}, {epochs} epochs at most, rungs at epochs {rungs}, {folds} folds"
    )
    return text.format(
        population=data["population"],
        epochs=data["epochs"],
        rungs=", ".join(map(str, data["rungs"])),
        folds=data["folds"],
    )


_MAKERS: dict[str, Callable[[_Data], str]] = {
    "run-started": _run_started,
    "data-prepared": _data_prepared,
    "baselines": _baselines,
    "resolved": _resolved,
    "generation-started": _generation_started,
    "rung": _rung,
    "generation-finished": _generation_finished,
    "search-finished": _search_finished,
    "finalists": _finalists,
    "pausing": lambda data: translate("Events", "Asked to pause: what trains is parked after its epoch"),
    "paused": lambda data: translate("Events", "Paused: what trained is parked"),
    "resumed": lambda data: translate("Events", "Goes on"),
    "interrupted": lambda data: translate("Events", "Interrupted; it can be resumed from here"),
    "space-exhausted": lambda data: translate("Events", "Every genome of the search space was evaluated"),
    "model-rewritten": lambda data: translate("Events", "The model is written again from the run's networks"),
    "store-unblocked": lambda data: translate("Events", "The database can be written again; the run goes on"),
    "finished": lambda data: translate("Events", "The result is there"),
}
