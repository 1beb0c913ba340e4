"""Runs are started, resumed and deleted by processes and files of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from big_run import make_big_run
from pytestqt.qtbot import QtBot
from window_runs import PATIENCE, end_run, ended, experiment_toml, holder_of, wait_for_picture, watched

from cambrian.run.workspace import RunFolder
from cambrian_desktop import run_process
from cambrian_desktop.context import Context
from cambrian_desktop.run_process import Trashed
from real_runs import SAMPLE

WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from cambrian_desktop.context import Context
from cambrian_desktop.run_process import start_run
app = QCoreApplication([])
context = Context(Path(sys.argv[1]))
start_run(context, Path(sys.argv[2]), "outlives").finished.connect(lambda run: print(run, flush=True))
app.exec()
"""


@pytest.fixture
def small_run(context: Context) -> RunFolder:
    """A run that nobody executes."""
    return make_big_run(context.workspace.path, "small", individuals=128, epochs=1280)


@pytest.fixture
def cleared(context: Context) -> Iterator[None]:
    """Ends every run of the workspace after the test."""
    yield
    for folder in context.workspace.folders():
        end_run(folder)


def test_a_run_outlives_the_window_that_started_it(
    qtbot: QtBot, context: Context, tmp_path: Path, cleared: None
) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(experiment_toml(budget={"generations": 500}), encoding="utf-8")
    command = [sys.executable, "-c", WINDOW, str(context.workspace.path), str(file)]
    window = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert window.stdout is not None
    assert window.stdout.readline().strip() == "outlives"
    folder = RunFolder(context.workspace.runs / "outlives")
    with watched(folder) as watcher:
        wait_for_picture(qtbot, watcher, lambda picture: picture.state == "running")
        run = psutil.Process(holder_of(folder))
        assert os.getsid(run.pid) != os.getsid(window.pid)
        window.kill()
        window.wait()
        seen = wait_for_picture(qtbot, watcher, lambda picture: picture.settled > 0)
        assert seen.state == "running"
        assert run.is_running()
    assert file.exists()  # the user's own file stays


def test_what_the_command_refuses_is_told_in_its_own_words(qtbot: QtBot, context: Context) -> None:
    text = experiment_toml().replace('strategy = "genetic"', 'strategy = "psychic"')
    _, refused = ended(qtbot, run_process.start_run(context, text, "refused"))
    assert refused is not None
    assert "psychic" in refused[0]
    assert refused[1]
    assert not refused[0].startswith("cambrian:")
    assert not (context.workspace.runs / "refused").exists()
    assert not list((context.workspace.path / "starts").glob("*.toml"))


def test_a_process_that_dies_without_a_word_is_told_with_its_log(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = [sys.executable, "-c", "print('the machine <b>burns</b>'); raise SystemExit(3)"]
    monkeypatch.setattr(Context, "command", lambda self: dying)
    _, refused = ended(qtbot, run_process.start_run(context, experiment_toml(), "dying"))
    assert refused is not None
    assert "status 3" in refused[0]
    assert "the machine <b>burns</b>" in refused[0]
    log = run_process.start_log(context.workspace, "dying")
    assert str(log) in refused[1]
    assert "burns" in log.read_text()


def test_a_program_that_is_not_there_is_a_sentence(
    qtbot: QtBot, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "command", lambda self: [str(tmp_path / "no such program")])
    _, refused = ended(qtbot, run_process.start_run(context, experiment_toml(), "none"))
    assert refused is not None
    assert "no such program" in refused[0]


def test_a_workspace_that_is_a_file_is_a_sentence(qtbot: QtBot, app: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    context = Context(tmp_path / "file")
    _, refused = ended(qtbot, run_process.start_run(context, experiment_toml(), "none"))
    assert refused is not None
    assert str(tmp_path / "file") in refused[0]


def test_data_that_cannot_be_read_is_told_by_the_run_itself(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    text = experiment_toml(tmp_path / "<b>missing.csv", "y")
    assert ended(qtbot, run_process.start_run(context, text, "missing"))[1] is None
    with watched(RunFolder(context.workspace.runs / "missing")) as watcher:
        picture = wait_for_picture(qtbot, watcher, lambda picture: picture.state == "failed")
    assert picture.run is not None
    assert "<b>missing.csv" in (picture.run.error or "")


def test_a_second_run_of_the_same_id_is_refused(qtbot: QtBot, context: Context, small_run: RunFolder) -> None:
    _, refused = ended(qtbot, run_process.start_run(context, experiment_toml(), "small"))
    assert refused is not None
    assert "exists already" in refused[0]


def test_a_deleted_run_comes_back_whole(qtbot: QtBot, small_run: RunFolder) -> None:
    before = {path.name: path.stat().st_size for path in small_run.path.iterdir() if path.is_file()}
    trashed, refused = ended(qtbot, run_process.delete_run(small_run))
    assert refused is None
    assert isinstance(trashed, Trashed)
    assert not small_run.path.exists()
    assert ended(qtbot, run_process.restore(trashed)) == ("small", None)
    after = {path.name: path.stat().st_size for path in small_run.path.iterdir() if path.is_file()}
    assert {name: size for name, size in after.items() if name != "run.lock"} == before


def test_a_purged_run_leaves_nothing(qtbot: QtBot, context: Context, small_run: RunFolder) -> None:
    trashed, _ = ended(qtbot, run_process.delete_run(small_run))
    assert isinstance(trashed, Trashed)
    ended(qtbot, run_process.purge(trashed))
    assert not trashed.place.exists()
    assert [path.name for path in context.workspace.path.iterdir()] == ["runs"]


def test_a_deletion_is_not_undone_over_another_run(
    qtbot: QtBot, context: Context, small_run: RunFolder
) -> None:
    trashed, _ = ended(qtbot, run_process.delete_run(small_run))
    assert isinstance(trashed, Trashed)
    other = make_big_run(context.workspace.path, "small", individuals=64, epochs=64)
    _, refused = ended(qtbot, run_process.restore(trashed))
    assert refused is not None
    assert "another run small" in refused[0]
    assert str(trashed.place) in refused[1]
    assert trashed.place.is_dir()
    assert other.database.exists()


def test_a_run_that_lives_is_not_deleted(qtbot: QtBot, context: Context, cleared: None) -> None:
    text = experiment_toml(SAMPLE, budget={"generations": 500})
    ended(qtbot, run_process.start_run(context, text, "living"))
    folder = RunFolder(context.workspace.runs / "living")
    qtbot.waitUntil(lambda: run_process.lock_is_held(folder), timeout=PATIENCE)
    _, refused = ended(qtbot, run_process.delete_run(folder))
    assert refused == ("The run living goes on: a process executes it.", "Stop it first, then delete it.")
    assert folder.database.exists()


def test_old_trash_is_purged_and_young_trash_is_not(qtbot: QtBot, context: Context) -> None:
    trash = context.workspace.path / "trash"
    for name, age in (("old.1", 3600), ("young.2", 0)):
        (trash / name).mkdir(parents=True)
        os.utime(trash / name, (time.time() - age,) * 2)
    ended(qtbot, run_process.purge_trash(context.workspace))
    assert [path.name for path in trash.iterdir()] == ["young.2"]
