import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from prepared_tables import ROWS, make, table_like, write_csv

from cambrian.data.encode import Encoder, Prep
from cambrian.data.numeric import METHODS
from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError

OPEN = Path(__file__).resolve().parents[4] / "shared" / "data" / "open"
PREPS = [Prep(method, 4) for method in METHODS]


def source_rows(prepared, part="train"):
    """Row numbers of a part in its file."""
    return np.load(prepared.folder / {"train": "rows.npy", "test": "test_rows.npy"}[part])


def real(name):
    if not OPEN.is_dir():
        pytest.skip("the open data sets are not beside this checkout")
    return OPEN / name


def test_parts_hold_every_labelled_row_once(prepared):
    rows = prepared.rows
    assert (rows.train + rows.test, rows.unlabelled, rows.test_unlabelled) == (116, 4, 0)
    both = np.concatenate([source_rows(prepared, "train"), source_rows(prepared, "test")])
    np.testing.assert_array_equal(np.sort(both), [row for row in range(ROWS) if row % 29 != 7])
    assert len(prepared.columns()) == len(prepared.y) == rows.train
    columns, y = prepared.test()
    assert len(columns) == len(y) == rows.test
    assert prepared.n_folds == 5
    assert [len(prepared.fold(k)[0]) for k in range(5)] == [train for train, _ in prepared.fold_sizes()]
    assert prepared.task == "regression"
    assert prepared.positive_target


def test_raw_columns_are_the_tables(prepared, tmp_path):
    table = read_table(tmp_path / "table.csv")
    ages = table.columns["age"].to_numpy()
    np.testing.assert_array_equal(prepared.columns().numeric[:, 0], ages[source_rows(prepared)])
    np.testing.assert_array_equal(prepared.test()[0].numeric[:, 0], ages[source_rows(prepared, "test")])


def test_preparing_twice_writes_the_same_bytes(tmp_path):
    source = write_csv(tmp_path / "table.csv")
    hashes = []
    for name in ("a", "b"):
        prepared = make(source, tmp_path / name)
        prepared.encoded(1, Prep("quantile", 5))
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        hashes.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in files])
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("prep", PREPS, ids=lambda prep: prep.key)
def test_widths_are_equal_over_folds(prepared, prep):
    widths = {prepared.encoded(fold, prep).x.shape for fold in range(prepared.n_folds)}
    assert widths == {(prepared.rows.train, prepared.width(prep))}


@pytest.mark.parametrize("prep", PREPS, ids=lambda prep: prep.key)
def test_encoded_is_what_an_encoder_of_the_training_rows_gives(prepared, prep):
    train, _ = prepared.fold(2)
    encoder = Encoder.fit(prepared.columns().take(train), prepared.schema, prep.reduced(prepared.schema))
    encoded = prepared.encoded(2, prep)
    np.testing.assert_array_equal(encoded.x, encoder.transform(prepared.columns()))
    assert json.dumps(encoded.encoder.to_json()) == json.dumps(encoder.to_json())
    assert encoded.x.dtype == np.float32


@pytest.mark.parametrize("prep", PREPS, ids=lambda prep: prep.key)
def test_validation_and_test_rows_teach_an_encoder_nothing(tmp_path, prep):
    """The rows that a fold does not train on are replaced by extreme ones: what it learnt stays the same."""
    before = make(write_csv(tmp_path / "table.csv"), tmp_path / "before")
    _, validation = before.fold(0)
    unseen = {*source_rows(before, "test").tolist(), *source_rows(before)[validation].tolist()}
    table = table_like(write_csv(tmp_path / "changed.csv", change=unseen), tmp_path / "table.csv")
    profile = profile_table(table, target="price")
    after = prepare(table, profile, tmp_path / "after", split=SplitSettings())
    np.testing.assert_array_equal(before.fold(0)[1], after.fold(0)[1])
    learnt = [p.encoded(0, prep).encoder.scaler.to_json() for p in (before, after)]
    assert learnt[0] == learnt[1]
    assert np.isfinite(after.encoded(0, prep).x).all()
    assert before.encoded(1, prep).encoder.scaler.to_json() != after.encoded(1, prep).encoder.scaler.to_json()


def test_test_rows_teach_the_schema_nothing(tmp_path):
    """But for the roles of columns, which the profile of the whole table decides: they stay the same here."""
    before = make(write_csv(tmp_path / "table.csv"), tmp_path / "before")
    test = set(source_rows(before, "test").tolist())
    table = table_like(write_csv(tmp_path / "changed.csv", change=test), tmp_path / "table.csv")
    profile = profile_table(table, target="price")
    assert "Nowhere" in profile.column("city").categories
    after = prepare(table, profile, tmp_path / "after", split=SplitSettings())
    assert before.schema == after.schema
    np.testing.assert_array_equal(before.columns().numeric, after.columns().numeric)
    assert not np.array_equal(before.test()[0].numeric, after.test()[0].numeric, equal_nan=True)


def test_a_level_that_test_rows_alone_have_is_none_of_an_ordinal_feature(tmp_path):
    sizes = np.resize(["fair", "good", "premium"], ROWS)

    def write(name):
        path = tmp_path / name
        lines = [f"{size},{row},{row % 17}" for row, size in enumerate(sizes)]
        path.write_text("\n".join(["size,number,price", *lines]) + "\n", encoding="utf-8")
        return path

    before = make(write("table.csv"), tmp_path / "before")
    (test_row, *_) = source_rows(before, "test")
    sizes = sizes.astype(object)
    sizes[test_row] = "ideal"
    table = table_like(write("changed.csv"), tmp_path / "table.csv")
    profile = profile_table(table, target="price")
    assert profile.column("size").categories == ("fair", "good", "premium", "ideal")
    after = prepare(table, profile, tmp_path / "after", split=SplitSettings())
    assert after.schema.features[0].categories == ("fair", "good", "premium")
    assert after.schema == before.schema


@pytest.mark.parametrize(("part", "positive"), [("test", True), ("train", False)])
def test_a_target_is_positive_if_its_training_rows_are(tmp_path, part, positive):
    source = write_csv(tmp_path / "table.csv")
    before = make(source, tmp_path / "before")
    assert before.positive_target
    header, *lines = source.read_text(encoding="utf-8").splitlines()
    row = min(source_rows(before, part), key=lambda row: float(lines[row].rpartition(",")[2]))
    lines[row] = lines[row].rpartition(",")[0] + ",-1"
    (tmp_path / "changed.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    table = table_like(tmp_path / "changed.csv", source)
    after = prepare(table, profile_table(table, target="price"), tmp_path / "after", split=SplitSettings())
    assert row in source_rows(after, part)
    assert after.positive_target is positive


def test_target_scale_is_learnt_from_the_folds_training_rows(prepared):
    train, _ = prepared.fold(3)
    scale = prepared.target_scale(3)
    np.testing.assert_allclose([scale.mean, scale.std], [prepared.y[train].mean(), prepared.y[train].std()])
    assert (scale.low, scale.high) == (prepared.y[train].min(), prepared.y[train].max())
    logs = np.log(prepared.y[train])
    np.testing.assert_allclose(prepared.target_scale(3, log=True).mean, logs.mean())


ARRAYS = [
    "numeric",
    "codes",
    "target",
    "rows",
    "folds",
    "test_numeric",
    "test_codes",
    "test_target",
    "test_rows",
]


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_bit_is_found(prepared, name):
    prepared.verify()
    path = prepared.folder / f"{name}.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.unlink()
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"{name}.npy is damaged"):
        Prepared.open(prepared.folder).verify()


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("codes.npy", lambda path: path.write_bytes(path.read_bytes()[:-3]), r"codes\.npy is damaged"),
        ("codes.npy", Path.unlink, r"codes\.npy cannot be read"),
        ("manifest.json", Path.unlink, "holds no prepared data"),
        ("manifest.json", lambda path: path.write_text("{"), r"manifest\.json is damaged"),
        ("manifest.json", lambda path: path.write_text("[]"), r"manifest\.json is damaged"),
        ("manifest.json", lambda path: path.write_text('{"format": 1}'), r"manifest\.json is damaged"),
        ("manifest.json", lambda path: path.write_text('{"format": 99}'), "format 99"),
    ],
)
def test_opening_damaged_data_names_the_file(prepared, name, damage, message):
    damage(prepared.folder / name)
    with pytest.raises(DataError, match=message):
        Prepared.open(prepared.folder)


def test_an_array_of_objects_is_never_unpickled(prepared):
    path = prepared.folder / "codes.npy"
    manifest = json.loads((prepared.folder / "manifest.json").read_text())
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    manifest["files"]["codes.npy"]["bytes"] = path.stat().st_size
    (prepared.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=r"codes\.npy is damaged"):
        Prepared.open(prepared.folder)


def test_a_changed_or_vanished_source_is_noticed_and_harmless(prepared, tmp_path):
    before = np.array(prepared.columns().numeric)
    assert prepared.source_state() == "same"
    write_csv(tmp_path / "table.csv", seed=1)
    assert prepared.source_state() == "changed"
    (tmp_path / "table.csv").unlink()
    assert prepared.source_state() == "missing"
    prepared.verify()
    np.testing.assert_array_equal(Prepared.open(prepared.folder).columns().numeric, before)


def test_a_test_file_gives_the_test_rows(tmp_path):
    test_table = read_table(write_csv(tmp_path / "test.csv", rows=40, seed=5))
    prepared = make(write_csv(tmp_path / "table.csv"), tmp_path / "prepared", test_table=test_table)
    assert (prepared.rows.train, prepared.rows.test) == (116, 38)
    assert (prepared.rows.unlabelled, prepared.rows.test_unlabelled) == (4, 2)
    assert source_rows(prepared, "test").tolist() == [row for row in range(40) if row % 29 != 7]
    assert prepared.manifest["test_source"]["name"] == "test.csv"
    (tmp_path / "test.csv").unlink()
    assert prepared.source_state() == "missing"


def test_a_test_file_that_does_not_fit_is_refused(tmp_path):
    source = write_csv(tmp_path / "table.csv")
    for text, message in [
        ("age,price\n1,2\n", r"test\.csv lacks 4"),
        ("age,income\n1,2\n", "no column 'price'"),
        ("age,price\n1,\n2,\n", "no row with a value"),
    ]:
        (tmp_path / "test.csv").write_text(text)
        with pytest.raises(DataError, match=message):
            make(source, tmp_path / "prepared", test_table=read_table(tmp_path / "test.csv"))
    assert not (tmp_path / "prepared" / "manifest.json").exists()


def test_columns_left_out_on_purpose_are_no_news_of_the_table_but_of_a_test_file(tmp_path):
    source = write_csv(tmp_path / "table.csv")
    prepared = make(source, tmp_path / "a", drop=("age",))
    assert prepared.manifest["notes"] == []
    prepared = make(source, tmp_path / "b", drop=("age",), test_table=read_table(source))
    assert [note["code"] for note in prepared.manifest["notes"]] == ["extra_columns"]


def test_what_a_profile_refuses_is_not_prepared(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "1,a\n2,a\n" * 20)
    with pytest.raises(DataError):
        make(path, tmp_path / "prepared", target="y")


@pytest.mark.parametrize(
    ("file", "target", "rows", "classes"),
    [
        ("penguins.csv", "species", 344, 3),
        ("credit_data.parquet", "Status", 4454, 2),
        ("soybean.csv", "class", 683, 19),
    ],
)
def test_real_tables_of_classes(tmp_path, file, target, rows, classes):
    prepared = make(real(file), tmp_path / "p", target=target)
    assert prepared.rows.train + prepared.rows.test == rows
    assert len(prepared.classes) == classes
    assert prepared.y.dtype == np.int64
    assert np.bincount(prepared.y, minlength=classes).min() > 0
    for prep in PREPS:
        x = prepared.encoded(0, prep).x
        assert np.isfinite(x).all()
        assert x.shape[1] == prepared.width(prep)
    for fold in range(prepared.n_folds):
        train, _ = prepared.fold(fold)
        assert len(np.unique(prepared.y[train])) == classes


def test_a_real_table_with_a_skewed_target(tmp_path):
    prepared = make(real("diamonds.parquet"), tmp_path / "p", target="price")
    assert prepared.positive_target
    columns, y = prepared.test()
    encoded = prepared.encoded(0, Prep("quantile", 9))
    test_x = encoded.encoder.transform(columns)
    assert test_x.shape == (prepared.rows.test, encoded.x.shape[1])
    np.testing.assert_allclose(np.abs(test_x.mean(axis=0) - encoded.x.mean(axis=0)).max(), 0, atol=0.1)
    assert abs(np.log(y).mean() - np.log(prepared.y).mean()) < 0.05
