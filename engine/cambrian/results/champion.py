"""The delivered model: a folder of JSON and safetensors that predicts tables, and nothing else.

`model.json` holds schema, encoders and the checksum of every member; each member is one lane's best weights.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from cambrian.config import flush_folder, write_atomically, write_json_atomically
from cambrian.data.encode import Encoder, Prep
from cambrian.data.file_digest import sha256_of_file
from cambrian.data.prepared import Prepared
from cambrian.data.read import Table
from cambrian.data.reference import Reference
from cambrian.data.schema import Columns, TableSchema
from cambrian.results.bundle import FORMAT, MODEL, read_bundle
from cambrian.training.lanes import LaneState, load_lane
from cambrian.training.prediction import predict
from cambrian.training.spec import Task

_CHUNK = 65_536
"""Rows encoded and predicted at once: bounds the memory of a prediction."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Member:
    """One network of the model with the encoder of its fold."""

    state: LaneState
    encoder: Encoder


@dataclass(frozen=True, slots=True)
class Champion:
    """A model that predicts tables: the mean of its members' predictions.

    Attributes:
        task: What it predicts.
        schema: Features, target and classes as the training part knew them.
        members: Its networks.
        facts: Where it came from, as JSON (run, individual, genome, versions).
        reference: The distribution of the features it learnt from, column by column and without any row of
            the table; None if an older program wrote the model.
    """

    task: Task
    schema: TableSchema
    members: tuple[Member, ...]
    facts: Mapping[str, Any]
    reference: Reference | None = None

    def predict(self, columns: Columns) -> Floats:
        """Probabilities (rows, classes), or values (rows,) in the target's unit."""
        alike: dict[str, list[Member]] = {}
        for member in self.members:
            alike.setdefault(json.dumps(member.encoder.to_json(), sort_keys=True), []).append(member)
        parts = [_mean_prediction(list(alike.values()), columns.take(rows)) for rows in _chunks(len(columns))]
        return np.concatenate(parts)

    def predict_table(self, table: Table) -> tuple[Floats, Columns]:
        """Predict every row of a table, in its order; the columns carry notes on what was odd about it.

        Raises:
            DataError: A feature is missing; names it.
        """
        columns = self.schema.columns(table)
        return self.predict(columns), columns


def save_champion(
    folder: Path, prepared: Prepared, lanes: Sequence[Path], *, facts: Mapping[str, Any]
) -> Champion:
    """Write the model into `folder` (replaced as a whole) and return it as read back from there.

    Args:
        folder: Where it goes.
        prepared: Schema and encoders.
        lanes: Files of the lanes that are its members.
        facts: Where it came from, as JSON.
    """
    making = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    members = []
    for path in lanes:
        state = load_lane(path)
        content = path.read_bytes()
        write_atomically(making / path.name, partial(_write, content))
        encoder = prepared.encoded(state.spec.fold, Prep.from_genes(state.spec.genes)).encoder
        members.append(
            {"file": path.name, "sha256": sha256_of_file(making / path.name), "encoder": encoder.to_json()}
        )
    model = {
        "format": FORMAT if prepared.schema.texts else 1,
        "task": prepared.task,
        "schema": prepared.schema.to_json(),
        "members": members,
        "reference": Reference.of(prepared.columns()).to_json(),
        "facts": dict(facts),
    }
    write_json_atomically(making / MODEL, model)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    flush_folder(folder.parent)
    return load_champion(folder)


def load_champion(folder: Path) -> Champion:
    """Read a delivered model.

    Raises:
        RunError: There is none, or it is damaged or of a newer version; names the member.
    """
    bundle = read_bundle(folder)
    members = tuple(Member(load_lane(path), encoder) for path, encoder in bundle.members)
    return Champion(bundle.task, bundle.schema, members, bundle.facts, bundle.reference)


def _mean_prediction(groups: Sequence[Sequence[Member]], columns: Columns) -> Floats:
    """The mean over all members; those of a group share an encoder, so the rows are encoded once."""
    total, count = 0.0, 0
    for members in groups:
        encoded = members[0].encoder.transform(columns)
        for member in members:
            total = total + predict([member.state], encoded)[0]
            count += 1
    return np.asarray(total / count)


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _chunks(rows: int) -> Iterator[slice]:
    for start in range(0, max(rows, 1), _CHUNK):
        yield slice(start, start + _CHUNK)
