"""Opening files: what is wrong with them, their checksum, and their bytes block by block, unpacked."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from cambrian.data.reading.limits import LEAST_EXPANDED, MOST_EXPANSION
from cambrian.errors import DataError

BLOCK_BYTES = 1 << 20
COMPRESSED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}
Progress = Callable[[float], None]
"""Is told what part of the work is done, from 0 to 1."""


def check_file(path: Path) -> None:
    """Refuse what is not there, is a pipe or a device, cannot be read or is empty.

    Raises:
        DataError: Names the file.
    """
    try:
        # Before it is opened: a pipe that nobody writes to would never open, a device never end.
        if not (stat.S_ISREG(path.stat().st_mode) or path.is_dir()):
            raise DataError(
                f"{path} is a pipe or a device; a table is read more than once.", "Write it to a file first."
            )
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist.", "Check the path.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except ValueError as error:  # a NUL byte in the path
        raise DataError(f"{str(path)!r} is no path of a file ({error}).", "Check the path.") from error
    if empty:
        raise DataError(f"{path} is empty (0 bytes).", "Export the table again.")


def compression(path: Path) -> str:
    """What the file's name says it is compressed with; empty if with nothing."""
    return COMPRESSED.get(path.suffix.lower(), "")


def inner_suffix(path: Path) -> str:
    """The suffix that tells the format: of `t.csv.gz` it is `.csv`."""
    return Path(path.stem).suffix.lower() if compression(path) else path.suffix.lower()


def blocks(path: Path, progress: Progress | None = None) -> Iterator[bytes]:
    """The bytes of a text file, unpacked, block by block.

    Raises:
        DataError: It is damaged, is not compressed as its name says, or expands beyond the limit.
    """
    size = max(1, path.stat().st_size)
    limit = max(LEAST_EXPANDED, MOST_EXPANSION * size)
    kind = compression(path)
    total = 0
    with _reading(path, kind), path.open("rb") as raw, _unpacked(raw, kind) as file:
        while block := file.read(BLOCK_BYTES):
            total += len(block)
            if kind and total > limit:
                raise DataError(
                    f"{path} expands to more than {limit / 2**20:,.0f} MB, the limit for a packed file of "
                    f"{size / 2**20:.1f} MB ({MOST_EXPANSION} times its size).",
                    "If it is meant to be that large, unpack it first.",
                )
            yield block
            if progress is not None:
                progress(min(1.0, raw.tell() / size))


def expanded_bytes(path: Path) -> int:
    """Bytes of a text file, unpacked.

    Raises:
        DataError: As for `blocks`.
    """
    return sum(map(len, blocks(path))) if compression(path) else path.stat().st_size


def content_hash(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes; of a folder, of the names and hashes of the files in it.

    Raises:
        OSError: It cannot be read.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for part in parts_of(path):
        digest.update(f"{part.relative_to(path).as_posix()}\0{content_hash(part)}\n".encode())
    return digest.hexdigest()


def parts_of(folder: Path) -> list[Path]:
    """The Parquet files of a folder and its subfolders by name; without those named `_...` or `.…`."""
    found = [path for path in folder.rglob("*") if path.suffix.lower() in (".parquet", ".pq")]
    hidden = ("_", ".")
    return sorted(
        path
        for path in found
        if path.is_file() and not any(part.startswith(hidden) for part in path.relative_to(folder).parts)
    )


@contextmanager
def _reading(path: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException, ValueError) as error:
        raise _damaged(path, kind, error) from error
    except OSError as error:  # bz2 says of damaged data that the system cannot read it
        if error.errno is None:
            raise _damaged(path, kind, error) from error
        raise DataError(f"{path} cannot be read: {error.strerror}.", "Check the disk.") from error


def _damaged(path: Path, kind: str, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    problem = f"{path} is not a sound {kind} file, as its suffix {path.suffix} says ({reason})."
    return DataError(problem, "If it is plain text, name it .csv; else export or copy it again.")


def _unpacked(raw: IO[bytes], kind: str) -> Any:
    if kind == "Zstandard":
        return pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
    opened: dict[str, Callable[[IO[bytes]], Any]] = {
        "gzip": lambda file: gzip.GzipFile(fileobj=file),
        "bzip2": bz2.BZ2File,
        "xz": lzma.LZMAFile,
    }
    return opened[kind](raw) if kind else raw
