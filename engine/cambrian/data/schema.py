"""The features of a table as its training part knows them, and how any table becomes numbers and codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cambrian.data import cells
from cambrian.data.findings import DataWarning
from cambrian.data.mapped import take_rows
from cambrian.data.profile import Profile
from cambrian.data.read import Table
from cambrian.data.text_features import HashedText
from cambrian.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Kind = Literal["numeric", "boolean", "ordinal", "datetime", "categorical", "text"]

MISSING = -1
UNSEEN = -2
DATE_PARTS = ("days", "weekday", "month")
"""Days since 1970-01-01 with the time of day as a fraction; 0 (Monday) to 6; 1 to 12."""
HOUR_PART = "hour"
"""Hours since midnight with minutes as a fraction; only if a time other than midnight trains."""


class NumericColumn(NamedTuple):
    """One column of `Columns.numeric`."""

    name: str
    feature: str
    boolean: bool
    indicator: bool
    """Whether an indicator of its missing cells is encoded; of a date-time only the first part has one."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature column.

    Attributes:
        name: The column.
        kind: What it is taken as.
        missing: Whether the training part has rows without a value.
        categories: Of a categorical feature the training part's values, commonest first, equally common ones
            by text; of an ordinal feature the training part's values, low to high.
        parts: Of a date-time what it is taken apart into.
    """

    name: str
    kind: Kind
    missing: bool
    categories: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


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
        readings: How each column's text was read; `read_table(path, readings=...)` reads a later file alike.
    """

    features: tuple[Feature, ...]
    target_column: str
    classes: tuple[str, ...]
    readings: Mapping[str, str] = field(default_factory=dict)

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
        indices = pa.array(rows)
        features = []
        for column in profile.features:
            kind: Kind = column.role.value  # type: ignore[assignment]  # a feature's role is one of the six
            features.append(_feature(table, column.name, kind, indices, column.categories))
        if not features:
            raise DataError(
                f"{table.source.name} has no column to learn from besides the target.",
                "Give a column a role that is used (numeric, categorical, ...), or add columns.",
            )
        used = {feature.name for feature in features} | {profile.target}
        readings = {name: how for name, how in table.readings.items() if name in used}
        return cls(tuple(features), profile.target, profile.classes, readings)

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
        notes = list(self._extra_columns(table))
        numeric = np.empty((table.rows, len(self.numeric)), dtype=np.float64)
        codes = np.empty((table.rows, len(self.categorical)), dtype=np.int32)
        texts = []
        a = b = 0
        for feature in self.features:
            if feature.kind == "text":
                texts.append(HashedText.of(cells.labels(table, feature.name)))
            elif feature.kind == "categorical":
                codes[:, b] = _codes(cells.labels(table, feature.name), feature.categories)
                notes += _unseen_note(feature, codes[:, b])
                b += 1
            else:
                for values in _numbers(table, feature):
                    numeric[:, a] = values
                    a += 1
                notes += _wrong_type_note(table, feature, numeric[:, a - 1])
        return Columns(numeric, codes, tuple(notes), tuple(texts))

    def target(self, table: Table) -> NDArray[np.int64] | Floats:
        """The target: class numbers (-1 missing), or numbers for regression (NaN missing or infinite).

        Raises:
            DataError: The target column is missing, or holds a class that the schema does not know.
        """
        if self.target_column not in table.names:
            raise DataError(
                f"{table.source.name} has no column {self.target_column!r}, the target.", "Add the column."
            )
        if not self.classes:
            return cells.numbers(table, self.target_column)
        labels = cells.labels(table, self.target_column, as_typed=True)
        codes = _codes(labels, self.classes).astype(np.int64)
        if cells.kind(table, self.target_column) == "number":
            codes[np.isnan(cells.numbers(table, self.target_column))] = MISSING  # an infinity is no class
        if (codes == UNSEEN).any():
            unknown = np.flatnonzero(codes == UNSEEN)
            raise DataError(
                f"{table.source.name}, column {self.target_column!r}: {len(unknown)} rows hold a class that "
                f"training does not know (the first is {labels[int(unknown[0])].as_py()!r}).",
                "Leave these rows out, or train with a table that has this class.",
            )
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
            yield DataWarning("extra_columns", "", f"{len(extra)} columns are not used: {shown}.")

    def to_json(self) -> dict[str, Any]:
        """The schema as JSON values."""
        return {
            "target": self.target_column,
            "classes": list(self.classes),
            "readings": dict(self.readings),
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
        return cls(features, str(value["target"]), tuple(value["classes"]), dict(value["readings"]))


def _feature(table: Table, name: str, kind: Kind, rows: pa.Array, profiled: Sequence[str]) -> Feature:
    if kind == "categorical":
        labels = cells.labels(table, name).take(rows)
        return Feature(name, kind, labels.null_count > 0, _commonest_first(labels))
    if kind == "text":
        return Feature(name, kind, cells.labels(table, name).take(rows).null_count > 0)
    if kind == "ordinal":
        labels = cells.labels(table, name).take(rows)
        present = set(labels.unique().to_pylist())
        levels = tuple(level for level in profiled if level in present)
        return Feature(name, kind, bool((_codes(labels, levels) < 0).any()), levels)
    if kind == "datetime":
        times = cells.timestamps(table, name)[rows.to_numpy()]
        known = times[~np.isnat(times)]
        timed = bool((known != known.astype("datetime64[D]")).any())
        parts = (*DATE_PARTS, HOUR_PART) if timed else DATE_PARTS
        return Feature(name, kind, len(known) < len(times), parts=parts)
    plain = Feature(name, kind, False)
    values = next(_numbers(table, plain))[rows.to_numpy()]
    return Feature(name, kind, bool(np.isnan(values).any()))


def _commonest_first(labels: pa.Array) -> tuple[str, ...]:
    counted = ((item["values"], item["counts"]) for item in labels.value_counts().to_pylist())
    return tuple(
        text for text, _ in sorted(((t, n) for t, n in counted if t is not None), key=lambda x: (-x[1], x[0]))
    )


def _numeric_columns(feature: Feature) -> Iterator[NumericColumn]:
    if feature.kind == "datetime":
        for index, part in enumerate(feature.parts):
            name = f"{feature.name} ({part})"
            yield NumericColumn(name, feature.name, False, feature.missing and index == 0)
    elif feature.kind not in ("categorical", "text"):
        yield NumericColumn(feature.name, feature.name, feature.kind == "boolean", feature.missing)


def _numbers(table: Table, feature: Feature) -> Iterator[Floats]:
    """The numeric columns of one feature."""
    if feature.kind == "datetime":
        yield from _date_parts(cells.timestamps(table, feature.name), feature.parts)
    elif feature.kind == "boolean":
        yield cells.booleans(table, feature.name)
    elif feature.kind == "ordinal":
        ranks = _codes(cells.labels(table, feature.name), feature.categories).astype(np.float64)
        yield np.where(ranks < 0, np.nan, ranks)
    else:
        yield cells.numbers(table, feature.name)


def _date_parts(times: cells.Times, parts: Sequence[str]) -> Iterator[Floats]:
    missing = np.isnat(times)
    days = times.astype("datetime64[D]")
    day_number = days.astype(np.int64)
    of_day = (times - days) / np.timedelta64(1, "D")
    values = {
        "days": day_number + of_day,
        "weekday": (day_number + 3) % 7,  # 1970-01-01 was a Thursday
        "month": times.astype("datetime64[M]").astype(np.int64) % 12 + 1,
        HOUR_PART: of_day * 24.0,
    }
    for part in parts:
        yield np.where(missing, np.nan, values[part])


def _codes(labels: pa.Array, categories: Sequence[str]) -> Codes:
    found = pc.index_in(labels, value_set=pa.array(categories, type=pa.string()))
    codes: Codes = found.fill_null(UNSEEN).to_numpy(zero_copy_only=False).astype(np.int32)
    codes[labels.is_null().to_numpy(zero_copy_only=False)] = MISSING
    return codes


def _unseen_note(feature: Feature, codes: Codes) -> Iterator[DataWarning]:
    unseen = int((codes == UNSEEN).sum())
    if unseen:
        yield DataWarning(
            "unseen_category",
            feature.name,
            f"{unseen} rows of column {feature.name!r} hold a value that was not seen in training.",
        )


def _wrong_type_note(table: Table, feature: Feature, values: Floats) -> Iterator[DataWarning]:
    wrong = int(np.isnan(values).sum()) - int(table.columns[feature.name].null_count)
    if wrong > 0:
        yield DataWarning(
            "wrong_type",
            feature.name,
            f"{wrong} cells of column {feature.name!r} are no {feature.kind} values and count as missing.",
        )
