import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cambrian.data.split import SplitSettings, fold_rows, resolve_folds, split_rows
from cambrian.errors import DataError

CLASSES = np.array([0] * 60 + [1] * 30 + [2] * 10)
KNOWN_TEST = [7, 15, 16, 18]
KNOWN_FOLDS = [1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0]


def shuffled(y, seed=0):
    return np.random.default_rng(seed).permutation(y)


def test_same_fingerprint_and_seed_give_the_same_split():
    y = shuffled(CLASSES)
    first, again = (split_rows(y, "abc", SplitSettings(split_seed=3)) for _ in range(2))
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.fold_of, again.fold_of)


@pytest.mark.parametrize(("fingerprint", "seed"), [("abd", 3), ("abc", 4)])
def test_another_fingerprint_or_seed_gives_another_split(fingerprint, seed):
    y = shuffled(CLASSES)
    first = split_rows(y, "abc", SplitSettings(split_seed=3))
    other = split_rows(y, fingerprint, SplitSettings(split_seed=seed))
    assert first.test.tolist() != other.test.tolist()


def test_the_number_of_folds_does_not_move_the_test_rows():
    y = shuffled(CLASSES)
    tests = [split_rows(y, "abc", SplitSettings(folds=folds)).test.tolist() for folds in (1, 2, 5)]
    assert tests[0] == tests[1] == tests[2]


def test_a_known_split_stays_as_it_is():
    """Runs are resumed and compared by their split: it may not drift with our code."""
    split = split_rows(np.arange(20) % 2, "fingerprint", SplitSettings(folds=2))
    assert split.test.tolist() == KNOWN_TEST
    assert split.fold_of.tolist() == KNOWN_FOLDS


def test_parts_hold_every_class_in_its_share():
    split = split_rows(shuffled(CLASSES), "abc", SplitSettings())
    y = shuffled(CLASSES)
    assert np.bincount(y[split.test]).tolist() == [12, 6, 2]
    for _, validation in split.folds:
        counts = np.bincount(y[split.train][validation], minlength=3)
        assert np.abs(counts - [9.6, 4.8, 1.6]).max() < 1


def test_regression_parts_share_the_quantiles():
    y = np.random.default_rng(0).lognormal(size=1000)
    split = split_rows(y, "abc", SplitSettings())
    edges = np.quantile(y, np.linspace(0, 1, 11))
    counts, _ = np.histogram(y[split.test], edges)
    assert counts.tolist() == [20] * 10


@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=8),
    folds=st.integers(0, 8),
    fraction=st.floats(0.05, 0.85),
    seed=st.integers(0, 5),
)
@settings(max_examples=150, deadline=None)
def test_every_labelled_row_has_one_place(sizes, folds, fraction, seed):
    y = shuffled(np.repeat(np.arange(len(sizes)), sizes), seed)
    y[::17] = -1
    try:
        split = split_rows(y, "x", SplitSettings(fraction, seed, folds))
    except DataError:
        return
    both = np.concatenate([split.train, split.test])
    np.testing.assert_array_equal(np.sort(both), np.flatnonzero(y >= 0))
    counts = np.bincount(y[y >= 0], minlength=len(sizes))
    trained = np.bincount(y[split.train], minlength=len(sizes))
    assert (trained[counts > 0] > 0).all()
    assert not np.isin(split.test, np.flatnonzero(np.isin(y, np.flatnonzero(counts == 1)))).any()
    for train, validation in split.folds:
        assert len(train)
        assert len(validation)
        np.testing.assert_array_equal(
            np.sort(np.concatenate([train, validation])), np.arange(len(split.train))
        )
        learnt = set(y[split.train][train].tolist())
        assert learnt == set(y[split.train].tolist())  # no fold validates on a class it never met


def test_folds_validate_on_every_row_but_only_members_of_a_class():
    y = np.array([0] * 30 + [1] * 30 + [2])
    split = split_rows(y, "abc", SplitSettings())
    assert split.train[-1] == 60
    assert split.fold_of[-1] == -1
    validated = np.concatenate([validation for _, validation in split.folds])
    np.testing.assert_array_equal(np.sort(validated), np.arange(len(split.train) - 1))


def test_a_holdout_is_a_fifth():
    split = split_rows(shuffled(CLASSES), "abc", SplitSettings(folds=1))
    assert split.n_folds == 1
    train, validation = split.fold(0)
    assert (len(train), len(validation)) == (64, 16)


@pytest.mark.parametrize(("rows", "folds"), [(100, 5), (20_000, 5), (20_001, 3), (100_000, 3), (100_001, 1)])
def test_folds_by_rows(rows, folds):
    assert resolve_folds(0, rows) == folds
    assert resolve_folds(7, rows) == 7


def test_without_a_test_part_every_labelled_row_trains():
    y = np.where(np.arange(50) % 7 == 0, np.nan, np.arange(50.0))
    split = split_rows(y, "abc", SplitSettings(), test_part=False)
    np.testing.assert_array_equal(split.train, np.flatnonzero(np.isfinite(y)))
    assert len(split.test) == 0


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 0]),
        np.full(100, -1),
        np.zeros(100, dtype=int),
        np.array([0] * 50 + [1]),
        np.arange(5.0),
        np.full(50, np.nan),
    ],
)
def test_too_little_to_learn_from_is_refused_with_a_remedy(y):
    with pytest.raises(DataError) as caught:
        split_rows(y, "abc", SplitSettings())
    assert caught.value.remedy


def test_more_folds_than_rows_allow_is_refused():
    with pytest.raises(DataError, match="40 are needed"):
        split_rows(np.arange(30.0), "abc", SplitSettings(folds=20))


def test_fold_rows_are_int64():
    train, validation = fold_rows(np.array([0, 1, -1], dtype=np.int8), 0)
    assert train.dtype == validation.dtype == np.int64
    assert (train.tolist(), validation.tolist()) == ([1, 2], [0])
