"""Known orders, orders of the user's own, words for missing as categories, and what a role cannot hold."""

from __future__ import annotations

import numpy as np
import pytest

from cambrian.data.feature import MISSING, UNSEEN
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.roles import Role, known_order
from cambrian.data.schema import TableSchema
from cambrian.errors import SettingError


@pytest.fixture
def table(tmp_path):
    """A table of one column `c` beside a number and a target, from its cells."""

    def make(cells, name="t.csv"):
        lines = [f"{cell},{row % 7},{row % 2}" for row, cell in enumerate(cells)]
        (tmp_path / name).write_text("c,x,y\n" + "\n".join(lines) + "\n", encoding="utf-8")
        return read_table(tmp_path / name)

    return make


def cycle(*values, rows=60):
    return [values[row % len(values)] for row in range(rows)]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (("Very Good", "Fair", "Good"), ("Fair", "Good", "Very Good")),
        (("high", "low", "medium"), ("low", "medium", "high")),
        (("L", "S", "XL", "M"), ("S", "M", "L", "XL")),
        (("Agree", "Neutral", "Disagree"), ("Disagree", "Neutral", "Agree")),
        (("B", "A", "F", "C"), ("F", "C", "B", "A")),
        (("A-", "B+", "A"), ("B+", "A-", "A")),
        (("A", "B", "C", "D"), ()),
        (("Mar", "Jan", "Feb"), ("Jan", "Feb", "Mar")),
        (("tertiary", "primary", "secondary"), ("primary", "secondary", "tertiary")),
        (("low", "medium", "NA"), ()),
    ],
)
def test_known_orders(values, order):
    assert known_order(values) == order


def test_a_proposed_order_is_said_with_what_changes_it(table):
    column = profile_table(table(cycle("Good", "Fair", "Very Good")), target="y").column("c")
    (warning,) = (each for each in column.warnings if each.code == "ordered")
    assert column.role is Role.ORDINAL
    assert "Fair < Good < Very Good" in warning.message
    assert "--ordinal 'c=low<high'" in warning.remedy
    chosen = profile_table(table(cycle("Good", "Fair", "Very Good")), target="y", roles={"c": "ordinal"})
    assert chosen.column("c").warnings == ()


def test_an_order_of_the_users_own(table):
    made = table(cycle("solid", "gas", "liquid"))
    profile = profile_table(made, target="y", orders={"c": ("solid", "liquid", "gas", "plasma")})
    assert profile.column("c").role is Role.ORDINAL
    schema = TableSchema.build(profile, made, np.arange(60))
    assert schema.columns(made).numeric[:3, 0].tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"orders": {"c": ("solid", "gas")}}, r"lacks 1 of its categories: 'liquid'; the first is in line 4"),
        ({"orders": {"c": ("solid", "solid", "gas")}}, "two or more different"),
        ({"orders": {"c": ("solid",)}}, "two or more different"),
        ({"orders": {"cc": ("a", "b")}}, "no column `cc`"),
        ({"orders": {"y": ("0", "1")}}, "`y` is the target"),
        ({"orders": {"c": ("a", "b")}, "roles": {"c": "categorical"}}, "the role categorical"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(table, settings, words):
    with pytest.raises(SettingError, match=words):
        profile_table(table(cycle("solid", "gas", "liquid")), target="y", **settings)


@pytest.mark.parametrize("word", ["None", "NA", "null", "nil", "n/a", "unknown"])
def test_words_for_missing_are_categories_in_a_text_column(table, word):
    made = table(cycle("brick", word, "", "wood"))
    profile = profile_table(made, target="y")
    column = profile.column("c")
    assert column.role is Role.CATEGORICAL
    assert set(column.categories) == {"brick", word, "wood"}
    assert column.missing == 15


def test_rare_unseen_and_missing_categories(table):
    made = table(["a"] * 30 + ["b"] * 20 + ["c"] * 9 + [""])
    schema = TableSchema.build(profile_table(made, target="y"), made, np.arange(60))
    columns = schema.columns(table(["a", "zzz", "", "c"], name="new.csv"))
    assert columns.codes[:, 0].tolist() == [0, UNSEEN, MISSING, 2]


def test_cells_that_a_chosen_role_cannot_hold_are_counted(table):
    cells = cycle("1", "2", "3", "x", rows=80)
    column = profile_table(table(cells), target="y", roles={"c": "numeric"}).column("c")
    (warning,) = (each for each in column.warnings if each.code == "odd_values")
    assert "20 of 80 cells" in warning.message
    assert "line 5: 'x'" in warning.message


def test_text_may_be_chosen_for_any_words(table):
    column = profile_table(table(cycle("red", "green")), target="y", roles={"c": "text"}).column("c")
    assert (column.role, column.used, column.categories) == (Role.TEXT, True, ())
