"""Parquet: one file, or a folder of parts with the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress, check_file, parts_of
from cambrian.data.reading.limits import batch_rows
from cambrian.data.reading.options import Reading
from cambrian.data.reading.source import Batch, check_width
from cambrian.errors import DataError

_COPY_AGAIN = "Copy or export the file again."


class ParquetSource:
    """A Parquet file or a folder of them; see `Source`. Page checksums are verified where a file has them."""

    warnings: tuple[DataWarning, ...] = ()
    unit = "row"
    first_place = 1

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading.model_copy(update={"format": "parquet"})
        self.notes: tuple[str, ...] = ("Parquet",)
        self._files = [path]
        if path.is_dir():
            self._files = parts_of(path)
            self.notes = (f"Parquet, {len(self._files)} parts",)
            if not self._files:
                raise DataError(
                    f"{path} is a folder without Parquet files, not a file.", "Name the file in it."
                )
        schema, self._rows, self.size = _facts(self._files[0])
        for part in self._files[1:]:
            other, rows, size = _facts(part)
            _check_alike(schema, other, part, self._files[0])
            self._rows, self.size = self._rows + rows, self.size + size
        self._check_no_keys()
        self.width = check_width(path, len(schema.names))
        self.names = tuple(schema.names)
        self.types: tuple[pa.DataType, ...] | None = tuple(schema.types)

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        done, names = 0, list(self.names)
        for path in self._files:
            with damage(path, "Parquet"):
                file = pq.ParquetFile(path, page_checksum_verification=True)
                for batch in file.iter_batches(batch_rows(self.width) * 4):
                    batch.validate(full=True)
                    # By place: names may stand twice.
                    columns = batch.columns if batch.schema.names == names else batch.select(names).columns
                    yield Batch(columns)
                    done += batch.num_rows
                    if progress is not None:
                        progress(done / max(1, self._rows))

    def _check_no_keys(self) -> None:
        for path in self._files:
            keys = [part for part in path.relative_to(self.path).parts[:-1] if "=" in part]
            if keys:
                raise DataError(
                    f"{self.path} holds its columns partly in the names of folders ({keys[0]!r}), "
                    "which are not read.",
                    "Write these columns into the files.",
                )


@contextmanager
def damage(path: Path, what: str) -> Iterator[None]:
    """Turn what Arrow says of a damaged file into a message that names it.

    Raises:
        DataError: It is damaged.
    """
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last of a column's name
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} is a damaged {what} file ({reason}).", _COPY_AGAIN) from error


def checked_names(schema: pa.Schema) -> pa.Schema:
    """The schema; raises here, not later, if a name is no text."""
    list(schema.names)
    return schema


def _facts(path: Path) -> tuple[pa.Schema, int, int]:
    """Schema, rows and unpacked bytes of a file."""
    check_file(path)
    with path.open("rb") as file:
        begins, length = file.read(4), file.seek(0, 2)
        file.seek(max(0, length - 4))
        ends = file.read(4)
    if begins != b"PAR1":
        raise DataError(
            f"{path} is not a Parquet file (it does not begin with PAR1).",
            "If it is text, name it .csv; else export it again.",
        )
    if ends != b"PAR1" or length < 12:
        raise DataError(f"{path} is a damaged or incomplete Parquet file: its end is missing.", _COPY_AGAIN)
    with damage(path, "Parquet"):
        file = pq.ParquetFile(path)
        groups = range(file.metadata.num_row_groups)
        size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
        return checked_names(file.schema_arrow), file.metadata.num_rows, size


def _check_alike(schema: pa.Schema, other: pa.Schema, path: Path, first: Path) -> None:
    for name in schema.names:
        kind = other.field(name).type if other.get_field_index(name) >= 0 else None
        if kind is None or kind != schema.field(name).type:
            expected = f"in {first.name} it has type {schema.field(name).type}"
            found = "is not there" if kind is None else f"has type {kind}"
            raise DataError(
                f"{path}: column {name!r} {found}, but {expected}.", "Write all parts with the same columns."
            )
    extra = [name for name in other.names if schema.get_field_index(name) < 0]
    if extra:
        raise DataError(
            f"{path} has a column {extra[0]!r} that {first.name} lacks.",
            "Write all parts with the same columns.",
        )
