from __future__ import annotations

import os
import re
import shutil
import sys
import time
from pathlib import Path

import pytest
from run_parts import database

from cambrian.errors import RunError
from cambrian.run.workspace import RunFolder, Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "work space")


def make(workspace, run_id):
    folder = workspace.new("", run_id)
    folder.create()
    database(folder.database).close()
    return folder


def test_an_empty_workspace_has_no_runs(workspace):
    assert workspace.folders() == []
    for run_id in ("last", "x"):
        with pytest.raises(RunError, match=f"no run '{run_id}'"):
            workspace.find(run_id)
    assert not workspace.path.exists()  # looking makes nothing


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Ames Housing (2)", "ames-housing-2"),
        ("数据", "run"),
        ("", "run"),
        ("..", "run"),
        ("a" * 99, "a" * 32),
    ],
)
def test_a_generated_id_begins_with_the_datas_name(workspace, name, stem):
    first, second = workspace.new(name), workspace.new(name)
    assert re.fullmatch(re.escape(stem) + r"-\d{8}-\d{6}-[0-9a-f]{4}", first.id)
    assert first.path.parent == workspace.runs
    assert first.id != second.id
    assert not workspace.path.exists()


@pytest.mark.parametrize(
    "run_id", ["", ".", "..", "a/b", "../a", "a\\b", ".hidden", "-x", "a b", "a\n", "a" * 81]
)
def test_an_id_that_is_no_folders_name_everywhere_is_refused(workspace, run_id):
    with pytest.raises(RunError, match="cannot be a run's id"):
        workspace.new("data", run_id)


def test_an_id_may_be_as_long_as_its_refusal_says(workspace):
    assert workspace.new("data", "a" * 80).id == "a" * 80


def test_a_run_that_exists_is_refused(workspace):
    make(workspace, "one")
    with pytest.raises(RunError, match="one exists already"):
        workspace.new("data", "one")


def test_a_run_is_found_by_id_beginning_or_last(workspace):
    folders = [make(workspace, run_id) for run_id in ("amber", "amber-fox", "birch")]
    (workspace.runs / "no-database").mkdir()
    (workspace.runs / "file").write_text("")
    assert workspace.folders() == folders
    assert workspace.find("amber") == folders[0]  # exact, although another begins alike
    assert workspace.find("amber-") == folders[1]
    assert workspace.find("bi") == folders[2]
    assert workspace.find("last") == folders[2]
    with pytest.raises(RunError, match=r"'am' fits 2 runs: amber, amber-fox"):
        workspace.find("am")
    with pytest.raises(RunError, match="no run 'zebra'"):
        workspace.find("zebra")


def test_the_last_run_is_the_one_made_last_whatever_is_touched(workspace):
    """A backup that is restored, or an older run that ends later, is no newer run."""
    older, newer = make(workspace, "z-older"), make(workspace, "a-newer")
    text = older.birth.read_text()
    assert text < newer.birth.read_text()
    time.sleep(0.02)  # a coarse clock of the file system
    older.database.chmod(0o600)
    with database(older.database.with_name("other.db")) as writer:
        writer.update_run(used_seconds=1.0)
    os.replace(older.database.with_name("other.db"), older.database)
    older.create()
    os.utime(older.database)
    assert older.birth.read_text() == text
    assert workspace.folders() == [older, newer]
    assert workspace.find("last") == newer


@pytest.mark.parametrize("content", [None, "", "half a ti", "2025-13-01", "\u00e9"])
def test_a_run_that_does_not_say_when_it_was_made_goes_by_its_database(workspace, content):
    first, second, third = (make(workspace, name) for name in ("c", "b", "a"))
    second.birth.unlink()
    if content is not None:
        second.birth.write_text(content, encoding="utf-8")
    os.utime(second.database, (2e9, 2e9))
    assert workspace.folders() == [first, third, second]
    os.utime(second.database, (1e9, 1e9))
    assert workspace.folders() == [second, first, third]


def test_a_run_that_vanishes_meanwhile_is_no_run(workspace, monkeypatch):
    stays, goes = make(workspace, "stays"), make(workspace, "goes")
    seen = Path.glob

    def vanishing(path, pattern):
        found = list(seen(path, pattern))
        shutil.rmtree(goes.path, ignore_errors=True)
        return found

    monkeypatch.setattr(Path, "glob", vanishing)
    assert workspace.folders() == [stays]


def test_every_file_of_a_run_lies_in_its_folder(workspace):
    folder = make(workspace, "one")
    places = [
        getattr(folder, name)
        for name, value in vars(RunFolder).items()
        if isinstance(value, property) and name != "id"
    ]
    assert len(set(places)) == len(places) >= 8
    assert all(place.parent == folder.path for place in places)
    for place in (folder.lanes, folder.weights, folder.requests):
        assert place.is_dir()
    folder.create()  # again, and harmless


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_workspace_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot be written to"):
        Workspace(tmp_path).new("data").create()


def test_a_workspace_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="file cannot be written to"):
        Workspace(tmp_path / "file").new("data").create()
