"""JSON: one object a line, or an array of objects; their keys are the columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from cambrian.config import is_utf8
from cambrian.data.findings import DataWarning
from cambrian.data.reading.encodings import find_encoding, text_blocks
from cambrian.data.reading.files import Progress, blocks, expanded_bytes
from cambrian.data.reading.limits import LINE_LIMIT, STREAM_FROM_BYTES, batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width
from cambrian.data.reading.stored_types import unsupported
from cambrian.data.reading.text_cells import text_batch
from cambrian.errors import DataError

ARRAY_LIMIT = 4 * STREAM_FROM_BYTES
"""Bytes of the largest array: it is read as a whole. Lines have no limit."""


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may be half of a surrogate pair."""


class JsonSource:
    """Objects of one level; see `Source`.

    Values are typed by their text, like the cells of a CSV; a key that an object lacks is missing there.
    Keys that hold lists or objects are left out.
    """

    types: tuple[pa.DataType, ...] | None = None
    first_place = 1

    def __init__(self, path: Path, reading: Reading, earlier: Reading | None) -> None:
        self.path = path
        self.size = expanded_bytes(path)
        before = earlier.encoding if earlier else "auto"
        self._encoding = find_encoding(partial(blocks, path), path, said=reading.encoding, earlier=before)
        self.reading = reading.model_copy(update={"format": "json", "encoding": self._encoding.codec})
        self._array = next(self._nonblank(), "").lstrip().startswith("[")
        self.unit = "row" if self._array else "line"
        names: dict[str, bool] = {}
        for _, item in self._objects():
            for key, value in item.items():
                names[key] = names.get(key, False) or isinstance(value, dict | list)
        if not names:
            raise DataError(f"{path} is empty: it holds no object with a key.", "Export the table again.")
        self.names = tuple(name for name, nested in names.items() if not nested)
        if not self.names:
            raise DataError(f"{path} has lists and objects only, no numbers or text.", "Flatten them.")
        self.width = check_width(path, len(self.names))
        self.notes: tuple[str, ...] = ("JSON array" if self._array else "JSON lines",)
        self.warnings: tuple[DataWarning, ...] = tuple(
            unsupported(name, "list or object") for name, nested in names.items() if nested
        )

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        rows: list[list[str | None]] = []
        places: list[int] = []
        for place, item in self._objects(progress):
            rows.append([_text(item.get(name)) for name in self.names])
            places.append(place)
            if len(rows) == batch_rows(self.width):
                yield text_batch(rows, places)
                rows, places = [], []
        if rows:
            yield text_batch(rows, places)

    def _objects(self, progress: Progress | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
        if self._array:
            yield from self._of_array()
            return
        for line, text in enumerate(self._lines(progress), start=1):
            if text.strip():
                item = self._object(_parsed(text, self.path, line), f"line {line}")
                if _HALF.search(text):
                    _check_whole(item, self.path, f"line {line}")
                yield line, item

    def _of_array(self) -> Iterator[tuple[int, dict[str, Any]]]:
        if self.size > ARRAY_LIMIT:
            raise DataError(
                f"{self.path} is one array of {self.size >> 20} MB; the limit is {ARRAY_LIMIT >> 20} MB.",
                "Write one object a line (.jsonl), which has no limit.",
            )
        for row, item in enumerate(_parsed("".join(self._texts()), self.path, 1), start=1):
            found = self._object(item, f"row {row}")
            _check_whole(found, self.path, f"row {row}")
            yield row, found

    def _object(self, item: object, place: str) -> dict[str, Any]:
        if not isinstance(item, dict):
            raise DataError(
                f"{self.path}: {place} is no object but {type(item).__name__}.", "Write one object a row."
            )
        return item

    def _texts(self, progress: Progress | None = None) -> Iterator[str]:
        return text_blocks(blocks(self.path, progress), self._encoding, self.path)

    def _nonblank(self) -> Iterator[str]:
        return (text for text in self._texts() if text.strip())

    def _lines(self, progress: Progress | None) -> Iterator[str]:
        rest = ""
        for text in self._texts(progress):
            *lines, rest = (rest + text).split("\n")
            yield from lines
            if len(rest) > LINE_LIMIT:
                problem = f"{self.path} has a line of more than {LINE_LIMIT:,} characters, the limit."
                raise DataError(problem, "Write one object a line.")
        yield rest


def _parsed(text: str, path: Path, line: int) -> Any:
    try:
        # Numbers keep their text: it is typed like that of a CSV.
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        place = f"line {line + error.lineno - 1}, character {error.colno}"
        raise DataError(f"{path}: {place} is not JSON: {error.msg}.", "Mend the file.") from error
    except RecursionError as error:
        raise DataError(f"{path}: line {line} is nested too deeply.", "Flatten it.") from error


def _check_whole(item: dict[str, Any], path: Path, place: str) -> None:
    """Refuse a string with half of a surrogate pair, which is no text.

    Raises:
        DataError: There is one; names its place.
    """
    for text in (*item, *item.values()):
        if isinstance(text, str) and not is_utf8(text):
            shown = text.encode("unicode_escape").decode()[:40]
            raise DataError(f"{path}: {place} holds half a character ({shown}).", "Mend that string.")


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return "true" if value else "false"
