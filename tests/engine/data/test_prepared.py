import hashlib
import json
import multiprocessing
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cambrian.data import encoded_cache, file_digest
from cambrian.data.encode import Encoder, Prep
from cambrian.data.numeric import METHODS
from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError

OPEN = Path(__file__).resolve().parents[4] / "shared" / "data" / "open"
PREPS = [Prep(method, 4) for method in METHODS]
ROWS = 120


def write_csv(path, rows=ROWS, seed=0, change=None):
    """A table with every kind of feature; `change` maps row numbers to a line of extreme cells."""
    rng = np.random.default_rng(seed)
    lines = ["age,income,city,paid,since,price"]
    for row in range(rows):
        age = "" if row % 11 == 3 else f"{rng.normal(40, 10):.3f}"
        city = "" if row % 13 == 5 else "ABCDEFG"[min(6, int(rng.exponential(2)))]
        day = f"20{rng.integers(10, 24)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        cells = [age, f"{rng.lognormal(8, 2):.4f}", city, ["yes", "no"][rng.integers(2)], day]
        price = "" if row % 29 == 7 else f"{rng.lognormal(2, 1):.5f}"
        if change is not None and row in change:
            cells = ["1e300", "-1e300", "Nowhere", "", "1999-01-01"]
        lines.append(",".join([*cells, price]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make(source, folder, *, target="price", split=None, test_table=None, **profile):
    table = read_table(source)
    return prepare(
        table,
        profile_table(table, target=target, **profile),
        folder,
        split=split or SplitSettings(),
        test_table=test_table,
    )


@pytest.fixture
def prepared(tmp_path):
    return make(write_csv(tmp_path / "table.csv"), tmp_path / "prepared")


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
    table = read_table(write_csv(tmp_path / "changed.csv", change=unseen))
    object.__setattr__(table, "fingerprint", read_table(tmp_path / "table.csv").fingerprint)
    profile = profile_table(read_table(tmp_path / "table.csv"), target="price")
    after = prepare(table, profile, tmp_path / "after", split=SplitSettings())
    np.testing.assert_array_equal(before.fold(0)[1], after.fold(0)[1])
    learnt = [p.encoded(0, prep).encoder.scaler.to_json() for p in (before, after)]
    assert learnt[0] == learnt[1]
    assert np.isfinite(after.encoded(0, prep).x).all()
    assert before.encoded(1, prep).encoder.scaler.to_json() != after.encoded(1, prep).encoder.scaler.to_json()


def test_test_rows_teach_the_schema_nothing(tmp_path):
    before = make(write_csv(tmp_path / "table.csv"), tmp_path / "before")
    table = read_table(write_csv(tmp_path / "changed.csv", change=set(source_rows(before, "test").tolist())))
    object.__setattr__(table, "fingerprint", read_table(tmp_path / "table.csv").fingerprint)
    profile = profile_table(read_table(tmp_path / "table.csv"), target="price")
    after = prepare(table, profile, tmp_path / "after", split=SplitSettings())
    assert before.schema == after.schema
    np.testing.assert_array_equal(before.columns().numeric, after.columns().numeric)
    assert not np.array_equal(before.test()[0].numeric, after.test()[0].numeric, equal_nan=True)


def test_target_scale_is_learnt_from_the_folds_training_rows(prepared):
    train, _ = prepared.fold(3)
    scale = prepared.target_scale(3)
    np.testing.assert_allclose([scale.mean, scale.std], [prepared.y[train].mean(), prepared.y[train].std()])
    assert (scale.low, scale.high) == (prepared.y[train].min(), prepared.y[train].max())
    logs = np.log(prepared.y[train])
    np.testing.assert_allclose(prepared.target_scale(3, log=True).mean, logs.mean())


def test_a_second_call_reads_what_the_first_wrote(prepared, monkeypatch):
    first = prepared.encoded(0, Prep())

    def forbidden(*_):
        raise AssertionError("encoded again")

    monkeypatch.setattr(Encoder, "fit", forbidden)
    again = Prepared.open(prepared.folder).encoded(0, Prep(log_target=True))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(
        again.encoder.transform(prepared.columns()), first.encoder.transform(prepared.columns())
    )
    assert isinstance(again.x, np.memmap)
    assert not again.x.flags.writeable


@pytest.mark.parametrize("name", ["x.npy", "encoder.json", "entry.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_cache_is_computed_again(prepared, name, damage):
    expected = np.array(prepared.encoded(0, Prep()).x)
    (path,) = prepared.folder.glob(f"encoded/0-*/{name}")
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 0x40
    path.unlink()
    if damage != "remove":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else data)
    np.testing.assert_array_equal(prepared.encoded(0, Prep()).x, expected)
    assert not list(prepared.folder.rglob(".unfinished-*"))


def test_another_preparations_cache_is_not_taken(tmp_path):
    source = write_csv(tmp_path / "table.csv")
    first = make(source, tmp_path / "a")
    other = make(source, tmp_path / "b", split=SplitSettings(split_seed=1))
    first.encoded(0, Prep())
    shutil.copytree(first.folder / "encoded", other.folder / "encoded")
    fresh = make(source, tmp_path / "c", split=SplitSettings(split_seed=1))
    np.testing.assert_array_equal(other.encoded(0, Prep()).x, fresh.encoded(0, Prep()).x)


def encode_in_process(folder, barrier, queue):
    prepared = Prepared.open(Path(folder))
    barrier.wait()
    for fold in range(prepared.n_folds):
        queue.put(hashlib.sha256(prepared.encoded(fold, Prep("quantile", 5)).x.tobytes()).hexdigest())


@pytest.mark.parametrize("damaged", [False, True])
def test_two_processes_encode_at_once(prepared, damaged):
    expected = []
    for fold in range(prepared.n_folds):
        expected.append(hashlib.sha256(prepared.encoded(fold, Prep("quantile", 5)).x.tobytes()).hexdigest())
    if damaged:
        for path in prepared.folder.glob("encoded/*/x.npy"):
            path.write_bytes(b"damaged")
    else:
        shutil.rmtree(prepared.folder / "encoded")
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(2), context.Queue()
    processes = [
        context.Process(target=encode_in_process, args=(str(prepared.folder), barrier, queue))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    hashes = [queue.get(timeout=60) for _ in range(2 * prepared.n_folds)]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert sorted(hashes) == sorted(expected * 2)
    assert not list(prepared.folder.rglob(".unfinished-*"))


def encode_and_count(folder, barrier, queue):
    prepared = Prepared.open(Path(folder))
    fit, fits = Encoder.fit, []

    def counted(*arguments):
        fits.append(1)
        return fit(*arguments)

    Encoder.fit = counted
    barrier.wait()
    for _ in range(3):
        prepared.encoded(0, Prep("quantile", 5))
    queue.put(len(fits))


def test_of_two_processes_one_does_the_work(prepared):
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(2), context.Queue()
    arguments = (str(prepared.folder), barrier, queue)
    processes = [context.Process(target=encode_and_count, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    assert sorted(queue.get(timeout=60) for _ in processes) == [0, 1]
    for process in processes:
        process.join(60)


def hold_the_lock(folder, held):
    def never(*_):
        held.set()
        time.sleep(600)

    Encoder.fit = never
    Prepared.open(Path(folder)).encoded(0, Prep())


@pytest.fixture
def holder(prepared):
    """Another process that holds the lock and never lets go."""
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=hold_the_lock, args=(str(prepared.folder), held))
    process.start()
    assert held.wait(60)
    yield process
    process.kill()
    process.join(10)


def test_the_lock_of_a_killed_process_blocks_nobody(prepared, holder, monkeypatch):
    monkeypatch.setattr(encoded_cache, "PATIENCE", 30.0)
    threading.Timer(0.5, holder.kill).start()
    started = time.monotonic()
    assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    assert 0.3 < time.monotonic() - started < 10  # it waited as long as the other lived


def test_who_waits_in_vain_for_the_lock_encodes_too(prepared, holder, monkeypatch):
    monkeypatch.setattr(encoded_cache, "PATIENCE", 0.1)
    assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    assert holder.is_alive()


def test_the_loser_of_a_race_takes_the_winners(prepared, monkeypatch):
    winner = Prepared.open(prepared.folder)
    rename = encoded_cache.os.rename

    monkeypatch.setattr(encoded_cache, "PATIENCE", 0.0)  # as if waiting for the lock had been in vain

    def beaten(source, target):
        monkeypatch.setattr(encoded_cache.os, "rename", rename)
        winner.encoded(0, Prep())
        rename(source, target)

    monkeypatch.setattr(encoded_cache.os, "rename", beaten)
    np.testing.assert_array_equal(prepared.encoded(0, Prep()).x, winner.encoded(0, Prep()).x)
    assert not list(prepared.folder.rglob(".unfinished-*"))


def test_what_a_killed_process_left_is_removed(prepared):
    left = prepared.folder / "encoded" / ".unfinished-abc"
    left.mkdir(parents=True)
    (left / "x.npy").write_bytes(b"half")
    prepared.remove_unfinished()
    assert not left.exists()


def test_a_large_file_is_checked_by_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(file_digest, "BLOCK", 16)
    path = tmp_path / "x"
    path.write_bytes(bytes(4096))
    whole = file_digest.sampled_digest(path)
    for damaged in (
        bytes(4095),
        bytes(4095) + b"1",
        b"1" + bytes(4095),
        bytes(2000) + b"1" * 96 + bytes(2000),
    ):
        path.write_bytes(damaged)
        assert file_digest.sampled_digest(path) != whole


def test_a_full_disk_is_named(prepared, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoded_cache, "write_atomically", full)
    with pytest.raises(DataError, match=r"cannot take .* MB .*No space left"):
        prepared.encoded(0, Prep())
    assert not list(prepared.folder.rglob(".unfinished-*"))


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
