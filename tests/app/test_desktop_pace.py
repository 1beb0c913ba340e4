"""The benchmark of the window measures what it says, in small."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmark_script import run_script
from desktop_pace import missed_bounds


def test_small_cells_are_measured_and_kept(tmp_path: Path) -> None:
    options = ("--individuals", 256, "--epochs", 1024, "--pictures", 150)
    printed = run_script(
        "desktop_pace.py", tmp_path / "pace.json", "--cells", "first_paint", "memory", *options, expect=None
    )
    opened, shown = printed.cells["first_paint"], printed.cells["memory"]
    assert (opened["individuals"], opened["epochs"]) == (256, 1024)
    assert 0 < opened["first_picture"] <= opened["loaded"]
    assert shown["individuals"] == 64 * 6
    assert len(shown["series"]["mb"]) == 5
    assert printed.kept["machine"]["cores"] >= 1
    assert printed.status == ("MISSED" in printed.out)
    assert printed.line("memory")


@pytest.mark.parametrize(
    ("cell", "good", "bad"),
    [
        ("first_paint", {"first_picture": 1.9}, {"first_picture": 2.1}),
        ("gaps", {"longest": 0.2, "short": 0.9995}, {"longest": 0.3, "short": 0.9995}),
        ("gaps", {"longest": 0.2, "short": 0.9995}, {"longest": 0.2, "short": 0.998}),
        ("memory", {"growth": 0.05}, {"growth": 0.2}),
        ("memory", {"growth": 0.05}, {"growth": None}),
        ("death", {"seconds": 1.0}, {"seconds": 2.5}),
    ],
)
def test_a_bound_that_is_missed_is_named(
    cell: str, good: dict[str, float], bad: dict[str, float | None]
) -> None:
    assert missed_bounds(cell, good) == []
    assert len(missed_bounds(cell, bad)) == 1
