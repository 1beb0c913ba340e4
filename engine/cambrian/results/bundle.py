"""The folder of a delivered model as it is read and checked, without torch: everything but the weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cambrian.data.encode import Encoder
from cambrian.data.file_digest import sha256_of_file
from cambrian.data.reference import Reference
from cambrian.data.schema import TableSchema
from cambrian.errors import RunError
from cambrian.training.spec import Task

FORMAT = 2
"""What is read; 1 is written where it says all: free text came with 2."""
MODEL = "model.json"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""Names that stay in the folder on every system."""
_MALFORMED = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


class NewerModelError(RunError):
    """A model that a newer program wrote."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a model's folder holds.

    Attributes:
        members: The file of each network, as its checksum has it, and the encoder of its fold.
        facts: Where it came from, as JSON (run, individual, genome, versions).
        reference: The distribution of the features it learnt from; None if an older program wrote it.
    """

    task: Task
    schema: TableSchema
    members: tuple[tuple[Path, Encoder], ...]
    facts: Mapping[str, Any]
    reference: Reference | None = None


def read_bundle(folder: Path) -> Bundle:
    """Read a delivered model's folder.

    Raises:
        NewerModelError: It is of a newer version.
        RunError: There is none, or it is damaged; names the member.
    """
    path, run = folder / MODEL, folder.parent.name
    if not path.exists():
        raise RunError(f"{run} has no delivered model.", f"`cambrian resume {run}` lets the run finish.")
    try:
        model = json.loads(path.read_text(encoding="utf-8"))
        version = int(model["format"])
    except (OSError, *_MALFORMED) as error:
        raise damaged(folder, f"{path} is damaged: {error!r}.") from error
    if version > FORMAT:
        raise NewerModelError(
            f"{path} has format {version}; this program reads up to {FORMAT}.", "Update Cambrian."
        )
    try:
        schema = TableSchema.from_json(model["schema"])
        members = tuple(_member(folder, each, schema) for each in model["members"])
        reference = Reference.from_json(model["reference"]) if "reference" in model else None
        bundle = Bundle(model["task"], schema, members, dict(model["facts"]), reference)
    except _MALFORMED as error:
        raise damaged(folder, f"{path} is damaged: {error!r}.") from error
    if reference is not None and not reference.fits(schema):
        raise damaged(folder, f"{path} is damaged: its reference is of other features.")
    if not members:
        raise damaged(folder, f"{path} is damaged: it names no network.")
    return bundle


def damaged(folder: Path, problem: str) -> RunError:
    """The error for a damaged model, which can be written again as long as the run has its networks."""
    return RunError(
        problem, f"`cambrian resume {folder.parent.name}` writes the model again from the run's own networks."
    )


def _member(folder: Path, value: Mapping[str, Any], schema: TableSchema) -> tuple[Path, Encoder]:
    name = str(value["file"])
    if not _NAME.fullmatch(name):
        raise RunError(f"The model names a member outside its folder: {name!r}.", "Do not use this model.")
    path = folder / name
    try:
        sound = sha256_of_file(path) == value["sha256"]
    except OSError:
        sound = False
    if not sound:
        raise damaged(folder, f"{path} is missing or damaged.")
    return path, Encoder.from_json(value["encoder"], schema)
