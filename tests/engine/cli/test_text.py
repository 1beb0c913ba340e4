"""Text for people: aligned, and harmless whatever a stranger wrote."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cambrian.cli.tables import table_lines
from cambrian.cli.text import json_text, name_text, visible, width_of


def test_control_characters_become_escapes() -> None:
    assert visible("a\x1b[31mb\nc\td\x00\x9b") == r"a\x1b[31mb\nc\td\x00\x9b"
    assert visible("abc\u202egnp.exe") == r"abc\u202egnp.exe"
    assert visible("\ud800") == r"\ud800"


def test_letters_of_every_script_and_emoji_stay() -> None:
    for text in ("企鹅", "قطة", "naïve", "👩\u200d🔬", "می\u200cخواهم", "<script>", "'; DROP TABLE runs; --"):
        assert visible(text) == text


@given(st.text(alphabet=st.characters()))
def test_shown_text_holds_no_control_character_and_stays_put(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert visible(shown) == shown
    shown.encode()


def test_columns_align_also_beside_wide_characters() -> None:
    lines = list(table_lines([["name", "rows"], ["企鹅", "3"], ["e\u0301t", "12"], ["a\nb", "1"]]))
    assert lines == ["name  rows", "----  ----", "企鹅  3", "e\u0301t    12", "a\\nb  1"]


def test_a_long_name_is_whole_where_output_is_redirected(capsys) -> None:
    assert name_text("n" * 300) == "n" * 300


def test_a_long_name_is_cut_on_a_terminal(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert len(name_text("n" * 300)) == 48


def test_json_is_plain_ascii() -> None:
    assert json_text({"企": "\x1b"}).isascii()


def at_width(monkeypatch, width: int) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))


CELLS = [["run", "state", "meaning"], ["penguins-20260101-120000-abcd", "complete", "a few more words"]]


def test_a_table_that_fits_is_the_same_on_a_terminal(monkeypatch) -> None:
    redirected = list(table_lines(CELLS))
    at_width(monkeypatch, 80)
    assert list(table_lines(CELLS)) == redirected


def test_a_narrow_terminal_wraps_between_words(monkeypatch) -> None:
    at_width(monkeypatch, 50)
    assert [line.split() for line in table_lines(CELLS)][2:] == [
        ["penguins-20260101-120000-abcd", "complete", "a", "few"],
        ["more"],
        ["words"],
    ]


def test_a_very_narrow_terminal_gets_paragraphs(monkeypatch) -> None:
    at_width(monkeypatch, 34)
    assert list(table_lines([*CELLS, ["short", "", "企鹅"]])) == [
        "run penguins-20260101-120000-abcd",
        "  state complete; meaning a few",
        "  more words",
        "run short",
        "  meaning 企鹅",
    ]


@given(
    st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(20, 120),
)
def test_no_line_is_too_wide_unless_a_word_is(cells: list[list[str]], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        at_width(patch, width)
        for line in table_lines([["one", "two", "three"], *cells]):
            assert width_of(line) <= width or len(line.split()) == 1
