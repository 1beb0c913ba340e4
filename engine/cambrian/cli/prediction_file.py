"""Writing predictions as CSV or Parquet: one row per input row, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from cambrian.config import write_atomically
from cambrian.errors import RunError, SettingError

_CHUNK = 65_536
"""Rows turned into text at once: bounds the memory of a long table."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted rows in the order of the input.

    Attributes:
        values: Probabilities `(rows, classes)`, or numbers `(rows,)`.
        classes: Labels as in the training file; empty for a regression.
    """

    values: npt.NDArray[np.float64]
    classes: tuple[str, ...] = ()

    @property
    def header(self) -> list[str]:
        """`prediction`, and for a classification `probability_<class>` for each class."""
        return ["prediction", *(f"probability_{label}" for label in self.classes)]


def check_output(out: Path, source: Path) -> None:
    """Refuse an output that could not be written, before anything is computed.

    Raises:
        SettingError: The suffix is unknown, the folder is missing, or it is the input file or a folder.
    """
    if out.suffix.lower() not in _WRITERS:
        raise SettingError(
            f"Predictions cannot be written as '{out.suffix or out.name}'.",
            f"Name a file that ends in {' or '.join(_WRITERS)}.",
        )
    if out.is_dir():
        raise SettingError(f"{out} is a folder.", "Name a file.")
    if not out.parent.is_dir():
        raise SettingError(f"There is no folder {out.parent}.", "Make it, or name another.")
    if out.exists() and source.exists() and os.path.samefile(out, source):
        raise SettingError(f"{out} is the table to predict itself.", "Name another file.")


def write_predictions(out: Path, predictions: Predictions) -> None:
    """Write the file by its suffix; it appears as a whole, or what was there stays.

    Raises:
        RunError: It cannot be written, for want of room or rights.
    """
    writer = _WRITERS[out.suffix.lower()]
    try:
        write_atomically(out, lambda file: writer(file, predictions))
    except OSError as error:
        raise RunError(
            f"{out} cannot be written: {error.strerror or error}.",
            "Make room there, or name a file in a folder that you may write to.",
            exit_code=1,
        ) from error


def _write_csv(file: BinaryIO, predictions: Predictions) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(predictions.header)
    labels = [_harmless(label) for label in predictions.classes]
    for values in _chunks(predictions.values):
        if labels:
            chosen = values.argmax(axis=1).tolist()
            pairs = zip(chosen, values.tolist(), strict=True)
            rows.writerows([labels[best], *probabilities] for best, probabilities in pairs)
        else:
            rows.writerows([value] for value in values.tolist())
    text.flush()
    text.detach()  # the file itself is closed by whoever opened it


def _write_parquet(file: BinaryIO, predictions: Predictions) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = predictions.values
    if not predictions.classes:
        pq.write_table(pa.table({"prediction": values}), file)
        return
    labels = pa.array(predictions.classes, pa.string()).take(pa.array(values.argmax(axis=1)))
    columns = [labels, *(np.ascontiguousarray(column) for column in values.T)]
    pq.write_table(pa.table(columns, names=predictions.header), file)


_WRITERS: dict[str, Callable[[BinaryIO, Predictions], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}


def _chunks(values: npt.NDArray[np.float64]) -> Iterator[npt.NDArray[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _harmless(label: str) -> str:
    """The label with an apostrophe before what a spreadsheet takes for a formula; numbers stay."""
    return f"'{label}" if label.startswith(_FORMULA_STARTS) and not _is_number(label) else label


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return label.isascii() and not label.startswith(("\t", "\r"))
