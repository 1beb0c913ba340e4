"""From the bytes of a CSV file to columns of text: encoding, separator, quotes, line ends, ragged rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cambrian.errors import DataError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SNIFFED_CHARACTERS = 1 << 16
ROWS_AT_ONCE = 50_000
BLOCK_CHARACTERS = 1 << 20
FIELD_LIMIT = 1 << 24
"""Characters of the longest field taken; one field of a gigabyte is an unclosed quote, not a table."""
_MAGIC = {
    b"PAR1": "a Parquet file (name it .parquet)",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "compressed with gzip (unpack it first)",
}


@dataclass(frozen=True)
class CsvText:
    """The cells of a CSV file as text, before typing.

    Attributes:
        names: The names of the header line as they stand there; empty without a header.
        columns: One text array a column; an empty cell is an empty string.
        separator: The separator found.
        lines: Physical line (from 1) of every row, or None when row i stands in line i + 2.
        notes: What was detected.
    """

    names: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    separator: str
    lines: np.ndarray[Any, np.dtype[np.int64]] | None
    notes: tuple[str, ...]


def parse_csv(data: bytes, path: Path, *, header: bool = True) -> CsvText:
    """Split the bytes of a CSV file into columns of text.

    Raises:
        DataError: Not a well-formed table of text; names the file and the physical line.
    """
    text, encoding = _decode(data, path)
    if not text.strip():
        raise DataError(f"{path} is empty: it holds blank lines only.", "Export the table again.")
    nul = text.find("\0")
    if nul >= 0:
        line = _line_at(text, nul)
        raise DataError(
            f"{path}: line {line} holds a NUL byte; the file is damaged, or it is UTF-16 without its mark.",
            "Remove the NUL bytes, or save the file as UTF-8.",
        )
    separator = sniff_separator(text[:SNIFFED_CHARACTERS])
    notes = (f"encoding {encoding}", f"separator {SEPARATORS[separator]}")
    names, columns, lines = _columns(text, separator, path, header)
    return CsvText(names, columns, separator, lines, notes)


def sniff_separator(sample: str) -> str:
    """The separator for which most of the sample's rows have as many fields as its first row.

    Fields in quotes may hold separators and line ends. Ties go to the separator with more fields, then
    to comma, semicolon, tab, pipe.
    """
    best, best_score = ",", (0.0, 0)
    for separator in SEPARATORS:
        counts = _field_counts(sample, separator)
        if not counts or counts[0] < 2:
            continue
        share = sum(count == counts[0] for count in counts) / len(counts)
        if (share, counts[0]) > best_score:
            best, best_score = separator, (share, counts[0])
    return best


def _field_counts(sample: str, separator: str) -> list[int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    counts: list[int] = []
    try:
        for row in reader:
            if not _is_blank(row):
                counts.append(len(row))
    except csv.Error:
        pass  # a field longer than the limit: what came before it is sample enough
    complete = len(sample) < SNIFFED_CHARACTERS or len(counts) < 3
    return counts if complete else counts[:-1]  # the sample may end inside its last row


def _decode(data: bytes, path: Path) -> tuple[str, str]:
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise DataError(f"{path} is not text: it is {what}.", "Give a CSV, TSV or Parquet file.")
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _decode_as(data, encoding, path), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if _looks_like_gb18030(data):
            return _decode_as(data, "gb18030", path), "GB18030 (not UTF-8)"
        raise DataError(
            f"{path}: line {line} is not UTF-8 text, and the file is not GB18030 either.",
            "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
        ) from error


def _decode_as(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}: line {line} is not valid {encoding.upper()} text.", "Save the file as UTF-8."
        ) from error


def _looks_like_gb18030(data: bytes) -> bool:
    # Western 8-bit text decodes as GB18030 too, as nonsense: there a high byte mostly stands alone, while
    # common Chinese characters are two bytes that are both high.
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    pairs = len(re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", data))
    return 2 * pairs >= 0.6 * high


def _columns(
    text: str, separator: str, path: Path, header: bool
) -> tuple[tuple[str, ...], tuple[pa.Array, ...], np.ndarray[Any, np.dtype[np.int64]] | None]:
    rows = _rows(text, separator, path)
    first_line, first = next(rows)
    width = len(first)
    pending, starts = ([], []) if header else ([first], [first_line])
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    ragged: list[tuple[int, int]] = []
    for line, row in rows:
        if len(row) != width:
            ragged.append((line, len(row)))
            continue
        pending.append(row)
        starts.append(line)
        if len(pending) == ROWS_AT_ONCE:
            _flush(pending, chunks)
            pending = []
    if ragged:
        raise _ragged_error(path, ragged, width, header)
    _flush(pending, chunks)
    columns = []
    for parts in chunks:
        columns.append(pa.concat_arrays(parts) if parts else pa.array([], pa.string()))
        parts.clear()  # no more than one column is there twice
    lines = np.asarray(starts, dtype=np.int64)
    regular = np.array_equal(lines, np.arange(2, len(lines) + 2))
    return tuple(first) if header else (), tuple(columns), None if regular else lines


def _flush(rows: list[list[str]], chunks: list[list[pa.Array]]) -> None:
    for cells, parts in zip(zip(*rows, strict=True), chunks, strict=False):
        parts.append(pa.array(cells, pa.string()))


def _rows(text: str, separator: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the physical line on which it begins.

    In a table of one column an empty line is a row whose cell is missing, unless only such lines follow.
    """
    csv.field_size_limit(FIELD_LIMIT)  # the module has no other way than this limit of the process
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    end, blank_to = 0, 0
    try:
        for row in reader:
            if not _is_blank(row):
                if not blank_to:
                    blank_to = _line_at(text, len(text.rstrip())) if len(row) == 1 else 1
                yield end + 1, row
            elif end < blank_to:
                yield end + 1, row or [""]
            end = reader.line_num
    except csv.Error as error:
        raise _quote_error(path, end + 1, str(error)) from error


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; a block at a time, for a StringIO takes four bytes a character."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + BLOCK_CHARACTERS) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end


def _is_blank(row: list[str]) -> bool:
    return len(row) < 2 and not (row and row[0].strip())


def _quote_error(path: Path, line: int, reason: str) -> DataError:
    if "end of data" in reason or "field limit" in reason:
        problem = f"{path}: a quote is opened in the row that begins in line {line} and never closed."
        return DataError(problem, "Close the quote, or remove it.")
    problem = f"{path}: in the row that begins in line {line}, text follows a closing quote ({reason})."
    return DataError(problem, "Double every quote inside a quoted field, and close each field's quote.")


def _ragged_error(path: Path, ragged: list[tuple[int, int]], width: int, header: bool) -> DataError:
    first = ", ".join(f"line {line} has {count}" for line, count in ragged[:3])
    more = f" and {len(ragged) - 3} more lines" if len(ragged) > 3 else ""
    what = "the header" if header else "the first line"
    problem = f"{path}: {first}{more} fields, but {what} has {width}."
    return DataError(problem, "Mend these lines; a field that holds the separator needs quotes.")


def _line_at(text: str, position: int) -> int:
    return sum(1 for _ in re.finditer(r"\r\n|\r|\n", text[:position])) + 1
