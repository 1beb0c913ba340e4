"""Tables of our own as text that were written to break the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def numbers(count: int, seed: int = 0) -> list[str]:
    return [f"{value:.3f}" for value in np.random.default_rng(seed).normal(size=count)]


def csv_file(path: Path, columns: dict[str, list[str]]) -> Path:
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def plain(rows: int = 60, **columns: list[str]) -> dict[str, list[str]]:
    """Noise with a label of two classes."""
    label = ["a" if value[0] == "-" else "b" for value in numbers(rows, 9)]
    return {"x": numbers(rows), **columns, "y": label}


def copied_rows() -> dict[str, list[str]]:
    return {name: cells * 2 for name, cells in plain(z=numbers(60, 3)).items()}


def contradicting_rows() -> dict[str, list[str]]:
    columns = {name: cells * 2 for name, cells in plain(z=numbers(60, 3)).items()}
    columns["y"][:60] = ["b" if label == "a" else "a" for label in columns["y"][:60]]
    return columns


def leaking(noise: int) -> dict[str, list[str]]:
    """A number that is above 0 for one class, but for a few rows."""
    columns = plain(600)
    signs = [
        ("1" if (label == "a") == (not 100 <= row < 100 + noise) else "-1")
        for row, label in enumerate(columns["y"])
    ]
    return columns | {"score": [f"{sign}.{row:04d}" for row, sign in enumerate(signs)]}


def missing_by_class() -> dict[str, list[str]]:
    columns = plain(400, paid=numbers(400, 4))
    gone = [label == "a" and row % 2 == 0 for row, label in enumerate(columns["y"])]
    columns["paid"] = ["" if each else cell for each, cell in zip(gone, columns["paid"], strict=True)]
    return columns


def one_column_each(count: int, value: str) -> dict[str, list[str]]:
    return plain(**{f"c{i}": [value] * 60 for i in range(count)})


OWN: dict[str, tuple[dict[str, list[str]], str, str, list[str]]] = {
    # name: columns, target, expected answer, words of the message
    "every row twice": (copied_rows(), "y", "warn", ["60 of 120 rows repeat"]),
    "every row twice with another label": (contradicting_rows(), "y", "warn", ["different classes", "50.0%"]),
    "a score that knows": (leaking(2), "y", "warn", ["score", "tells the class `y`", "--drop score"]),
    "a score that is often wrong": (leaking(90), "y", "load", []),
    "missing by class": (missing_by_class(), "y", "warn", ["paid", "of class 'a'", "0% of the others"]),
    "a code for missing": (plain(age=["-999"] * 9 + numbers(51)), "y", "warn", ["--missing=-999", "line 2"]),
    "beyond float32": (plain(big=["4e38", *numbers(59)]), "y", "warn", ["big", "float32", "line 2"]),
    "an infinite cell": (plain(z=[*numbers(59), "-inf"]), "y", "warn", ["`z`", "1 infinite", "line 61"]),
    "nine classes of one row": (
        {"x": numbers(60), "y": ["m"] * 25 + ["n"] * 26 + [f"c{i}" for i in range(9)]}, "y", "warn",
        ["9 classes", "1 row"],
    ),
    "classes by case": (
        plain() | {"y": ["Yes", "yes ", "NO", "no"] * 15}, "y", "warn", ["'Yes'", "--merge-labels"],
    ),
    "categories by blanks": (plain(city=["Oslo", " oslo", "Bergen"] * 20), "y", "warn", ["city", "' oslo'"]),
    "three numbers to predict": (
        {"x": numbers(60), "y": ["0.5", "1.5", "2.5"] * 20}, "y", "warn", ["3 different numbers", "--task"],
    ),
    "mostly one number": (
        {"x": numbers(300), "y": ["0.0"] * 240 + numbers(60, 2)}, "y", "warn", ["`y` is 0 in 80%"],
    ),
    "one huge target": ({"x": numbers(60), "y": ["1e200", *numbers(59, 2)]}, "y", "warn", ["y", "line 2"]),
    "a rare class": (
        {"x": numbers(600), "y": ["common"] * 590 + ["rare"] * 10}, "y", "warn",
        ["'rare'", "10 of 600", "--objective average_precision"],
    ),
    "300 empty columns": (one_column_each(300, ""), "y", "warn", ["290 more columns"]),
    "only identifiers": (
        {"id": [str(10_007 * i) for i in range(60)], "y": ["a", "b"] * 30}, "y", "refuse", ["learn from"],
    ),
    "formulas for names": (plain(**{"=1+1": numbers(60, 5), "--drop": numbers(60, 6)}), "y", "load", []),
    "the target twice": (plain(copy=plain()["y"]), "y", "warn", ["copy", "60 of 60 rows"]),
    "numbers beyond 2^53": (
        plain(card=[str(2**55 + 1001 * i) for i in range(60)]), "y", "warn", ["card", "2^53"],
    ),
}  # fmt: skip


RAW: dict[str, tuple[bytes, str, list[str]]] = {
    "a name of 10,000 letters": (b"x" * 10_000 + b",y\n" + b"1.5,a\n2.5,b\n" * 30, "warn", ["x…`", "COLUMN"]),
    "escape codes in cells": (b"x,k,y\n" + b"1.5,\x1b[2Jred,a\n2.25,blue,b\n" * 30, "warn", ["`k`"]),
    "a header and half a row": (b"x,y\n1", "refuse", ["own.csv"]),
    "a lone byte order mark": (b"\xef\xbb\xbf", "refuse", ["own.csv"]),
    "one number": (b"5", "refuse", ["own.csv"]),
    "separators only": (b",,,\n,,,\n", "refuse", ["column"]),
}
