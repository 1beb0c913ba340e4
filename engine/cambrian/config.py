"""Where Cambrian keeps things: the workspace folder, atomic files."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import platformdirs


def default_workspace() -> Path:
    """The platform's user data folder for Cambrian (`--workspace` overrides it)."""
    return Path(platformdirs.user_data_dir("cambrian", appauthor=False))


def write_atomically(path: Path, write: Callable[[BinaryIO], object], *, durable: bool = True) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    The bytes go to a temporary name in the same folder, are flushed to the disk and moved over `path`;
    then the folder itself is flushed. On failure the old file stays and the temporary one is removed.

    Args:
        path: The file to replace or create; its folder must exist.
        write: Receives the open binary file.
        durable: False for a cache: a power cut may then lose the file, though never show half of it to a
            process.
    """
    descriptor, temporary = temporary_beside(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if durable:
        flush_folder(path.parent)


def temporary_beside(path: Path) -> tuple[int, Path]:
    """A new empty file in the folder of `path`, to be moved over it: its open descriptor and its path.

    Not `mkstemp`, whose files nobody else may read: here the user's umask decides.
    """
    temporary = path.parent / f".{path.name[:40]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o666), temporary


def write_json_atomically(path: Path, value: Any) -> None:
    """Write `value` as JSON with `write_atomically`; NaN and infinities are refused."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(path, lambda file: file.write(text.encode()))


def is_utf8(text: str) -> bool:
    """Whether the text is one: bytes of a path or of the command line that are no UTF-8 become surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def flush_folder(folder: Path) -> None:
    """Make a rename or a new file in the folder durable."""
    if os.name == "nt":  # Windows has no handle for a folder; NTFS journals the rename itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
