"""Encoded inputs kept on disk: a cache that any number of processes may fill and read at once.

An entry is a folder with `x.npy`, `encoder.json` and `entry.json` (checksums and identity). Rows of `x.npy`
end in zeros: what a batch is gathered from is as wide as the program that trains on it (a fifth of the time,
against gathering into a part of a wider row). An entry is made under
another name and moved into place whole. A lock saves others the same work; it is the operating system's, so
it goes with a process that dies. Without it only time is lost: who comes second throws its own away.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from filelock import FileLock, Timeout

from cambrian.config import write_atomically, write_json_atomically
from cambrian.data.encode import Encoder, Inputs, pad_rows
from cambrian.data.file_digest import sampled_digest
from cambrian.data.mapped import MAPPED
from cambrian.data.schema import Columns, TableSchema
from cambrian.errors import DataError
from cambrian.padding import padded

INPUTS, ENCODER, ENTRY = "x.npy", "encoder.json", "entry.json"
VERSION = 2
"""Of what lies in an entry; part of its identity, so that another version's is replaced."""
UNFINISHED = ".unfinished-"
CHUNK_ROWS = 1 << 16
PATIENCE = 60.0
"""Seconds to wait for another process that makes the same entry and writes nothing; then this one does."""
LOOK_SECONDS = 1.0
"""How often a process that waits looks how far the other got."""
ATTEMPTS = 3
"""Two processes that find one damaged entry may each throw away the other's new one, once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Encoded:
    """Encoded inputs of all rows of the training part, read-only and memory-mapped.

    Attributes:
        padded: `(rows, row width)` float32; zeros beyond the width.
        encoder: What encoded them, to encode later rows alike.
    """

    padded: Inputs
    encoder: Encoder

    @property
    def x(self) -> Inputs:
        """The inputs `(rows, width)`, a view."""
        return self.padded[:, : self.encoder.width]


def load_or_encode(
    entry: Path,
    columns: Columns,
    fit: Callable[[], Encoder],
    *,
    identity: str,
    schema: TableSchema,
    row_width: int | None,
) -> Encoded:
    """The entry if it is there and whole, else a new one.

    Args:
        entry: The entry's folder.
        columns: The rows to encode.
        fit: Fits the encoder; called only when the entry must be made.
        identity: Stands for everything that the entry depends on; another one's entry is replaced.
        schema: Of the columns.
        row_width: How wide the rows shall be; an entry with others is replaced. None: as they are, else the
            next multiple of 16.

    Raises:
        DataError: The folder has no room.
        MemoryError: There is no memory to map the entry with; it stays.
        OSError: The entry cannot be read for another reason than its damage; it stays.
    """
    identity = f"{VERSION}-{identity}"
    found = _load(entry, identity, schema, row_width)
    if found is not None:
        return found
    with _alone(entry):
        for _ in range(ATTEMPTS):
            found = _load(entry, identity, schema, row_width)  # another process may just have made it
            if found is not None:
                return found
            _discard(entry)
            encoder = fit()
            _make(entry, columns, encoder, identity, row_width or padded(encoder.width))
    found = _load(entry, identity, schema, row_width)
    if found is None:
        raise DataError(
            f"{entry} is damaged again right after it was written.",
            "Check the disk, or use another workspace.",
        )
    return found


@contextmanager
def _alone(entry: Path) -> Iterator[None]:
    """Let one process at a time make the entry."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(entry.parent / f"{entry.name}.lock")
    try:
        _wait_for(lock, entry)
    except (OSError, NotImplementedError) as error:
        log.info("The disk of %s has no locks (%s).", entry, error)
    try:
        yield
    finally:
        lock.release()


def _wait_for(lock: FileLock, entry: Path) -> None:
    """Take the lock, or give up when who holds it has written nothing for a while.

    However long the other takes: if all who wait made the entry too, the disk would hold it as many times.
    """
    written, since = _written(entry), time.monotonic()
    while True:
        try:
            lock.acquire(timeout=min(LOOK_SECONDS, PATIENCE))
        except Timeout:
            now = _written(entry)
            if now != written:
                written, since = now, time.monotonic()
            elif time.monotonic() - since >= PATIENCE:
                log.info("Another process has got no further with %s for %g s.", entry, PATIENCE)
                return
        else:
            return


def _written(entry: Path) -> int:
    """Bytes in the unfinished forms of the entry."""
    total = 0
    for path in entry.parent.glob(f"{_unfinished(entry)}*/*"):
        with suppress(FileNotFoundError):  # moved into place, or thrown away
            total += path.stat().st_size
    return total


def _unfinished(entry: Path) -> str:
    return f"{UNFINISHED}{entry.name}-"


def remove_unfinished(folder: Path) -> None:
    """Remove entries that killed processes left half made; only while no other process makes any."""
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def _load(entry: Path, identity: str, schema: TableSchema, row_width: int | None) -> Encoded | None:
    if not entry.is_dir():
        return None
    try:
        facts = json.loads((entry / ENTRY).read_text(encoding="utf-8"))
        if facts["identity"] != identity:
            return None
        for name, digest in facts["digests"].items():
            if sampled_digest(entry / name) != digest:
                raise ValueError(f"the checksum of {name} differs")
        encoder = Encoder.from_json(json.loads((entry / ENCODER).read_text(encoding="utf-8")), schema)
        x = MAPPED.load(entry / INPUTS)
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        log.warning("Encoded inputs in %s are damaged (%s) and are computed again.", entry, error)
        return None
    except OSError as error:
        # The entry may be whole, and others use it: too many open files, or a worker's limit of memory.
        if error.errno == errno.ENOMEM:
            raise MemoryError(f"no memory to map {entry}: {error}") from error
        raise
    if row_width not in (None, x.shape[1]):
        return None
    return Encoded(cast(Inputs, x), encoder)


def _discard(entry: Path) -> None:
    """Move a damaged entry out of the way and delete it; another process may have done so first."""
    if not entry.exists():
        return
    aside = Path(tempfile.mkdtemp(dir=entry.parent, prefix=UNFINISHED))
    try:
        os.rename(entry, aside / "old")
    except OSError:
        log.info("Another process moved %s away.", entry)
    shutil.rmtree(aside, ignore_errors=True)


def _make(entry: Path, columns: Columns, encoder: Encoder, identity: str, row_width: int) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=entry.parent, prefix=_unfinished(entry)))
    try:
        write_atomically(making / INPUTS, lambda file: _write_inputs(file, columns, encoder, row_width))
        write_json_atomically(making / ENCODER, encoder.to_json())
        digests = {name: sampled_digest(making / name) for name in (INPUTS, ENCODER)}
        write_json_atomically(making / ENTRY, {"identity": identity, "digests": digests})
        _move_into_place(making, entry)
    except OSError as error:
        size = len(columns) * row_width * 4 / 2**20
        raise DataError(
            f"{entry.parent} cannot take {size:.0f} MB of encoded inputs: {error}.",
            "Make room on that disk, or use another workspace.",
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _move_into_place(making: Path, entry: Path) -> None:
    try:
        os.rename(making, entry)
    except OSError:
        if not (entry / ENTRY).is_file():  # not merely beaten by another process
            raise


def _write_inputs(file: BinaryIO, columns: Columns, encoder: Encoder, row_width: int) -> None:
    """Write the inputs as a `.npy` file, a chunk of rows at a time."""
    shape = len(columns), row_width
    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    for start in range(0, len(columns), CHUNK_ROWS):
        chunk = encoder.transform(columns.take(slice(start, start + CHUNK_ROWS)))
        file.write(np.ascontiguousarray(pad_rows(chunk, row_width), dtype="<f4").tobytes())
