"""Which of several children to train: a model of the outcomes so far foretells how they will rank.

A forest of extremely randomised trees (Geurts et al. 2006) learns the rank from the genes. Like that of SMAC
(Hutter et al. 2011) it takes choices, conditions and genes without effect as they come. To screen children by
a model is surrogate-assisted evolution (Jin 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cambrian.records import Individual, Objective, Outcome, derive_seed
from cambrian.search.ranking import best_first, has_failed
from cambrian.space.genes import Gene
from cambrian.space.genome import Genome
from cambrian.space.space import SearchSpace

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor

LEAST = 16
"""Outcomes before there is a model."""
LATEST = 512
"""Outcomes that are learnt from; earlier ones are forgotten."""
TREES, LEAF, COLUMNS = 100, 3, 0.3
"""Trees, fewest outcomes in a leaf, part of the columns that a split looks at.

Chosen on 101 generations of runs on `spam` and `digits`: foretold and true order of a generation correlate at
0.54 (Spearman), at 0.51 with leaves of 1, with all columns, or with the logarithm of the place.
"""
VOICES = 30
"""Trees that decide on one child: a part of all (at 0.53), so that what is uncertain gets its chance."""
THRIFT = 0.03
"""Weight of the logarithm of the work beside the foretold place: ten times the work costs 7% of places."""
_ABSENT = -1.0
"""Position of a gene that is not active."""

Vector = npt.NDArray[np.float64]


class Screen:
    """Learns what became of genomes and picks among new ones; a function of the outcomes and the seed."""

    def __init__(
        self, space: SearchSpace, objectives: Sequence[Objective], seed: int, work: Callable[[Genome], float]
    ) -> None:
        self._genes = [gene for gene in space.genes if not gene.fixed]
        self._objectives = objectives
        self._nobody = space.default()
        self._seed = seed
        self._work = work
        self._examples: list[list[float]] = []  # features, as `_features` makes them
        self._told: list[tuple[int, int, tuple[float, ...] | None]] = []  # number, rung, values
        self._trees: list[Any] = []

    def learn(self, outcomes: Sequence[Outcome]) -> None:
        """Take in what became of a generation."""
        for outcome in outcomes:
            self._examples.append(self._features(outcome.individual.genome))
            values = None if has_failed(outcome) else outcome.values
            self._told.append((outcome.individual.number, outcome.rung, values))
        self._examples, self._told = self._examples[-LATEST:], self._told[-LATEST:]

    def prepare(self) -> None:
        """Fit the model to what was learnt."""
        self._trees = []
        if len(self._told) < LEAST:
            return
        forest = _forest(derive_seed("screen", self._seed, self._told[-1][0]) % 2**32)
        forest.fit(np.array(self._examples), self._places())
        self._trees = [tree.tree_ for tree in forest.estimators_]

    def pick(self, genomes: Sequence[Genome], rng: np.random.Generator) -> int:
        """Index of the most promising genome; the first without a model."""
        if not self._trees or len(genomes) < 2:
            return 0
        inputs = np.array([self._features(genome) for genome in genomes], dtype=np.float32)
        voices = rng.choice(len(self._trees), VOICES, replace=False)
        votes = [self._trees[voice].predict(inputs)[:, 0] for voice in voices]
        work = np.log([self._work(genome) for genome in genomes])
        return int(np.argmin(np.mean(votes, axis=0) + THRIFT * work))

    def to_json(self) -> list[Any]:
        """What was learnt, as JSON."""
        return [
            {"genes": example, "number": number, "rung": rung, "values": values and list(values)}
            for example, (number, rung, values) in zip(self._examples, self._told, strict=True)
        ]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Go on from what `to_json` wrote."""
        self._examples = [list(each["genes"]) for each in state]
        self._told = [
            (each["number"], each["rung"], None if each["values"] is None else tuple(each["values"]))
            for each in state
        ]

    def _places(self) -> Vector:
        """The place of each outcome as parents are ranked, in [0, 1], 0 the best; equals share theirs."""
        told = [
            Outcome(Individual(number, 0, self._nobody, ""), rung, values)
            for number, rung, values in self._told
        ]
        shared: dict[object, list[int]] = {}
        for place, index in enumerate(best_first(told, self._objectives)):
            _, rung, values = self._told[index]
            shared.setdefault(values and (rung, values), []).append(place)
        means = {kind: fmean(places) / len(told) for kind, places in shared.items()}
        return np.array([means[values and (rung, values)] for _, rung, values in self._told])

    def _features(self, genome: Genome) -> list[float]:
        """Positions of the numbers and a column for each choice; what is not active is absent."""
        features: list[float] = []
        for gene in self._genes:
            features += _columns(gene, genome[gene.name] if gene.name in genome.active else None)
        return features


def _columns(gene: Gene, value: Any) -> list[float]:
    if gene.numeric:
        return [_ABSENT if value is None else round(gene.encode(gene.nearest(value)), 4)]
    return [float(value is not None and value == choice) for choice in gene.choices]


def _forest(seed: int) -> ExtraTreesRegressor:
    from sklearn.ensemble import ExtraTreesRegressor  # only a search with a model waits for it

    return ExtraTreesRegressor(TREES, min_samples_leaf=LEAF, max_features=COLUMNS, random_state=seed)
