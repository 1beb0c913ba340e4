"""What an analyst would notice at a glance: values far out, an order in time, rare classes, the median."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.row_columns import NO_COLUMNS, RowColumns

ROWS = 400


def profiled(tmp_path, rows=NO_COLUMNS, **columns):
    rng = np.random.default_rng(0)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({**columns, "y": rng.normal(size=len(next(iter(columns.values()))))}), path)
    return profile_table(read_table(path), target="y", rows=rows)


def found(profile, code):
    return [each for each in profile.warnings if each.code == code]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_few_values_far_from_all_others_are_said(tmp_path, sign):
    x = np.random.default_rng(1).normal(size=ROWS)
    x[[7, 30]] = sign * 99.5, sign * 250
    (far,) = found(profiled(tmp_path, x=x), "far_values")
    assert far.message.startswith(
        f"`x` holds 2 values far from all others, the first in row 8: {sign * 99.5} "
    )
    rest = np.delete(x, [7, 30])
    assert f"(the others lie between {rest.min():.6g} and {rest.max():.6g})" in far.message
    assert "--drop x" in far.remedy


@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(2).normal(size=ROWS),
        np.random.default_rng(2).lognormal(size=ROWS),
        np.append(np.random.default_rng(2).normal(size=ROWS - 40), np.full(40, 500.0)),
        np.append(np.arange(ROWS - 1) % 10, 1000.0),
        np.append(np.zeros(ROWS - 5), np.arange(5) * 100.0),
    ],
    ids=["normal", "lognormal", "two groups", "few numbers", "mostly zero"],
)
def test_no_value_is_far_in_an_ordinary_column(tmp_path, x):
    assert not found(profiled(tmp_path, x=x), "far_values")


DAYS = np.datetime64("2024-01-01", "us") + np.arange(ROWS) * np.timedelta64(1, "D")


@pytest.mark.parametrize(
    "days", [DAYS, DAYS[::-1], np.repeat(DAYS[: ROWS // 4], 4)], ids=["up", "down", "days"]
)
def test_rows_in_the_order_of_a_time_are_said(tmp_path, days):
    x = np.random.default_rng(3).normal(size=ROWS)
    (order,) = found(profiled(tmp_path, x=x, day=days), "time_order")
    assert order.column == "day"
    assert "--time day" in order.remedy
    assert not found(profiled(tmp_path, x=x, day=days, rows=RowColumns(time="day")), "time_order")


def test_times_in_no_order_are_not_said(tmp_path):
    x = np.random.default_rng(3).normal(size=ROWS)
    assert not found(profiled(tmp_path, x=x, day=np.random.default_rng(4).permutation(DAYS)), "time_order")


@pytest.mark.parametrize(
    "x", [[1.0, 2.0, 4.0, 8.0] * 5, [1.0, 2.0, 4.0] * 5, [1e308, 1.7e308] * 6, [-3.0] * 10 + [5.0] * 10]
)
def test_the_median_is_that_of_numpy(tmp_path, x):
    with np.errstate(over="ignore"):
        expected = np.median(np.array(x) / 4) * 4
    assert profiled(tmp_path, x=x).column("x").quartiles[1] == expected


def test_a_rare_class_of_few_rows_is_said_to_score_roughly(tmp_path):
    path = tmp_path / "t.parquet"
    said = {}
    for rows in (1000, 10_000):
        x = np.random.default_rng(0).normal(size=rows)
        labels = np.where(np.arange(rows) % 100 == 0, "rare", "common")
        pq.write_table(pa.table({"x": x, "y": labels}), path)
        (said[rows],) = found(profile_table(read_table(path), target="y"), "imbalance")
    assert said[1000].remedy.endswith("With 10 rows of it every such score is rough: more of them help most.")
    assert "rough" not in said[10_000].remedy
