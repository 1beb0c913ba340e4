"""A table with every kind of feature, and its preparation."""

import numpy as np

from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings

ROWS = 120


def write_csv(path, rows=ROWS, seed=0, change=None):
    """A table with every kind of feature; `change` maps row numbers to a line of extreme cells."""
    rng = np.random.default_rng(seed)
    lines = ["age,income,city,paid,since,price"]
    for row in range(rows):
        age = "" if row % 11 == 3 else f"{rng.normal(40, 10):.3f}"
        city = "" if row % 13 == 5 else "ABCDEFG"[min(6, int(rng.exponential(2)))]
        day = f"20{rng.integers(10, 24)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        cells = [age, f"{rng.lognormal(8, 2):.4f}", city, ["yes", "no"][rng.integers(2)], day]
        price = "" if row % 29 == 7 else f"{rng.lognormal(2, 1):.5f}"
        if change is not None and row in change:
            cells = ["1e300", "-1e300", "Nowhere", "", "1999-01-01"]
        lines.append(",".join([*cells, price]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def table_like(path, original):
    """The table of a changed file with the fingerprint of the original: it is split alike."""
    table = read_table(path)
    object.__setattr__(table, "fingerprint", read_table(original).fingerprint)
    return table


def make(source, folder, *, target="price", split=None, test_table=None, **profile):
    table = read_table(source)
    return prepare(
        table,
        profile_table(table, target=target, **profile),
        folder,
        split=split or SplitSettings(),
        test_table=test_table,
    )
