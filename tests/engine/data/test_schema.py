import json

import numpy as np
import pytest

from cambrian.data.feature import Feature
from cambrian.data.profile import ColumnProfile, Profile
from cambrian.data.read import read_table
from cambrian.data.roles import Role
from cambrian.data.schema import TableSchema
from cambrian.errors import DataError

ROLES = {
    "age": Role.NUMERIC,
    "city": Role.CATEGORICAL,
    "grade": Role.ORDINAL,
    "member": Role.BOOLEAN,
    "joined": Role.DATETIME,
}
CSV = """age,city,grade,member,joined,id,label
1.5,Oslo,low,yes,2020-01-31,a,no
,Rome,high,no,2024-02-29,b,yes
3,Rome,mid,,,c,yes
4,,low,yes,1969-12-31,d,
5,Bonn,high,no,2024-12-01,e,no
6,Rome,mid,yes,2024-12-02,f,yes
7,Kiel,low,no,2024-12-03,g,no
"""


def csv(folder, text, name="table.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def profile_of(roles=ROLES, target="label", classes=("no", "yes")):
    levels = {Role.ORDINAL: ("low", "mid", "high", "top")}
    columns = tuple(
        ColumnProfile(name, role, "", "", True, 0, 2, categories=levels.get(role, ()))
        for name, role in roles.items()
    )
    return Profile(7, columns, target=target, task="binary" if classes else "regression", classes=classes)


@pytest.fixture
def table(tmp_path):
    return csv(tmp_path, CSV)


@pytest.fixture
def schema(table):
    return TableSchema.build(profile_of(), table, np.arange(6))


def test_features_know_the_training_part_alone(schema):
    assert schema.features == (
        Feature("age", "numeric", True),
        Feature("city", "categorical", True, ("Rome", "Bonn", "Oslo")),
        Feature("grade", "ordinal", False, ("low", "mid", "high")),
        Feature("member", "boolean", True),
        Feature("joined", "datetime", True, parts=("days", "weekday", "month")),
    )
    assert [column.name for column in schema.numeric] == [
        "age",
        "grade",
        "member",
        "joined (days)",
        "joined (weekday)",
        "joined (month)",
    ]
    assert [column.indicator for column in schema.numeric] == [True, False, True, True, False, False]


def test_columns_are_numbers_ranks_parts_and_codes(schema, table):
    columns = schema.columns(table)
    nan = np.nan
    np.testing.assert_array_equal(columns.numeric[:, 0], [1.5, nan, 3, 4, 5, 6, 7])
    np.testing.assert_array_equal(columns.numeric[:, 1], [0, 2, 1, 0, 2, 1, 0])
    np.testing.assert_array_equal(columns.numeric[:, 2], [1, 0, nan, 1, 0, 1, 0])
    np.testing.assert_array_equal(columns.numeric[:4, 3], [18292, 19782, nan, -1])
    np.testing.assert_array_equal(columns.numeric[:, 4], [4, 3, nan, 2, 6, 0, 1])
    np.testing.assert_array_equal(columns.numeric[:, 5], [1, 2, nan, 12, 12, 12, 12])
    assert columns.codes[:, 0].tolist() == [2, 0, 0, -1, 1, 0, -2]
    assert columns.numeric.dtype == np.float64
    assert columns.codes.dtype == np.int32
    assert {(note.code, note.column) for note in columns.notes} == {
        ("extra_columns", ""),
        ("unseen_category", "city"),
    }


def test_a_time_of_day_is_a_part_of_its_own(tmp_path):
    table = csv(tmp_path, "t,y\n2024-01-01 06:30:00,1\n2024-01-02 00:00:00,2\n")
    schema = TableSchema.build(profile_of({"t": Role.DATETIME}, "y", ()), table, np.arange(2))
    assert schema.features[0].parts == ("days", "weekday", "month", "hour")
    numeric = schema.columns(table).numeric
    np.testing.assert_allclose(numeric, [[19723 + 6.5 / 24, 0, 1, 6.5], [19724, 1, 1, 0]])


def test_the_target_is_class_numbers_or_numbers(schema, table, tmp_path):
    y = schema.target(table)
    assert y.tolist() == [0, 1, 1, -1, 0, 1, 0]
    assert y.dtype == np.int64
    other = csv(tmp_path, "x,y\n1,1.5\n2,inf\n3,\n4,-2\n", "numbers.csv")
    np.testing.assert_array_equal(TableSchema((), "y", ()).target(other), [1.5, np.nan, np.nan, -2])


def test_an_infinite_class_is_a_missing_one(tmp_path):
    table = csv(tmp_path, "y\n1\ninf\n2\n")
    assert TableSchema((), "y", ("1", "2")).target(table).tolist() == [0, -1, 1]


def test_a_class_that_training_does_not_know_is_refused(schema, tmp_path):
    with pytest.raises(DataError, match=r"new\.csv, column 'label': 1 row .* 'maybe'"):
        schema.target(csv(tmp_path, "label\nno\nmaybe\n", "new.csv"))
    with pytest.raises(DataError, match=r"no column 'label'"):
        schema.target(csv(tmp_path, "x\n1\n", "new.csv"))


def test_a_missing_column_is_refused_by_name(schema, tmp_path):
    with pytest.raises(DataError, match=r"new\.csv lacks 2 .*'member', 'joined'"):
        schema.columns(csv(tmp_path, "age,city,grade\n1,Rome,low\n", "new.csv"))


def test_a_new_file_needs_no_target_and_may_order_columns_otherwise(schema, tmp_path):
    new = csv(tmp_path, "joined,member,grade,city,age\n2020-01-31,yes,low,Oslo,1.5\n", "new.csv")
    columns = schema.columns(new)
    np.testing.assert_array_equal(columns.numeric[0], [1.5, 0, 1, 18292, 4, 1])
    assert columns.codes.tolist() == [[2]]
    assert columns.notes == ()


def test_cells_of_the_wrong_type_are_missing_and_counted(schema, tmp_path):
    text = "age,city,grade,member,joined\nold,1,top,perhaps,soon\nolder,2,low,yes,later\n,3,low,no,\n"
    columns = schema.columns(csv(tmp_path, text, "new.csv"))
    notes = {note.column: note.message.split()[0] for note in columns.notes if note.code == "wrong_type"}
    assert notes == {"age": "2", "grade": "1", "member": "1", "joined": "2"}
    assert np.isnan(columns.numeric[0]).all()
    assert columns.codes[:, 0].tolist() == [-2, -2, -2]


def test_infinities_are_missing(tmp_path):
    table = csv(tmp_path, "x,y\n1,1\ninf,2\n-inf,3\n")
    schema = TableSchema.build(profile_of({"x": Role.NUMERIC}, "y", ()), table, np.arange(3))
    assert schema.features[0].missing
    np.testing.assert_array_equal(schema.columns(table).numeric[:, 0], [1, np.nan, np.nan])


def test_a_schema_reads_back_from_json(schema, table):
    again = TableSchema.from_json(json.loads(json.dumps(schema.to_json(), allow_nan=False)))
    assert again == schema
    assert again.readings["age"] == table.readings["age"]


def test_no_feature_is_refused(table):
    with pytest.raises(DataError, match="no column to learn from"):
        TableSchema.build(profile_of({}), table, np.arange(6))


def test_a_feature_without_any_value_in_the_training_part(tmp_path):
    table = csv(tmp_path, "c,d,t,y\n,,,1\n,,,2\na,low,2020-01-01,3\n")
    roles = {"c": Role.CATEGORICAL, "d": Role.ORDINAL, "t": Role.DATETIME}
    schema = TableSchema.build(profile_of(roles, "y", ()), table, np.arange(2))
    assert all(feature.missing and not feature.categories for feature in schema.features)
    columns = schema.columns(table)
    assert columns.codes[:, 0].tolist() == [-1, -1, -2]
    assert np.isnan(columns.numeric[:, 0]).all()
