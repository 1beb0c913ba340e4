"""Weights, groups and times as columns of a table: what they do to its preparation, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from prepared_tables import make

from cambrian.data.parts import plan_parts
from cambrian.data.prepared import Prepared
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.roles import Role
from cambrian.data.row_columns import RowColumns
from cambrian.data.split import SplitSettings
from cambrian.errors import DataError, SettingError

ROWS = 100


def write(path, change=None, rows=ROWS, first=0):
    """Features x and c, a weight w, a patient p (4 rows each), a day d, and the target y."""
    lines = ["x,c,w,p,d,y"]
    for row in range(first, first + rows):
        day = f"20{20 + row // 50}-{1 + row // 5 % 10:02d}-{1 + row % 5 * 5:02d}"
        cells = [
            f"{row * 7 % 31 / 3:.3f}",
            "ab"[row % 2],
            f"{1 + row % 3}",
            f"p{row // 4}",
            day,
            str(row % 2),
        ]
        lines.append(",".join(cells if change is None else change(row, cells)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def edited(row, place, value):
    def change(number, cells):
        return [*cells[:place], value, *cells[place + 1 :]] if number == row else cells

    return change


def profiled(path, **settings):
    return profile_table(read_table(path), target="y", **settings)


def test_named_columns_are_no_features_and_the_profile_says_what_they_are(tmp_path):
    profile = profiled(write(tmp_path / "t.csv"), rows=RowColumns("w", "p"))
    assert {c.name: c.role for c in profile.columns if not c.used} == {
        "w": Role.WEIGHT,
        "p": Role.GROUP,
        "y": Role.TARGET,
    }
    assert profiled(tmp_path / "t.csv", rows=RowColumns(time="d")).column("d").used is False


def test_a_time_is_a_feature_where_the_user_gives_it_a_role(tmp_path):
    profile = profiled(write(tmp_path / "t.csv"), rows=RowColumns(time="d"), roles={"d": "datetime"})
    assert profile.column("d").role is Role.DATETIME
    assert profile.column("d").used


@pytest.mark.parametrize(
    ("cell", "said"), [("-1", "'-1'"), ("inf", "'inf'"), ("", "an empty cell"), ("heavy", "'heavy'")]
)
def test_a_weight_that_is_none_is_refused_with_its_line(tmp_path, cell, said):
    path = write(tmp_path / "t.csv", edited(40, 2, cell))
    (refusal,) = profiled(path, rows=RowColumns("w")).refusals
    assert (refusal.code, refusal.column) == ("bad_weight", "w")
    assert f"1 row with a target has no weight of 0 or more, the first in line 42: {said}" in refusal.message


def test_a_bad_weight_of_a_row_without_target_does_no_harm(tmp_path):
    path = write(
        tmp_path / "t.csv", lambda row, cells: [*cells[:2], "", *cells[3:5], ""] if row == 4 else cells
    )
    assert not profiled(path, rows=RowColumns("w")).refusals


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [(RowColumns(group="p"), 3, "bad_group"), (RowColumns(time="d"), 4, "bad_time")],
)
def test_a_row_without_group_or_time_is_refused_with_its_line(tmp_path, rows, place, code):
    (refusal,) = profiled(write(tmp_path / "t.csv", edited(7, place, "")), rows=rows).refusals
    assert refusal.code == code
    assert "line 9: an empty cell" in refusal.message


def test_text_is_no_time(tmp_path):
    (refusal,) = profiled(write(tmp_path / "t.csv"), rows=RowColumns(time="p")).refusals
    assert "neither times nor numbers" in refusal.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rows": RowColumns("ww")}, "no column `ww`"),
        ({"rows": RowColumns("w", "w")}, "two purposes"),
        ({"rows": RowColumns("y")}, "two purposes"),
        ({"rows": RowColumns(group="p", time="d")}, "groups of `p` and by the time `d`"),
        ({"rows": RowColumns("w"), "roles": {"w": "numeric"}}, "`w` is the weight"),
        ({"rows": RowColumns("w"), "drop": ("w",)}, "`w` is the weight and cannot be dropped"),
        ({"roles": {"y": "numeric"}}, "`y` is the target"),
        ({"drop": ("y",)}, "`y` is the target and cannot be dropped"),
        ({"roles": {"xx": "numeric"}}, "no column `xx`"),
        ({"roles": {"x": "number"}}, "cannot have the role 'number'"),
        ({"roles": {"c": "numeric"}}, "`c` cannot be numeric"),
        ({"roles": {"c": "datetime"}}, "`c` cannot be datetime"),
    ],
)
def test_settings_that_do_not_fit_are_refused(tmp_path, settings, words):
    with pytest.raises(SettingError) as caught:
        profiled(write(tmp_path / "t.csv"), **settings)
    assert words in caught.value.problem
    assert caught.value.remedy


def test_an_unknown_column_is_answered_with_a_near_name(tmp_path):
    with pytest.raises(SettingError) as caught:
        profiled(write(tmp_path / "weights.csv", lambda _, cells: cells), rows=RowColumns("W"))
    assert "`w`" in caught.value.remedy


def test_weights_lie_beside_the_rows_and_a_weight_of_0_leaves_a_row_out(tmp_path):
    path = write(tmp_path / "t.csv", lambda row, cells: [*cells[:2], str(row % 4), *cells[3:]])
    prepared = make(path, tmp_path / "a", target="y", rows=RowColumns("w"))
    for rows, weights in (("rows", prepared.weights), ("test_rows", prepared.test_weights)):
        numbers = np.asarray(prepared._arrays[rows])
        np.testing.assert_array_equal(weights, numbers % 4)
        assert (weights > 0).all()
    assert prepared.rows.train + prepared.rows.test == 75
    assert prepared.manifest["split"]["rows_of_weight_0"] == 25
    assert [feature.name for feature in prepared.schema.features] == ["x", "c", "p", "d"]


def test_without_weights_nothing_is_added(tmp_path):
    prepared = make(write(tmp_path / "t.csv"), tmp_path / "a", target="y")
    assert prepared.weights is None
    assert prepared.test_weights is None
    assert set(prepared.manifest["split"]) == {
        "split_seed", "test_fraction", "folds_asked", "folds", "train_classes", "test_classes",
    }  # fmt: skip
    assert not (tmp_path / "a" / "weights.npy").exists()


def test_groups_and_times_hold_in_the_prepared_folds(tmp_path):
    path = write(tmp_path / "t.csv")
    grouped = make(path, tmp_path / "a", target="y", rows=RowColumns(group="p"))
    rows, test = (np.asarray(grouped._arrays[name]) for name in ("rows", "test_rows"))
    assert not set(rows // 4) & set(test // 4)
    assert grouped.manifest["split"]["kind"] == "groups"
    assert grouped.manifest["split"]["column"] == "p"
    timed = Prepared.open(make(path, tmp_path / "b", target="y", rows=RowColumns(time="d")).folder)
    rows, test = (np.asarray(timed._arrays[name]) for name in ("rows", "test_rows"))
    days = np.array([line.split(",")[4] for line in path.read_text().splitlines()[1:]], "datetime64[D]")
    assert days[test].min() > days[rows].max()
    for fold, sizes in enumerate(timed.fold_sizes()):
        train, validation = timed.fold(fold)
        assert sizes == (len(train), len(validation))
        assert days[rows][train].max() < days[rows][validation].min()
    assert len(timed.fold(0)[0]) < len(timed.fold(1)[0])


def test_a_test_file_may_neither_share_a_group_nor_be_earlier(tmp_path):
    table = read_table(write(tmp_path / "t.csv"))
    later = read_table(write(tmp_path / "later.csv", first=100, rows=20))
    early = read_table(write(tmp_path / "early.csv", first=96, rows=20))
    for rows, words in (
        (RowColumns(group="p"), "1 groups of `p`.*'p24'"),
        (RowColumns(time="d"), "4 rows.*line 2"),
    ):
        profile = profile_table(table, target="y", rows=rows)
        assert plan_parts(table, profile, split=SplitSettings(), test_table=later).test is not None
        with pytest.raises(DataError, match=words):
            plan_parts(table, profile, split=SplitSettings(), test_table=early)


def test_a_test_file_needs_the_weights_too(tmp_path):
    path = write(tmp_path / "t.csv")
    lines = [
        ",".join(cell for at, cell in enumerate(line.split(",")) if at != 2)
        for line in path.read_text().splitlines()
    ]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n")
    table = read_table(path)
    profile = profile_table(table, target="y", rows=RowColumns("w"))
    with pytest.raises(DataError, match=r"test\.csv has no column 'w', the weight"):
        plan_parts(table, profile, split=SplitSettings(), test_table=read_table(tmp_path / "test.csv"))
