"""Predicting with the window: the engine's own process, its file, and every refusal a sentence."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from finished_run import finished, table, workspace
from pytestqt.qtbot import QtBot

from cambrian_desktop.context import Context
from cambrian_desktop.views.prediction import SHOWN_ROWS, Predicted, Prediction
from real_runs import CommandLine

PATIENCE = 100_000


@pytest.fixture
def prediction(context: Context) -> Iterator[Prediction]:
    made = Prediction(context)
    yield made
    made.close()
    assert not made.output.parent.exists()


def predicted(prediction: Prediction, qtbot: QtBot, name: str, file: Path) -> Predicted:
    with qtbot.waitSignal(prediction.done, timeout=PATIENCE, raising=True) as answer:
        prediction.predict(finished(name), file)
    found = answer.args[0]
    assert isinstance(found, Predicted)
    return found


def refused(prediction: Prediction, qtbot: QtBot, file: Path) -> tuple[str, str]:
    with qtbot.waitSignal(prediction.refused, timeout=PATIENCE) as answer:
        prediction.predict(finished("likes"), file)
    problem, remedy = answer.args
    assert "Traceback" not in problem + remedy
    assert "unexpected" not in problem
    return problem, remedy


def test_the_file_is_the_command_lines_own(prediction: Prediction, qtbot: QtBot, tmp_path: Path) -> None:
    found = predicted(prediction, qtbot, "likes", table("likes"))
    other = tmp_path / "by_command.csv"
    CommandLine(workspace())("predict", "likes", table("likes"), "-o", other)
    assert prediction.output.read_bytes() == other.read_bytes()
    with other.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert found.rows == len(rows) == 400
    assert list(found.header) == header
    assert sorted(header) == ["prediction", "probability_no", "probability_yes"]
    assert [list(row) for row in found.first] == rows[:SHOWN_ROWS]
    assert any("missing cells" in note and "colour" in note for note in found.notes)


def test_it_is_saved_as_csv_and_as_parquet(prediction: Prediction, qtbot: QtBot, tmp_path: Path) -> None:
    found = predicted(prediction, qtbot, "prices", table("prices"))
    for target in (tmp_path / "mine.csv", tmp_path / "mine.parquet"):
        with qtbot.waitSignal(prediction.saved, timeout=PATIENCE) as answer:
            prediction.save(target)
        assert answer.args == [str(target)]
    assert (tmp_path / "mine.csv").read_bytes() == prediction.output.read_bytes()
    values = pq.read_table(tmp_path / "mine.parquet")["prediction"].to_pylist()
    assert len(values) == found.rows
    assert values[:3] == [float(row[0]) for row in found.first[:3]]
    assert sorted(path.name for path in tmp_path.glob("*mine*")) == ["mine.csv", "mine.parquet"]


def test_the_predicted_table_is_never_overwritten(
    prediction: Prediction, qtbot: QtBot, tmp_path: Path
) -> None:
    source = tmp_path / "source.csv"
    source.write_bytes(table("likes").read_bytes())
    predicted(prediction, qtbot, "likes", source)
    with qtbot.waitSignal(prediction.refused, timeout=PATIENCE) as answer:
        prediction.save(source)
    assert answer.args == [f"{source} is the table that was predicted.", "Save under another name."]
    assert source.read_bytes() == table("likes").read_bytes()


def test_a_folder_that_is_missing_is_said(prediction: Prediction, qtbot: QtBot, tmp_path: Path) -> None:
    predicted(prediction, qtbot, "likes", table("likes"))
    for name in ("out.csv", "out.parquet", "out.txt"):
        with qtbot.waitSignal(prediction.refused, timeout=PATIENCE) as answer:
            prediction.save(tmp_path / "nowhere" / name)
        problem, remedy = answer.args
        assert problem.endswith(".")
        assert remedy.endswith(".")
        assert "Traceback" not in problem + remedy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "lacks 3 of the columns"),
        (b"", "empty"),
        (b"PK\x03\x04 no zip at all", "<i>hostile.csv"),
    ],
)
def test_refusals_are_sentences(
    prediction: Prediction, qtbot: QtBot, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "<i>hostile.csv"
    file.write_bytes(content)
    problem, remedy = refused(prediction, qtbot, file)
    assert said in problem
    assert remedy.endswith((".", "?"))


def test_a_file_that_is_not_there(prediction: Prediction, qtbot: QtBot, tmp_path: Path) -> None:
    problem, remedy = refused(prediction, qtbot, tmp_path / "没有.csv")
    assert "没有.csv" in problem
    assert remedy


def test_an_engine_that_is_missing_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    class Lost(Context):
        def command(self) -> list[str]:
            return [str(tmp_path / "no-such-program")]

    prediction = Prediction(Lost(workspace()))
    problem, remedy = refused(prediction, qtbot, table("likes"))
    assert problem.startswith("The engine could not be started")
    assert remedy.startswith("Install Cambrian again")
    assert not prediction.running
    prediction.close()


def test_what_is_cancelled_leaves_no_process(prediction: Prediction, qtbot: QtBot) -> None:
    told: list[object] = []
    prediction.done.connect(told.append)
    prediction.refused.connect(lambda *said: told.append(said))
    before = set(psutil.Process(os.getpid()).children())

    def its_processes() -> set[psutil.Process]:
        return set(psutil.Process(os.getpid()).children()) - before

    prediction.predict(finished("likes"), table("likes"))
    qtbot.waitUntil(lambda: bool(its_processes()), timeout=PATIENCE)
    prediction.cancel()
    assert not prediction.running
    qtbot.waitUntil(lambda: not its_processes(), timeout=PATIENCE)
    qtbot.wait(200)
    assert told == []
