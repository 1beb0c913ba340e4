"""Genes: scales, positions, canonical values and refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cambrian.errors import SettingError
from cambrian.space.genes import Condition, Gene

SCALES = {
    "linear": Gene("g", "linear", 0.5, 0.1, 0.9),
    "log": Gene("g", "log", 1e-3, 1e-4, 1e-1),
    "one_minus_log": Gene("g", "one_minus_log", 0.9, 0.7, 0.999),
    "zero_or_linear": Gene("g", "zero_or_linear", 0.0, 0.0, 0.5, p_zero=0.4),
    "zero_or_log": Gene("g", "zero_or_log", 0.0, 1e-4, 1e-1, p_zero=0.5),
    "zero_or_one_minus_log": Gene("g", "zero_or_one_minus_log", 0.9, 0.7, 0.999, p_zero=0.3),
    "integer": Gene("g", "integer", 3, 0, 6),
    "stepped": Gene("g", "integer", 128, 16, 256, step=16),
    "integer_log": Gene("g", "integer_log", 9, 4, 33),
    "grid": Gene("g", "integer_log", 64, choices=(16, 32, 64, 128)),
    "categorical": Gene("g", "categorical", "b", choices=("a", "b", "c")),
    "boolean": Gene("g", "categorical", False, choices=(False, True)),
    "fixed_log": Gene("g", "log", 0.1, 0.1, 0.1),
    "zero_or_one_value": Gene("g", "zero_or_log", 0.0, 0.1, 0.1, p_zero=0.3),
    "fixed_zero": Gene("g", "zero_or_log", 0.0, p_zero=1.0),
}
CDF = {
    "linear": lambda v: (v - 0.1) / 0.8,
    "log": lambda v: np.log(v / 1e-4) / math.log(1e3),
    "one_minus_log": lambda v: np.log(0.3 / (1 - v)) / math.log(300),
    "zero_or_linear": lambda v: v / 0.5,
    "zero_or_log": lambda v: np.log(v / 1e-4) / math.log(1e3),
    "zero_or_one_minus_log": lambda v: np.log(0.3 / (1 - v)) / math.log(300),
}


def _drawn(gene: Gene, count: int = 4000) -> list:
    rng = np.random.default_rng(20240607)
    return [gene.decode(u) for u in rng.random(count)]


@pytest.mark.parametrize("kind", CDF)
def test_continuous_draws_follow_their_scale(kind):
    gene = SCALES[kind]
    values = np.array(_drawn(gene))
    zero = values == 0
    share = zero.mean()
    assert abs(share - gene.p_zero) < 4 * math.sqrt(0.25 / len(values))
    assert stats.kstest(values[~zero], CDF[kind]).pvalue > 0.01


@pytest.mark.parametrize("kind", ["integer", "stepped", "grid", "categorical", "boolean"])
def test_cells_are_drawn_equally_often(kind):
    gene = SCALES[kind]
    values = _drawn(gene)
    counts = [values.count(cell) for cell in gene.cells]
    assert sum(counts) == len(values)
    assert stats.chisquare(counts).pvalue > 0.01


def test_logarithmic_integers_are_drawn_by_their_share_of_the_logarithmic_range():
    gene = SCALES["integer_log"]
    values = _drawn(gene)
    edges = np.log(np.arange(3.5, 34))
    expected = np.diff(edges) / (edges[-1] - edges[0]) * len(values)
    counts = [values.count(cell) for cell in gene.cells]
    assert gene.cells == tuple(range(4, 34))
    assert stats.chisquare(counts, expected).pvalue > 0.01


@pytest.mark.parametrize("kind", SCALES)
@given(u=st.floats(0, 1))
def test_a_decoded_value_survives_encoding_json_and_checking(kind, u):
    gene = SCALES[kind]
    value = gene.decode(u)
    assert gene.decode(gene.encode(value)) == value
    assert gene.check(value) == value
    assert gene.check(json.loads(json.dumps(value))) == value
    assert type(gene.check(value)) is type(value)


@pytest.mark.parametrize("kind", [kind for kind, gene in SCALES.items() if gene.numeric])
@given(data=st.data())
def test_any_allowed_value_survives_encoding_once_checked(kind, data):
    gene = SCALES[kind]
    if gene.cells is None:
        value = gene.check(data.draw(st.floats(gene.low, gene.high)))
    else:
        value = data.draw(st.sampled_from(gene.cells))
    assert gene.decode(gene.encode(value)) == value


@pytest.mark.parametrize("kind", SCALES)
@given(u=st.floats(allow_nan=False))
def test_positions_outside_the_unit_interval_are_clipped(kind, u):
    gene = SCALES[kind]
    assert gene.decode(u) == gene.decode(min(max(u, 0.0), 1.0))


@pytest.mark.parametrize("kind", SCALES)
def test_positions_that_are_no_numbers_raise(kind):
    for bad in (0.5 + 0.1j, np.complex128(0.5), 1 + 0j):
        with pytest.raises(TypeError, match="complex"):
            SCALES[kind].decode(bad)
    for nan in (math.nan, np.float64("nan")):
        with pytest.raises(ValueError, match="NaN"):
            SCALES[kind].decode(nan)


def test_the_ends_of_the_unit_interval_are_the_ends_of_the_range():
    assert [SCALES["log"].decode(u) for u in (0, 1)] == [1e-4, 1e-1]
    assert [SCALES["one_minus_log"].decode(u) for u in (0, 1)] == [0.7, 0.999]
    assert [SCALES["zero_or_log"].decode(u) for u in (0, 0.499999, 0.5, 1)] == [0, 0, 1e-4, 1e-1]
    assert [SCALES["integer_log"].decode(u) for u in (0, 1)] == [4, 33]
    assert [SCALES["stepped"].decode(u) for u in (0, 1)] == [16, 256]
    assert SCALES["fixed_log"].decode(0.3) == 0.1


def test_encode_returns_the_middle_of_a_cell():
    assert SCALES["categorical"].encode("b") == pytest.approx(0.5)
    assert SCALES["integer"].encode(0) == pytest.approx(0.5 / 7)
    assert SCALES["grid"].encode(128) == pytest.approx(3.5 / 4)
    assert SCALES["zero_or_log"].encode(0.0) == pytest.approx(0.25)
    low, high = math.log(3.5), math.log(33.5)
    assert SCALES["integer_log"].encode(4) == pytest.approx((math.log(4.5) - low) / 2 / (high - low))


@pytest.mark.parametrize(
    ("kind", "given_value", "canonical"),
    [
        ("log", 0.00123456789012345, 0.00123456789012),
        ("log", np.float64(0.01), 0.01),
        ("log", 0.1 + 1e-17, 0.1),
        ("linear", 0.1 + 0.2, 0.3),
        ("zero_or_linear", -0.0, 0.0),
        ("zero_or_linear", 1e-14, 0.0),
        ("zero_or_log", 0, 0.0),
        ("stepped", 100, 96),
        ("stepped", 128.0, 128),
        ("integer", np.int64(3), 3),
        ("boolean", np.bool_(True), True),
        ("categorical", np.str_("a"), "a"),
    ],
)
def test_check_returns_the_canonical_value(kind, given_value, canonical):
    value = SCALES[kind].check(given_value)
    assert value == canonical
    assert type(value) is type(canonical)
    assert math.copysign(1, value) == 1 if isinstance(value, float) else True


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("log", 0.2),
        ("log", 0),
        ("log", math.nan),
        ("log", math.inf),
        ("log", "0.01"),
        ("log", None),
        ("log", True),
        ("log", 0.01 + 0j),
        ("log", 10**400),
        ("zero_or_log", 1e-5),
        ("zero_or_log", -1e-3),
        ("fixed_zero", 0.1),
        ("integer", 7),
        ("integer", 2.5),
        ("integer", False),
        ("integer", 10**400),
        ("stepped", 8),
        ("grid", 100),
        ("grid", True),
        ("categorical", "d"),
        ("categorical", ["a"]),
        ("boolean", 1),
    ],
)
def test_check_refuses_and_names_gene_value_and_range(kind, bad):
    gene = SCALES[kind]
    with pytest.raises(SettingError) as caught:
        gene.check(bad)
    assert "gene g" in caught.value.problem
    assert repr(bad) in caught.value.problem
    assert gene.range_text in caught.value.remedy


@pytest.mark.parametrize(
    ("kind", "value", "nearest"),
    [
        ("log", 5.0, 0.1),
        ("zero_or_log", 1e-9, 1e-4),
        ("zero_or_log", 0, 0.0),
        ("fixed_zero", 0.3, 0.0),
        ("stepped", 2000, 256),
        ("stepped", 8.0, 16),
        ("grid", 1000, 128),
        ("grid", 40, 32),
        ("integer", 2.6, 3),
        ("categorical", "z", "b"),
        ("categorical", "c", "c"),
    ],
)
def test_nearest_moves_a_value_into_the_range(kind, value, nearest):
    assert SCALES[kind].nearest(value) == nearest


@pytest.mark.parametrize("kind", SCALES)
@given(u=st.floats(0, 1), v=st.floats(0, 1))
def test_a_fixed_gene_has_one_value(kind, u, v):
    gene = SCALES[kind]
    value = gene.decode(u)
    fixed = gene.fix(value)
    assert fixed.fixed
    assert fixed.cells == (value,)
    assert fixed.decode(v) == value == fixed.default
    assert fixed.decode(fixed.encode(value)) == value
    assert Gene.from_json(json.loads(json.dumps(fixed.to_json()))) == fixed


@pytest.mark.parametrize("kind", SCALES)
@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted), u=st.floats(0, 1))
def test_a_narrowed_gene_stays_within_the_old_one(kind, ends, u):
    gene = SCALES[kind]
    low, high = (gene.decode(end) for end in ends)
    narrowed = gene.narrowed(low, high) if gene.numeric else gene.narrowed(0, 1)
    value = narrowed.decode(u)
    assert gene.check(value) == value  # equal in both, so that a genome keeps its key
    if gene.numeric and value and low:
        assert low <= value <= high
    assert narrowed.check(narrowed.default) == narrowed.default


def test_narrowing_between_two_grid_values_keeps_the_nearest():
    assert SCALES["stepped"].narrowed(100, 101).cells == (96,)
    grid = SCALES["grid"].narrowed(30, 70)
    assert (grid.cells, grid.low, grid.high) == ((32, 64), 32, 64)
    assert SCALES["zero_or_log"].narrowed(1e-3, 1e-2).range_text == "0 or 0.001..0.01"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "cubic", "default": 1},
        {"kind": "linear", "default": 1, "low": 2, "high": 1},
        {"kind": "linear", "default": 1, "low": 0, "high": 1e6},
        {"kind": "linear", "default": 1, "low": 0, "high": math.inf},
        {"kind": "log", "default": 1, "low": 0, "high": 1},
        {"kind": "log", "default": 5, "low": 1, "high": 2},
        {"kind": "log", "default": 1, "low": 1, "high": 2, "p_zero": 0.5},
        {"kind": "one_minus_log", "default": 0.5, "low": 0.5, "high": 1},
        {"kind": "zero_or_log", "default": 0, "low": 0, "high": 1, "p_zero": 0.5},
        {"kind": "zero_or_log", "default": 0, "low": 1, "high": 2, "p_zero": 1.5},
        {"kind": "integer", "default": 1, "low": 0.5, "high": 2},
        {"kind": "integer", "default": 16, "low": 16, "high": 40, "step": 16},
        {"kind": "integer_log", "default": 0, "low": 0, "high": 4},
        {"kind": "integer_log", "default": 8, "choices": (16, 8)},
        {"kind": "categorical", "default": "a"},
        {"kind": "categorical", "default": "a", "choices": ("a", "a")},
        {"kind": "linear", "default": 1, "choices": (1, 2)},
        {"kind": "linear", "default": 0, "where": "cloud"},
    ],
)
def test_a_gene_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(SettingError, match="gene g"):
        Gene("g", **wrong)


@pytest.mark.parametrize(
    "damage", [{"kind": None}, {"when": [{"gene": "x"}]}, {"low": "a"}, {"extra": 1}, None]
)
def test_a_damaged_stored_gene_is_refused(damage):
    stored = SCALES["linear"].to_json()
    stored = {} if damage is None else {**stored, **damage}
    with pytest.raises(SettingError):
        Gene.from_json(stored)


def test_conditions_hold_and_read_as_text():
    assert Condition("o", values=("adam", "adamw")).text == "o is adam or adamw"
    assert Condition("ema", values=(True,)).text == "ema is on"
    assert Condition("layers", at_least=2).text == "layers >= 2"
    assert Condition("dropout", above=0).text == "dropout > 0"
    assert Condition("layers", at_least=2).holds(2)
    assert not Condition("dropout", above=0).holds(0.0)
    assert not Condition("o", values=("adam",)).holds("sgd")
    with pytest.raises(ValueError, match="give one of"):
        Condition("o")
    with pytest.raises(ValueError, match="give one of"):
        Condition("o", at_least=1, above=1)
