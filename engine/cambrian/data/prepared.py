"""Prepared data: a run's own copy of its rows on disk, split and ready, memory-mapped by every worker."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Mapping
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
from cambrian.data.parts import TestPart, plan_parts, split_facts
from cambrian.data.profile import Profile
from cambrian.data.read import Table
from cambrian.data.reading.files import content_hash
from cambrian.data.schema import Columns, Floats, TableSchema
from cambrian.data.scratch import save_rows
from cambrian.data.split import Objection, Rows, SplitSettings, fold_rows
from cambrian.data.strata import Target
from cambrian.data.text_features import HashedText, TextScaler
from cambrian.errors import DataError
from cambrian.padding import padded_towards

FORMAT, PLAIN_FORMAT = 2, 1
"""What is read; the plain one is written where it says all: free text and splits by column came with 2."""
MANIFEST = "manifest.json"
ENCODED = "encoded"
_HELD = 32
"""Encoded tables that stay mapped: checking one anew reads up to 64 MiB of it."""
TRAIN_ARRAYS = ("numeric", "codes", "target", "rows")
TEST_ARRAYS = ("test_numeric", "test_codes", "test_target", "test_rows")
"""`rows` and `test_rows` are row numbers in the file (the first data row is 0), the record of the split."""
WEIGHTS, TEST_WEIGHTS = "weights", "test_weights"
"""Only where a column holds them."""
TEXT_ARRAYS = ("starts", "places", "values")
"""Of each free-text feature, after `text_<number>_`."""
REMEDY = "Start a run with the same data: it prepares them again."

Task = Literal["binary", "multiclass", "regression"]
Chosen = tuple[NDArray[Any], Rows | None]
"""An array and the rows of it that are meant; None: all."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the parts; those without a target are in none (`test_unlabelled`: of a test file)."""

    train: int
    test: int
    unlabelled: int
    test_unlabelled: int


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
    part = plan.test or TestPart(columns, y, parts.test, plan.weights)
    test, test_y, test_rows = part.columns, part.y, part.rows
    counts = RowCounts(
        train=len(parts.train),
        test=len(test_rows),
        unlabelled=table.rows - len(parts.train) - len(parts.test),
        test_unlabelled=0 if test_table is None else test_table.rows - len(test_rows),
    )
    arrays = _arrays(TRAIN_ARRAYS, columns, y, parts.train) | {"folds": (parts.fold_of, None)}
    arrays |= _arrays(TEST_ARRAYS, test, test_y, test_rows)
    arrays |= _weight_arrays(WEIGHTS, plan.weights, parts.train)
    arrays |= _weight_arrays(TEST_WEIGHTS, part.weights, test_rows)
    arrays |= _text_arrays("", columns, parts.train) | _text_arrays("test_", test, test_rows)
    targets = {"train": y[parts.train], "test": test_y[test_rows]}
    positive = profile.task == "regression" and bool((targets["train"] > 0).all())
    facts = split_facts(split, plan, targets, profile)
    del targets
    manifest = {
        "format": FORMAT if schema.texts or profile.row_columns.roles else PLAIN_FORMAT,
        "task": profile.task,
        "positive_target": positive,
        "schema": schema.to_json(),
        "rows": asdict(counts),
        "split": facts,
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
        self._expanding = manifest["split"].get("kind") == "time"
        self._encoded: OrderedDict[str, Encoded] = OrderedDict()
        self._text_scalers: dict[int, tuple[TextScaler, ...]] = {}
        names = (*TRAIN_ARRAYS, "folds", *TEST_ARRAYS, *self._further_arrays())
        self._arrays = {name: self._mapped(name) for name in names}

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
        if version not in (FORMAT, PLAIN_FORMAT):
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

    @cached_property
    def weights(self) -> Floats | None:
        """How much each row of the training part counts, above 0; None: all alike."""
        return self._arrays.get(WEIGHTS)

    @cached_property
    def test_weights(self) -> Floats | None:
        """Likewise of the test part."""
        return self._arrays.get(TEST_WEIGHTS)

    def columns(self) -> Columns:
        """The training part's features, memory-mapped."""
        return Columns(self._arrays["numeric"], self._arrays["codes"], texts=self._texts(""))

    def test(self) -> tuple[Columns, Target]:
        """The test part's features and target. To be looked at once, after everything was chosen."""
        numeric, codes = self._arrays["test_numeric"], self._arrays["test_codes"]
        columns = Columns(numeric, codes, texts=self._texts("test_"))
        return columns, np.asarray(self._arrays["test_target"])

    def fold(self, fold: int) -> tuple[Rows, Rows]:
        """Training and validation rows of a fold, as positions in the training part."""
        if not 0 <= fold < self.n_folds:
            raise ValueError(f"fold {fold} of {self.n_folds}")
        return fold_rows(self._arrays["folds"], fold, expanding=self._expanding)

    def fold_sizes(self) -> tuple[tuple[int, int], ...]:
        """Training and validation rows of every fold."""
        if self._expanding:
            return tuple((len(train), len(rows)) for train, rows in map(self.fold, range(self.n_folds)))
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
                lambda: self._fitted(fold, reduced, train),
                identity=f"{self.content_key}-{name}",
                schema=self.schema,
                row_width=width,
            )
            for array in ("numeric", "codes", *_text_names("", self.schema)):
                let_go(self._arrays[array])
            while len(self._encoded) > _HELD:
                self._encoded.popitem(last=False)
        self._encoded.move_to_end(name)
        return self._encoded[name]

    def _fitted(self, fold: int, prep: Prep, train: Rows) -> Encoder:
        """The encoder of a fold; what it learns of free text is the same for every way of encoding."""
        columns = self.columns()
        if fold not in self._text_scalers:
            self._text_scalers[fold] = tuple(TextScaler.fit(text, train) for text in columns.texts)
        return Encoder.fit(columns, self.schema, prep, train, self._text_scalers[fold])

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
                    if content_hash(Path(source["path"])) != source["sha256"]:
                        return "changed"
                except OSError:
                    return "missing"
        return "same"

    def remove_unfinished(self) -> None:
        """Remove what killed processes left behind; only while no other process uses the folder."""
        remove_unfinished(self.folder / ENCODED)

    def _further_arrays(self) -> tuple[str, ...]:
        """The arrays of weights and free text, where there are any."""
        weights = (WEIGHTS, TEST_WEIGHTS) if "weight" in self.manifest["split"] else ()
        return (*weights, *_text_names("", self.schema), *_text_names("test_", self.schema))

    def _texts(self, part: str) -> tuple[HashedText, ...]:
        names = _text_names(part, self.schema)
        arrays = [self._arrays[name] for name in names]
        return tuple(HashedText(*arrays[at : at + 3]) for at in range(0, len(arrays), 3))

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


def _arrays(names: tuple[str, str, str, str], columns: Columns, y: Target, rows: Rows) -> dict[str, Chosen]:
    """What each array is to hold; rows are taken out when it is written."""
    numeric, codes, target, numbers = names
    return {
        numeric: (columns.numeric, rows),
        codes: (columns.codes, rows),
        target: (y, rows),
        numbers: (rows, None),
    }


def _weight_arrays(name: str, weights: Floats | None, rows: Rows) -> dict[str, Chosen]:
    return {} if weights is None else {name: (weights, rows)}


def _text_names(part: str, schema: TableSchema) -> tuple[str, ...]:
    count = len(schema.texts)
    return tuple(f"{part}text_{number}_{array}" for number in range(count) for array in TEXT_ARRAYS)


def _text_arrays(part: str, columns: Columns, rows: Rows) -> dict[str, Chosen]:
    made: dict[str, Chosen] = {}
    for number, text in enumerate(columns.texts):
        taken = text.take(rows)
        for array in TEXT_ARRAYS:
            made[f"{part}text_{number}_{array}"] = (getattr(taken, array), None)
    return made


def _source(table: Table) -> dict[str, str]:
    return {
        "path": str(table.source.resolve()),  # a resume may start in another folder
        "name": table.source.name,
        "sha256": table.file_hash,
        "fingerprint": table.fingerprint,
    }


def _write(folder: Path, arrays: Mapping[str, Chosen], manifest: dict[str, Any]) -> None:
    """Write arrays, then the manifest; without a manifest a folder is no prepared data."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder / ENCODED, ignore_errors=True)
    files = {}
    for name, (array, rows) in arrays.items():
        path = folder / f"{name}.npy"
        write_atomically(path, partial(save_rows, array=array, rows=rows))
        files[path.name] = {"sha256": sha256_of_file(path), "bytes": path.stat().st_size}
    write_json_atomically(folder / MANIFEST, manifest | {"files": files})
