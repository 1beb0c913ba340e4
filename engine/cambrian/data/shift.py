"""Whether a table's columns are distributed as in the rows a model learnt from, column by column.

A finding needs both: chance alone would hardly do it (all columns of a random split together give one in 1
of 1,000 cases, by Bonferroni's correction), and the difference is large enough to matter. Numbers are
compared by the Kolmogorov-Smirnov distance at the reference's quantiles (at most the true one, so the test
errs on the side of silence), categories by a chi-square test whose rare cells are put together, missing cells
and values beyond the reference's range by binomial bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, chdtrc, kolmogorov

from cambrian.data.checks import some_names
from cambrian.data.column_facts import number_text
from cambrian.data.feature import DATE_PARTS, MISSING, UNSEEN, Feature
from cambrian.data.findings import DataWarning, named, or_drop, percent
from cambrian.data.reading.text_types import shortened
from cambrian.data.reference import CategorySummary, NumberSummary, Reference, sampled
from cambrian.data.schema import Columns, NumericColumn, TableSchema

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

CHANCE = 0.001
"""Probability of any finding between two random parts of one table."""
LEAST_DISTANCE = 0.1
"""Kolmogorov-Smirnov distance, or total variation, below which a difference is not worth a word."""
LEAST_MISSING = 0.05
LEAST_BEYOND = 0.01
EXPECTED = 5
"""Rows that a cell of a chi-square test is expected to have in both parts (Cochran 1954)."""
MOST_FINDINGS = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared with what, for sentences.

    Attributes:
        here: The part that is judged ("the test file").
        there: The part it is held against ("the training part").
        advice: What the user can do, as one sentence.
    """

    here: str
    there: str
    advice: str


@dataclass(frozen=True, slots=True)
class _How:
    """Words for both parts, and the probability that one test may be wrong."""

    compared: Compared
    chance: float


@dataclass(frozen=True, slots=True)
class _Values:
    """A column of numbers: its name, its feature, and how a value of it is shown."""

    name: str
    feature: str
    text: Callable[[float], str]
    boolean: bool = False


@dataclass(frozen=True, slots=True)
class _Difference:
    column: str
    size: float
    message: str


def column_shifts(
    reference: Reference, columns: Columns, schema: TableSchema, compared: Compared, *, tests: int = 1
) -> tuple[DataWarning, ...]:
    """A finding for every feature that is distributed otherwise than in the reference, the largest first.

    Beyond ten the rest are counted in a last one.

    Args:
        reference: What the columns are compared with.
        columns: The features of the table that is judged.
        schema: Of both.
        compared: Words for both.
        tests: How many such comparisons share the chance of a false finding (folds).
    """
    sample = sampled(columns)
    if not len(sample) or not reference.rows:
        return ()
    count = len(reference.numbers) * 3 + len(reference.categories) * 3
    chance = CHANCE / max(1, count) / tests
    found: dict[str, _Difference] = {}
    for each in _differences(reference, sample, schema, _How(compared, chance)):
        if each.column not in found or each.size > found[each.column].size:
            found[each.column] = each
    ordered = sorted(found.values(), key=lambda each: -each.size)
    return tuple(_findings(ordered, compared))


def _findings(found: list[_Difference], compared: Compared) -> Iterator[DataWarning]:
    for each in found[:MOST_FINDINGS]:
        yield DataWarning("shift", each.column, each.message, f"{compared.advice} {or_drop(each.column)}")
    rest = found[MOST_FINDINGS:]
    if rest:
        some = some_names([each.column for each in rest])
        columns = "column is" if len(rest) == 1 else "columns are"
        message = f"{len(rest)} more {columns} distributed differently in {compared.here}: {some}."
        yield DataWarning("shift", "", message, compared.advice)


def _differences(
    reference: Reference, sample: Columns, schema: TableSchema, how: _How
) -> Iterator[_Difference]:
    rows = reference.rows
    features = {feature.name: feature for feature in schema.features}
    for number, column, values in zip(reference.numbers, schema.numeric, sample.numeric.T, strict=True):
        known = np.sort(values[np.isfinite(values)])
        here, there = len(values) - len(known), number.missing
        if there < rows and len(known):
            values_of = _values(column, features[column.feature])
            yield from _numbers(values_of, number, rows - there, known, how)
        yield from _missing(column.feature, (here, len(values)), (there, rows), how)
    for category, feature, codes in zip(
        reference.categories, schema.categorical, sample.codes.T, strict=True
    ):
        labels = feature.categories
        yield from _categories(feature.name, labels, category, rows, codes, how)
        here = int((codes == MISSING).sum())
        yield from _missing(feature.name, (here, len(codes)), (category.missing, rows), how)


def _values(column: NumericColumn, feature: Feature) -> _Values:
    """How the column is called and a number of it shown: an ordinal one as its word, a day as its date."""
    if feature.kind == "ordinal":
        words = feature.categories
        return _Values(column.name, feature.name, lambda value: repr(shortened(words[int(value)])))
    if column.name == f"{feature.name} ({DATE_PARTS[0]})":
        return _Values(
            feature.name, feature.name, lambda value: str(np.datetime64(int(np.floor(value)), "D"))
        )
    return _Values(column.name, feature.name, _number, column.boolean)


def _numbers(
    column: _Values, summary: NumberSummary, reference_rows: int, known: Floats, how: _How
) -> Iterator[_Difference]:
    edges, shares = np.array(summary.edges), np.array(summary.shares)
    mine = np.searchsorted(known, edges, side="right") / len(known)
    gaps = np.abs(mine - shares)
    at = int(gaps.argmax())
    effective = np.sqrt(reference_rows * len(known) / (reference_rows + len(known)))
    what, here, there = named(column.name), how.compared.here, how.compared.there
    below, above = int((known < edges[0]).sum()), int((known > edges[-1]).sum())
    if gaps[at] >= LEAST_DISTANCE and kolmogorov(effective * gaps[at]) < how.chance:
        level = "false" if column.boolean else f"at most {column.text(float(edges[at]))}"
        yield _Difference(
            column.feature,
            float(gaps[at]),
            f"{what} is distributed differently in {here}: {percent(mine[at])} of its values are {level}, "
            f"against {percent(shares[at])} in {there} (Kolmogorov-Smirnov distance {gaps[at]:.2f}).",
        )
    beyond, share = below + above, len(known) / (reference_rows + len(known))
    # The k largest of both together are all of the judged part with at most probability share^k.
    if beyond >= LEAST_BEYOND * len(known) and beyond and 2 * share ** max(below, above) < how.chance:
        bounds = f"{column.text(float(edges[0]))} to {column.text(float(edges[-1]))}"
        yield _Difference(
            column.feature,
            beyond / len(known) * 0.5,
            f"{percent(beyond / len(known))} of the values of {what} in {here} lie beyond the range of "
            f"{there}, {bounds}.",
        )


def _missing(name: str, here: tuple[int, int], there: tuple[int, int], how: _How) -> Iterator[_Difference]:
    """`here` and `there`: missing rows, all rows."""
    shares = here[0] / here[1], there[0] / there[1]
    difference = abs(shares[0] - shares[1])
    if difference < LEAST_MISSING or _two_sided(here, there) >= how.chance:
        return
    yield _Difference(
        name,
        difference,
        f"{named(name)} is missing in {percent(shares[0])} of the rows of {how.compared.here}, "
        f"against {percent(shares[1])} in {how.compared.there}.",
    )


def _two_sided(here: tuple[int, int], there: tuple[int, int]) -> float:
    """Twice the binomial tail of how the rarer of missing and present falls on both parts.

    The draw is without replacement, so the true probability is smaller still.
    """
    mine, others = here[0], there[0]
    if 2 * (mine + others) > here[1] + there[1]:
        mine, others = here[1] - mine, there[1] - others
    share = here[1] / (here[1] + there[1])
    low = bdtr(mine, mine + others, share)
    high = bdtrc(mine - 1, mine + others, share) if mine else 1.0
    return min(1.0, 2.0 * float(min(low, high)))


def _categories(
    name: str,
    labels: tuple[str, ...],
    summary: CategorySummary,
    reference_rows: int,
    codes: NDArray[np.int32],
    how: _How,
) -> Iterator[_Difference]:
    there = np.array(summary.counts, dtype=np.int64)
    known = codes[codes != MISSING]
    total = reference_rows - summary.missing
    if not len(known) or not total:
        return
    yield from _new_values(name, summary, total, known, how)
    cells, table = pooled_cells(known, there, total)
    if len(table) < 2:
        return
    sums = table.sum(axis=0)
    shares = table / sums
    expected = table.sum(axis=1, keepdims=True) * (sums / sums.sum())
    statistic = float(((table - expected) ** 2 / expected).sum())
    distance = float(np.abs(shares[:, 0] - shares[:, 1]).sum() / 2)
    if distance < LEAST_DISTANCE or chdtrc(len(table) - 1, statistic) >= how.chance:
        return
    at = int(np.abs(shares[:, 0] - shares[:, 1]).argmax())
    which = f"{shortened(labels[cells[at]])!r} has" if at < len(cells) else "rarer or new values have"
    yield _Difference(
        name,
        distance,
        f"{named(name)} is distributed differently in {how.compared.here}: {which} "
        f"{percent(shares[at, 0])} of its values, against {percent(shares[at, 1])} in {how.compared.there} "
        f"(total variation {distance:.2f}).",
    )


def _new_values(
    name: str, summary: CategorySummary, total: int, known: NDArray[np.int32], how: _How
) -> Iterator[_Difference]:
    """A difference if more values are new than the share of those that occur once lets expect.

    That share estimates the probability of a new value (Good 1953); five standard deviations are granted.
    """
    new = int((known == UNSEEN).sum())
    expected = min(1.0, (summary.single + 5.0 * np.sqrt(summary.single + 1.0)) / total)
    share, by_chance = new / len(known), summary.single / total
    if share - by_chance < LEAST_DISTANCE or bdtrc(new - 1, len(known), expected) >= how.chance:
        return
    yield _Difference(
        name,
        share - by_chance,
        f"{percent(share)} of the values of {named(name)} in {how.compared.here} do not occur in "
        f"{how.compared.there} (about {percent(by_chance)} were to be expected).",
    )


def pooled_cells(codes: NDArray[np.int32], counts: Counts, total: int) -> tuple[Counts, Counts]:
    """Categories that are common enough in two parts together to be compared, and the table of both parts.

    Which they are follows from both parts taken as one: a choice by the counts of one part alone would make
    its own chance peaks look like a shift. For this reason values that only one part knows are in the rest.

    Args:
        codes: Codes of the judged part's rows with a value; -2 or beyond `counts`: no category of its own.
        counts: The reference's rows of every category.
        total: The reference's rows with a value.

    Returns:
        The codes of the cells, and rows `(cells + 1, 2)` of both parts, the last line for all other values
        (left out where it would be empty; where it is too small, the smallest cell joins it).
    """
    own = np.bincount(codes[(codes >= 0) & (codes < len(counts))], minlength=len(counts))
    table = np.stack([own, counts], axis=1).astype(np.int64)
    needed = EXPECTED * (len(codes) + total) / min(len(codes), total)
    cells = np.flatnonzero(table.sum(axis=1) >= needed)
    rest = np.array([[len(codes), total]]) - table[cells].sum(axis=0)
    if 0 < rest.sum() < needed and len(cells):
        smallest = int(table[cells].sum(axis=1).argmin())
        rest = rest + table[cells[smallest]]
        cells = np.delete(cells, smallest)
    return cells, np.concatenate([table[cells], rest]) if rest.sum() else table[cells]


def _number(value: float) -> str:
    return number_text(value) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def target_shift(
    here: NDArray[np.int64] | Floats,
    there: NDArray[np.int64] | Floats,
    schema: TableSchema,
    compared: Compared,
) -> tuple[DataWarning, ...]:
    """A finding if the target is distributed differently in the judged part (rows with a target only)."""
    name = schema.target_column
    if not len(here) or not len(there):
        return ()
    if schema.classes:
        counts = np.bincount(there.astype(np.int64), minlength=len(schema.classes))
        summary = CategorySummary(0, tuple(counts.tolist()), 0)
        codes = here.astype(np.int32)
        found = [*_categories(name, schema.classes, summary, len(there), codes, _How(compared, CHANCE))]
    else:
        known = Reference.of(Columns(there[:, None].astype(np.float64), np.zeros((len(there), 0), np.int32)))
        values = np.sort(here.astype(np.float64))
        found = [
            *_numbers(
                _Values(name, name, _number), known.numbers[0], known.rows, values, _How(compared, CHANCE)
            )
        ]
    return tuple(DataWarning("target_shift", name, each.message, compared.advice) for each in found[:1])
