"""Free text: told from categories, hashed alike everywhere, learnt from the fold's training rows alone."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from prepared_tables import make, table_like

from cambrian.data.encode import Encoder, Prep
from cambrian.data.prepared import Prepared
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.roles import Role, is_free_text
from cambrian.data.text_features import HASHES, RANK, HashedText, TextScaler

GOOD = "the room was lovely and the staff were very friendly to all of us"
BAD = "dirty carpet with broken heating so we asked for our money back twice"


def reviews(rows=200, seed=0):
    """Text of two kinds, nearly every one different; and which it is."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(2, size=rows)
    words = [GOOD.split(), BAD.split()]
    return [" ".join(rng.permutation(words[kind])[:9]) for kind in kinds], kinds


def review_csv(path, rows=200, change=None):
    texts, kinds = reviews(rows)
    texts = [change if change is not None and row % 7 == 3 else text for row, text in enumerate(texts)]
    lines = [
        f"{row % 5},{text if row % 31 else ''},{kind}"
        for row, (text, kind) in enumerate(zip(texts, kinds, strict=True))
    ]
    path.write_text("x,review,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("values", "free"),
    [
        (reviews()[0], True),
        ([f"今天的房间很干净而且服务员非常热情第{n}号" for n in range(50)], True),
        ([f"{n} Main Street, Springfield, IL {n}" for n in range(50)], True),
        ([f"Ann{n} Smith" for n in range(50)], False),
        ([f"{n} 2 3 4 5 6 7 8" for n in range(50)], False),
        ([f"550e8400-e29b-41d4-a716-{n:012d}" for n in range(50)], False),
        ([f"a sentence of quite some words {n}" for n in range(20)], False),
    ],
)
def test_free_text_is_many_words_and_mostly_different(values, free):
    assert is_free_text(values, distinct=len(set(values)), valid=len(values)) is free


def test_repeated_sentences_are_categories():
    values = [f"this is answer number {n} of the survey" for n in range(40)]
    assert is_free_text(values, distinct=40, valid=80)
    assert not is_free_text(values, distinct=40, valid=81)


def test_a_text_column_is_a_feature_and_said_to_be_one(tmp_path):
    profile = profile_table(read_table(review_csv(tmp_path / "t.csv")), target="y")
    column = profile.column("review")
    assert (column.role, column.used) == (Role.TEXT, True)
    (warning,) = (each for each in column.warnings if each.code == "free_text")
    assert "9 words" in warning.message
    assert f"{RANK} numbers" in warning.message


def test_the_inputs_of_a_text_say_what_the_classes_are_but_not_from_validation_rows(tmp_path):
    prepared = make(review_csv(tmp_path / "t.csv"), tmp_path / "a", target="y")
    encoded = prepared.encoded(0, Prep())
    train, validation = prepared.fold(0)
    assert encoded.x.shape[1] == prepared.width(Prep()) == 1 + RANK + 1
    text = np.asarray(encoded.x[:, 1 : 1 + RANK])
    assert np.isfinite(text).all()
    present = train[encoded.x[train, -1] == 0]
    np.testing.assert_allclose(text[present].std(axis=0).max(), 1.0, atol=0.1)
    y = np.asarray(prepared.y)
    direction = text[train][y[train] == 1].mean(axis=0) - text[train][y[train] == 0].mean(axis=0)
    guess = text[validation] @ direction > 0
    assert (guess == (y[validation] == 1)).mean() > 0.95


def test_text_is_learnt_from_the_training_rows_of_the_fold_alone(tmp_path):
    source = review_csv(tmp_path / "t.csv")
    before = make(source, tmp_path / "a", target="y")
    train, validation = before.fold(0)
    lines = source.read_text().splitlines()
    for row in np.asarray(before._arrays["rows"])[validation]:
        number, _, kind = lines[1 + row].split(",")
        lines[1 + row] = f"{number},zzz qqq xxx {row} kkk www vvv,{kind}"
    (tmp_path / "u.csv").write_text("\n".join(lines) + "\n")
    changed = table_like(tmp_path / "u.csv", source)
    from cambrian.data.prepared import prepare
    from cambrian.data.split import SplitSettings

    after = prepare(changed, profile_table(changed, target="y"), tmp_path / "b", split=SplitSettings())
    first, second = before.encoded(0, Prep()), after.encoded(0, Prep())
    assert first.encoder.to_json()["texts"] == second.encoder.to_json()["texts"]
    np.testing.assert_array_equal(first.x[train], second.x[train])
    assert (first.x[validation] != second.x[validation]).any()


def test_an_encoder_reads_back_and_encodes_new_text_alike(tmp_path):
    prepared = make(review_csv(tmp_path / "t.csv"), tmp_path / "a", target="y")
    encoder = prepared.encoded(1, Prep()).encoder
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)), prepared.schema)
    (tmp_path / "new.csv").write_text(f"review,x\n{GOOD},1\n,2\nQ,3\n{GOOD},1\n")
    columns = prepared.schema.columns(read_table(tmp_path / "new.csv"))
    x = again.transform(columns)
    np.testing.assert_array_equal(x, encoder.transform(columns))
    np.testing.assert_array_equal(x[0], x[3])
    assert x[:, -1].tolist() == [0, 1, 0, 0]
    assert not x[1, 1:-1].any()
    assert np.abs(x).max() <= 10


def test_the_same_table_gives_the_same_bytes(tmp_path):
    source = review_csv(tmp_path / "t.csv")
    made = [make(source, tmp_path / name, target="y") for name in "ab"]
    assert made[0].manifest == made[1].manifest
    encoded = [np.asarray(each.encoded(0, Prep("standard")).x).tobytes() for each in made]
    assert encoded[0] == encoded[1]
    Prepared.open(tmp_path / "a").verify()


def test_rows_are_taken_from_hashed_text_as_from_the_text():
    texts = [*reviews(50)[0], None, "", "ü " * 20]
    hashed = HashedText.of(pa.array(texts, pa.string()))
    rows = np.array([52, 3, 3, 50, 0])
    taken = hashed.take(rows)
    expected = HashedText.of(pa.array([texts[row] for row in rows], pa.string()))
    for name in ("starts", "places", "values"):
        np.testing.assert_array_equal(getattr(taken, name), getattr(expected, name))
    part = hashed.take(slice(10, 20)).matrix()
    np.testing.assert_array_equal(part.toarray(), hashed.matrix()[10:20].toarray())
    assert hashed.take(slice(60, 70)).matrix().shape == (0, HASHES)


@pytest.mark.parametrize("texts", [[None] * 5, ["one two three"] * 5, ["a b c d e"], ["x y", None, "x z"]])
def test_few_different_texts_leave_finite_numbers(texts):
    hashed = HashedText.of(pa.array(texts, pa.string()))
    numbers = TextScaler.fit(hashed).transform(hashed)
    assert numbers.shape == (len(texts), RANK)
    assert np.isfinite(numbers).all()
    assert numbers.any() == (len(set(texts) - {None}) > 1)


def test_a_long_cell_is_read_up_to_its_limit():
    short, long = "word " * 2000, "word " * 2000 + "other " * 100_000
    hashed = HashedText.of(pa.array([short, long], pa.string()))
    first, second = (hashed.take(np.array([row])) for row in (0, 1))
    np.testing.assert_array_equal(first.places, second.places)
