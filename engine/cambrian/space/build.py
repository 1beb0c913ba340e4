"""From facts about the data, a preset and a user's changes to a search space with resolved ranges."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, get_args

from cambrian.errors import SettingError
from cambrian.space.asked import OFF, least_asked, most_asked
from cambrian.space.changes import changed_gene
from cambrian.space.facts import ROWS_PER_EPOCH, SpaceFacts, Task
from cambrian.space.families.registry import FAMILIES, Family
from cambrian.space.genes import Condition, Gene
from cambrian.space.space import SearchSpace

__all__ = ["PRESETS", "SpaceFacts", "build_space", "check_space", "epochs_asked", "family_named"]

PRESETS = ("quick", "standard", "thorough", "textbook")


def family_named(name: str) -> Family:
    """The family of this name.

    Raises:
        SettingError: There is none; the remedy lists those there are.
    """
    if name not in FAMILIES:
        raise SettingError(f"family {name!r} is unknown.", f"Use {_one_of(tuple(FAMILIES))}.")
    return FAMILIES[name]


def build_space(
    facts: SpaceFacts,
    *,
    family: str = "mlp",
    preset: str = "standard",
    genes: Mapping[str, Any] | None = None,
) -> SearchSpace:
    """The search space of a family for these facts.

    Args:
        facts: What ranges depend on.
        family: Its name.
        preset: Whose ranges the genes have.
        genes: What the user asks of single genes, in the form of `cambrian.space.asked`.

    Raises:
        SettingError: Family, preset or a gene is unknown; a gene cannot be what is asked of it; or it never
            counts, because other genes do not have the values that it needs.
    """
    chosen = family_named(family)
    _check_preset(preset)
    asked = genes or {}
    space = SearchSpace(chosen.preset(preset, facts))
    _refuse_unknown(chosen, asked, facts.task)
    roomy, limits = chosen.roomy(facts), chosen.limits(facts)
    wide, free = (SearchSpace(chosen.preset(each, roomy)) for each in (preset, "standard"))
    changed = []
    for name, value in asked.items():
        had = space.gene(name).range_text
        gene = changed_gene(wide.gene(name), value, limits[name], free=free.gene(name), had=had)
        changed.append(chosen.settled(gene, facts))
    return _without_idle(space.replace(*changed), asked)


def check_space(
    preset: str, genes: Mapping[str, Any], *, task: str = "auto", epochs: int = 0, fit: bool = False
) -> None:
    """Refuse what no data could make possible; the rest is refused by `build_space` when facts are known.

    Args:
        preset: The name of one.
        genes: What the user asks of single genes.
        task: The task, or auto.
        epochs: The epoch budget that is asked for, 0 if none is.
        fit: Whether the batch size is to be the largest that fits.

    Raises:
        SettingError: The preset or a gene is unknown, a gene can be what is asked of it for no task, or the
            genes contradict the other settings.
    """
    _check_preset(preset)
    tasks: tuple[Task, ...] = tuple(each for each in get_args(Task) if task in (each, "auto"))
    problems = [_problem(preset, genes, each, epochs) for each in tasks]
    found = [problem for problem in problems if problem is not None]
    if len(found) == len(tasks):
        # What is unknown to one task may be wrong in another way for a task that has it.
        raise max(found, key=lambda problem: problem[0])[1]
    least, most = least_asked(genes.get("epochs")), most_asked(genes.get("epochs"))
    if least is not None and most is None and not epochs:
        raise SettingError(
            f"gene epochs: the range begins at {int(least)} and has no end.",
            "Give its end too, or the epoch budget (--epochs).",
        )
    if epochs and least is not None and least > epochs:
        raise SettingError(
            f"gene epochs: {int(least)} are more than the epoch budget of {epochs}.",
            "Raise the budget (--epochs), or ask for fewer.",
        )
    size = least_asked(genes.get("batch_size"))
    if fit and size is not None and size == most_asked(genes.get("batch_size")):
        raise SettingError(
            f"batch size 'fit' and gene batch_size fixed at {int(size)} contradict one another.",
            "Leave out one of the two; a range of the gene bounds 'fit'.",
        )


def epochs_asked(genes: Mapping[str, Any]) -> int | None:
    """The most epochs that the user asks of the gene `epochs`: the epoch budget where none is given."""
    most = most_asked(genes.get("epochs"))
    return None if most is None else int(most)


def _check_preset(preset: str) -> None:
    if preset not in PRESETS:
        similar = difflib.get_close_matches(preset, PRESETS, n=1)
        hint = f" Did you mean {similar[0]}?" if similar else ""
        raise SettingError(f"preset {preset!r} is unknown.", f"Use {_one_of(PRESETS)}.{hint}")


def _problem(
    preset: str, genes: Mapping[str, Any], task: Task, epochs: int
) -> tuple[bool, SettingError] | None:
    """What stands against the genes for this task, and whether all of them are known to it."""
    facts = SpaceFacts(
        task,
        ROWS_PER_EPOCH,
        positive_target=True,
        epochs=epochs or max(512, int(most_asked(genes.get("epochs")) or 0)),
    )
    try:
        build_space(facts, preset=preset, genes=genes)
    except SettingError as error:
        known = {gene.name for gene in family_named("mlp").preset(preset, facts)}
        return set(genes) <= known, error
    return None


def _refuse_unknown(family: Family, asked: Collection[str], task: Task) -> None:
    """Refuse names that are no genes, and genes that this task does not have."""
    by_task = {
        each: [gene.name for gene in family.preset("standard", SpaceFacts(each, 1))]
        for each in get_args(Task)
    }
    for name in asked:
        if name in by_task[task]:
            continue
        others = [each for each, names in by_task.items() if name in names]
        if others:
            raise SettingError(
                f"gene {name}: the task {task} has none, only {' and '.join(others)}.", "Leave it out."
            )
        similar = difflib.get_close_matches(name, by_task[task], n=1)
        remedy = f"Did you mean {similar[0]}?" if similar else "`cambrian space` lists the genes."
        raise SettingError(f"{name} is not a gene of family {family.name}.", remedy)


def _without_idle(space: SearchSpace, asked: Mapping[str, Any]) -> SearchSpace:
    """The space with the genes fixed that can never be active, so that no two species differ in them alone.

    Raises:
        SettingError: The user asks something of one, other than to be off.
    """
    idle: list[Gene] = []
    for gene in space.genes:
        unmet = _unmet(space, gene)
        if unmet is None:
            continue
        if gene.name in asked and asked[gene.name] != OFF:
            cause = space.gene(unmet.gene)
            raise SettingError(
                f"gene {gene.name} would never count: it needs {unmet.text}, and {cause.name} is "
                f"{cause.range_text} here.",
                f"Leave it out, or let {cause.name} be what it needs.",
            )
        idle.append(replace(gene.fix(gene.default), source=f"never counts: it needs {unmet.text}"))
    return space.replace(*idle)


def _unmet(space: SearchSpace, gene: Gene) -> Condition | None:
    """A condition of the gene, or of a gene that it needs, that no value meets; genes are independent."""
    by_gene: dict[str, list[Condition]] = {}
    for test in _needs(space, gene):
        by_gene.setdefault(test.gene, []).append(test)
    for name, each in by_gene.items():
        if not any(all(test.holds(value) for test in each) for value in _telling(space.gene(name))):
            return each[0]
    return None


def _needs(space: SearchSpace, gene: Gene) -> list[Condition]:
    """The gene's conditions and those of the genes that it names, and so on."""
    return [need for test in gene.when for need in (test, *_needs(space, space.gene(test.gene)))]


def _telling(gene: Gene) -> tuple[Any, ...]:
    """Values among which one meets a condition if any does: conditions ask for a choice or for more."""
    return gene.cells if gene.cells is not None else (gene.low, gene.high)


def _one_of(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
