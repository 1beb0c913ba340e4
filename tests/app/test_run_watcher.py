"""A watcher tells what a real run does, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from big_run import LongRun, make_big_run, open_long_run
from pytestqt.qtbot import QtBot
from window_runs import (
    PATIENCE,
    end_run,
    ended,
    experiment_toml,
    kill_run,
    wait_for_picture,
    watched,
)

from cambrian.run.facts import ENDED_UNEXPECTEDLY, UNREADABLE
from cambrian.run.workspace import RunFolder
from cambrian.store.reader import RunReader
from cambrian_desktop import run_process
from cambrian_desktop.context import Context
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.run_watcher import WorkspaceWatcher


@pytest.fixture
def long_run(qtbot: QtBot, context: Context) -> Iterator[RunFolder]:
    """A run that goes on until it is told otherwise."""
    text = experiment_toml(budget={"generations": 500})
    assert ended(qtbot, run_process.start_run(context, text, "long")) == ("long", None)
    folder = RunFolder(context.workspace.runs / "long")
    yield folder
    end_run(folder)


@pytest.fixture
def written(context: Context) -> Iterator[LongRun]:
    """A run that the test itself writes, through the store's own writer."""
    run = open_long_run(context.workspace.path, "written")
    yield run
    run.writer.close()


def folder_of(run: LongRun) -> RunFolder:
    return RunFolder(run.writer.path.parent)


def write_generation(run: LongRun) -> None:
    members = run.begin()
    run.train(members, 1, run.epochs)
    run.finish(members)


def test_a_run_is_followed_from_its_start_to_its_result(qtbot: QtBot, context: Context) -> None:
    states: list[str] = []
    individuals: list[int] = []
    assert ended(qtbot, run_process.start_run(context, experiment_toml(), "short")) == ("short", None)
    folder = RunFolder(context.workspace.runs / "short")
    with watched(folder) as watcher:
        watcher.changed.connect(lambda picture: states.append(picture.state))
        watcher.changed.connect(lambda picture: individuals.append(len(picture.individuals)))
        picture = wait_for_picture(qtbot, watcher, lambda picture: picture.state == "complete")
        asked: list[IndividualPicture] = []
        watcher.individual_read.connect(asked.append)
        watcher.individual(20)
        qtbot.waitUntil(lambda: bool(asked), timeout=PATIENCE)
    order = ["preparing", "running", "finishing", "complete"]
    assert states == sorted(states, key=order.index)
    assert individuals == sorted(individuals)
    with RunReader(folder.database) as reader:
        assert list(picture.leaders) == reader.leaderboard(20)
        assert list(picture.best) == reader.best_per_generation()
        assert list(picture.individuals) == reader.individuals()
        assert list(picture.events) == reader.events()
        assert picture.counts == reader.counts()
        assert asked[0].place == reader.placed(20)
        curves = {
            (each.evaluation.individual, each.evaluation.fold, each.evaluation.seed): reader.epochs(each.id)
            for each in reader.evaluations()
        }
    assert picture.settled == len(picture.individuals) == 32
    assert picture.curves
    for curve in picture.curves:  # the finalists' repeats, which trained last
        rows = curves[curve.individual, curve.fold, curve.seed]
        assert curve.epochs == tuple(row.epoch for row in rows)
        assert curve.validation == tuple(row.validation_loss for row in rows)
    assert picture.baseline is not None
    assert picture.baseline[0] in ("linear", "boosting")
    assert asked[0].individual.number == 20
    assert len(asked[0].parents) == len(asked[0].individual.parents)
    assert set(asked[0].epochs) == {each.id for each in asked[0].evaluations}
    assert all(asked[0].epochs.values())


def test_a_run_obeys_dies_and_goes_on_and_all_that_is_told(
    qtbot: QtBot, context: Context, long_run: RunFolder
) -> None:
    workspace = WorkspaceWatcher(context.workspace)
    workspace.start()

    def listed() -> str:
        return workspace.entries[0].summary.state if workspace.entries else ""

    try:
        with watched(long_run) as watcher:
            wait_for_picture(qtbot, watcher, lambda picture: picture.settled > 0)
            assert ended(qtbot, run_process.request(long_run, "pause"))[1] is None
            paused = wait_for_picture(qtbot, watcher, lambda picture: picture.state == "paused")
            assert paused.lives
            assert paused.pace is not None
            assert paused.pace.ends is None
            qtbot.waitUntil(lambda: listed() == "paused", timeout=PATIENCE)
            assert ended(qtbot, run_process.resume_run(context, long_run))[1] is None
            before = wait_for_picture(qtbot, watcher, lambda picture: picture.state == "running")
            kill_run(long_run)
            dead = wait_for_picture(qtbot, watcher, lambda picture: picture.state == ENDED_UNEXPECTEDLY)
            assert not dead.lives
            assert dead.pace is not None
            assert (dead.pace.ends, dead.pace.training) == (None, 0)
            qtbot.waitUntil(lambda: listed() == ENDED_UNEXPECTEDLY, timeout=PATIENCE)
            _, refused = ended(qtbot, run_process.request(long_run, "pause"))
            assert refused == ("No process executes the run long.", "Resume it; what was done is kept.")
            assert ended(qtbot, run_process.resume_run(context, long_run)) == ("long", None)
            again = wait_for_picture(
                qtbot,
                watcher,
                lambda picture: picture.state == "running" and picture.settled > dead.settled,
            )
            assert again.individuals[: before.settled] == before.individuals[: before.settled]
            assert ended(qtbot, run_process.request(long_run, "stop-now"))[1] is None
            stopped = wait_for_picture(qtbot, watcher, lambda picture: picture.state == "complete")
        qtbot.waitUntil(lambda: listed() == "complete", timeout=PATIENCE)
    finally:
        workspace.stop()
    assert stopped.run is not None
    assert stopped.run.result is not None
    assert stopped.run.result["search"]["ended"] == "stopped"
    entry = (workspace.entries or [])[0]
    assert entry.result_sentence == stopped.run.result["verdict"]
    assert entry.bytes > 100_000
    assert (entry.direction, entry.task) == ("minimize", "multiclass")
    assert entry.summary.best == entry.spark[-1] == min(entry.spark)


def test_pictures_share_what_did_not_change(qtbot: QtBot, written: LongRun) -> None:
    seen: list[RunPicture] = []
    with watched(folder_of(written)) as watcher:
        watcher.changed.connect(seen.append)
        for _ in range(3):
            write_generation(written)
            wait_for_picture(qtbot, watcher, lambda picture: picture.settled == written.number)
    assert len(seen) >= 3
    for before, after in pairwise(seen):
        settled = before.individuals[: before.settled]
        assert all(a is b for a, b in zip(settled, after.individuals[: before.settled], strict=True))
        if after.settled == before.settled and len(after.individuals) == len(before.individuals):
            assert after.individuals is before.individuals
        assert after.events[: len(before.events)] == before.events


def test_a_watcher_leaves_nothing_open(qtbot: QtBot, written: LongRun) -> None:
    write_generation(written)
    folder, threads = folder_of(written), set(threading.enumerate())
    written.writer.close()
    assert not _open_files(folder)
    with watched(folder) as watcher:
        wait_for_picture(qtbot, watcher, lambda picture: picture.settled > 0)
        assert _open_files(folder)
    assert not _open_files(folder)
    assert set(threading.enumerate()) <= threads


def test_the_write_ahead_log_is_folded_in_while_a_run_is_watched(qtbot: QtBot, written: LongRun) -> None:
    """A reader that kept a cursor or transaction open would keep the writer from ever beginning it anew."""
    folder = folder_of(written)
    log = folder.path / "run.db-wal"
    with watched(folder) as watcher:
        for _ in range(40):
            write_generation(written)
            qtbot.wait(20)
        wait_for_picture(qtbot, watcher, lambda picture: picture.settled == written.number)
        size = folder.database.stat().st_size
        assert log.stat().st_size < size / 2
    assert size > 10_000_000


def test_a_database_that_cannot_be_read_is_a_sentence_and_comes_back(qtbot: QtBot, written: LongRun) -> None:
    write_generation(written)
    written.writer.close()
    folder = folder_of(written)
    with watched(folder) as watcher:
        wait_for_picture(qtbot, watcher, lambda picture: picture.state == ENDED_UNEXPECTEDLY)
        aside = folder.path / "aside.db"
        folder.database.rename(aside)
        gone = wait_for_picture(qtbot, watcher, lambda picture: picture.state == UNREADABLE)
        assert "There is no run database" in gone.problem
        assert gone.remedy
        assert gone.settled == written.number
        aside.rename(folder.database)
        back = wait_for_picture(qtbot, watcher, lambda picture: picture.state == ENDED_UNEXPECTEDLY)
        assert back.settled == written.number
        assert (back.problem, back.remedy) == ("", "")


@pytest.mark.parametrize("content", [b"", b"<b>hello</b>" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_strange_file_is_a_sentence(qtbot: QtBot, tmp_path: Path, content: bytes) -> None:
    folder = RunFolder(tmp_path / "workspace" / "runs" / "strange")
    folder.path.mkdir(parents=True)
    folder.database.write_bytes(content)
    with watched(folder) as watcher:
        picture = wait_for_picture(qtbot, watcher, lambda picture: picture.state == UNREADABLE)
    assert "damaged or not the database of a run" in picture.problem
    assert "repair strange" in picture.remedy


def test_the_workspace_tells_of_new_and_deleted_runs(
    qtbot: QtBot, context: Context, written: LongRun
) -> None:
    written.writer.close()
    watcher = WorkspaceWatcher(context.workspace)

    def states() -> dict[str, str]:
        return {each.summary.id: each.summary.state for each in watcher.entries or ()}

    watcher.start()
    try:
        qtbot.waitUntil(lambda: states() == {"written": ENDED_UNEXPECTEDLY}, timeout=PATIENCE)
        open_long_run(context.workspace.path, "second").writer.close()
        qtbot.waitUntil(lambda: list(states()) == ["second", "written"], timeout=PATIENCE)
        trashed, refused = ended(qtbot, run_process.delete_run(folder_of(written)))
        assert refused is None
        qtbot.waitUntil(lambda: list(states()) == ["second"], timeout=PATIENCE)
        assert isinstance(trashed, run_process.Trashed)
        ended(qtbot, run_process.restore(trashed))
        qtbot.waitUntil(lambda: list(states()) == ["second", "written"], timeout=PATIENCE)
    finally:
        watcher.stop()


def test_a_big_run_is_shown_in_parts_and_then_whole(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_big_run(tmp_path, individuals=6_400, epochs=64_000)
    seen: list[RunPicture] = []
    with watched(folder) as watcher:
        watcher.changed.connect(seen.append)
        whole = wait_for_picture(qtbot, watcher, lambda picture: picture.loaded)
    assert (len(whole.individuals), whole.settled) == (6_400, 6_336)
    for part in seen:
        assert part.counts == whole.counts
        assert part.individuals == whole.individuals[: len(part.individuals)]
    with RunReader(folder.database) as reader:
        assert list(whole.leaders) == reader.leaderboard(20)
        assert list(whole.best) == reader.best_per_generation()


def _open_files(folder: RunFolder) -> list[str]:
    import psutil

    return [each.path for each in psutil.Process().open_files() if each.path.startswith(str(folder.path))]
