"""Splits by groups and by time: nothing in two parts, nothing later in training, and clear refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cambrian.data.split import SplitSettings, split_rows
from cambrian.data.split_dealers import SplitBy
from cambrian.errors import DataError


def by_groups(groups):
    return SplitBy("groups", "patient", np.array([f"p{group}" for group in groups], dtype=object))


def by_time(times):
    return SplitBy("time", "day", np.asarray(times, dtype=np.float64))


def group_parts(split, groups):
    groups = np.asarray(groups)
    return [set(groups[split.test]), *(set(groups[split.train][rows]) for _, rows in split.folds)]


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(2, 40),
    folds=st.integers(0, 6),
    fraction=st.floats(0.05, 0.8),
    task=st.sampled_from(["binary", "rare", "regression"]),
)
@settings(max_examples=150, deadline=None)
def test_no_group_is_in_two_parts(seed, count, folds, fraction, task):
    rng = np.random.default_rng(seed)
    groups = rng.integers(count, size=rng.integers(12, 200))
    y = rng.normal(size=len(groups))
    if task != "regression":
        y = rng.choice(
            [0, 1, 2], p=[0.5, 0.5, 0] if task == "binary" else [0.6, 0.35, 0.05], size=len(groups)
        )
        y[::19] = -1
    try:
        split = split_rows(y, "x", SplitSettings(fraction, seed, folds), by=by_groups(groups))
    except DataError:
        return
    both = np.sort(np.concatenate([split.train, split.test]))
    np.testing.assert_array_equal(both, np.flatnonzero(y >= 0 if task != "regression" else np.isfinite(y)))
    parts = group_parts(split, groups)
    assert all(parts)
    assert sum(len(part) for part in parts) == len(set().union(*parts))
    trained = set(groups[split.train])
    assert not parts[0] & trained
    for train, validation in split.folds:
        assert not set(groups[split.train][train]) & set(groups[split.train][validation])
        assert len(train) + len(validation) == len(split.train)
    if task != "regression":
        for train, _ in split.folds:
            assert set(y[split.train][train]) == set(y[y >= 0])  # every class is met in training


def test_groups_are_stratified_as_far_as_possible():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(300), 10)
    y = (rng.random(3000) < np.repeat(rng.choice([0.05, 0.6], 300), 10)).astype(np.int64)
    split = split_rows(y, "abc", SplitSettings(), by=by_groups(groups))
    assert len(split.test) == pytest.approx(600, abs=10)
    shares = [y[split.test].mean(), *(y[split.train][rows].mean() for _, rows in split.folds)]
    assert np.ptp(shares) < 0.02
    assert split.kind == "groups"


def test_a_group_split_is_a_function_of_fingerprint_and_seed():
    groups, y = np.arange(200) // 4, np.arange(200) % 2
    first, again, other, seeded = (
        split_rows(y, name, SplitSettings(split_seed=seed), by=by_groups(groups)).test.tolist()
        for name, seed in (("a", 0), ("a", 0), ("b", 0), ("a", 1))
    )
    assert first == again
    assert first != other
    assert first != seeded


def test_a_group_that_alone_has_a_class_always_trains():
    groups = np.arange(120) // 4
    y = np.arange(120) % 2
    y[40:44] = 2
    split = split_rows(y, "abc", SplitSettings(), by=by_groups(groups))
    mine = np.isin(split.train, np.arange(40, 44))
    assert mine.sum() == 4
    assert (split.fold_of[mine] == -1).all()


def test_fewer_groups_than_folds_mean_fewer_folds_or_a_refusal():
    groups, y = np.arange(60) % 4, np.arange(60) // 4 % 2
    assert split_rows(y, "abc", SplitSettings(), by=by_groups(groups)).n_folds == 3
    with pytest.raises(
        DataError, match=r"`patient` has 3 groups that the test part leaves, too few for 5 folds"
    ):
        split_rows(y, "abc", SplitSettings(folds=5), by=by_groups(groups))
    with pytest.raises(DataError, match=r"`patient` has 1 groups"):
        split_rows(y, "abc", SplitSettings(), by=by_groups(np.zeros(60, int)))


@given(
    seed=st.integers(0, 10_000),
    moments=st.integers(2, 60),
    folds=st.integers(0, 6),
    fraction=st.floats(0.05, 0.8),
)
@settings(max_examples=150, deadline=None)
def test_what_is_later_validates_and_what_is_latest_tests(seed, moments, folds, fraction):
    rng = np.random.default_rng(seed)
    times = rng.integers(moments, size=rng.integers(12, 200)).astype(float)
    y = rng.normal(size=len(times))
    try:
        split = split_rows(y, "x", SplitSettings(fraction, seed, folds), by=by_time(times))
    except DataError:
        return
    assert times[split.test].min() > times[split.train].max()
    trained = times[split.train]
    seen, latest = 0, -np.inf
    for train, validation in split.folds:
        assert trained[train].max() < trained[validation].min()
        assert len(train) > seen  # windows expand
        assert trained[validation].min() > latest
        seen, latest = len(train), trained[validation].max()
    assert latest == trained.max()


def test_time_shares_are_kept_where_ties_allow():
    times = np.random.default_rng(0).permutation(1000)
    split = split_rows(np.arange(1000.0), "abc", SplitSettings(folds=4), by=by_time(times))
    assert len(split.test) == 200
    assert [len(train) for train, _ in split.folds] == [400, 500, 600, 700]
    assert [len(rows) for _, rows in split.folds] == [100] * 4
    holdout = split_rows(np.arange(1000.0), "abc", SplitSettings(folds=1), by=by_time(times))
    assert [len(rows) for rows in holdout.fold(0)] == [640, 160]


def test_too_few_times_are_refused():
    y = np.arange(60.0)
    with pytest.raises(DataError, match=r"`day` has 1 different times, too few"):
        split_rows(y, "abc", SplitSettings(), by=by_time(np.zeros(60)))
    with pytest.raises(DataError, match=r"`day` has 2 different times that the test part leaves"):
        split_rows(y, "abc", SplitSettings(folds=5), by=by_time(np.arange(60) // 20))


def test_training_rows_of_one_class_before_a_time_are_refused():
    y = (np.arange(100) >= 70).astype(np.int64)
    with pytest.raises(DataError, match="one class alone"):
        split_rows(y, "abc", SplitSettings(), by=by_time(np.arange(100)))
