"""The limits of reading, each in one place; messages state them."""

from __future__ import annotations

STREAM_FROM_BYTES = 64 << 20
"""Tables of more bytes (as text, unpacked) are read in bounded memory, in two passes over batches."""
BATCH_ROWS = 50_000
BATCH_CELLS = 2_000_000
"""Rows, and cells, of one batch."""
FIELD_LIMIT = 1 << 24
"""Characters of the longest field taken; one field of a gigabyte is an unclosed quote, not a table."""
LINE_LIMIT = 1 << 26
"""Characters of the longest line."""
MOST_COLUMNS = 50_000
MOST_QUERY_ROWS = 100_000_000
"""Rows of a view or query of a database, which may have no end."""
CELL_BYTES = 1 << 26
"""Bytes of the longest cell of an SQLite database, which a view may make up."""
SHEET_ROWS = 1 << 20
"""Rows of a sheet that Excel itself can show."""
LEAST_EXPANDED = 64 << 20
MOST_EXPANSION = 100
"""A compressed file may expand to so many times its size, and to `LEAST_EXPANDED` bytes in any case. Tables
compress to a third or a tenth; what expands a thousand times is a bomb, or a table of one value."""


def batch_rows(columns: int) -> int:
    """Rows of a batch of so many columns."""
    return max(1, min(BATCH_ROWS, BATCH_CELLS // max(columns, 1)))
