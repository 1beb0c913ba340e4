"""A classifier two-sample test: can a forest tell the rows of two parts of a table from one another?

Lopez-Paz & Oquab (2017, Revisiting classifier two-sample tests). It sees what no single column shows, such as
two columns that hang together otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cambrian.data.feature import MISSING
from cambrian.data.findings import DataWarning
from cambrian.data.reference import sampled
from cambrian.data.schema import Columns
from cambrian.data.shift import CHANCE, Compared, pooled_cells

ROWS = 1500
"""Rows of either part."""
CELLS = 1_500_000
"""Cells of either part: wide tables give fewer rows."""
LEAST_ROWS = 25
FOLDS = 5
TREES = 40
LARGEST = 1e30
"""The forest takes float32 and adds up all cells, to see that they are finite."""
LEAST_AUC = 0.6
"""Below it two parts are too alike for the difference to matter."""


@dataclass(frozen=True, slots=True)
class TwoSample:
    """How well the parts are told apart.

    Attributes:
        auc: Mean ROC-AUC over the folds, of rows that the forest did not learn from.
        p_value: Probability of no lesser AUCs between random parts (an upper bound).
    """

    auc: float
    p_value: float


def classifier_shift(here: Columns, there: Columns, compared: Compared) -> tuple[DataWarning, ...]:
    """A finding if a classifier tells the rows of two parts apart."""
    found = tell_apart(here, there)
    if found is None or found.auc < LEAST_AUC or found.p_value >= CHANCE:
        return ()
    message = (
        f"A classifier tells {_rows_of(compared.here)} from {_rows_of(compared.there)} with ROC-AUC "
        f"{found.auc:.2f} (0.5 were chance): the two are not alike."
    )
    return (DataWarning("shift", "", message, compared.advice),)


def tell_apart(here: Columns, there: Columns) -> TwoSample | None:
    """Train a forest on four fifths of both parts and judge it on the last fifth, five times.

    Each fold's AUC has a valid p-value (Mann-Whitney). The folds hang together, so they are combined by
    twice their median, which is valid however they do (Rueger 1978). None: too few rows, or no column.
    """
    from scipy.stats import mannwhitneyu
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold

    width = here.numeric.shape[1] + here.codes.shape[1]
    if not width:  # free text alone, which it does not look at
        return None
    most = max(LEAST_ROWS, min(ROWS, CELLS // width))
    first, second = sampled(here, most=most), sampled(there, most=most)
    if min(len(first), len(second)) < LEAST_ROWS:
        return None
    x, part = _features(first, second), np.repeat([1, 0], [len(first), len(second)])
    scores, p_values = [], []
    for train, judged in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, part):
        forest = RandomForestClassifier(
            TREES, min_samples_leaf=5, class_weight="balanced", random_state=0, n_jobs=1
        )
        told = forest.fit(x[train], part[train]).predict_proba(x[judged])[:, 1]
        mine, others = told[part[judged] == 1], told[part[judged] == 0]
        test = mannwhitneyu(mine, others, alternative="greater", method="asymptotic")
        scores.append(float(test.statistic) / (len(mine) * len(others)))
        p_values.append(float(test.pvalue))
    return TwoSample(float(np.mean(scores)), min(1.0, 2.0 * float(np.median(p_values))))


def _features(first: Columns, second: Columns) -> NDArray[np.float32]:
    """Both parts as one matrix `(rows, columns)`; rare and new categories are one value of their own.

    Were new values one, the forest would tell a part by them also where chance alone made them new.
    """
    numeric = np.concatenate([first.numeric, second.numeric])
    cells = [_cells(*pair) for pair in zip(first.codes.T, second.codes.T, strict=True)]
    x = np.column_stack([numeric, *cells])
    return np.asarray(np.clip(x, -LARGEST, LARGEST), dtype=np.float32)


def _cells(first: NDArray[np.int32], second: NDArray[np.int32]) -> NDArray[np.float64]:
    """Codes of both parts, one after the other; NaN missing, -2 what is rare or new."""
    both = np.concatenate([first, second]).astype(np.float64)
    known = first[first != MISSING], second[second != MISSING]
    kept = np.array([], dtype=np.int64)
    if len(known[0]) and len(known[1]):
        length = int(max(both.max(), 0)) + 1
        counts = np.bincount(known[1][known[1] >= 0], minlength=length)
        kept = pooled_cells(known[0], counts, len(known[1]))[0]
    rare = (both != MISSING) & ~np.isin(both, kept)
    both[rare] = -2.0
    both[np.concatenate([first, second]) == MISSING] = np.nan
    return both


def _rows_of(part: str) -> str:
    return part if " rows" in part else f"rows of {part}"
