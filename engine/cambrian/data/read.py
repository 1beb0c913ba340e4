"""Reading a table from a file: the names that the rest of the engine uses, from `cambrian.data.reading`."""

from __future__ import annotations

from cambrian.data.reading.options import Reading
from cambrian.data.reading.read import give_back_memory, read_table
from cambrian.data.reading.table import Table

__all__ = ["Reading", "Table", "give_back_memory", "read_table"]
