"""Excel workbooks (.xlsx): one sheet, its first row that is not empty the header."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.limits import LEAST_EXPANDED, MOST_EXPANSION, SHEET_ROWS, batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width, chosen_name
from cambrian.data.reading.text_cells import cell_text, text_batch
from cambrian.errors import DataError

LOOKED_AT = 100
"""Rows in which formulas without values are looked for."""


class ExcelSource:
    """A sheet; see `Source`. Cells are read as the text that Excel would export, formulas as their values."""

    types: tuple[pa.DataType, ...] | None = None
    unit = "row"
    first_place = 2

    def __init__(self, path: Path, reading: Reading, earlier: Reading | None) -> None:
        self.path = path
        self.size = _unpacked_size(path)
        with self._workbook() as book:
            names = [sheet.title for sheet in book.worksheets]
            # Nobody means a sheet that is hidden, or one of the empty ones that old programs add.
            offered = [sheet.title for sheet in book.worksheets if _shows_something(sheet)]
        before = earlier.sheet if earlier else ""
        known = names if reading.sheet or before in names else offered or names
        sheet = chosen_name(path, "sheet", known, reading.sheet, before)
        self.reading = reading.model_copy(update={"format": "excel", "sheet": sheet})
        self.notes: tuple[str, ...] = ("Excel", f"sheet {sheet}")
        _, first = next(self._rows(), (0, []))
        if not first:
            raise DataError(f"{path}: the sheet {sheet!r} is empty.", "Choose another sheet.")
        self.width = check_width(path, len(first))
        self.names = tuple(cell or "" for cell in first) if reading.header else ()
        self.warnings: tuple[DataWarning, ...] = self._uncalculated()

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        rows: list[list[str | None]] = []
        places: list[int] = []
        found = self._rows(progress)
        if self.names:
            next(found)
        for place, row in found:
            if len(row) > self.width:
                raise DataError(
                    f"{self.path}, sheet {self.reading.sheet!r}: row {place} has {len(row)} cells, but "
                    f"{'the header' if self.names else 'the first row'} has {self.width}.",
                    "Name the columns in the first row, and remove what stands beside or above the table.",
                )
            rows.append(row + [None] * (self.width - len(row)))
            places.append(place)
            if len(rows) == batch_rows(self.width):
                yield text_batch(rows, places)
                rows, places = [], []
        if rows:
            yield text_batch(rows, places)

    def _uncalculated(self) -> tuple[DataWarning, ...]:
        """What is to be said of formulas without values, as programs write them that do not calculate."""
        with self._workbook() as book, self._workbook(formulas=True) as written:
            sheets = [each[self.reading.sheet] for each in (book, written)]
            for sheet in sheets:
                sheet.reset_dimensions()
            values, formulas = (sheet.iter_rows(max_row=LOOKED_AT) for sheet in sheets)
            found = {
                formula.coordinate
                for row, others in zip(values, formulas, strict=False)
                for value, formula in zip(row, others, strict=False)
                if value.value is None and formula.data_type == "f"
            }
        if not found:
            return ()
        count, first = len(found), min(found, key=lambda name: (len(name), name))
        cells = "1 formula" if count == 1 else f"{count} formulas"
        message = (
            f"The first {LOOKED_AT} rows of the sheet hold {cells} without a value, as in cell {first}; "
            "such cells count as missing."
        )
        remedy = "Open the workbook in a spreadsheet program and save it: that calculates them."
        return (DataWarning("uncalculated", "", message, remedy),)

    @contextmanager
    def _workbook(self, *, formulas: bool = False) -> Iterator[Any]:
        import openpyxl  # a second of imports that no other format needs
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
                book = openpyxl.load_workbook(self.path, read_only=True, data_only=not formulas)
                try:
                    yield book
                finally:
                    book.close()
        except (
            InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError,
            AttributeError, IndexError, zlib.error, EOFError, NotImplementedError, RuntimeError,
        ) as error:  # fmt: skip  # what openpyxl raises on damaged parts
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(
                f"{self.path} is a damaged Excel workbook ({reason}).", "Save it again as .xlsx."
            ) from error

    def _rows(self, progress: Progress | None = None) -> Iterator[tuple[int, list[str | None]]]:
        """Every row that is not empty with its number in the sheet, without empty cells at its end."""
        with self._workbook() as book:
            sheet = book[self.reading.sheet]
            total = max(1, sheet.max_row or 1)
            sheet.reset_dimensions()  # what a sheet says of its size may be wrong
            for place, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                if place > SHEET_ROWS:
                    problem = f"{self.path}, sheet {self.reading.sheet!r}, has more than {SHEET_ROWS:,} rows."
                    raise DataError(problem, "Save the sheet again, or as CSV.")
                row = [cell_text(value) for value in cells]
                while row and (row[-1] is None or not row[-1].strip()):
                    row.pop()
                if row:
                    yield place, row
                if progress is not None and place % 1000 == 0:
                    progress(min(1.0, place / total))


def _shows_something(sheet: Any) -> bool:
    rows = islice(sheet.iter_rows(values_only=True), SHEET_ROWS)
    return sheet.sheet_state == "visible" and any(any(cell is not None for cell in row) for row in rows)


def _unpacked_size(path: Path) -> int:
    with path.open("rb") as file:
        begins = file.read(4)
    if begins == b"\xd0\xcf\x11\xe0":
        raise DataError(f"{path} is an old or encrypted Excel workbook.", "Save it as .xlsx, unprotected.")
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DataError(f"{path} is not an Excel workbook ({error}).", "Save it again as .xlsx.") from error
    limit = max(LEAST_EXPANDED, MOST_EXPANSION * path.stat().st_size)
    if size > limit:
        raise DataError(
            f"{path} expands to {size / 2**20:,.0f} MB; the limit for a workbook of its size is "
            f"{limit / 2**20:,.0f} MB.",
            "Save the sheet as CSV.",
        )
    return size
