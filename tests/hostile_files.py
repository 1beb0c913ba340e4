"""Files of our own, of every format, that were written to break the program."""

from __future__ import annotations

import bz2
import datetime
import decimal
import gzip
import io
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq


class Nasty(NamedTuple):
    """A file: what it is called, what writes it, what `inspect` must answer and mention, and with what."""

    file: str
    write: Callable[[Path], object]
    expect: str
    words: tuple[str, ...]
    options: tuple[str, ...] = ()


X = np.random.default_rng(0).normal(size=60)
LABELS = ["a" if value < 0 else "b" for value in np.random.default_rng(9).normal(size=60)]
CITIES = ["Oslo", "Köln", "Århus"] * 20
LINES = [f"{x:.3f},{city},{label}" for x, city, label in zip(X, CITIES, LABELS, strict=True)]
TEXT = "\n".join(["x,city,y", *LINES, ""])


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def raw(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def values(cells: list[str]) -> Callable[[Path], object]:
    """A table of these cells of `x` beside a class."""
    return text(
        "\n".join(["x,y", *(f"{cell},{label}" for cell, label in zip(cells, LABELS, strict=True)), ""])
    )


def columns(write: Callable[[pa.Table, str], object], **more: object) -> Callable[[Path], object]:
    return lambda path: write(pa.table({"x": X, "y": LABELS, **more}), str(path))


def parquet(**more: object) -> Callable[[Path], object]:
    return columns(pq.write_table, **more)


def sqlite(*statements: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t(x, y)")
            connection.executemany("INSERT INTO t VALUES (?, ?)", list(zip(X.tolist(), LABELS, strict=True)))
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return write


def objects(of_row: Callable[[int], str]) -> Callable[[Path], object]:
    """JSON lines with `x` and `y`, and what else a row is given."""
    rows = (f'{{"x": {X[i]}, "y": "{LABELS[i]}"{of_row(i)}}}\n' for i in range(60))
    return text("".join(rows))


def sheet(fill: Callable[[openpyxl.Workbook], object]) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        fill(book)
        book.save(path)

    return write


def odd_sheet(book: openpyxl.Workbook) -> None:
    """Two merged names, dates with times, formulas without values, cells that failed, a hidden sheet."""
    book.active.append(["x", "group", None, "y", "when", "formula", "failed"])
    book.active.merge_cells("B1:C1")
    day = datetime.datetime(2024, 1, 1)
    for i in range(60):
        when, failed = day + datetime.timedelta(days=i, hours=i % 5), "#DIV/0!" if i % 9 == 0 else i + 0.5
        book.active.append([X[i], i % 3, i % 2, LABELS[i], when, f"=A{i + 2}*2", failed])
    hidden = book.create_sheet("secret")
    hidden.append(["a"])
    hidden.sheet_state = "hidden"
    book.create_sheet("blank")


def titled_sheet(book: openpyxl.Workbook) -> None:
    for row in (["Sales of the year"], [], ["x", "y"], *([X[i], LABELS[i]] for i in range(60))):
        book.active.append(row)


def endless_sheet(path: Path) -> None:
    """A workbook whose last row says that it is number two thousand million."""
    packed = io.BytesIO()
    book = openpyxl.Workbook()
    for row in (["x", "y"], *([X[i], LABELS[i]] for i in range(60))):
        book.active.append(row)
    book.active["A1048576"] = 7
    book.save(packed)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w") as made:
        for name in source.namelist():
            made.writestr(name, source.read(name).replace(b"1048576", b"2000000000"))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def no_utf8(path: Path) -> None:
    offsets = pa.py_buffer(np.arange(61, dtype=np.int32))
    wrong = pa.Array.from_buffers(pa.string(), 60, [None, offsets, pa.py_buffer(b"\xff" * 60)])
    parquet(z=wrong)(path)


TYPES = {
    "dictionary": pa.array(["u", "v", None] * 20).dictionary_encode(),
    "decimal": pa.array([decimal.Decimal("1.10") * i for i in range(60)], pa.decimal128(20, 4)),
    "duration": pa.array([i % 7 * 10**9 for i in range(60)], pa.duration("ns")),
    "oslo": pa.array([i * 86_400 * 37_000_000 for i in range(60)], pa.timestamp("us", "Europe/Oslo")),
    "mars": pa.array([i * 86_400_000_000 for i in range(60)], pa.timestamp("us", "Mars/Phobos")),
    "list": [[1]] * 60,
    "struct": [{"a": 1}] * 60,
    "bytes": [b"\xff"] * 60,
}
FAR = pa.array([2**55, -(2**55), *range(58)], pa.timestamp("s"))
COUNT = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS x, n % 2 AS y FROM c"

FILES: dict[str, Nasty] = {
    "two encodings in one file": Nasty(
        "t.csv",
        raw(TEXT.encode().replace("Köln".encode(), b"K\xf6ln", 3)),
        "refuse",
        ("line 3", "--encoding"),
    ),
    "western text with old Mac line ends": Nasty(
        "t.csv", raw(TEXT.replace("\n", "\r").encode("latin-1")), "refuse", ("line 3 ", "--encoding")
    ),
    "UTF-16 without its mark": Nasty("t.csv", text(TEXT, "utf-16-le"), "refuse", ("line 1 ", "utf-16-le")),
    "UTF-16 cut in a character": Nasty("t.csv", raw(TEXT.encode("utf-16") + b"x"), "refuse", ("line 62",)),
    "UTF-32": Nasty("t.csv", text(TEXT, "utf-32"), "load", ()),
    "half a surrogate pair": Nasty(
        "t.csv", raw(TEXT.encode().replace(b"Oslo", b"\xed\xa0\x80")), "refuse", ("line 2 ",)
    ),
    "every line end at once": Nasty(
        "t.csv",
        text("x,y\r\n" + "".join(f"{X[i]},{LABELS[i]}" + "\n\r"[i % 2] for i in range(60))),
        "load",
        (),
    ),
    "a million columns": Nasty(
        "t.csv", text(",".join(f"c{i}" for i in range(10**6)) + "\n"), "refuse", ("1000000 columns", "50000")
    ),
    "a quote that opens in the header": Nasty("t.csv", text('"' + TEXT), "refuse", ("line 1 ", "quote")),
    "a quote that opens in the last line": Nasty(
        "t.csv", text(TEXT + '1.5,"Oslo,a'), "refuse", ("line 62 ", "quote")
    ),
    "a quote open over 20 MB": Nasty(
        "t.csv", text('x,y\n1,"a\n' + "1.5,a\n" * 3_500_000), "refuse", ("line 2 ", "16,777,216")
    ),
    "a field of 20 MB": Nasty(
        "t.csv", text("x,y\n1,a\n2," + "z" * 20_000_000), "refuse", ("line 3 ", "16,777,216")
    ),
    "text after a closed quote": Nasty("t.csv", text(TEXT + '1.5,"Os"lo,a\n'), "refuse", ("line 62",)),
    "one line of 70 MB": Nasty("t.csv", raw(b"x" * 70_000_000), "refuse", ("67,108,864",)),
    "a class of a million letters": Nasty(
        "t.csv", text(TEXT + "1.5,Oslo," + "z" * 1_000_000 + "\n"), "warn", ("zzz…",)
    ),
    "remarks above the names": Nasty(
        "t.csv", text("# of a tool\n" + TEXT), "refuse", ("line 2 ", "stands above")
    ),
    "a separator's own line": Nasty(
        "t.csv", text("sep=;\n" + TEXT.replace(",", ";")), "refuse", ("stands above",)
    ),
    "a name too few": Nasty("t.csv", text(TEXT.replace("x,city", "x")), "refuse", ("add a name",)),
    "a sum below": Nasty("t.csv", text(TEXT + "Total,,\n"), "warn", ("'Total'", "line 62", "1 cell is not")),
    "percent signs": Nasty(
        "t.csv", values([f"{abs(x):.2f}%" for x in X]), "warn", ("`x`", "look like numbers")
    ),
    "amounts of money": Nasty("t.csv", values([f"€{abs(x):.2f}" for x in X]), "warn", ("look like numbers",)),
    "a minus of typographers": Nasty(
        "t.csv", values([f"{x:.2f}".replace("-", "\u2212") for x in X]), "warn", ("look like numbers",)
    ),
    "digits of another script": Nasty(
        "t.csv",
        values([f"{i}".translate({48 + i: 0x660 + i for i in range(10)}) for i in range(60)]),
        "warn",
        ("look like numbers",),
    ),
    "a number of 400 digits": Nasty(
        "t.csv", values([*(f"{x:.3f}" for x in X[1:]), "9" * 400]), "warn", ("1 infinite value", "line 61")
    ),
    "a name of two lines": Nasty("t.csv", text(TEXT.replace("city", '"ci\r\nty\u202e"')), "load", ()),
    "a file with a line end in its name": Nasty("a\nb \u202e.csv", text(TEXT), "load", ()),
    "packed twice": Nasty("t.csv.gz", raw(gzip.compress(gzip.compress(TEXT.encode()))), "refuse", ("gzip",)),
    "half a packed file": Nasty(
        "t.csv.gz", raw(gzip.compress(TEXT.encode())[:-20]), "refuse", ("not a sound gzip file",)
    ),
    "a packed file with more behind it": Nasty(
        "t.csv.gz", raw(gzip.compress(TEXT.encode()) + b"more"), "refuse", ("not a sound gzip file",)
    ),
    "a packed file in two parts": Nasty(
        "t.csv.gz",
        raw(b"".join(gzip.compress(part.encode()) for part in (TEXT[:200], TEXT[200:]))),
        "load",
        (),
    ),
    "a bomb of 100 MB": Nasty(
        "t.csv.bz2", raw(bz2.compress(b"x,y\n" + b"1,a\n" * 25_000_000)), "refuse", ("limit",)
    ),
    "a pipe": Nasty("t.csv", os.mkfifo, "refuse", ("pipe",)),
    "a pipe for a database": Nasty("t.sqlite", os.mkfifo, "refuse", ("pipe",)),
    "a device without end": Nasty("t.csv", device, "refuse", ("device",)),
    "a link to itself": Nasty("t.csv", lambda path: path.symlink_to(path), "refuse", ("cannot be read",)),
    "every type of Parquet": Nasty(
        "t.parquet", parquet(**TYPES), "warn", ("`mars`", "`list`", "`struct`", "`bytes`")
    ),
    "bytes for text in Parquet": Nasty("t.parquet", no_utf8, "refuse", ("damaged", "UTF8")),
    "times beyond all years": Nasty(
        "t.feather", columns(feather.write_feather, far=FAR), "warn", ("`far`", "2 times beyond")
    ),
    "half a Feather file": Nasty(
        "t.feather", lambda path: path.write_bytes(b"ARROW1" + bytes(100)), "refuse", ("damaged",)
    ),
    "a view": Nasty(
        "t.sqlite", sqlite("CREATE VIEW v AS SELECT x * 2 AS x, y FROM t"), "load", (), ("--table", "v")
    ),
    "a trigger": Nasty(
        "t.sqlite", sqlite("CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END"), "load", ()
    ),
    "cells of all kinds": Nasty(
        "t.sqlite",
        sqlite("ALTER TABLE t ADD COLUMN z", "UPDATE t SET z = x'00ff' WHERE rowid = 7"),
        "warn",
        ("`z`", "bytes"),
    ),
    "a view that makes up a gigabyte": Nasty(
        "t.sqlite",
        sqlite("CREATE VIEW v AS SELECT hex(zeroblob(450000000)) AS x, 'a' AS y"),
        "refuse",
        ("too big",),
        ("--table", "v"),
    ),
    "text of a database that is none": Nasty(
        "t.sqlite", sqlite("UPDATE t SET y = CAST(x'ff41' AS text)"), "refuse", ("UTF-8",)
    ),
    "objects with other keys each": Nasty(
        "t.jsonl",
        objects(lambda i: [', "z": 1.5', ', "w": [1]', ""][i % 3]),
        "warn",
        ("`w`", "list or object"),
    ),
    "half a character in JSON": Nasty(
        "t.jsonl", objects(lambda i: ', "s": "\\ud83d"'), "refuse", ("line 1 ", "half")
    ),
    "half a character in a key": Nasty("t.json", text('[{"\\ud83d": 1}]'), "refuse", ("row 1 ", "half")),
    "a whole pair in JSON": Nasty(
        "t.jsonl", objects(lambda i: ', "s": "\\ud83d\\ude00"' if i % 2 else ""), "load", ()
    ),
    "brackets without end": Nasty("t.jsonl", text('{"x":' + "[" * 100_000), "refuse", ("line 1",)),
    "an integer of 6,000 digits": Nasty(
        "t.jsonl", objects(lambda i: f', "n": {"9" * 6000}'), "warn", ("`n`",)
    ),
    "a workbook as people make them": Nasty(
        "t.xlsx", sheet(odd_sheet), "warn", ("`column_3`", "60 formulas", "cell F2", "'#DIV/0!'")
    ),
    "a title above the sheet's names": Nasty("t.xlsx", sheet(titled_sheet), "refuse", ("row 3", "above")),
    "a sheet of two thousand million rows": Nasty("t.xlsx", endless_sheet, "refuse", ("1,048,576 rows",)),
    "a zip that is no workbook": Nasty("t.xlsx", raw(b"PK\x03\x04" + bytes(99)), "refuse", ("not an Excel",)),
}
