"""What is said of the parts of splits by rows, groups and times, with text, weights and merged labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cambrian.data import duplicates
from cambrian.data.findings import DataWarning
from cambrian.data.part_checks import Parts, part_findings
from cambrian.data.parts import plan_parts
from cambrian.data.prepared import prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.row_columns import NO_COLUMNS, RowColumns
from cambrian.data.split import SplitSettings
from cambrian.experiment import make_experiment
from cambrian.run.preparation import prepare_data
from cambrian.run.workspace import RunFolder

ROWS = 400
RNG = np.random.default_rng(11)
X = RNG.normal(size=ROWS).round(4)
LABEL = np.where(RNG.random(ROWS) < 0.5, "yes", "no")
WORDS = ("old", "house", "near", "the", "river", "with", "garden", "and", "two", "small", "rooms", "road")
NOTES = np.array([" ".join(RNG.choice(WORDS, 9)) + f" number {row}" for row in range(ROWS)])


def written(path: Path, columns: dict[str, np.ndarray]) -> Path:
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def findings(
    tmp_path: Path,
    columns: dict[str, np.ndarray],
    rows: RowColumns = NO_COLUMNS,
    test: dict[str, np.ndarray] | None = None,
) -> list[DataWarning]:
    """Of the plan, which are those of the prepared arrays."""
    table = read_table(written(tmp_path / "t.csv", columns))
    other = (
        None if test is None else read_table(written(tmp_path / "test.csv", test), readings=table.readings)
    )
    profile = profile_table(table, target="y", rows=rows)
    plan = plan_parts(table, profile, split=SplitSettings(), test_table=other)
    found = part_findings(Parts.planned(table, plan))
    made = prepare(table, profile, tmp_path / "data", split=SplitSettings(), test_table=other)
    assert part_findings(Parts.of(made)) == found
    return list(found)


def tiled(**columns: np.ndarray) -> dict[str, np.ndarray]:
    """Every row twice."""
    return {name: np.tile(values, 2) for name, values in columns.items()}


def test_rows_that_differ_in_their_text_alone_are_no_copies(tmp_path: Path) -> None:
    other = np.concatenate([NOTES, np.char.add(NOTES, " sold")])
    assert not findings(tmp_path, tiled(x=X, y=LABEL) | {"note": other})
    (found,) = findings(tmp_path, tiled(x=X, y=LABEL, note=NOTES))
    assert found.code == "shared_rows"
    assert "of the test part, which chance split off, stand in the training part too" in found.message


def test_text_alone_is_looked_through_for_copies_and_for_no_shift(tmp_path: Path) -> None:
    columns = {"note": NOTES, "more": NOTES[::-1], "y": LABEL}
    (found,) = findings(tmp_path, columns, test={name: values[:100] for name, values in columns.items()})
    assert found.message.startswith("100 of 100 rows of the test file stand in the training part too")


def test_copies_in_groups_of_their_own_are_not_put_down_to_chance(tmp_path: Path) -> None:
    columns = tiled(x=X, z=X[::-1], y=LABEL) | {"who": np.arange(2 * ROWS) % 80 + np.repeat([0, 80], ROWS)}
    found = findings(tmp_path, columns, RowColumns(group="who"))
    (shared,) = [each for each in found if each.code == "shared_rows"]
    assert "rows of the test part stand in the training part too" in shared.message
    assert not findings(tmp_path, {"x": X, "y": LABEL, "who": np.arange(ROWS) % 40}, RowColumns(group="who"))


def test_a_split_by_time_tells_of_what_drifts(tmp_path: Path) -> None:
    day = np.arange(ROWS)
    still = {"x": X, "z": X[::-1], "day": day, "y": LABEL}
    assert not findings(tmp_path, still, RowColumns(time="day"))
    found = findings(tmp_path, still | {"x": (X + day / 50).round(4)}, RowColumns(time="day"))
    assert ("shift", "x") in [(each.code, each.column) for each in found]
    assert any(each.message.startswith("A classifier tells rows of the test part") for each in found)


def test_a_workbook_with_merged_labels_weights_and_groups_is_prepared(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for name, first in (("old", 0), ("new", ROWS // 2)):
        sheet = book.create_sheet(name)
        sheet.append(["x", "note", "share", "who", "y"])
        for row in range(first, first + ROWS // 2):
            label = LABEL[row].upper() if row % 9 == 0 else LABEL[row]
            sheet.append([float(X[row]), NOTES[row], row % 4, f"w{first}-{row % 40}", label])
    book.save(tmp_path / "t.xlsx")
    data = {"file": str(tmp_path / "t.xlsx"), "target": "y", "weight": "share", "merge_labels": True}
    tree = {"data": data | {"reading": {"sheet": "new"}}, "split": {"group": "who"}}
    folder = RunFolder(tmp_path / "run")
    folder.create()
    prepared = prepare_data(folder, make_experiment(tree), lambda _: None)
    assert prepared.classes in (("no", "yes"), ("yes", "no"))
    assert prepared.manifest["split"]["kind"] == "groups"
    assert prepared.rows.train + prepared.rows.test == sum(row % 4 > 0 for row in range(ROWS // 2))
    assert [feature.name for feature in prepared.schema.features] == ["x", "note"]
    assert prepared.schema.reading.sheet == "new"


@pytest.mark.parametrize("block", [50, 10**6])
def test_rows_among_others_are_counted_whatever_is_looked_at_at_once(monkeypatch, block: int) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", block)
    keys = duplicates.mixed_in(np.zeros(3000, np.uint64), np.arange(3000))
    assert duplicates.among(keys[500:1500], keys[1000:]) == 500
    assert duplicates.among(keys[:0], keys) == 0
