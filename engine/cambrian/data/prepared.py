"""Prepared data: a run's own copy of its rows on disk, split and ready, memory-mapped by every worker."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from cambrian.config import write_atomically, write_json_atomically
from cambrian.data.encode import Encoder, Prep, TargetScale, encoded_width
from cambrian.data.encoded_cache import Encoded, load_or_encode, remove_unfinished
from cambrian.data.file_digest import sha256_of_file
from cambrian.data.mapped import MAPPED, let_go, take_rows
from cambrian.data.profile import Profile
from cambrian.data.read import Table
from cambrian.data.schema import Columns, Floats, TableSchema
from cambrian.data.split import Objection, Rows, SplitRows, SplitSettings, fold_rows, split_rows
from cambrian.errors import DataError
from cambrian.padding import padded_towards

FORMAT = 1
MANIFEST = "manifest.json"
ENCODED = "encoded"
_HELD = 32
"""Encoded tables that stay mapped: checking one anew reads up to 64 MiB of it."""
TRAIN_ARRAYS = ("numeric", "codes", "target", "rows")
TEST_ARRAYS = ("test_numeric", "test_codes", "test_target", "test_rows")
"""`rows` and `test_rows` are row numbers in the file (the first data row is 0), the record of the split."""
REMEDY = "Start a run with the same data: it prepares them again."

Task = Literal["binary", "multiclass", "regression"]
Target = NDArray[np.int64] | Floats


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the parts; those without a target are in none (`test_unlabelled`: of a test file)."""

    train: int
    test: int
    unlabelled: int
    test_unlabelled: int


@dataclass(frozen=True, slots=True)
class PlannedParts:
    """How a table will be prepared: its target, its split, its schema and the part of a test file, if any."""

    y: Target
    parts: SplitRows
    schema: TableSchema
    test: tuple[Columns, Target, Rows] | None


def plan_parts(
    table: Table,
    profile: Profile,
    *,
    split: SplitSettings,
    test_table: Table | None = None,
    objection: Objection | None = None,
) -> PlannedParts:
    """Everything that can refuse a table, without writing it; the arguments are those of `prepare`.

    Raises:
        DataError: The profile refuses, there are too few rows, or the test file does not fit the table.
    """
    if profile.refusals:
        raise DataError(profile.refusals[0].message, profile.refusals[0].remedy)
    y = TableSchema((), profile.target, profile.classes).target(table)
    parts = split_rows(y, table.fingerprint, split, test_part=test_table is None, objection=objection)
    schema = TableSchema.build(profile, table, parts.train)
    return PlannedParts(y, parts, schema, None if test_table is None else _test_part(schema, test_table))


def prepare(
    table: Table,
    profile: Profile,
    folder: Path,
    *,
    split: SplitSettings,
    test_table: Table | None = None,
    objection: Objection | None = None,
) -> Prepared:
    """Split a table and write the run's own copy of it; the manifest comes last and makes it valid.

    The same table and settings write the same bytes. What `folder` held before is replaced.

    Args:
        table: The table to learn from.
        profile: Its profile, with a target.
        folder: Where the arrays go; made if missing.
        split: Fractions, split seed, folds.
        test_table: The test rows, where they come from a file of their own; all of `table` then trains.
        objection: Speaks against folds that cannot be judged; see `split_rows`.

    Raises:
        DataError: The profile refuses, there are too few rows, or the test file does not fit the table.
    """
    plan = plan_parts(table, profile, split=split, test_table=test_table, objection=objection)
    y, parts, schema = plan.y, plan.parts, plan.schema
    columns = schema.columns(table)
    test, test_y, test_rows = plan.test or (columns, y, parts.test)
    counts = RowCounts(
        train=len(parts.train),
        test=len(test_rows),
        unlabelled=table.rows - len(parts.train) - len(parts.test),
        test_unlabelled=0 if test_table is None else test_table.rows - len(test_rows),
    )
    arrays = _arrays(TRAIN_ARRAYS, columns, y, parts.train) | {"folds": lambda: parts.fold_of}
    arrays |= _arrays(TEST_ARRAYS, test, test_y, test_rows)
    targets = {"train": y[parts.train], "test": test_y[test_rows]}
    manifest = {
        "format": FORMAT,
        "task": profile.task,
        "positive_target": profile.task == "regression" and bool((y[parts.train] > 0).all()),
        "schema": schema.to_json(),
        "rows": asdict(counts),
        "split": _split_facts(split, parts, targets, profile),
        "source": _source(table),
        "test_source": None if test_table is None else _source(test_table),
        # Of the table itself the profile says why a column is not used.
        "notes": [
            note.to_json() for note in test.notes if test_table is not None or note.code != "extra_columns"
        ],
    }
    _write(folder, arrays, manifest)
    return Prepared.open(folder)


class Prepared:
    """Prepared data on disk; opening it reads a small file and maps the arrays.

    Any number of processes may use one folder at once: the arrays are never changed, and the encoded inputs
    are a cache that processes fill without harm to each other.

    Attributes:
        folder: Where it lies.
        manifest: What the preparation found and decided, as JSON.
        schema: The features and the target.
        task: binary, multiclass or regression.
        rows: Rows of the parts.
        n_folds: Folds; 1 is a holdout.
        positive_target: A regression whose training targets are all above 0, so that a logarithm is possible.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.schema = TableSchema.from_json(manifest["schema"])
        self.task: Task = manifest["task"]
        self.rows = RowCounts(**manifest["rows"])
        self.n_folds = int(manifest["split"]["folds"])
        self.positive_target = bool(manifest["positive_target"])
        self._encoded: OrderedDict[str, Encoded] = OrderedDict()
        self._arrays = {name: self._mapped(name) for name in (*TRAIN_ARRAYS, "folds", *TEST_ARRAYS)}

    @classmethod
    def open(cls, folder: Path) -> Prepared:
        """Open prepared data.

        Raises:
            DataError: There is none, it is of another format, or a file is missing or cut short; names it.
        """
        path = folder / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            version = manifest["format"]
        except FileNotFoundError as error:
            raise DataError(f"{folder} holds no prepared data.", REMEDY) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} is damaged: {error}.", REMEDY) from error
        if version != FORMAT:
            raise DataError(
                f"{path} has format {version}; this version of Cambrian reads {FORMAT}.",
                "Use the version that prepared it, or start a new run.",
            )
        try:
            return cls(folder, manifest)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{path} is damaged: {error!r}.", REMEDY) from error

    @property
    def classes(self) -> tuple[str, ...]:
        """Class labels as in the file; in a binary task index 1 is the positive class."""
        return self.schema.classes

    @cached_property
    def y(self) -> Target:
        """The training part's target, read-only and memory-mapped: class numbers, or numbers."""
        return np.asarray(self._arrays["target"])

    def columns(self) -> Columns:
        """The training part's features, memory-mapped."""
        return Columns(self._arrays["numeric"], self._arrays["codes"])

    def test(self) -> tuple[Columns, Target]:
        """The test part's features and target. To be looked at once, after everything was chosen."""
        columns = Columns(self._arrays["test_numeric"], self._arrays["test_codes"])
        return columns, np.asarray(self._arrays["test_target"])

    def fold(self, fold: int) -> tuple[Rows, Rows]:
        """Training and validation rows of a fold, as positions in the training part."""
        if not 0 <= fold < self.n_folds:
            raise ValueError(f"fold {fold} of {self.n_folds}")
        return fold_rows(self._arrays["folds"], fold)

    def fold_sizes(self) -> tuple[tuple[int, int], ...]:
        """Training and validation rows of every fold."""
        validating = np.bincount(
            np.asarray(self._arrays["folds"], dtype=np.int64) + 1, minlength=self.n_folds + 1
        )
        return tuple((self.rows.train - int(n), int(n)) for n in validating[1:])

    def width(self, prep: Prep) -> int:
        """The number of inputs under `prep`, without a look at the data."""
        return encoded_width(self.schema, prep)

    def reduced(self, prep: Prep) -> Prep:
        """The simplest prep that encodes the inputs alike."""
        return prep.reduced(self.schema)

    def encoded(self, fold: int, prep: Prep, widest: int | None = None) -> Encoded:
        """All rows of the training part encoded by an encoder fitted on the fold's training rows.

        Computed once and kept on disk; a damaged or missing copy is computed again. Two processes may do so
        at once: the first to finish is kept. `prep.log_target` does not enter.

        Args:
            fold: The fold.
            prep: How to encode.
            widest: Rows are padded towards so many inputs (`padded_towards`); None: as they were written,
                else to the next multiple of 16.

        Raises:
            DataError: The folder has no room for it.
        """
        reduced = prep.reduced(self.schema)
        name = f"{fold}-{reduced.key}"
        width = None if widest is None else padded_towards(self.width(reduced), widest)
        if name not in self._encoded or width not in (None, self._encoded[name].padded.shape[1]):
            train, _ = self.fold(fold)
            self._encoded[name] = load_or_encode(
                self.folder / ENCODED / name,
                self.columns(),
                lambda: Encoder.fit(self.columns(), self.schema, reduced, train),
                identity=f"{self.content_key}-{name}",
                schema=self.schema,
                row_width=width,
            )
            for array in ("numeric", "codes"):
                let_go(self._arrays[array])
            while len(self._encoded) > _HELD:
                self._encoded.popitem(last=False)
        self._encoded.move_to_end(name)
        return self._encoded[name]

    def target_scale(self, fold: int, log: bool = False) -> TargetScale:
        """How the fold's regression target is standardised, learnt from its training rows."""
        if self.task != "regression":
            raise ValueError("only a regression target is scaled")
        train, _ = self.fold(fold)
        return TargetScale.fit(take_rows(cast(Floats, self.y), train), log=log)

    @cached_property
    def content_key(self) -> str:
        """16 hexadecimal digits that stand for all rows and their split."""
        text = json.dumps([self.manifest["files"], self.manifest["schema"]], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def verify(self) -> None:
        """Compare every file with the checksum that the manifest holds (reads all of it).

        Raises:
            DataError: A file is missing or was changed; names it.
        """
        for name, facts in self.manifest["files"].items():
            path = self.folder / name
            try:
                intact = sha256_of_file(path) == facts["sha256"]
            except OSError as error:
                raise DataError(f"{path} cannot be read: {error}.", REMEDY) from error
            if not intact:
                raise DataError(f"{path} is damaged: its checksum differs.", REMEDY)

    def source_state(self) -> Literal["same", "changed", "missing"]:
        """Whether the file that was prepared (or its test file) still has the bytes it had then."""
        for source in (self.manifest["source"], self.manifest["test_source"]):
            if source is not None:
                try:
                    if sha256_of_file(Path(source["path"])) != source["sha256"]:
                        return "changed"
                except OSError:
                    return "missing"
        return "same"

    def remove_unfinished(self) -> None:
        """Remove what killed processes left behind; only while no other process uses the folder."""
        remove_unfinished(self.folder / ENCODED)

    def _mapped(self, name: str) -> NDArray[Any]:
        path = self.folder / f"{name}.npy"
        facts = self.manifest["files"][path.name]
        try:
            if path.stat().st_size != facts["bytes"]:
                raise DataError(f"{path} is damaged: it has not the size it was written with.", REMEDY)
            return MAPPED.load(path)
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error}.", REMEDY) from error
        except ValueError as error:
            raise DataError(f"{path} is damaged: {error}.", REMEDY) from error


def _test_part(schema: TableSchema, table: Table) -> tuple[Columns, Target, Rows]:
    y = schema.target(table)
    rows = np.flatnonzero(y >= 0 if schema.classes else np.isfinite(y)).astype(np.int64)
    if not len(rows):
        raise DataError(
            f"{table.source.name} has no row with a value of {schema.target_column!r} to test with.",
            "Give a test file with targets, or none to split off test rows.",
        )
    return schema.columns(table), y, rows


def _arrays(
    names: tuple[str, str, str, str], columns: Columns, y: Target, rows: Rows
) -> dict[str, Callable[[], NDArray[Any]]]:
    """Makes each array when it is written: no more than one part of the table is there twice."""
    numeric, codes, target, numbers = names
    return {
        numeric: lambda: columns.numeric[rows],
        codes: lambda: columns.codes[rows],
        target: lambda: y[rows],
        numbers: lambda: rows,
    }


def _split_facts(
    settings: SplitSettings, parts: SplitRows, targets: Mapping[str, Target], profile: Profile
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "split_seed": settings.split_seed,
        "test_fraction": settings.test_fraction,
        "folds_asked": settings.folds,
        "folds": parts.n_folds,
    }
    if profile.classes:
        for part, target in targets.items():
            counts = np.bincount(target.astype(np.int64), minlength=len(profile.classes))
            facts[f"{part}_classes"] = counts.tolist()
    return facts


def _source(table: Table) -> dict[str, str]:
    return {
        "path": str(table.source.resolve()),  # a resume may start in another folder
        "name": table.source.name,
        "sha256": table.file_hash,
        "fingerprint": table.fingerprint,
    }


def _write(folder: Path, arrays: Mapping[str, Callable[[], NDArray[Any]]], manifest: dict[str, Any]) -> None:
    """Write arrays, then the manifest; without a manifest a folder is no prepared data."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder / ENCODED, ignore_errors=True)
    files = {}
    for name, make in arrays.items():
        path = folder / f"{name}.npy"
        write_atomically(path, partial(np.save, arr=np.ascontiguousarray(make()), allow_pickle=False))
        files[path.name] = {"sha256": sha256_of_file(path), "bytes": path.stat().st_size}
    write_json_atomically(folder / MANIFEST, manifest | {"files": files})
