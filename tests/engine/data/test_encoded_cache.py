"""The cache of encoded inputs: whole or made anew, whatever befalls it or the processes that fill it."""

import errno
import hashlib
import io
import multiprocessing
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from prepared_tables import make, write_csv

from cambrian.data import encoded_cache, file_digest
from cambrian.data.encode import Encoder, Prep
from cambrian.data.prepared import Prepared
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError


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


def test_rows_are_as_wide_as_asked_and_stay_so_for_who_does_not_mind(tmp_path):
    names = [f"c{number}" for number in range(40)]
    lines = [",".join(str((7 * row + 3 * number) % 23) for number in range(41)) for row in range(60)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join([*names, "y"]), *lines]))
    prepared = make(tmp_path / "wide.csv", tmp_path / "data", target="y")
    own = prepared.width(Prep())
    plain = np.array(prepared.encoded(0, Prep(), 0).padded)
    assert (own, plain.shape[1]) == (40, 48)
    wide = prepared.encoded(0, Prep(), 100)
    assert wide.padded.shape[1] == 64
    np.testing.assert_array_equal(wide.x, plain[:, :own])
    assert not np.array(wide.padded[:, own:]).any()
    for other in (prepared, Prepared.open(prepared.folder)):
        assert other.encoded(0, Prep()).padded.shape == wide.padded.shape


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


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOMEM, MemoryError),
        (errno.EMFILE, OSError),
        (errno.EIO, OSError),
        (errno.EACCES, PermissionError),
    ],
)
def test_an_entry_that_cannot_be_read_now_is_kept(prepared, monkeypatch, number, kind):
    expected = np.array(prepared.encoded(0, Prep()).x)
    (entry,) = prepared.folder.glob("encoded/0-*/")
    inode = (entry / "x.npy").stat().st_ino
    again = Prepared.open(prepared.folder)

    def refused(*_, **__):
        raise OSError(number, "not now")

    with monkeypatch.context() as patch:
        patch.setattr(np, "load", refused)
        with pytest.raises(kind, match="not now"):
            again.encoded(0, Prep())
    assert (entry / "x.npy").stat().st_ino == inode
    np.testing.assert_array_equal(again.encoded(0, Prep()).x, expected)
    assert (entry / "x.npy").stat().st_ino == inode


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
    monkeypatch.setattr(encoded_cache, "PATIENCE", 10_000.0)
    fit, alive = Encoder.fit, []

    def watched(*arguments):
        alive.append(holder.is_alive())
        return fit(*arguments)

    monkeypatch.setattr(Encoder, "fit", watched)
    threading.Timer(0.5, holder.kill).start()
    assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    assert alive == [False]  # it waited as long as the other lived


def test_who_waits_in_vain_for_the_lock_encodes_too(prepared, holder, monkeypatch):
    monkeypatch.setattr(encoded_cache, "PATIENCE", 0.1)
    assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    assert holder.is_alive()


def encode_slowly(folder, writing):
    """Write the inputs a little at a time, for about four seconds."""
    write = encoded_cache._write_inputs

    def slowly(file, *inputs):
        begun = io.BytesIO()
        write(begun, *inputs)
        data = begun.getvalue()
        step = len(data) // 40 + 1
        for start in range(0, len(data), step):
            file.write(data[start : start + step])
            file.flush()
            writing.set()
            time.sleep(0.1)

    encoded_cache._write_inputs = slowly
    Prepared.open(Path(folder)).encoded(0, Prep())


def test_who_waits_waits_as_long_as_the_other_gets_on(prepared, monkeypatch):
    monkeypatch.setattr(encoded_cache, "PATIENCE", 1.5)
    monkeypatch.setattr(encoded_cache, "LOOK_SECONDS", 0.2)
    context = multiprocessing.get_context("spawn")
    writing = context.Event()
    process = context.Process(target=encode_slowly, args=(str(prepared.folder), writing))
    process.start()
    assert writing.wait(60)

    def forbidden(*_):
        raise AssertionError("encoded a second time")

    monkeypatch.setattr(Encoder, "fit", forbidden)
    assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    process.join(60)
    assert process.exitcode == 0


def test_another_entrys_progress_does_not_count(prepared, holder, monkeypatch):
    monkeypatch.setattr(encoded_cache, "PATIENCE", 0.3)
    other = prepared.folder / "encoded" / ".unfinished-1-minmax-abc"
    other.mkdir(parents=True)
    ends = threading.Event()

    def grow():
        with (other / "x.npy").open("wb", buffering=0) as file:
            while not ends.wait(0.05):
                file.write(b"more")

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        assert prepared.encoded(0, Prep()).x.shape[0] == prepared.rows.train
    finally:
        ends.set()
        thread.join()
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
