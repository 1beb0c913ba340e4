"""Shifts: silent between random parts of one table, loud where a file is another."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cambrian.data.feature import MISSING, UNSEEN, Feature
from cambrian.data.reference import STEPS, Reference
from cambrian.data.schema import Columns, TableSchema
from cambrian.data.shift import MOST_FINDINGS, Compared, column_shifts, pooled_cells, target_shift
from cambrian.data.two_sample import classifier_shift, tell_apart

COMPARED = Compared("the new file", "the training part", "Look at the file.")
CITIES = tuple(f"city {i}" for i in range(400))
SCHEMA = TableSchema(
    (
        *(Feature(name, "numeric", False) for name in ("normal", "heavy", "count", "mostly zero", "gaps")),
        Feature("flag", "boolean", False),
        Feature("grade", "ordinal", False, categories=("low", "medium", "high")),
        Feature("colour", "categorical", False, categories=("red", "green", "blue")),
        Feature("city", "categorical", False, categories=CITIES),
    ),
    "y",
    ("a", "b"),
)
CODES = {"colour": 0, "city": 1}
PLACE = {column.name: i for i, column in enumerate(SCHEMA.numeric)}


def table(rows: int, seed: int) -> Columns:
    rng = np.random.default_rng(seed)
    gaps = rng.normal(size=rows)
    gaps[rng.random(rows) < 0.3] = np.nan
    numeric = np.column_stack([
        rng.normal(size=rows), rng.standard_cauchy(rows), rng.poisson(2, rows),
        rng.exponential(size=rows) * (rng.random(rows) < 0.1), gaps, rng.random(rows) < 0.3,
        rng.integers(0, 3, rows),
    ])  # fmt: skip
    city = np.minimum(rng.geometric(0.01, rows) - 1, 399)  # a long tail of rare values
    colour = rng.choice([0, 1, 2, MISSING], rows, p=[0.5, 0.3, 0.1, 0.1])
    return Columns(numeric.astype(np.float64), np.column_stack([colour, city]).astype(np.int32))


def parted(seed: int, here: int, there: int) -> tuple[Columns, Columns]:
    """Two random parts of one table, categories that only the first has marked as new: as a split does it."""
    whole = table(here + there, seed)
    mine, others = whole.take(slice(0, here)), whole.take(slice(here, None))
    codes = mine.codes.copy()
    for column in range(2):
        known = np.append(np.unique(others.codes[:, column]), MISSING)
        codes[~np.isin(codes[:, column], known), column] = UNSEEN
    return Columns(mine.numeric, codes), others


def shifted(mine: Columns, others: Columns) -> dict[str, str]:
    found = column_shifts(Reference.of(others), mine, SCHEMA, COMPARED)
    return {each.column: each.message for each in found}


SIZES = [(30, 100), (200, 800), (1000, 1000), (3000, 300)]


def test_a_random_split_gives_a_finding_in_fewer_than_1_of_100_cases() -> None:
    """2,400 tests of a column in 300 cases; by construction 1 case in 1,000 is expected."""
    cases = [(seed, *SIZES[seed % len(SIZES)]) for seed in range(300)]
    warned = [case for case in cases if shifted(*parted(*case))]
    assert len(warned) < 3, warned


def test_a_forest_does_not_tell_random_parts_apart() -> None:
    cases = [(seed, *((60, 200), (300, 300))[seed % 2]) for seed in range(20)]
    found = [tell_apart(*parted(*case)) for case in cases]
    assert all(each is not None for each in found)
    assert not [each for each in found if each and each.p_value < 0.01]
    assert np.mean([each.auc for each in found if each]) == pytest.approx(0.5, abs=0.03)


NEW_CITIES = "of the values of `city` in the new file do not occur in the training part (about "
BEYOND = "of the values of `mostly zero` in the new file lie beyond the range of the training part, 0 to "
SHIFTS: dict[str, tuple[slice, float, str]] = {
    "normal": (slice(0, 150), 2.0, "of its values are at most"),
    "heavy": (slice(0, 150), -3.0, "of its values are at most"),
    "count": (slice(0, 150), 4.0, "of its values are at most 3"),
    "mostly zero": (slice(0, 30), 1e6, BEYOND),
    "gaps": (slice(0, 150), np.nan, "`gaps` is missing in"),
    "flag": (slice(0, 150), 1.0, "of its values are false"),
    "grade": (slice(0, 150), 2.0, "of its values are at most 'medium'"),
    "colour": (slice(0, 150), 2, "'blue' has"),
    "city": (slice(0, 150), UNSEEN, NEW_CITIES),
}
"""Column: rows that are changed, to what, and what is to be said."""


@pytest.mark.parametrize("column", SHIFTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_shifted_column_is_named_alone_and_with_true_numbers(column: str, seed: int) -> None:
    rows, value, words = SHIFTS[column]
    mine, others = parted(seed, 400, 1000)
    array, place = (mine.numeric, PLACE[column]) if column in PLACE else (mine.codes, CODES[column])
    array[rows, place] = value
    messages = shifted(mine, others)
    assert list(messages) == [column]
    assert words in messages[column]


def test_the_shares_in_a_finding_are_those_of_the_data() -> None:
    mine, others = parted(0, 400, 1000)
    mine.numeric[:, 0] += 0.6
    (message,) = shifted(mine, others).values()
    percents = [int(word.strip("%,")) for word in message.split() if word.rstrip(",").endswith("%")]
    level = float(message.split("at most ")[1].split(",")[0])
    for part, percent in zip((mine, others), percents, strict=True):
        assert percent == pytest.approx(100 * (part.numeric[:, 0] <= level).mean(), abs=0.6)


def test_a_day_is_shown_as_a_date_under_the_columns_own_name() -> None:
    schema = TableSchema((Feature("when", "datetime", False, parts=("days", "weekday", "month")),), "y", ())
    days = np.arange(19_000, 19_700)
    columns = [Columns(np.stack([part, part % 7, part // 30 % 12 + 1], 1) * 1.0, np.zeros((350, 0), np.int32))
               for part in (days[350:], days[:350])]  # fmt: skip
    found = column_shifts(Reference.of(columns[1]), columns[0], schema, COMPARED)
    assert found[0].message.startswith("`when` is distributed differently in the new file: 0% of its values")
    assert f"at most {np.datetime64(19_349, 'D')}, against 100%" in found[0].message


def test_every_finding_has_a_remedy_that_names_the_option() -> None:
    mine, others = parted(0, 400, 1000)
    mine.numeric[:, PLACE["mostly zero"]] = 7
    (found,) = column_shifts(Reference.of(others), mine, SCHEMA, COMPARED)
    assert found.remedy == "Look at the file. Or leave the column out: --drop 'mostly zero'."
    assert found.code == "shift"


def test_many_shifted_columns_are_counted() -> None:
    schema = TableSchema(tuple(Feature(f"x{i}", "numeric", False) for i in range(15)), "y", ())
    rng, no_codes = np.random.default_rng(0), np.zeros((200, 0), np.int32)
    values = rng.normal(size=(200, 15))
    found = column_shifts(
        Reference.of(Columns(values, no_codes)), Columns(values + 3, no_codes), schema, COMPARED
    )
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1].message.startswith("5 more columns are distributed differently in the new file: `x")


def test_one_row_and_no_row_are_no_shift() -> None:
    mine, others = parted(0, 1, 500)
    assert not shifted(mine, others)
    assert not shifted(mine.take(slice(0, 0)), others)
    assert not shifted(others, mine.take(slice(0, 0)))


def test_two_rows_far_beyond_a_large_training_part_are_said() -> None:
    mine, others = parted(0, 2, 20_000)
    mine.numeric[:, 0] = 1e9
    assert "100% of the values of `normal` in the new file lie beyond" in shifted(mine, others)["normal"]


def test_columns_without_a_value_are_compared_by_what_is_missing() -> None:
    mine, others = parted(0, 100, 100)
    mine.numeric[:, 0] = np.nan
    mine.codes[:, 0] = MISSING
    messages = shifted(mine, others)
    assert "`normal` is missing in 100% of the rows of the new file, against 0%" in messages["normal"]
    assert "`colour` is missing in 100%" in messages["colour"]


def test_a_correlation_that_no_column_shows_is_found_by_the_classifier() -> None:
    rng, no_codes = np.random.default_rng(0), np.zeros((800, 0), np.int32)
    x = rng.normal(size=(800, 2))
    hanging_together = np.column_stack([x[:, 0], x[:, 0] * 0.9 + x[:, 1] * 0.436])
    here, there = Columns(hanging_together, no_codes), Columns(rng.normal(size=(800, 2)), no_codes)
    schema = TableSchema((Feature("u", "numeric", False), Feature("v", "numeric", False)), "y", ())
    assert not column_shifts(Reference.of(there), here, schema, COMPARED)
    (found,) = classifier_shift(here, there, COMPARED)
    assert (
        "A classifier tells rows of the new file from rows of the training part with ROC-AUC 0."
        in found.message
    )
    assert not classifier_shift(there.take(slice(0, 400)), there.take(slice(400, None)), COMPARED)


def test_hostile_numbers_and_tiny_parts_break_nothing() -> None:
    codes = np.zeros((40, 0), np.int32)
    huge = Columns(np.array([[1e308, -1e308, 5e-324, np.nan]] * 40), codes)
    found = tell_apart(huge, huge)
    assert found is not None
    assert found.auc == 0.5
    assert tell_apart(huge.take(slice(0, 24)), huge) is None
    assert Reference.of(huge).numbers[3].edges == ()


def test_a_reference_is_bounded_and_survives_json() -> None:
    columns = table(5000, 3)
    reference = Reference.of(columns)
    text = json.dumps(reference.to_json(), allow_nan=False)
    assert Reference.from_json(json.loads(text)) == reference
    assert reference.fits(SCHEMA)
    assert all(len(each.edges) <= STEPS + 2 for each in reference.numbers)
    assert len(text) < 2000 * len(SCHEMA.features)
    for place, each in enumerate(reference.numbers):
        known = columns.numeric[~np.isnan(columns.numeric[:, place]), place]
        assert (each.edges[0], each.edges[-1], each.shares[-1]) == (known.min(), known.max(), 1.0)
        assert each.shares == tuple((known <= edge).mean() for edge in each.edges)


def test_the_range_is_that_of_all_rows_though_a_sample_gives_the_quantiles() -> None:
    values = np.zeros((60_000, 1))
    values[::2] = 1.0
    values[12_345] = 99.0
    reference = Reference.of(Columns(values, np.zeros((60_000, 0), np.int32)))
    assert reference.rows == 50_000
    assert reference.numbers[0].edges[-1] == 99.0


def test_cells_are_common_in_both_parts_together() -> None:
    codes = np.array([0] * 50 + [1] * 40 + [2] * 5 + [UNSEEN] * 5, dtype=np.int32)
    cells, counts = pooled_cells(codes, np.array([60, 35, 5]), 100)
    assert cells.tolist() == [0, 1]
    assert counts.tolist() == [[50, 60], [40, 35], [10, 5]]
    cells, counts = pooled_cells(codes[:-8], np.array([60, 40, 0]), 100)  # the rest of 2 is too small
    assert cells.tolist() == [0]
    assert counts.sum(axis=0).tolist() == [92, 100]


def test_a_shifted_target_is_said_and_an_equal_one_is_not() -> None:
    rng = np.random.default_rng(0)
    rare, common = rng.random(300) < 0.1, rng.random(900) < 0.5
    (found,) = target_shift(rare.astype(int), common.astype(int), SCHEMA, COMPARED)
    assert (found.code, found.column) == ("target_shift", "y")
    assert "'" in found.message
    assert not target_shift(common[:300].astype(int), common[300:].astype(int), SCHEMA, COMPARED)
    amounts = TableSchema((), "y", ())
    assert target_shift(rng.normal(3, 1, 300), rng.normal(2, 1, 900), amounts, COMPARED)
    assert not target_shift(rng.normal(2, 1, 300), rng.normal(2, 1, 900), amounts, COMPARED)
