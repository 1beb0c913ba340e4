"""From the bytes of a text file to its text: the encoding, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from cambrian.errors import DataError

Blocks = Callable[[], Iterator[bytes]]
_MAGIC = {
    b"PAR1": "a Parquet file (name it .parquet)",
    b"ARROW1": "an Arrow file (name it .feather)",
    b"SQLite format 3\0": "an SQLite database (name it .sqlite)",
    b"PK\x03\x04": "a zip archive or an Excel workbook (name that .xlsx)",
    b"\x1f\x8b": "compressed with gzip (name it .csv.gz)",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Office file (save it as .xlsx)",
}
_LONGEST_MARK = 16
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


class Encoding(NamedTuple):
    """An encoding: Python's name of it, and ours for messages."""

    codec: str
    shown: str


def find_encoding(blocks: Blocks, path: Path, *, said: str = "auto", earlier: str = "auto") -> Encoding:
    """The encoding of a file: by its mark, else UTF-8 if all of it is, else that of an earlier file, GB18030.

    Args:
        blocks: Gives the bytes from the beginning.
        path: The file, for messages.
        said: The encoding that the user named, or "auto".
        earlier: The encoding of an earlier file of the same columns, or "auto".

    Raises:
        DataError: It is no text, or text of no encoding that is detected; names the line.
    """
    first = _beginning(blocks())
    for magic, what in _MAGIC.items():
        if first.startswith(magic):
            raise DataError(f"{path} is not text: it is {what}.", "Give a CSV, TSV or Parquet file.")
    if said != "auto":
        codec = codecs.lookup(said).name
        return Encoding("utf-8-sig" if codec == "utf-8" else codec, codec.upper())
    for mark, codec, shown in _MARKS:
        if first.startswith(mark):
            return Encoding(codec, shown)
    line = _first_line_not(blocks, "utf-8-sig")
    if not line:
        return Encoding("utf-8-sig", "UTF-8")
    if earlier != "auto" and codecs.lookup(earlier).name not in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        return Encoding(codecs.lookup(earlier).name, f"{earlier.upper()} (as before)")
    if _looks_like_gb18030(blocks) and not _first_line_not(blocks, "gb18030"):
        return Encoding("gb18030", "GB18030 (not UTF-8)")
    if b"\0" in first:
        raise _nul_error(path, _byte_line_ends(first[: first.index(b"\0")], False) + 1)
    raise DataError(
        f"{path}: line {line} is not UTF-8 text, and the file is not GB18030 either.",
        "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8'), or name its encoding (--encoding cp1252).",
    )


def text_blocks(blocks: Iterator[bytes], encoding: Encoding, path: Path) -> Iterator[str]:
    """The text of a file block by block.

    Raises:
        DataError: A line is not text of that encoding, or holds a NUL byte; names the line.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    before, carriage = 0, False
    for block in blocks:
        try:
            text = decoder.decode(block)
        except UnicodeError as error:
            raise _undecodable(error, before, encoding, path) from error
        yield _without_nul(text, before, path)
        before += line_ends(text) - (carriage and text.startswith("\n"))
        carriage = text.endswith("\r") if text else carriage
    try:
        rest = decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _undecodable(error, before, encoding, path) from error
    if rest:
        yield _without_nul(rest, before, path)


def line_ends(text: str) -> int:
    """Line ends in a text: LF, CR and LF, or CR alone."""
    if "\r" not in text:
        return text.count("\n")
    return sum(1 for _ in re.finditer(r"\r\n|\r|\n", text))


def _without_nul(text: str, before: int, path: Path) -> str:
    nul = text.find("\0")
    if nul >= 0:
        raise _nul_error(path, before + line_ends(text[:nul]) + 1)
    return text


def _nul_error(path: Path, line: int) -> DataError:
    return DataError(
        f"{path}: line {line} holds a NUL byte; the file is damaged, or it is UTF-16 without its mark.",
        "Remove the NUL bytes, save the file as UTF-8, or name its encoding (--encoding utf-16-le).",
    )


def _undecodable(error: UnicodeError, before: int, encoding: Encoding, path: Path) -> DataError:
    if not isinstance(error, UnicodeDecodeError):  # of UTF-16 and UTF-32 alone, whose mark tells their order
        problem = f"{path} is not {encoding.shown} text with its mark ({error})."
        return DataError(problem, "Leave --encoding out, or name its byte order (utf-16-le, utf-16-be).")
    line = before + line_ends(error.object[: error.start].decode(encoding.codec, "ignore")) + 1
    return DataError(
        f"{path}: line {line} is not valid {encoding.shown.split()[0]} text.", "Save the file as UTF-8."
    )


def _beginning(blocks: Iterator[bytes]) -> bytes:
    """At least as many bytes as the longest mark has, if there are so many."""
    first = b""
    for block in blocks:
        first += block
        if len(first) >= _LONGEST_MARK:
            break
    return first


def _first_line_not(blocks: Blocks, codec: str) -> int:
    """The first line (from 1) that is no text of the encoding; 0 if all are."""
    decoder = codecs.getincrementaldecoder(codec)()
    ends, carriage = 0, False
    for block in blocks():
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return ends + _byte_line_ends(error.object[: error.start], carriage) + 1
        ends += _byte_line_ends(block, carriage)
        carriage = block.endswith(b"\r")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return ends + 1
    return 0


def _byte_line_ends(block: bytes, carriage: bool) -> int:
    """Line ends in bytes of ASCII's kin; `carriage`: the bytes before ended with a carriage return."""
    ends = block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
    return ends - (carriage and block.startswith(b"\n"))


def _looks_like_gb18030(blocks: Blocks) -> bool:
    # Western 8-bit text decodes as GB18030 too, as nonsense: there a high byte mostly stands alone, while
    # common Chinese characters are two bytes that are both high.
    high = pairs = 0
    for block in blocks():
        high += len(block) - len(block.translate(None, bytes(range(128, 256))))
        pairs += len(re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", block))
    return 2 * pairs >= 0.6 * high
