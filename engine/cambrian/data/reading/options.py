"""How a file is read as a table: what can be detected, and be said instead."""

from __future__ import annotations

import codecs
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cambrian.config import is_utf8

Format = Literal["auto", "csv", "json", "excel", "sqlite", "duckdb", "parquet", "feather"]
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""Those that are detected; any other single character can be said."""
_SEPARATOR_NAMES = {name: mark for mark, name in SEPARATORS.items()} | {"space": " ", "\\t": "\t"}
_MARK_NAMES = {"comma": ",", "point": ".", "dot": ".", "space": " ", "apostrophe": "'"}
_QUOTE_NAMES = {"double": '"', "single": "'"}


_NO_TEXT = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""Python's codecs that are for names of hosts and for escapes, not for files."""


class Reading(BaseModel):
    """How the file is read; what is auto is detected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format = Field(
        "auto",
        description="auto (by the name), csv (any separated text), json (lines or an array), excel, sqlite, "
        "duckdb, parquet, feather",
    )
    encoding: str = Field("auto", description="encoding of the text: auto, utf-8, latin-1, cp1252, ...")
    separator: str = Field(
        "auto", description="what separates the fields: auto, comma, semicolon, tab, pipe, or one character"
    )
    quote: str = Field("auto", description="what quotes fields: auto (double quotes), double, single or none")
    decimal: Literal["auto", ".", ","] = Field(
        "auto", description="decimal mark of numbers in text: auto, point or comma"
    )
    thousands: Literal["auto", "none", ",", ".", " ", "'"] = Field(
        "auto", description="mark between thousands: auto, none, comma, point, space or apostrophe"
    )
    header: bool = Field(
        True, description="the first line holds the names; else they are column_1, column_2, ..."
    )
    sheet: str = Field("", description="sheet of an Excel workbook; empty: its only one")
    table: str = Field("", description="table or view of a database; empty: its only one")
    query: str = Field("", description="SQL query (SELECT) to read from a database instead of a table")
    missing: tuple[str, ...] = Field(
        (), description="words that stand for a missing value; an empty cell always does"
    )

    @field_validator("*")
    @classmethod
    def _text(cls, value: Any) -> Any:
        texts = value if isinstance(value, tuple) else [value]
        if not all(is_utf8(each) for each in texts if isinstance(each, str)):
            raise ValueError("it is not UTF-8 text")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if value != "auto":
            try:
                found = codecs.lookup(value)
                text = found._is_text_encoding and found.name not in _NO_TEXT
            except (LookupError, ValueError, UnicodeError):
                text = False
            if not text:
                raise ValueError("there is no such encoding; try utf-8, latin-1, cp1252, utf-16 or gb18030")
        return value

    @field_validator("separator")
    @classmethod
    def _one_separator(cls, value: str) -> str:
        value = _SEPARATOR_NAMES.get(value, value)
        if value != "auto" and (len(value) != 1 or value in "\"'\r\n\0"):
            raise ValueError("a separator is comma, semicolon, tab, pipe, or one character")
        return value

    @field_validator("quote")
    @classmethod
    def _known_quote(cls, value: str) -> str:
        value = _QUOTE_NAMES.get(value, value)
        if value not in ("auto", "none", '"', "'"):
            raise ValueError("a quote is double, single or none")
        return value

    @field_validator("decimal", "thousands", mode="before")
    @classmethod
    def _named_mark(cls, value: Any) -> Any:
        return _MARK_NAMES.get(value, value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _agreeing(self) -> Reading:
        if self.decimal != "auto" and self.decimal == self.thousands:
            raise ValueError("the decimal mark and the thousands mark are the same")
        if self.table and self.query:
            raise ValueError("a table and a query are both named")
        return self

    @property
    def decimal_mark(self) -> str:
        """The decimal mark, also where the mark between thousands tells it; or "auto"."""
        if self.decimal != "auto":
            return self.decimal
        return {".": ",", ",": "."}.get(self.thousands, "auto")

    def over(self, earlier: Reading | None) -> Reading:
        """What is set here, and for the rest what an earlier table tells of its columns.

        Only what is a matter of the columns is taken over: decimal and thousands marks, words for missing
        values, whether there is a header. Encoding, separator and container are a matter of the file; each
        source detects them anew and asks the earlier reading where the file itself does not tell.
        """
        if earlier is None:
            return self
        kept = ("decimal", "thousands", "header", "missing")
        return self.model_copy(
            update={name: getattr(earlier, name) for name in kept if name not in self.model_fields_set}
        )

    def kept(self) -> dict[str, Any]:
        """What a later file of the same columns needs to know and would not detect, as JSON values.

        Empty for a plain CSV or Parquet file of which nothing was said.
        """
        ordinary = {"encoding": ("auto", "utf-8", "utf-16", "gb18030"), "separator": ("auto", *SEPARATORS)}
        found = self.model_dump(mode="json", exclude_defaults=True, exclude={"format", "quote"})
        return {name: value for name, value in found.items() if value not in ordinary.get(name, ())}
