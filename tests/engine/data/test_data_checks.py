"""Leaks, copies, missingness, extremes, spellings: each finding is said where it is true, and only there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cambrian.data import duplicates
from cambrian.data.alike import alike, merged_labels
from cambrian.data.column_facts import of_numbers
from cambrian.data.duplicates import mixed_in, repeated_rows, tells_rows_apart
from cambrian.data.extremes import extreme_findings
from cambrian.data.findings import DataWarning, option, percent
from cambrian.data.profile import Profile, profile_table
from cambrian.data.read import read_table

ROWS = 600
RNG = np.random.default_rng(0)
X = RNG.normal(size=ROWS)
COIN = np.where(RNG.random(ROWS) < 0.5, "yes", "no")


@pytest.fixture
def profiled(tmp_path: Path):
    def profiled(columns: dict, **settings) -> Profile:
        pq.write_table(pa.table(columns), tmp_path / "t.parquet")
        return profile_table(read_table(tmp_path / "t.parquet"), **settings)

    return profiled


def of(profile: Profile, code: str, column: str | None = None) -> list[DataWarning]:
    return [each for each in profile.warnings if each.code == code and column in (None, each.column)]


def noisy(values: np.ndarray, share: float) -> np.ndarray:
    """The labels, with a share of them drawn anew."""
    drawn = np.random.default_rng(1).random(len(values)) < share
    return np.where(drawn, np.random.default_rng(2).permutation(values), values)


GROUPS = RNG.integers(0, 60, ROWS)
NEAR_LEAKS = {
    "a category, 1 in 200 wrong": (noisy(COIN, 0.01), COIN, True),
    "a category, 1 in 10 wrong": (noisy(COIN, 0.2), COIN, False),
    "a curve": (X, X**3 + 1e-3 * RNG.normal(size=ROWS), True),
    "a distance": (X, np.abs(X - 0.3), True),
    "a curve with noise": (X, X**3 + 2 * RNG.normal(size=ROWS), False),
    "an interval": (X, np.where(np.abs(X) < 0.7, "in", "out"), True),
    "an interval with noise": (X, noisy(np.where(np.abs(X) < 0.7, "in", "out"), 0.2), False),
    "the mean of its group": (GROUPS.astype(str), GROUPS * 1.37 + 1e-3 * X, True),
    "unrelated": (RNG.normal(size=ROWS), X, False),
    "unrelated classes": (X, COIN, False),
    "a tail": (np.exp(3 * X), 2 * np.exp(3 * X) + X * 1e-6, True),
}


@pytest.mark.parametrize("case", NEAR_LEAKS)
def test_a_feature_that_nearly_decides_the_target_is_named(profiled, case: str) -> None:
    feature, target, leaks = NEAR_LEAKS[case]
    profile = profiled({"my feature": feature, "other": RNG.normal(size=ROWS), "y": target}, target="y")
    assert [each.column for each in of(profile, "leak")] == ["my feature"] * leaks
    for each in of(profile, "leak"):
        assert re.search(r"\d", each.message)
        assert "--drop 'my feature'" in each.remedy


def test_the_share_of_a_near_leak_is_close_to_the_true_one(profiled) -> None:
    leak = noisy(COIN, 0.01)
    (found,) = of(profiled({"x": leak, "f": X, "y": COIN}, target="y"), "leak")
    told = float(re.search(r"([\d.]+)% of rows held out", found.message)[1])
    assert told == pytest.approx(100 * (leak == COIN).mean(), abs=0.5)


def test_many_noisy_features_of_few_rows_leak_nothing(profiled) -> None:
    rng = np.random.default_rng(5)
    columns = {f"x{i}": rng.normal(size=60) for i in range(300)}
    profile = profiled(columns | {"y": rng.permutation(["a"] * 30 + ["b"] * 30)}, target="y")
    assert not of(profile, "leak")


def test_copied_rows_are_counted_and_chance_repeats_of_coarse_features_are_not(profiled) -> None:
    whole = {"x": X, "k": COIN, "y": RNG.normal(size=ROWS)}
    tripled = {name: np.tile(values, 3) for name, values in whole.items()}
    profile = profiled(tripled, target="y")
    assert profile.duplicates == 2 * ROWS
    assert f"{2 * ROWS} of {3 * ROWS} rows repeat an earlier row" in of(profile, "duplicate_rows")[0].message
    clean = profiled(whole, target="y")
    assert (clean.duplicates, of(clean, "duplicate_rows")) == (0, [])
    coarse = profiled({"a": RNG.integers(0, 3, ROWS), "k": COIN, "y": COIN[::-1]}, target="y")
    assert coarse.duplicates > ROWS / 2
    assert not of(coarse, "duplicate_rows")
    assert profiled(tripled).duplicates == 2 * ROWS


def test_left_out_columns_do_not_hide_copies(profiled) -> None:
    columns = {"x": np.tile(X, 2), "id": np.arange(2 * ROWS), "y": np.tile(COIN, 2)}
    assert profiled(columns, target="y").duplicates == ROWS


def test_rows_alike_of_different_classes_bound_what_can_be_right(profiled) -> None:
    labels = np.tile(COIN, 2)
    labels[:60] = np.where(labels[:60] == "yes", "no", "yes")
    profile = profiled({"x": np.tile(X, 2), "f": np.tile(X[::-1], 2), "y": labels}, target="y")
    (found,) = of(profile, "contradictions")
    assert (
        f"no model gets more than {1 - 60 / (2 * ROWS):.1%} of these {2 * ROWS} rows right" in found.message
    )


def test_row_keys_take_equal_cells_as_equal_and_others_not(monkeypatch) -> None:
    zero = np.zeros(4, dtype=np.uint64)
    keys = mixed_in(zero, np.array([0.0, -0.0, np.nan, -np.nan]))
    assert keys[0] == keys[1] != keys[2] == keys[3]
    swapped = mixed_in(mixed_in(zero, np.array([1, 2, 1, 1])), np.array([2, 1, 2, 1]))
    assert len(set(swapped.tolist())) == 3
    assert repeated_rows(swapped) == 1
    grid = np.stack(np.meshgrid(np.arange(1000), np.arange(1000)), -1).reshape(-1, 2)
    assert repeated_rows(mixed_in(mixed_in(np.zeros(len(grid), np.uint64), grid[:, 0]), grid[:, 1])) == 0
    monkeypatch.setattr(duplicates, "BLOCK", 1000)
    many = mixed_in(np.zeros(30_000, np.uint64), np.arange(30_000) % 20_000)
    assert repeated_rows(many) == 10_000
    assert tells_rows_apart([10, 10, 10], 100)
    assert not tells_rows_apart([10, 10], 100)


def holed(values: np.ndarray, holes: np.ndarray) -> np.ndarray:
    return np.where(holes, np.nan, values)


def test_missing_cells_that_tell_of_the_target_are_named_with_their_shares(profiled) -> None:
    holes = np.random.default_rng(3).random(ROWS) < np.where(COIN == "yes", 0.4, 0.05)
    profile = profiled({"x": holed(X, holes), "f": X, "y": COIN}, target="y")
    (found,) = of(profile, "missing_by_target")
    told = [int(word) for word in re.findall(r"(\d+)%", found.message)]
    yes, no = (round(100 * holes[label == COIN].mean()) for label in ("yes", "no"))
    assert sorted(told) == sorted([yes, no])
    assert "--drop x" in found.remedy
    amounts = profiled({"x": holed(X, RNG.random(ROWS) < (X > 0) * 0.5), "f": COIN, "y": X}, target="y")
    assert "whose `y` is" in of(amounts, "missing_by_target")[0].message


def test_missing_cells_by_chance_tell_nothing(profiled) -> None:
    holes = RNG.random((ROWS, 40)) < 0.2
    columns = {f"x{i}": holed(X, holes[:, i]) for i in range(40)}
    assert not of(profiled(columns | {"y": COIN}, target="y"), "missing_by_target")


def test_extremes_are_counted_and_placed(tmp_path: Path) -> None:
    lines = [f"{i % 7 + 0.5},{i % 3}" for i in range(50)]
    lines[10], lines[20], lines[30] = "1e308,1", "-2e40,1", "inf,2"
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x,y", *lines]) + "\n")
    profile = profile_table(read_table(path))
    (found,) = of(profile, "extreme_values")
    assert found.message.startswith("`x` holds 2 extreme values, the first in line 12: 1e+308 (median 3.5)")
    assert "float64 cannot hold its square" in found.message
    assert "1 infinite value, in line 32" in of(profile, "infinite")[0].message


EXTREMES = {
    "float32": ([1e39, *X[1:]], "extreme_values", "float32 cannot hold it"),
    "far out": ([1e12, *X[1:]], "extreme_values", "1 extreme value, in row 1: 1000000000000 (median"),
    "nines": ([-999.0] * 40 + list(X[40:]), "missing_code", "--missing=-999"),
    "nines above": ([9999.0] * 2 + list(X[2:]), "missing_code", "`x` is 9999 in 2 of 600 rows"),
    "once": ([-999.0, *X[1:]], "far_values", "1 value far from all others, in row 1: -999 (the others"),
    "a date for missing": (
        [np.datetime64("9999-12-31", "s")] * 5 + list(np.datetime64("2024-01-01", "s") + np.arange(595)),
        "missing_code",
        "`x` is 9999-12-31 in 5 of 600 rows",
    ),
    "long": (2**55 + np.arange(ROWS) * 999_999_999, "long_numbers", "beyond 2^53"),
}


@pytest.mark.parametrize("case", EXTREMES)
def test_numbers_far_from_all_others(profiled, case: str) -> None:
    values, code, words = EXTREMES[case]
    profile = profiled({"x": values, "f": X, "y": COIN}, target="y")
    (found,) = [each for each in profile.warnings if each.column == "x"]
    assert found.code == code
    assert words in found.message + found.remedy


DAYS = np.datetime64("2024-01-01", "s") + np.append(np.full(9, 10**8), np.arange(ROWS - 9) % 400 * 86_400)


@pytest.mark.parametrize("values", [np.arange(ROWS) % 100.0, X * 1e17, X * 1e-300, DAYS])
def test_ordinary_ends_are_no_extremes(profiled, values) -> None:
    profile = profiled({"x": values, "f": X, "y": COIN}, target="y")
    assert not [each for each in profile.warnings if each.column == "x"]


def test_extremes_of_a_column_of_which_a_sample_is_known_have_no_place() -> None:
    facts = of_numbers("x", "number", np.append(np.arange(99.0), 1e30))
    known = replace(facts, codes=facts.codes[:50], values=facts.values[:50])
    (found,) = extreme_findings(known, lambda row: f"row {row}")
    assert found.message.startswith("`x` holds 1 extreme value: 1e+30 (median")


def test_targets_of_few_numbers_or_one_common_one(profiled) -> None:
    few = profiled({"x": X, "y": RNG.choice([0.5, 1.5, 2.5], ROWS)}, target="y")
    assert "3 different numbers in 600 rows" in of(few, "few_numbers")[0].message
    assert "--task multiclass" in of(few, "few_numbers")[0].remedy
    mostly_zero = profiled({"x": X, "y": np.where(RNG.random(ROWS) < 0.8, 0.0, X)}, target="y")
    assert re.search(r"`y` is 0 in (7|8)\d% of 600 rows", of(mostly_zero, "dominant_number")[0].message)
    asked = profiled({"x": X, "y": RNG.integers(1, 6, ROWS)}, target="y", task="regression")
    assert not of(asked, "few_numbers")
    assert not of(profiled({"f": COIN, "y": X}, target="y"), "dominant_number")


def test_an_extreme_target_is_named(profiled) -> None:
    (found,) = of(profiled({"x": X, "y": [1e200, *X[1:]]}, target="y"), "extreme_values")
    assert (found.column, "--objective mae" in found.remedy) == ("y", True)


@pytest.mark.parametrize(("labels", "proposed"), [(["a", "b"], "average_precision"), ("abc", "macro_f1")])
def test_an_imbalance_proposes_an_objective_of_its_task(profiled, labels, proposed: str) -> None:
    from cambrian.training.metrics import objective_names

    y = ["a"] * (ROWS - 12) + [labels[i % (len(labels) - 1) + 1] for i in range(12)]
    profile = profiled({"x": X, "y": y}, target="y")
    (found,) = of(profile, "imbalance")
    assert f"--objective {proposed}" in found.remedy
    assert "Guessing 'a' every time is right in 98%" in found.remedy
    named = set(re.findall(r"--objective (\w+)", found.remedy))
    assert named <= set(objective_names(profile.task))


def test_categories_alike_are_named_as_classes_are(profiled) -> None:
    profile = profiled({"city": ["Oslo", "oslo ", "Bergen"] * 200, "f": X, "y": COIN}, target="y")
    assert "'Oslo', 'oslo '" in of(profile, "categories_alike")[0].message
    assert alike(["a", "A ", "b", "  B", "c"]) == (("a", "A "), ("b", "  B"))
    assert alike(["straße", "STRASSE"]) == (("straße", "STRASSE"),)


def test_merged_labels_are_spelled_as_most_are(tmp_path: Path) -> None:
    spelled = ["Yes "] * 5 + ["YES"] * 2 + ["no", "NO", "NO"] + [None]
    pq.write_table(pa.table({"y": spelled, "x": range(11)}), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    merged = merged_labels(table, "y")
    assert merged.columns["y"].to_pylist() == ["Yes "] * 7 + ["NO"] * 3 + [None]
    assert (merged.fingerprint, merged.names) == (table.fingerprint, table.names)
    assert profile_table(merged, target="y").classes == ("Yes ", "NO")
    known = merged_labels(table, "y", known=("yes", "no"))
    assert set(known.columns["y"].to_pylist()) == {"yes", "no", None}
    assert merged_labels(table, "x") is table
    assert merged_labels(table, "absent") is table


def test_a_flood_of_one_kind_is_bounded_and_the_columns_hold_all(profiled) -> None:
    profile = profiled({f"c{i}": ["k"] * ROWS for i in range(40)} | {"x": X, "y": COIN}, target="y")
    found = of(profile, "constant")
    assert len(found) == 11
    assert found[-1].message.startswith("30 more columns have a finding of the kind 'constant': `c10`")
    assert found[-1].message.endswith("and 25 others.")
    assert sum(bool(column.warnings) for column in profile.columns) == 40


def test_a_column_of_an_option_is_quoted_for_a_shell() -> None:
    assert option("--drop", "plain") == "--drop plain"
    assert option("--role", "my col", "text") == "--role 'my col=text'"
    assert [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0%", "under 1%", "50%", "over 99%", "100%",
    ]  # fmt: skip


def test_quartiles_of_numbers_and_times(profiled) -> None:
    days = np.datetime64("2024-01-01") + np.arange(ROWS) % 101
    profile = profiled({"x": np.arange(ROWS) % 101 + 0.5, "d": days, "t": COIN})
    quartiles = np.quantile(np.arange(ROWS) % 101, [0.25, 0.5, 0.75], method="inverted_cdf")
    low, _, high = quartiles + 0.5
    assert profile.column("x").quartiles == (low, np.median(np.arange(ROWS) % 101) + 0.5, high)
    assert profile.column("d").quartiles[1] == str(np.datetime64("2024-01-01") + int(quartiles[1]))
    assert profile.column("t").quartiles == ()
