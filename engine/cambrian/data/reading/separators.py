"""The separator of a separated text, found by its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from cambrian.data.reading.options import SEPARATORS

SNIFFED_CHARACTERS = 1 << 16


def sniff_separator(sample: str, *, also: Iterable[str] = (), quote: str = '"') -> str:
    """The separator for which most of the sample's rows have as many fields as its first row.

    Fields in quotes may hold separators and line ends. Ties go to the separator with more fields, then
    to comma, semicolon, tab, pipe.

    Args:
        sample: The beginning of the text, at most `SNIFFED_CHARACTERS` of it.
        also: Other separators to try.
        quote: What quotes fields; "none" if nothing does.
    """
    best, best_score = ",", (0.0, 0)
    for separator in (*SEPARATORS, *also):
        counts = _field_counts(sample, separator, quote)
        if not counts or counts[0] < 2:
            continue
        share = sum(count == counts[0] for count in counts) / len(counts)
        if (share, counts[0]) > best_score:
            best, best_score = separator, (share, counts[0])
    return best


def csv_reader(lines: Iterable[str], separator: str, quote: str, *, strict: bool) -> Iterable[list[str]]:
    """The standard library's reader for a separator and a quote ("none" for text without quotes)."""
    if quote == "none":
        return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE, quotechar=None, strict=strict)
    return csv.reader(lines, delimiter=separator, quotechar=quote, strict=strict)


def is_blank(row: list[str]) -> bool:
    """Whether a row holds nothing but blanks in one field."""
    return len(row) < 2 and not (row and row[0].strip())


def _field_counts(sample: str, separator: str, quote: str) -> list[int]:
    reader = csv_reader(io.StringIO(sample, newline=""), separator, quote, strict=False)
    counts: list[int] = []
    try:
        for row in reader:
            if not is_blank(row):
                counts.append(len(row))
    except csv.Error:
        pass  # a field longer than the limit: what came before it is sample enough
    complete = len(sample) < SNIFFED_CHARACTERS or len(counts) < 3
    return counts if complete else counts[:-1]  # the sample may end inside its last row
