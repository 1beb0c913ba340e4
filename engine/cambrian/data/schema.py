"""The features of a table as its training part knows them, and how any table becomes numbers and codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cambrian.data import cells
from cambrian.data.feature import MISSING, UNSEEN, Feature, Kind, coded, feature_numbers, feature_of
from cambrian.data.findings import DataWarning
from cambrian.data.mapped import take_rows
from cambrian.data.profile import Profile
from cambrian.data.read import Reading, Table
from cambrian.data.scratch import scratch_array, write_back
from cambrian.data.text_features import HashedText
from cambrian.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]


class NumericColumn(NamedTuple):
    """One column of `Columns.numeric`."""

    name: str
    feature: str
    boolean: bool
    indicator: bool
    """Whether an indicator of its missing cells is encoded; of a date-time only the first part has one."""


@dataclass(frozen=True)
class Columns:
    """A table's features as numbers.

    Attributes:
        numeric: `(rows, numeric columns)`, NaN where missing: numbers as they are, booleans 0 and 1, ordinals
            their rank from 0, date-times their parts.
        codes: `(rows, categorical features)`: index into the feature's categories, -1 missing, -2 a value
            that the training part does not hold.
        notes: What was odd about the table.
        texts: The n-grams of each free-text feature.
    """

    numeric: Floats
    codes: Codes
    notes: tuple[DataWarning, ...] = ()
    texts: tuple[HashedText, ...] = ()

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.numeric)

    def take(self, rows: NDArray[np.int64] | slice) -> Columns:
        """The given rows, without the notes."""
        texts = tuple(text.take(rows) for text in self.texts)
        return Columns(take_rows(self.numeric, rows), take_rows(self.codes, rows), texts=texts)


@dataclass(frozen=True)
class TableSchema:
    """What a network's inputs and target are, learnt from the training part.

    Attributes:
        features: The features in the order of the file.
        target_column: The column to predict.
        classes: Class labels, empty for regression; in a binary task index 1 is the positive class.
        readings: How each column's text was read, and
        reading: what of how the file was read a later one would not tell by itself;
            `read_table(path, readings=..., earlier=...)` reads it alike.
    """

    features: tuple[Feature, ...]
    target_column: str
    classes: tuple[str, ...]
    readings: Mapping[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    @classmethod
    def build(cls, profile: Profile, table: Table, rows: NDArray[np.int64]) -> TableSchema:
        """The schema of a profiled table, its categories taken from the training part alone.

        What each column is taken as, and in what order an ordinal one's words stand, the profile says: it is
        made before the split, of all rows.

        Args:
            profile: The table's profile, with a target.
            table: The table.
            rows: Row numbers of the training part.

        Raises:
            DataError: No feature is left.
        """
        features = []
        for column in profile.features:
            kind: Kind = column.role.value  # type: ignore[assignment]  # a feature's role is one of the six
            features.append(feature_of(table, column.name, kind, rows, column.categories))
        if not features:
            raise DataError(
                f"{table.source.name} has no column to learn from besides the target.",
                "Give a column a role that is used (numeric, categorical, ...), or add columns.",
            )
        used = {feature.name for feature in features} | {profile.target}
        readings = {name: how for name, how in table.readings.items() if name in used}
        reading = Reading(**table.reading.kept())
        return cls(tuple(features), profile.target, profile.classes, readings, reading)

    @cached_property
    def categorical(self) -> tuple[Feature, ...]:
        """The features behind `Columns.codes`, in its order."""
        return tuple(feature for feature in self.features if feature.kind == "categorical")

    @cached_property
    def numeric(self) -> tuple[NumericColumn, ...]:
        """The columns of `Columns.numeric`, in its order."""
        return tuple(column for feature in self.features for column in _numeric_columns(feature))

    @cached_property
    def texts(self) -> tuple[Feature, ...]:
        """The features behind `Columns.texts`, in its order."""
        return tuple(feature for feature in self.features if feature.kind == "text")

    @property
    def most_categories(self) -> int:
        """Categories of the categorical feature that has most; 0 without one."""
        return max((len(feature.categories) for feature in self.categorical), default=0)

    @property
    def has_scaled_numbers(self) -> bool:
        """Whether a numeric column is scaled, as all are but the booleans."""
        return any(not column.boolean for column in self.numeric)

    def columns(self, table: Table) -> Columns:
        """A table's features as numbers and codes; columns that are no feature are left aside with a note.

        A cell of the wrong type (text in a numeric column, an unknown level of an ordinal one) counts as
        missing, with a note.

        Raises:
            DataError: A feature's column is missing.
        """
        self._refuse_missing_columns(table)
        numeric = scratch_array(table.scratch, (table.rows, len(self.numeric)), np.float64)
        codes = scratch_array(table.scratch, (table.rows, len(self.categorical)), np.int32)
        texts: list[list[HashedText]] = [[] for _ in self.texts]
        odd: Counter[str] = Counter()
        start = 0
        for part in table.parts(*(feature.name for feature in self.features)):
            rows = slice(start, start + part.rows)
            self._fill(part, numeric[rows], codes[rows], odd)
            for feature, hashed in zip(self.texts, texts, strict=True):
                hashed.append(HashedText.of(cells.labels(part, feature.name)))
            start += part.rows
            for array in (numeric, codes):
                write_back(array)
        notes = [*self._extra_columns(table), *self._odd_notes(odd)]
        return Columns(numeric, codes, tuple(notes), tuple(map(HashedText.joined, texts)))

    def _fill(self, table: Table, numeric: Floats, codes: Codes, odd: Counter[str]) -> None:
        """Put a table's numbers and codes into arrays of its rows, and count each feature's odd cells."""
        a = b = 0
        for feature in self.features:
            if feature.kind == "categorical":
                codes[:, b] = coded(cells.labels(table, feature.name), feature.categories)
                odd[feature.name] += int((codes[:, b] == UNSEEN).sum())
                b += 1
            elif feature.kind != "text":
                for values in feature_numbers(table, feature):
                    numeric[:, a] = values
                    a += 1
                missing = int(table.columns[feature.name].null_count)
                odd[feature.name] += max(0, int(np.isnan(numeric[:, a - 1]).sum()) - missing)

    def _odd_notes(self, odd: Mapping[str, int]) -> Iterator[DataWarning]:
        for feature in self.features:
            if odd[feature.name]:
                yield _odd_note(feature, odd[feature.name])

    def target(self, table: Table) -> NDArray[np.int64] | Floats:
        """The target: class numbers (-1 missing), or numbers for regression (NaN missing or infinite).

        Raises:
            DataError: The target column is missing, or holds a class that the schema does not know.
        """
        if self.target_column not in table.names:
            raise DataError(
                f"{table.source.name} has no column {self.target_column!r}, the target.", "Add the column."
            )
        y: NDArray[Any] = np.empty(table.rows, dtype=np.int64 if self.classes else np.float64)
        start, unknown = 0, Counter[str]()
        for part in table.parts(self.target_column):
            y[start : start + part.rows] = self._target_of(part, unknown)
            start += part.rows
        if unknown:
            count = unknown.total()
            rows = "1 row holds" if count == 1 else f"{count} rows hold"
            raise DataError(
                f"{table.source.name}, column {self.target_column!r}: {rows} a class "
                f"that training does not know (the first is {next(iter(unknown))!r}).",
                "Leave these rows out, or train with a table that has this class.",
            )
        return y

    def _target_of(self, table: Table, unknown: Counter[str]) -> NDArray[np.int64] | Floats:
        """The target of a part, and how often it holds which class that training does not know."""
        if not self.classes:
            return cells.numbers(table, self.target_column)
        labels = cells.labels(table, self.target_column, as_typed=True)
        codes = coded(labels, self.classes).astype(np.int64)
        if cells.kind(table, self.target_column) == "number":
            codes[np.isnan(cells.numbers(table, self.target_column))] = MISSING  # an infinity is no class
        unknown.update(labels.filter(pa.array(codes == UNSEEN)).to_pylist())
        return codes

    def _refuse_missing_columns(self, table: Table) -> None:
        present = set(table.names)
        absent = [feature.name for feature in self.features if feature.name not in present]
        if absent:
            shown = ", ".join(repr(name) for name in absent[:5]) + (", ..." if len(absent) > 5 else "")
            raise DataError(
                f"{table.source.name} lacks {len(absent)} of the columns that were learnt from: {shown}.",
                "Add the columns (empty cells are allowed), with the names of the training file.",
            )

    def _extra_columns(self, table: Table) -> Iterator[DataWarning]:
        known = {feature.name for feature in self.features} | {self.target_column}
        extra = [name for name in table.names if name not in known]
        if extra:
            shown = ", ".join(repr(name) for name in extra[:5]) + (", ..." if len(extra) > 5 else "")
            columns = "1 column is" if len(extra) == 1 else f"{len(extra)} columns are"
            yield DataWarning("extra_columns", "", f"{columns} not used: {shown}.")

    def to_json(self) -> dict[str, Any]:
        """The schema as JSON values."""
        return {
            "target": self.target_column,
            "classes": list(self.classes),
            "readings": dict(self.readings),
            **({"reading": kept} if (kept := self.reading.kept()) else {}),
            "features": [
                {
                    "name": feature.name,
                    "kind": feature.kind,
                    "missing": feature.missing,
                    "categories": list(feature.categories),
                    "parts": list(feature.parts),
                }
                for feature in self.features
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TableSchema:
        """The schema that `to_json` wrote."""
        features = tuple(
            Feature(
                str(item["name"]),
                item["kind"],
                bool(item["missing"]),
                tuple(item["categories"]),
                tuple(item["parts"]),
            )
            for item in value["features"]
        )
        reading = Reading(**value.get("reading", {}))
        return cls(features, str(value["target"]), tuple(value["classes"]), dict(value["readings"]), reading)


def _numeric_columns(feature: Feature) -> Iterator[NumericColumn]:
    if feature.kind == "datetime":
        for index, part in enumerate(feature.parts):
            name = f"{feature.name} ({part})"
            yield NumericColumn(name, feature.name, False, feature.missing and index == 0)
    elif feature.kind not in ("categorical", "text"):
        yield NumericColumn(feature.name, feature.name, feature.kind == "boolean", feature.missing)


def _odd_note(feature: Feature, count: int) -> DataWarning:
    if feature.kind == "categorical":
        return DataWarning(
            "unseen_category",
            feature.name,
            f"{'1 row' if count == 1 else f'{count} rows'} of column {feature.name!r} "
            f"hold{'s' * (count == 1)} a value that was not seen in training.",
        )
    return DataWarning(
        "wrong_type",
        feature.name,
        f"1 cell of column {feature.name!r} is no {feature.kind} value and counts as missing."
        if count == 1
        else f"{count} cells of column {feature.name!r} are no {feature.kind} values and count as missing.",
    )
