"""Feather and Arrow files (the Arrow IPC format), mapped from the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from cambrian.data.findings import DataWarning
from cambrian.data.reading.files import Progress
from cambrian.data.reading.options import Reading
from cambrian.data.reading.parquet import checked_names, damage
from cambrian.data.reading.source import Batch, check_width
from cambrian.errors import DataError


class FeatherSource:
    """A Feather file of version 2, an Arrow file or an Arrow stream; see `Source`."""

    warnings: tuple[DataWarning, ...] = ()
    unit = "row"
    first_place = 1
    notes: tuple[str, ...] = ("Arrow",)

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading.model_copy(update={"format": "feather"})
        self.size = path.stat().st_size
        with path.open("rb") as file:
            begins = file.read(6)
        if begins.startswith(b"FEA1"):
            raise DataError(f"{path} is a Feather file of the old version 1.", "Write it as version 2.")
        self._stream = begins != b"ARROW1"
        if self._stream and begins[:4] != b"\xff\xff\xff\xff":
            raise DataError(
                f"{path} is not a Feather or Arrow file (it does not begin with ARROW1).",
                "If it is text, name it .csv; else export it again.",
            )
        with damage(path, "Arrow"), pa.memory_map(str(path)) as file:
            schema = checked_names((pa.ipc.open_stream if self._stream else pa.ipc.open_file)(file).schema)
        self.width = check_width(path, len(schema.names))
        self.names = tuple(schema.names)
        self.types: tuple[pa.DataType, ...] | None = tuple(schema.types)

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """All rows in order; see `Source`."""
        with damage(self.path, "Arrow"), pa.memory_map(str(self.path)) as file:
            for batch in self._stored(file):
                batch.validate(full=True)
                yield Batch(batch.columns)
                if progress is not None:
                    progress(min(1.0, file.tell() / max(1, self.size)))

    def _stored(self, file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        if self._stream:
            yield from pa.ipc.open_stream(file)
            return
        opened = pa.ipc.open_file(file)
        for index in range(opened.num_record_batches):
            yield opened.get_batch(index)
