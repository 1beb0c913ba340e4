"""From columns to a network's inputs and target, with everything learnt from one fold's training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cambrian.data.feature import Feature
from cambrian.data.numeric import METHODS, NumericMethod, NumericScaler
from cambrian.data.schema import Columns, Floats, TableSchema
from cambrian.data.text_features import RANK, TextScaler
from cambrian.errors import DataError, SettingError

Inputs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prep:
    """The genes that decide how a table is encoded (those marked "prep" in a search space).

    Attributes:
        numeric: The method for numbers.
        max_one_hot: Categories of a feature that get an input of their own.
        log_target: Whether a regression target is learnt as its logarithm.
    """

    numeric: NumericMethod = "robust_clip"
    max_one_hot: int = 9
    log_target: bool = False

    def __post_init__(self) -> None:
        """Refuse what no encoder knows."""
        if self.numeric not in METHODS:
            raise SettingError(
                f"Gene 'numeric_prep' is {self.numeric!r}, not a known method.", f"Use {', '.join(METHODS)}."
            )
        if self.max_one_hot < 1:
            raise SettingError(f"Gene 'max_one_hot' is {self.max_one_hot}, below 1.", "Use 1 or more.")

    @classmethod
    def from_genes(cls, genes: Mapping[str, Any]) -> Prep:
        """The prep of a genome: its genes `numeric_prep`, `max_one_hot` and `target_transform`."""
        log_target = genes.get("target_transform", "none") == "log"
        return cls(genes["numeric_prep"], int(genes["max_one_hot"]), log_target)

    @property
    def key(self) -> str:
        """Names what the inputs depend on, fit for a file name; the target's transform is no part of it."""
        return f"{self.numeric}-{self.max_one_hot}"

    def reduced(self, schema: TableSchema) -> Prep:
        """The simplest prep that encodes this schema's inputs alike, so that nothing is encoded twice.

        It leaves the target as it is: `log_target` has no part in the inputs.
        """
        numeric = self.numeric if schema.has_scaled_numbers else "standard"
        return Prep(numeric, max(1, min(self.max_one_hot, schema.most_categories)))


def _one_hot_names(feature: Feature, max_one_hot: int) -> tuple[str, ...]:
    """The one-hot inputs of a feature.

    The commonest `max_one_hot` categories have an input each; if there are more, rare and unseen values share
    the input "other"; missing cells have one if the training part has any. Two categories without missing
    cells need a single input, -1 or +1. What has no input of its own is 0 in all (unseen values of a feature
    without rare ones, missing cells of a feature without any in training): an input that never trained would
    add noise.
    """
    known = feature.categories
    if _is_signed(feature, max_one_hot):
        return (f"{feature.name} = {known[1]}",)
    names = [f"{feature.name} = {category}" for category in known[:max_one_hot]]
    other = [f"{feature.name}: other"] if len(known) > max_one_hot else []
    missing = [f"{feature.name}: missing"] if feature.missing else []
    return (*names, *other, *missing)


def _is_signed(feature: Feature, max_one_hot: int) -> bool:
    return len(feature.categories) == 2 and not feature.missing and max_one_hot >= 2


def _one_hot_table(feature: Feature, max_one_hot: int) -> Inputs:
    """The inputs of each value, a row each: unseen, missing, then every category."""
    if _is_signed(feature, max_one_hot):
        return np.array([[0], [0], [-1], [1]], dtype=np.float32)
    known = len(feature.categories)
    kept = min(known, max_one_hot)
    table = np.zeros((2 + known, len(_one_hot_names(feature, max_one_hot))), dtype=np.float32)
    table[2 + np.arange(kept), np.arange(kept)] = 1
    if known > kept:
        table[2 + kept :, kept] = 1
        table[:2, kept] = 1  # unseen values, and missing cells where training has none
    if feature.missing:
        table[1] = 0
        table[1, -1] = 1
    return table


def _text_names(feature: Feature) -> tuple[str, ...]:
    """The inputs of a free-text feature."""
    numbers = tuple(f"{feature.name} (text {number})" for number in range(1, RANK + 1))
    return (*numbers, f"{feature.name}: missing") if feature.missing else numbers


def encoded_names(schema: TableSchema, prep: Prep) -> tuple[str, ...]:
    """What each input is, in the encoder's order: numbers, indicators of missing cells, categories, texts."""
    numbers = [column.name for column in schema.numeric]
    indicators = [f"{column.feature}: missing" for column in schema.numeric if column.indicator]
    one_hot = [name for feature in schema.categorical for name in _one_hot_names(feature, prep.max_one_hot)]
    texts = [name for feature in schema.texts for name in _text_names(feature)]
    return (*numbers, *indicators, *one_hot, *texts)


def encoded_width(schema: TableSchema, prep: Prep) -> int:
    """The number of inputs; the same for every fold, known without the data."""
    return len(encoded_names(schema, prep))


def pad_rows(x: Inputs, width: int) -> Inputs:
    """The rows with zeros up to a width."""
    return np.pad(x, ((0, 0), (0, width - x.shape[1])))


@dataclass(frozen=True)
class Encoder:
    """Turns columns into a network's inputs; fitted on the training rows of one fold.

    Numbers are scaled by the prep's method with missing cells at the median; booleans are -1 and +1, missing
    ones 0, whatever the method; then come indicators (0 or 1) of missing cells, one-hot categories, and free
    text as `text_features` has it.
    """

    schema: TableSchema
    prep: Prep
    scaler: NumericScaler
    texts: tuple[TextScaler, ...] = ()

    @classmethod
    def fit(
        cls,
        columns: Columns,
        schema: TableSchema,
        prep: Prep,
        rows: NDArray[np.int64] | None = None,
        texts: tuple[TextScaler, ...] | None = None,
    ) -> Encoder:
        """Learn from the columns of a fold's training rows, and from nothing else.

        Args:
            columns: The columns; they may be mapped from the disk, of which no more than one is copied.
            schema: Of the columns.
            prep: How they shall be encoded.
            rows: The fold's training rows; None: all.
            texts: What was learnt of free text from these rows before; None: learn it.

        Raises:
            DataError: There are no rows.
        """
        if not len(columns if rows is None else rows):
            raise DataError("No rows to learn the scaling from.", "Add rows or ask for fewer folds.")
        scaled = [index for index, column in enumerate(schema.numeric) if not column.boolean]
        scaler = NumericScaler.fit(columns.numeric, prep.numeric, columns=scaled, rows=rows)
        if texts is None:
            texts = tuple(TextScaler.fit(text, rows) for text in columns.texts)
        return cls(schema, prep, scaler, texts)

    @property
    def width(self) -> int:
        """The number of inputs."""
        return encoded_width(self.schema, self.prep)

    def transform(self, columns: Columns) -> Inputs:
        """The inputs `(rows, width)`: finite float32 whatever the cells hold."""
        numeric = columns.numeric
        out = np.zeros((len(columns), self.width), dtype=np.float32)
        booleans, scaled, indicators = self._positions
        out[:, scaled] = self.scaler.transform(numeric[:, scaled])
        out[:, booleans] = np.nan_to_num(2.0 * numeric[:, booleans] - 1.0, nan=0.0)
        at = numeric.shape[1]
        out[:, at : at + len(indicators)] = np.isnan(numeric[:, indicators])
        at += len(indicators)
        for index, table in enumerate(self._one_hot_tables):
            width = table.shape[1]
            out[:, at : at + width] = table[columns.codes[:, index] + 2]
            at += width
        for feature, scaler, text in zip(self.schema.texts, self.texts, columns.texts, strict=True):
            out[:, at : at + RANK] = scaler.transform(text)
            at += RANK
            if feature.missing:
                out[:, at] = np.diff(text.starts) == 0
                at += 1
        return out

    @cached_property
    def _positions(self) -> tuple[list[int], list[int], list[int]]:
        numbered = list(enumerate(self.schema.numeric))
        return (
            [index for index, column in numbered if column.boolean],
            [index for index, column in numbered if not column.boolean],
            [index for index, column in numbered if column.indicator],
        )

    @cached_property
    def _one_hot_tables(self) -> list[Inputs]:
        return [_one_hot_table(feature, self.prep.max_one_hot) for feature in self.schema.categorical]

    def to_json(self) -> dict[str, Any]:
        """What was learnt, as JSON values; the schema is stored apart from it."""
        prep = {"numeric": self.prep.numeric, "max_one_hot": self.prep.max_one_hot}
        found = {"prep": prep | {"log_target": self.prep.log_target}, "scaler": self.scaler.to_json()}
        return found | ({"texts": [each.to_json() for each in self.texts]} if self.texts else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any], schema: TableSchema) -> Encoder:
        """The encoder that `to_json` wrote, for its schema."""
        texts = tuple(TextScaler.from_json(each) for each in value.get("texts", ()))
        return cls(schema, Prep(**value["prep"]), NumericScaler.from_json(value["scaler"]), texts)


@dataclass(frozen=True, slots=True)
class TargetScale:
    """How a regression target is learnt: (log of) it standardised on a fold's training rows.

    Attributes:
        log: Whether the natural logarithm is standardised.
        mean: Of the (log) target.
        std: Of the (log) target; 1 for a constant one.
        low: Smallest training target, in its own unit.
        high: Largest.
    """

    log: bool
    mean: float
    std: float
    low: float
    high: float

    @classmethod
    def fit(cls, y: Floats, *, log: bool) -> TargetScale:
        """Learn from the targets of a fold's training rows.

        Raises:
            DataError: A logarithm is asked of a target that is not above 0, or there is no target.
        """
        if not len(y) or not np.isfinite(y).all():
            raise DataError("The training rows of a fold lack targets.", "Check the target column.")
        low, high = float(y.min()), float(y.max())
        if log and low <= 0:
            raise DataError(
                f"The target's logarithm needs values above 0, and the smallest is {low:g}.",
                "Set target_transform to none.",
            )
        values = np.log(y) if log else y
        # A power of two taken out first: the squares of 1e308 overflow, and dividing by it changes no digit.
        size = float(np.abs(values).max())
        unit = 2.0 ** min(1000, np.frexp(size)[1]) if size > 0 else 1.0
        mean, std = float((values / unit).mean()), float((values / unit).std())
        constant = low == high
        return cls(log, mean * unit, 1.0 if constant or std * unit == 0 else std * unit, low, high)

    def forward(self, y: Floats) -> Floats:
        """The standardised target."""
        values = np.log(y) if self.log else y
        return np.asarray(
            (values / 2 - self.mean / 2) / (self.std / 2)
        )  # halved: 1e308 less -1e308 overflows

    def backward(self, z: ArrayLike) -> Floats:
        """Predictions in the target's own unit, held within the range of the training targets; NaN stays."""
        raw = np.asarray(z, dtype=np.float64)
        with np.errstate(over="ignore"):
            values = raw * self.std + self.mean
            if self.log:
                values = np.exp(values)
        return cast(Floats, np.clip(values, self.low, self.high))

    def to_json(self) -> dict[str, Any]:
        """The scale as JSON values."""
        return {"log": self.log, "mean": self.mean, "std": self.std, "low": self.low, "high": self.high}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TargetScale:
        """The scale that `to_json` wrote."""
        return cls(bool(value["log"]), *(float(value[name]) for name in ("mean", "std", "low", "high")))
