"""Fault 14: no room for the database; the run waits, says so, and goes on when there is room."""

from __future__ import annotations

import json
import resource
import signal
import threading
import time
from pathlib import Path
from subprocess import Popen

import pytest
from hostile_line import SETTINGS, HostileLine, always, events, sound

from real_runs import query, reproducible, wait_for

UNLIMITED = resource.RLIM_INFINITY


@pytest.fixture
def line(tmp_path: Path) -> HostileLine:
    return HostileLine(tmp_path / "workspace", {0: always("wait")})


def start_and_fill(line: HostileLine, table: Path) -> tuple[Popen[str], list[str]]:
    """A run whose files may grow no further from the middle of its first generation on; and what it says.

    A limit on the size of files stands in for a full disk: SQLite meets the same failed write.
    """
    folder = line.folder("full")
    process = line.start("run", table, *SETTINGS, "--json", "--run-id", "full")
    said: list[str] = []
    threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")), daemon=True).start()
    line.held(0)
    size = (folder / "run.db-wal").stat().st_size
    assert (folder / "run.log").stat().st_size < size
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))
    line.let_go(0)
    wait_for(lambda: [each for each in said if "store-blocked" in each], what="for the run to say so")
    return process, said


def test_a_run_waits_for_room_and_loses_nothing(line: HostileLine, table: Path, undisturbed: Path) -> None:
    process, said = start_and_fill(line, table)
    folder = line.folder("full")
    blocked = [json.loads(each) for each in said if "store-blocked" in each]
    assert len(blocked) == 1
    assert f"The disk that holds {folder / 'run.db'} is full" in blocked[0]["message"]
    before = query(folder, "SELECT count(*) FROM events")
    time.sleep(2)
    assert query(folder, "SELECT count(*) FROM events") == before
    assert process.poll() is None
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))
    assert process.wait(timeout=120) == 0
    assert events(folder, "store-unblocked")
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_a_run_that_waits_for_room_can_be_interrupted_and_resumed(
    line: HostileLine, table: Path, undisturbed: Path
) -> None:
    process, said = start_and_fill(line, table)
    process.send_signal(signal.SIGINT)
    status = process.wait(timeout=10)
    assert status == 130
    wait_for(lambda: "Make room, then `cambrian resume full`." in "".join(said))
    assert "Traceback" not in "".join(said)
    wait_for(lambda: json.loads(said[-1])["event"] == "interrupted")
    folder = line.folder("full")
    assert query(folder, "SELECT state, error FROM run") == [("running", None)]  # no room to say more
    line("resume", "full")
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)
