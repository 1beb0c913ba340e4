"""Separated text (CSV, TSV): rows of any width of line, quotes over several lines, blank and ragged rows.

The text comes in chunks of whole lines. Arrow's parser takes those without a quote, which is most of most
files and twenty times as fast; whatever it does not find regular goes to the standard library's.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from cambrian.data.findings import DataWarning
from cambrian.data.reading.encodings import find_encoding, line_ends, text_blocks
from cambrian.data.reading.files import Progress, blocks, compression, expanded_bytes
from cambrian.data.reading.limits import FIELD_LIMIT, LINE_LIMIT, batch_rows
from cambrian.data.reading.options import SEPARATORS, Reading
from cambrian.data.reading.separators import SNIFFED_CHARACTERS, csv_reader, is_blank, sniff_separator
from cambrian.data.reading.source import Batch, check_width
from cambrian.errors import DataError

BLOCK_CHARACTERS = 1 << 22

Ints = np.ndarray[Any, np.dtype[np.int64]]


class CsvSource:
    """A separated text; see `Source`."""

    types: tuple[pa.DataType, ...] | None = None
    warnings: tuple[DataWarning, ...] = ()
    unit = "line"
    first_place = 2

    def __init__(self, path: Path, reading: Reading, earlier: Reading | None) -> None:
        csv.field_size_limit(FIELD_LIMIT)  # the module has no other way than this limit of the process
        self.path = path
        self.size = expanded_bytes(path)
        before = earlier or Reading()
        self._encoding = find_encoding(
            partial(blocks, path), path, said=reading.encoding, earlier=before.encoding
        )
        quote = '"' if reading.quote == "auto" else reading.quote
        separator = reading.separator
        if separator == "auto":
            also = () if before.separator in (*SEPARATORS, "auto") else (before.separator,)
            separator = sniff_separator(self._sample(), also=also, quote=quote)
        detected = {"format": "csv", "separator": separator, "quote": quote, "encoding": self._codec()}
        self.reading = reading.model_copy(update=detected)
        self.notes: tuple[str, ...] = (
            f"encoding {self._encoding.shown}",
            f"separator {SEPARATORS.get(separator, separator)!s}",
        )
        if compression(path):
            self.notes = (compression(path), *self.notes)
        first = next((row for _, row in self._slow_rows(_Lines(self._chunks(None)))), None)
        if first is None:
            raise DataError(f"{path} is empty: it holds blank lines only.", "Export the table again.")
        self.width = check_width(path, len(first))
        self.names = tuple(first) if reading.header else ()

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        lines = _Lines(self._chunks(progress))
        slow = self._slow_rows(lines)
        if self.names:
            next(slow)
        rows, regular = _Rows(self.width), 0
        ragged: list[tuple[int, int]] = []
        while text := lines.rest():
            quick = self._quick(text)
            if quick is not None:
                yield from rows.flush()
                yield Batch(quick, np.arange(lines.number + 1, lines.number + len(quick[0]) + 1))
                lines.number += len(quick[0])
                regular += len(quick[0])
                continue
            lines.put(text)
            for line, row in slow:
                if len(row) == self.width:
                    rows.add(line, row)
                    regular += 1
                else:
                    ragged.append((line, len(row)))
                if rows.full:
                    yield from rows.flush()
                if lines.at_end and self.width > 1:  # of one column, blank rows may be waiting
                    break
        yield from rows.flush()
        if ragged:
            raise self._ragged_error(ragged, regular)

    def _codec(self) -> str:
        codec = self._encoding.codec
        return "utf-8" if codec == "utf-8-sig" else codec

    def _sample(self) -> str:
        sample = ""
        for text in text_blocks(blocks(self.path), self._encoding, self.path):
            sample += text
            if len(sample) >= SNIFFED_CHARACTERS:
                break
        return sample[:SNIFFED_CHARACTERS]

    def _chunks(self, progress: Progress | None) -> Iterator[str]:
        """The text in chunks of whole lines."""
        pending, size = [""], 0
        for text in text_blocks(blocks(self.path, progress), self._encoding, self.path):
            pending.append(text)
            size += len(text)
            if size < BLOCK_CHARACTERS:
                continue
            whole = "".join(pending)
            # A carriage return at the very end may be half of a line end.
            cut = whole.rfind("\n") + 1 or whole.rfind("\r", 0, len(whole) - 1) + 1
            if not cut and size > LINE_LIMIT:
                problem = f"{self.path} has a line of more than {LINE_LIMIT:,} characters, the limit."
                raise DataError(problem, "Check that it is a table of lines.")
            if cut:
                yield whole[:cut]
            pending, size = [whole[cut:]], len(whole) - cut
        yield "".join(pending)

    def _quick(self, text: str) -> list[pa.Array] | None:
        """The columns of a chunk without quotes; None if it has some, or a row that is not regular."""
        quote = self.reading.quote
        # A table of one column may hold blank lines, which are cells.
        if self.width == 1 or (quote != "none" and quote in text) or ord(self.reading.separator) > 127:
            return None
        if len(text) > FIELD_LIMIT:
            return None  # so long a chunk has a line as long, and a field may be beyond the limit
        if text[0] in "\r\n" or any(ends in text for ends in ("\n\n", "\n\r", "\r\r")):
            return None  # a blank line, which Arrow takes as a row where it stands alone
        names = [str(index) for index in range(self.width)]
        data = text.encode("utf-8", "surrogatepass")
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(data),
                pa_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
                pa_csv.ParseOptions(
                    delimiter=self.reading.separator, quote_char=False, ignore_empty_lines=False
                ),
                pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    check_utf8=False,
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != line_ends(text) + (not text.endswith(("\n", "\r"))):
            return None
        return [column.combine_chunks() for column in table.columns]

    def _slow_rows(self, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank, with the physical line on which it begins.

        In a table of one column an empty line is a row whose cell is missing, unless only such lines follow.
        """
        reader = iter(csv_reader(lines, self.reading.separator, self.reading.quote, strict=True))
        width, start, blank = 0, 0, list[tuple[int, list[str]]]()
        try:
            while True:
                start = lines.number
                row = next(reader, None)
                if row is None:
                    return
                if not is_blank(row):
                    width = width or len(row)
                    yield from blank
                    blank.clear()
                    yield start + 1, row
                elif width == 1:
                    blank.append((start + 1, row or [""]))
                    if lines.last.strip():  # a cell in quotes, not an empty line
                        yield from blank
                        blank.clear()
        except csv.Error as error:
            raise self._quote_error(start + 1, str(error)) from error

    def _quote_error(self, line: int, reason: str) -> DataError:
        if "end of data" in reason:
            problem = (
                f"{self.path}: a quote is opened in the row that begins in line {line} and never closed."
            )
            return DataError(problem, "Close the quote, or remove it.")
        if "field limit" in reason:
            problem = (
                f"{self.path}: the row that begins in line {line} has a field of more than {FIELD_LIMIT:,} "
                "characters, the limit."
            )
            return DataError(problem, "If a quote is opened there and never closed, close or remove it.")
        problem = (
            f"{self.path}: in the row that begins in line {line}, text follows a closing quote ({reason})."
        )
        return DataError(problem, "Double every quote inside a quoted field, and close each field's quote.")

    def _ragged_error(self, ragged: list[tuple[int, int]], regular: int) -> DataError:
        first = ", ".join(f"line {line} has {count} fields" for line, count in ragged[:3])
        more = f" and {len(ragged) - 3} more lines have others" if len(ragged) > 3 else ""
        what = "the header" if self.names else "the first line"
        problem = f"{self.path}: {first}{more}, but {what} has {self.width}."
        if len(ragged) > regular and len({count for _, count in ragged}) == 1:
            remedy = "The first line must name every column: remove what stands above it, or add a name."
            return DataError(problem, remedy)
        return DataError(problem, "Mend these lines; a field that holds the separator needs quotes.")


class _Lines:
    """The lines of chunks of text with their ends; counts them, and gives what was not read as a whole."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._text = io.StringIO("", newline="")
        self._length = 0
        self.number = 0
        self.last = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while not (line := self._text.readline()):
            self.put(next(self._chunks))
        self.number += 1
        self.last = line
        return line

    @property
    def at_end(self) -> bool:
        """Whether the chunk has been read."""
        return self._text.tell() == self._length

    def put(self, text: str) -> None:
        """Read this text next."""
        self._text, self._length = io.StringIO(text, newline=""), len(text)

    def rest(self) -> str:
        """What is left of the chunk, or the next one; empty at the end of the text."""
        text = self._text.read()
        self.put("")
        while not text:
            chunk = next(self._chunks, None)
            if chunk is None:
                return ""
            text = chunk
        return text


class _Rows:
    """Rows on their way to a batch."""

    def __init__(self, width: int) -> None:
        self._most = batch_rows(width)
        self._rows: list[list[str]] = []
        self._lines: list[int] = []

    @property
    def full(self) -> bool:
        return len(self._rows) >= self._most

    def add(self, line: int, row: list[str]) -> None:
        self._rows.append(row)
        self._lines.append(line)

    def flush(self) -> Iterator[Batch]:
        if self._rows:
            columns = [pa.array(cells, pa.string()) for cells in zip(*self._rows, strict=True)]
            yield Batch(columns, np.asarray(self._lines, dtype=np.int64))
        self._rows, self._lines = [], []
