"""Every hostile file that is dropped on the page gives its columns, or a sentence with a remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from new_page import choose, drop, message, settled, shown_page
from pytestqt.qtbot import QtBot

from cambrian_desktop.context import Context
from real_runs import SHARED, assert_no_fault

NASTY = SHARED / "data" / "nasty"
FILES = json.loads((NASTY / "index.json").read_text())["files"] if NASTY.is_dir() else []


@pytest.mark.long
@pytest.mark.skipif(not FILES, reason="the hostile files are not beside the project")
@pytest.mark.parametrize("each", FILES, ids=[each["file"] for each in FILES])
def test_a_hostile_file_gives_columns_or_a_sentence(
    qtbot: QtBot, context: Context, shared: Path, each: dict[str, Any]
) -> None:
    page = shown_page(qtbot, context)
    drop(page, shared / "data" / "nasty" / each["file"])
    settled(qtbot, page)
    said = message(page)
    assert_no_fault(said)
    if page.profile is None:
        assert said
        assert page.refusal.banner.remedy.text()
        assert not page.bar.button.isEnabled()
        return
    assert page.data.columns.rowCount() == len(page.profile["columns"]) > 0
    if each["target"] in page.data.columns.names:
        choose(page.goal.target, each["target"])
        settled(qtbot, page)
        said = message(page)
        assert_no_fault(said)
        assert page.bar.button.isEnabled() is not bool(said)


SMALL = {
    "empty.csv": ("", "is empty"),
    "header.csv": ("a,b,y\n", "0 data rows"),
    "ragged.csv": ("a,b\n1,2\n1,2,3\n4,5\n", "line 3"),
    "quote.csv": ('a,b\n1,"2\n3,4\n', "quote"),
    "nul.csv": ("a,b\n1,\0\n2,3\n", "NUL"),
    "pickle.pkl": ("cos\nsystem\n", "cannot be read as a table"),
    "fake.parquet": ("a,b\n1,2\n", "not a Parquet file"),
    "fake.xlsx": ("a,b\n1,2\n", "workbook"),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_hostile_file_gives_a_sentence_with_a_remedy(
    qtbot: QtBot, context: Context, tmp_path: Path, name: str
) -> None:
    text, words = SMALL[name]
    file = tmp_path / name
    file.write_bytes(text.encode())
    page = shown_page(qtbot, context)
    drop(page, file)
    settled(qtbot, page)
    said = message(page)
    assert_no_fault(said)
    assert any(word in said for word in words.split("|")), said
    assert page.refusal.banner.remedy.text()
    assert not page.bar.button.isEnabled()


def test_a_workbook_of_two_sheets_asks_which(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["just a note"])
    sheet = book.create_sheet("It's data")
    for row in [["x", "y"], *([n % 7, n % 2] for n in range(40))]:
        sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    page = shown_page(qtbot, context)
    drop(page, tmp_path / "two.xlsx")
    settled(qtbot, page)
    assert "2 sheets" in message(page)
    assert [button.text() for button in page.refusal.buttons] == ["Read me", "It's data"]  # type: ignore[attr-defined]
    page.refusal.buttons[1].click()  # type: ignore[attr-defined]
    settled(qtbot, page)
    assert not message(page)
    assert page.data.columns.names == ["x", "y"]
    assert page.draft is not None
    assert page.draft.data.reading.sheet == "It's data"


def test_a_file_without_a_header_is_read_without_one(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("".join(f"{n * 1.5},{n % 7 + 0.25}\n" for n in range(1, 60)))
    page = shown_page(qtbot, context)
    drop(page, file)
    settled(qtbot, page)
    assert "no header" in message(page)
    (button,) = page.refusal.buttons
    button.click()  # type: ignore[attr-defined]
    settled(qtbot, page)
    assert page.data.columns.names == ["column_1", "column_2"]
    assert page.profile is not None
    assert page.profile["rows"] == 59


def test_five_thousand_columns_are_shown_and_searched(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    rows = [",".join(str(n * k % 11) for n in range(5000)) for k in range(30)]
    file.write_text("\n".join([",".join(f"c{n}" for n in range(5000)), *rows]) + "\n")
    page = shown_page(qtbot, context)
    drop(page, file)
    settled(qtbot, page)
    table = page.data.table
    assert table.filter.rowCount() == 5000
    qtbot.keyClicks(page.data.search, "c499")
    assert table.filter.rowCount() == 11  # c499 and c4990 to c4999
    # a row costs no widget of its own
    assert len(page.findChildren(type(table.viewport()))) < 600
