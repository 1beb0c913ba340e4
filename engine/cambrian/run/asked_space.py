"""Whether the search space that an experiment asks for is possible: for any data, and for its own."""

from __future__ import annotations

from typing import cast

from cambrian.data.parts import PlannedParts
from cambrian.data.profile import Profile
from cambrian.data.split import SplitRows
from cambrian.experiment import Experiment
from cambrian.run.resolve import DEFAULT_EPOCHS, ROWS_PER_EPOCH, named_objectives
from cambrian.space.build import SpaceFacts, build_space, check_space, epochs_asked
from cambrian.training.spec import Task


def check_asked_space(experiment: Experiment) -> None:
    """Refuse what no data could make possible.

    Raises:
        SettingError: There is no such preset or gene, a gene cannot be what is asked of it, or the settings
            contradict one another.
    """
    search = experiment.search
    fit = search.batch_size == "fit"
    check_space(search.preset, search.genes, task=experiment.data.task, epochs=search.epochs, fit=fit)


def check_space_for(experiment: Experiment, profile: Profile, plan: PlannedParts) -> None:
    """Refuse what this table makes impossible, as a run would when it has prepared it.

    Raises:
        SettingError: As `check_asked_space`, or the rows, the task or the target do not allow it.
    """
    search, parts = experiment.search, plan.parts
    if not search.genes:
        return  # a preset by itself fits any data
    task = cast(Task, profile.task)  # a profile without refusals has one
    rows = _least_training_rows(parts)
    facts = SpaceFacts(
        task,
        rows,
        positive_target=task == "regression" and bool((plan.y[parts.train] > 0).all()),
        epochs=search.epochs or epochs_asked(search.genes) or DEFAULT_EPOCHS,
        objectives=tuple(each.name for each in named_objectives(experiment, task)),
        most_categories=plan.schema.most_categories,
        scaled_numbers=plan.schema.has_scaled_numbers,
        rows_per_epoch=min(ROWS_PER_EPOCH, rows),
    )
    build_space(facts, preset=search.preset, genes=search.genes)


def _least_training_rows(parts: SplitRows) -> int:
    """Training rows of the fold that has fewest; by time, folds leave out more than what they validate on."""
    if parts.kind == "time":
        return min(len(parts.fold(fold)[0]) for fold in range(parts.n_folds))
    return len(parts.train) - max(parts.validating())
