"""Requests to a run: small files, written atomically into its folder, each answered by an event."""

from __future__ import annotations

import json
import os
import shutil
import time
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


def write_request(folder: Path, kind: RequestKind) -> None:
    """Ask the run whose request folder this is; it answers by an event within a second or two."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{os.getpid()}.json"
    write_json_atomically(folder / name, {"request": kind})


def take_requests(folder: Path) -> tuple[list[Request], list[str]]:
    """Read and remove what waits, oldest first; at most 100 files a call.

    Returns:
        The requests, and one sentence for each file that was not one (it is removed and ignored).
    """
    requests: list[Request] = []
    refused: list[str] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")[:_MOST_AT_ONCE]
    except FileNotFoundError:
        return requests, refused
    for path in paths:
        try:
            requests.append(_read(path))
        except (OSError, ValueError, RecursionError) as error:
            refused.append(f"The request file {path.name!r} was ignored: {error}.")
        _remove(path)
    return requests, refused


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _read(path: Path) -> Request:
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is not a plain file")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    value = json.loads(path.read_bytes())
    kind = value.get("request") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise ValueError(f"it asks for {str(kind)[:40]!r}, not for one of {', '.join(KINDS)}")
    return Request(kind)
