"""Cambrian's search space as Optuna's `suggest_*` calls, and genomes as parameters to enqueue.

Generic over the kinds of genes: a gene whose condition does not hold is not suggested, as users of Optuna
write it, so that the sampler sees the same conditional space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from optuna.trial import BaseTrial

from cambrian.space.genes import Gene
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace


@dataclass(frozen=True, slots=True)
class Scale:
    """How the genes of a kind are asked for.

    Attributes:
        suggest: `(trial, gene) -> value`.
        given: `(gene, value) -> parameters` that make `suggest` give that value.
    """

    suggest: Callable[[BaseTrial, Gene], Any]
    given: Callable[[Gene, Any], dict[str, Any]]


def suggest(trial: BaseTrial, space: SearchSpace) -> Genome:
    """The genome that a trial suggests."""
    values: dict[str, Any] = {}
    for gene in space.genes:
        if all(test.gene in values and test.holds(values[test.gene]) for test in gene.when):
            # A float may leave its range by the last bit; nearest() moves it back.
            values[gene.name] = gene.nearest(_suggested(trial, gene))
    return space.genome(values)


def parameters(genome: Genome, space: SearchSpace) -> dict[str, Any]:
    """What to enqueue so that `suggest` gives this genome."""
    given: dict[str, Any] = {}
    for gene in space.genes:
        if gene.name in genome.active and not gene.fixed:
            given |= SCALES[gene.kind].given(gene, genome[gene.name])
    return given


def _suggested(trial: BaseTrial, gene: Gene) -> Any:
    if gene.fixed and gene.cells is not None:
        return gene.cells[0]
    return SCALES[gene.kind].suggest(trial, gene)


def _float(trial: BaseTrial, gene: Gene) -> float:
    return trial.suggest_float(gene.name, gene.low, gene.high, log=gene.kind in ("log", "zero_or_log"))


def _itself(gene: Gene, value: Any) -> dict[str, Any]:
    return {gene.name: value}


def _complement(gene: Gene) -> str:
    return f"1 - {gene.name}"


def _one_minus(trial: BaseTrial, gene: Gene) -> float:
    return 1.0 - trial.suggest_float(_complement(gene), 1.0 - gene.high, 1.0 - gene.low, log=True)


def _from_one(gene: Gene, value: float) -> dict[str, Any]:
    return {_complement(gene): 1.0 - value}


def _is_zero(gene: Gene) -> str:
    return f"{gene.name} is 0"


def _zero_or(trial: BaseTrial, gene: Gene) -> float:
    if gene.p_zero and trial.suggest_categorical(_is_zero(gene), (False, True)):
        return 0.0
    return _one_minus(trial, gene) if gene.kind == "zero_or_one_minus_log" else _float(trial, gene)


def _zero_given(gene: Gene, value: float) -> dict[str, Any]:
    given = _from_one(gene, value) if gene.kind == "zero_or_one_minus_log" else _itself(gene, value)
    if not gene.p_zero:
        return given
    return {_is_zero(gene): True} if value == 0 else {_is_zero(gene): False, **given}


def _integer(trial: BaseTrial, gene: Gene) -> int:
    return trial.suggest_int(gene.name, int(gene.low), int(gene.high), step=gene.step)


def _integer_log(trial: BaseTrial, gene: Gene) -> int:
    """A grid has equal cells and an order: its place is asked for."""
    if gene.choices:
        return int(gene.choices[trial.suggest_int(gene.name, 0, len(gene.choices) - 1)])
    return trial.suggest_int(gene.name, int(gene.low), int(gene.high), log=True)


def _integer_log_given(gene: Gene, value: int) -> dict[str, Any]:
    return {gene.name: gene.choices.index(value) if gene.choices else value}


def _choice(trial: BaseTrial, gene: Gene) -> Any:
    return trial.suggest_categorical(gene.name, gene.choices)


SCALES: Mapping[str, Scale] = {
    "linear": Scale(_float, _itself),
    "log": Scale(_float, _itself),
    "one_minus_log": Scale(_one_minus, _from_one),
    "zero_or_linear": Scale(_zero_or, _zero_given),
    "zero_or_log": Scale(_zero_or, _zero_given),
    "zero_or_one_minus_log": Scale(_zero_or, _zero_given),
    "integer": Scale(_integer, _itself),
    "integer_log": Scale(_integer_log, _integer_log_given),
    "categorical": Scale(_choice, _itself),
}
