import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from cambrian.data.encode import Encoder, Prep, TargetScale, encoded_names, encoded_width
from cambrian.data.feature import Feature
from cambrian.data.numeric import METHODS, NumericScaler
from cambrian.data.schema import Columns, TableSchema
from cambrian.errors import DataError, SettingError

COLOURS = tuple("abcdef")
SCHEMA = TableSchema(
    (
        Feature("size", "numeric", True),
        Feature("colour", "categorical", True, COLOURS),
        Feature("paid", "boolean", True),
        Feature("when", "datetime", True, parts=("days", "weekday", "month")),
        Feature("sex", "categorical", False, ("f", "m")),
        Feature("city", "categorical", False, ("x", "y", "z")),
    ),
    "y",
    ("no", "yes"),
)
ODD = [np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 1e-308, 0.0, -0.0, 1e140, 2**53 + 1]
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(ODD)


def make_columns(rows=60, seed=0):
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(rows, 5))
    numeric[:, 1] = rng.integers(0, 2, rows)
    numeric[rng.random((rows, 5)) < 0.1] = np.nan
    codes = np.stack([rng.integers(-2, 6, rows), rng.integers(0, 2, rows), rng.integers(-2, 3, rows)], axis=1)
    return Columns(numeric, codes.astype(np.int32))


def scaled(values, method, fit_on=None):
    column = np.asarray(values, dtype=np.float64)[:, None]
    fitted = NumericScaler.fit(column if fit_on is None else np.asarray(fit_on, dtype=float)[:, None], method)
    return fitted.transform(column)[:, 0]


def test_standard_is_sklearns():
    x = np.random.default_rng(0).lognormal(size=500)
    np.testing.assert_allclose(
        scaled(x, "standard"), StandardScaler().fit_transform(x[:, None])[:, 0], rtol=1e-12
    )


def test_robust_clip_is_the_published_formula():
    x = np.random.default_rng(0).standard_cauchy(size=501)
    q25, q50, q75 = np.percentile(x, [25, 50, 75])
    z = (x - q50) / (q75 - q25)
    np.testing.assert_allclose(scaled(x, "robust_clip"), z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-12)


def test_robust_clip_falls_back_to_half_the_range():
    x = np.array([0.0] * 90 + [4.0] * 10)
    z = 4.0 / (0.5 * 4.0)
    np.testing.assert_allclose(scaled(x, "robust_clip")[-1], z / np.sqrt(1 + (z / 3) ** 2))
    assert (scaled(x, "robust_clip")[:90] == 0).all()


@pytest.mark.parametrize("rows", [7, 50, 3000, 40_000])
def test_quantile_is_sklearns(rows):
    rng = np.random.default_rng(rows)
    x = np.round(rng.lognormal(size=rows), 2 if rows == 3000 else 12)
    later = rng.lognormal(size=500)
    reference = QuantileTransformer(
        n_quantiles=min(max(min(rows // 30, 1000), 10), rows), output_distribution="normal", subsample=None
    ).fit(x[:, None])
    np.testing.assert_allclose(
        scaled(later, "quantile", fit_on=x), reference.transform(later[:, None])[:, 0], atol=1e-9
    )


def test_quantile_of_tied_extremes_is_the_middle_of_their_ranks():
    x = np.array([0.0] * 300 + list(np.linspace(1, 2, 700)))
    assert abs(scaled(x, "quantile")[0] - -1.04) < 0.05  # the normal quantile of 0.15; scikit-learn says -5.2


@pytest.mark.parametrize("method", METHODS)
@given(train=arrays(float, st.integers(1, 40), elements=ANY_FLOAT), later=st.lists(ANY_FLOAT, max_size=20))
@example(train=np.array([1e308, -1e308, 1.0]), later=ODD)
@example(train=np.full(5, np.nan), later=ODD)
@example(train=np.full(5, 0.1), later=ODD)
@example(train=np.array([0.0, 0.0, 0.0, 5e-324, 1e-308, 1e-308]), later=[])
@settings(max_examples=100, deadline=None)
def test_scaling_is_finite_and_rising_whatever_the_numbers(method, train, later):
    values = np.concatenate([np.array(later, dtype=float), train])
    out = scaled(values, method, fit_on=train).astype(np.float32)
    assert np.isfinite(out).all()
    known = ~np.isnan(values)
    if method != "quantile":  # tied extremes step by design
        assert (np.diff(out[known][np.argsort(values[known], kind="stable")]) >= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_column_of_one_value_becomes_zero(method):
    assert (scaled([0.1, 5.0, -3.0, np.nan], method, fit_on=[0.1] * 33) == 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_missing_cells_take_the_place_of_the_median(method):
    train = [1.0, 2.0, 7.0, 8.0, 100.0, np.nan]
    out = scaled([7.0, np.nan], method, fit_on=train)
    assert out[0] == out[1]


@pytest.mark.parametrize("numeric", METHODS)
@pytest.mark.parametrize("max_one_hot", [1, 2, 3, 4, 33])
def test_width_is_known_without_the_data(numeric, max_one_hot):
    prep = Prep(numeric, max_one_hot)
    for seed in range(3):
        encoder = Encoder.fit(make_columns(seed=seed), SCHEMA, prep)
        x = encoder.transform(make_columns(seed=9))
        assert x.shape == (60, encoded_width(SCHEMA, prep))
        assert x.dtype == np.float32
    assert len(set(encoded_names(SCHEMA, prep))) == x.shape[1]


def test_layout_of_categories_booleans_and_indicators():
    prep = Prep("standard", 4)
    assert encoded_names(SCHEMA, prep)[5:] == (
        "size: missing",
        "paid: missing",
        "when: missing",
        "colour = a",
        "colour = b",
        "colour = c",
        "colour = d",
        "colour: other",
        "colour: missing",
        "sex = m",
        "city = x",
        "city = y",
        "city = z",
    )
    codes = np.array([[0, 0, 2], [3, 1, 0], [4, 1, 1], [-2, -2, -2], [-1, -1, -1]], dtype=np.int32)
    numeric = np.zeros((5, 5))
    numeric[:, 1] = [0, 1, np.nan, 0, 1]
    x = Encoder.fit(make_columns(), SCHEMA, prep).transform(Columns(numeric, codes))
    assert x[:, 1].tolist() == [-1, 1, 0, -1, 1]
    assert x[:, 6].tolist() == [0, 0, 1, 0, 0]
    assert x[:, 8:14].argmax(axis=1).tolist() == [0, 3, 4, 4, 5]
    assert (x[:, 8:14].sum(axis=1) == 1).all()
    assert x[:, 14].tolist() == [-1, 1, 1, 0, 0]
    assert x[:, 15:].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_missing_without_any_in_training_is_other():
    schema = TableSchema((Feature("c", "categorical", False, COLOURS),), "y", ())
    encoder = Encoder.fit(Columns(np.zeros((2, 0)), np.zeros((2, 1), np.int32)), schema, Prep("standard", 4))
    x = encoder.transform(Columns(np.zeros((2, 0)), np.array([[-1], [-2]], np.int32)))
    assert x.tolist() == [[0, 0, 0, 0, 1]] * 2


@pytest.mark.parametrize("numeric", METHODS)
def test_an_encoder_reads_back_from_json(numeric):
    encoder = Encoder.fit(make_columns(), SCHEMA, Prep(numeric, 5, True))
    text = json.dumps(encoder.to_json(), allow_nan=False)
    again = Encoder.from_json(
        json.loads(text), TableSchema.from_json(json.loads(json.dumps(SCHEMA.to_json())))
    )
    assert again.prep == encoder.prep
    np.testing.assert_array_equal(
        again.transform(make_columns(seed=4)), encoder.transform(make_columns(seed=4))
    )


@given(max_one_hot=st.integers(1, 40), numeric=st.sampled_from(METHODS), log=st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_reduced_prep_encodes_alike(max_one_hot, numeric, log):
    prep = Prep(numeric, max_one_hot, log)
    x, reduced = (
        Encoder.fit(make_columns(), SCHEMA, p).transform(make_columns()) for p in (prep, prep.reduced(SCHEMA))
    )
    np.testing.assert_array_equal(x, reduced)


@pytest.mark.parametrize("numeric", METHODS)
def test_without_scaled_numbers_every_method_encodes_alike(numeric):
    schema = TableSchema(tuple(each for each in SCHEMA.features if each.name in ("paid", "sex")), "y", ())
    columns = make_columns()
    few = Columns(columns.numeric[:, 1:2], columns.codes[:, 1:2])
    reduced = Prep(numeric, 5).reduced(schema)
    assert reduced == Prep("standard", 2)
    encoded = [Encoder.fit(few, schema, prep).transform(few) for prep in (Prep(numeric, 5), reduced)]
    np.testing.assert_array_equal(*encoded)
    assert set(np.unique(encoded[0])) <= {-1.0, 0.0, 1.0}


def test_prep_comes_from_genes_and_refuses_unknown_ones():
    genes = {"numeric_prep": "quantile", "max_one_hot": 7, "target_transform": "log"}
    assert Prep.from_genes(genes) == Prep("quantile", 7, True)
    assert Prep("quantile", 7, True).key == Prep("quantile", 7).key == "quantile-7"
    with pytest.raises(SettingError, match="numeric_prep"):
        Prep.from_genes(genes | {"numeric_prep": "minmax"})
    with pytest.raises(SettingError, match="max_one_hot"):
        Prep.from_genes(genes | {"max_one_hot": 0})


def test_no_rows_are_refused():
    with pytest.raises(DataError, match="No rows"):
        Encoder.fit(make_columns(0), SCHEMA, Prep())


@given(
    y=arrays(float, st.integers(1, 30), elements=st.floats(allow_nan=False, allow_infinity=False)),
    z=st.lists(st.floats(allow_nan=False), max_size=10),
)
@example(y=np.array([1.7e308, -1.7e308]), z=[np.inf, -np.inf, 0.0])
@settings(max_examples=200, deadline=None)
def test_predictions_stay_in_the_training_range(y, z):
    scale = TargetScale.fit(y, log=False)
    back = scale.backward(np.array(z))
    assert ((back >= y.min()) & (back <= y.max())).all()
    assert np.isfinite(scale.forward(y)).all()
    largest = np.abs(y).max()
    np.testing.assert_allclose(scale.backward(scale.forward(y)), y, atol=1e-9 * largest + 1e-320, rtol=1e-9)


def test_a_log_target_is_standardised_and_comes_back():
    y = np.random.default_rng(0).lognormal(3, 2, size=200)
    scale = TargetScale.fit(y, log=True)
    z = scale.forward(y)
    np.testing.assert_allclose([z.mean(), z.std()], [0, 1], atol=1e-12)
    np.testing.assert_allclose(scale.backward(z), y, rtol=1e-9)
    assert scale.backward(np.array([1e6, -1e6])).tolist() == [y.max(), y.min()]
    assert TargetScale.from_json(json.loads(json.dumps(scale.to_json()))) == scale


def test_a_log_of_zero_is_refused():
    with pytest.raises(DataError, match="above 0"):
        TargetScale.fit(np.array([0.0, 1.0]), log=True)


def test_a_constant_target_has_no_zero_deviation():
    scale = TargetScale.fit(np.full(5, 0.1), log=False)
    assert scale.std == 1
    assert scale.backward(np.array([3.0, -3.0])).tolist() == [0.1, 0.1]


@pytest.mark.parametrize("numeric", METHODS)
def test_an_encoder_of_categories_alone_reads_back_from_json(numeric):
    schema = TableSchema((Feature("c", "categorical", False, ("a", "b", "c")),), "y", ("no", "yes"))
    columns = Columns(np.empty((6, 0)), np.array([[0], [1], [2], [0], [1], [2]], np.int32))
    encoder = Encoder.fit(columns, schema, Prep(numeric))
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)), schema)
    np.testing.assert_array_equal(again.transform(columns), encoder.transform(columns))
    assert encoder.transform(columns).shape == (6, 3)
