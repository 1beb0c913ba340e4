"""Requests to a run: small files, written atomically into its folder, each answered by an event.

A file is removed after its answer was committed: a run that is killed in between answers it again when it is
resumed, and loses none.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from cambrian.config import write_json_atomically

RequestKind = Literal["pause", "resume", "stop", "stop-now"]
KINDS: tuple[str, ...] = get_args(RequestKind)
_LARGEST = 64 * 1024
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks of a run."""

    kind: RequestKind


@dataclass(frozen=True, slots=True)
class NoRequest:
    """A file in the folder that asks for nothing a run knows; `why` is a sentence."""

    why: str


def write_request(folder: Path, kind: RequestKind) -> None:
    """Ask the run whose request folder this is; it answers by an event within a second or two."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}.json"
    write_json_atomically(folder / name, {"request": kind})


def waiting_requests(folder: Path) -> Iterator[Request | NoRequest]:
    """What waits, oldest first, at most 100 files a call.

    A file is removed when the next one is asked for: answer each before, or leave the loop by an exception.
    """
    for path in _files(folder)[:_MOST_AT_ONCE]:
        yield _read(path)
        _remove(path)


def forget_pauses(folder: Path) -> None:
    """Remove the requests to pause or go on that a killed run left; a request to stop still counts."""
    for path in _files(folder)[:_MOST_AT_ONCE]:
        found = _read(path)
        if isinstance(found, Request) and found.kind in ("pause", "resume"):
            _remove(path)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except FileNotFoundError:
        return []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _read(path: Path) -> Request | NoRequest:
    try:
        return _parsed(path)
    except (OSError, ValueError, RecursionError) as error:
        return NoRequest(f"The request file {path.name!r} was ignored: {error}.")


def _parsed(path: Path) -> Request:
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is not a plain file")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    value = json.loads(path.read_bytes())
    kind = value.get("request") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise ValueError(f"it asks for {str(kind)[:40]!r}, not for one of {', '.join(KINDS)}")
    return Request(kind)
