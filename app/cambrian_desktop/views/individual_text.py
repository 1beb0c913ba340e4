"""What became of an individual, in words, from its evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cambrian.records import Evaluation, Reason, State
from cambrian.store.rows import IndividualRow
from cambrian_desktop.figures import figure
from cambrian_desktop.run_picture import IndividualPicture
from cambrian_desktop.views.genome_text import origin_text


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric over the networks of an individual.

    Attributes:
        name: Of the metric.
        mean: Over the networks that have it; `lowest` and `highest` of them.
    """

    name: str
    mean: float
    lowest: float
    highest: float


def state_line(picture: IndividualPicture, *, champion: bool) -> str:
    """Generation, origin, fate and place in one line."""
    translate = QCoreApplication.translate
    row = picture.individual
    parts = [
        translate("Individual", "Generation {number}").format(number=row.generation),
        origin_text(row.operator),
        fate_text(picture),
    ]
    if picture.place is not None:
        parts.append(translate("Individual", "place {place}").format(place=picture.place.place))
    if champion:
        parts.append(translate("Individual", "the champion"))
    return " · ".join(parts)


def fate_text(picture: IndividualPicture) -> str:
    """Whether it trains, was culled, failed or trained to its end."""
    translate = QCoreApplication.translate
    states = {each.evaluation.state for each in picture.evaluations}
    if State.FAILED in states:
        return translate("Individual", "failed")
    if State.INFEASIBLE in states:
        return translate("Individual", "not trained: too large")
    if State.RUNNING in states:
        return translate("Individual", "trains now")
    if State.PRUNED in states:
        epochs = max(each.evaluation.epochs for each in picture.evaluations)
        if epochs == 1:
            return translate("Individual", "culled after 1 epoch")
        return translate("Individual", "culled after {epochs} epochs").format(epochs=epochs)
    if State.COMPLETE in states and State.WAITING not in states:
        return translate("Individual", "trained to its end")
    return translate("Individual", "waits for its training")


def failure_of(picture: IndividualPicture) -> tuple[str, str] | None:
    """Why it has no result, as a sentence, and what the engine recorded; None if it did not fail."""
    translate = QCoreApplication.translate
    failed = [
        each.evaluation
        for each in picture.evaluations
        if each.evaluation.state in (State.FAILED, State.INFEASIBLE)
    ]
    if not failed:
        return None
    reasons = {
        Reason.DIVERGED: translate(
            "Individual", "Its training diverged: the loss left the range of numbers."
        ),
        Reason.CRASHED: translate("Individual", "The worker process that trained it ended."),
        Reason.TIMEOUT: translate("Individual", "Its training took far longer than was predicted."),
        Reason.UNDEFINED: translate("Individual", "What it predicts has no value of the objective."),
    }
    first = failed[0]
    problem = translate("Individual", "It would need more memory than a worker may use.")
    if first.reason is not None:
        problem = reasons[first.reason]
    elif first.state == State.FAILED:
        problem = translate("Individual", "Its training failed.")
    said = (first.error or "").strip().splitlines()
    went_on = translate("Individual", "The run went on without it.")
    return problem, f"{said[0].rstrip('.')}. {went_on}" if said else went_on


def measures(evaluations: Sequence[Evaluation], names: Sequence[str]) -> list[Measure]:
    """Every metric that its networks report, over those that got farthest.

    Args:
        evaluations: Of one individual.
        names: The objectives, which come first.
    """
    ended = [each for each in evaluations if each.metrics]
    complete = [each for each in ended if each.state == State.COMPLETE] or ended
    known = sorted({name for each in complete for name in each.metrics})
    ordered = [*(name for name in names if name in known), *(name for name in known if name not in names)]
    found = []
    for name in ordered:
        values = [each.metrics[name] for each in complete if name in each.metrics]
        found.append(Measure(name, sum(values) / len(values), min(values), max(values)))
    return found


def networks_text(evaluations: Sequence[Evaluation]) -> str:
    """How many networks were trained of it, by folds and seeds."""
    translate = QCoreApplication.translate
    folds = len({each.fold for each in evaluations})
    seeds = len({each.seed for each in evaluations})
    if len(evaluations) == 1:
        return translate("Individual", "1 network")
    if folds > 1 and seeds > 1 and folds * seeds == len(evaluations):
        return translate("Individual", "{count} networks: {folds} folds × {seeds} seeds").format(
            count=len(evaluations), folds=folds, seeds=seeds
        )
    if seeds == 1:
        return translate("Individual", "{count} networks, one a fold").format(count=len(evaluations))
    return translate("Individual", "{count} networks").format(count=len(evaluations))


def parent_text(number: int, value: float | None) -> str:
    """A parent on its chip."""
    translate = QCoreApplication.translate
    if value is None:
        return translate("Individual", "Individual {number}").format(number=number)
    return translate("Individual", "Individual {number} · {value}").format(number=number, value=figure(value))


def changed_note(row: IndividualRow) -> str:
    """How many genes differ from the parent, the better one of two; empty where none does."""
    translate = QCoreApplication.translate
    count = len(row.changed)
    if not count:
        return ""
    if len(row.parents) == 1:
        one = translate("Individual", "1 change from its parent")
        many = translate("Individual", "{count} changes from its parent")
    else:
        one = translate("Individual", "1 change from the better parent")
        many = translate("Individual", "{count} changes from the better parent")
    return one if count == 1 else many.format(count=count)
