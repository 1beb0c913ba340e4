"""`cambrian inspect` as a process of the window."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from new_page import PATIENCE_MS
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from cambrian_desktop.context import Context
from cambrian_desktop.inspection import Inspection, parse_slowly, said
from real_runs import SAMPLE

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def answer(qtbot: QtBot, inspection: Inspection, *words: str) -> dict[str, Any]:
    with qtbot.waitSignal(inspection.read, timeout=PATIENCE_MS) as got:
        inspection.ask(["inspect", *words, "--json"], "the table")
    return dict(got.args[0])


def refusal(qtbot: QtBot, inspection: Inspection, *words: str) -> tuple[str, str]:
    with qtbot.waitSignal(inspection.refused, timeout=PATIENCE_MS) as got:
        inspection.ask(["inspect", *words, "--json"], "the table")
    assert not inspection.busy
    return got.args[0], got.args[1]


def test_a_table_is_read(qtbot: QtBot, context: Context) -> None:
    profile = answer(qtbot, Inspection(context), str(SAMPLE), "--target", "species")
    assert profile["rows"] == 344
    assert profile["refused"] is False
    assert [column["name"] for column in profile["columns"]][:2] == ["species", "island"]


def test_what_the_command_refuses_comes_as_sentence_and_remedy(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    problem, remedy = refusal(qtbot, Inspection(context), str(tmp_path / "none.csv"))
    assert problem.endswith("none.csv does not exist.")
    assert remedy == "Check the path."


def test_wrong_usage_is_a_sentence_too(qtbot: QtBot, context: Context) -> None:
    problem, _ = refusal(qtbot, Inspection(context), str(SAMPLE), "--no-such-option")
    assert "no-such-option" in problem
    assert "Usage" not in problem


def test_of_two_questions_only_the_later_is_answered(qtbot: QtBot, context: Context) -> None:
    inspection = Inspection(context)
    answers: list[str] = []
    inspection.read.connect(lambda profile: answers.append(profile["target"]))
    inspection.ask(["inspect", str(SAMPLE), "--target", "sex", "--json"], "first")
    assert answer(qtbot, inspection, str(SAMPLE), "--target", "island")["target"] == "island"
    qtbot.wait(300)
    assert answers == ["island"]


def test_a_cancelled_question_is_not_answered(qtbot: QtBot, context: Context) -> None:
    inspection = Inspection(context)
    inspection.read.connect(lambda _: pytest.fail("it was cancelled"))
    inspection.refused.connect(lambda *_: pytest.fail("it was cancelled"))
    inspection.ask(["inspect", str(SAMPLE), "--json"], "sample")
    inspection.cancel()
    assert not inspection.busy
    qtbot.wait(300)


@pytest.fixture
def other_command(context: Context, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Inspection]:
    """An inspection whose command is a program of the test's own."""

    def make(program: str) -> Inspection:
        monkeypatch.setattr(context, "command", lambda: [sys.executable, "-c", program])
        return Inspection(context)

    return make


def test_a_command_that_is_killed_is_told(qtbot: QtBot, other_command: Callable[[str], Inspection]) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no SIGKILL")
    problem, remedy = refusal(qtbot, other_command("import os; os.kill(os.getpid(), 9)"))
    assert "ended unexpectedly" in problem
    assert remedy


def test_a_command_that_says_nothing_is_told(
    qtbot: QtBot, other_command: Callable[[str], Inspection]
) -> None:
    problem, remedy = refusal(qtbot, other_command("raise SystemExit(3)"))
    assert "status 3" in problem
    assert remedy


def test_half_an_answer_is_told(qtbot: QtBot, other_command: Callable[[str], Inspection]) -> None:
    problem, _ = refusal(qtbot, other_command("""print('{"rows": 3, "columns": [{"name"')"""))
    assert "cannot be read" in problem


def test_a_program_that_is_not_there_is_told(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(context, "command", lambda: [str(tmp_path / "nothing")])
    problem, remedy = refusal(qtbot, Inspection(context))
    assert "cannot be started" in problem
    assert remedy == "Install Cambrian again."


def test_a_silent_command_is_told_of_every_second(
    qtbot: QtBot, other_command: Callable[[str], Inspection]
) -> None:
    inspection = other_command("import time; time.sleep(600)")
    with qtbot.waitSignal(inspection.progress, timeout=PATIENCE_MS) as got:
        inspection.ask(["inspect"], "huge.csv")
    assert "huge.csv" in got.args[0]
    inspection.cancel()


def test_a_long_answer_leaves_the_event_loop_its_turns(
    qtbot: QtBot, other_command: Callable[[str], Inspection]
) -> None:
    """20,000 columns are taken apart between events: a timer goes on ticking meanwhile."""
    columns = "[{'name': 'c%d' % n, 'values': list(range(20))} for n in range(20_000)]"
    inspection = other_command(
        f"import json; print(json.dumps({{'rows': 1, 'columns': {columns}}}, indent=2))"
    )
    ticks: list[bool] = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: ticks.append(inspection._parts is not None))
    timer.start()
    profile = answer(qtbot, inspection)
    timer.stop()
    assert len(profile["columns"]) == 20_000
    assert sum(ticks) >= 3  # so many turns fell into the reading itself; more on a slow machine or a busy one


@settings(max_examples=40)
@given(st.dictionaries(st.text(), VALUES))
def test_slow_parsing_gives_what_json_gives(value: dict[str, Any]) -> None:
    for indent in (None, 2):
        *_, last = parse_slowly(json.dumps(value, indent=indent))
        assert last == value


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"', '{"a":', '{"a": [1', '{"a": [1 2]}', '{"a": 1 "b": 2}']
)
def test_slow_parsing_refuses_what_is_no_object(text: str) -> None:
    with pytest.raises(ValueError):
        list(parse_slowly(text))


def test_words_of_the_command_line() -> None:
    assert said("note\ncambrian: It is empty.\n  Export it again.\n") == ("It is empty.", "Export it again.")
    assert said("Usage: x\n\nError: no such thing\n") == ("no such thing", "")
    assert said("") is None
