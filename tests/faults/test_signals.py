"""Faults 23 and 26: signals, closed terminals and pipes; and what `pause`, `resume` and `stop` ask for."""

from __future__ import annotations

import fcntl
import os
import pty
import shlex
import signal
import sqlite3
import subprocess
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest
from hostile_line import SETTINGS, HostileLine, always, ended, events, nobody_left, sound, state

from real_runs import CommandLine, assert_no_fault, query, reproducible, wait_for, write_table

RESUMABLE = 130
SHORT = ("--target", "label", "--generations", 1, "--population", 4, "--epochs", 1, "--folds", 2)


@pytest.fixture
def number(undisturbed: Path) -> int:
    """An individual of the first generation that trains on after its first rung: it is met again."""
    survivors = "SELECT min(number) FROM individuals WHERE generation = 0 AND rung > 0"
    return int(query(undisturbed, survivors)[0][0])


@pytest.fixture
def line(tmp_path: Path, number: int) -> HostileLine:
    """The command line, where that individual waits until it is let go."""
    return HostileLine(tmp_path / "workspace", {number: always("wait")})


def test_an_interrupted_or_terminated_run_parks_and_goes_on_to_the_same_result(
    line: HostileLine, number: int, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("asked")
    command = ("run", table, *SETTINGS, "--run-id", "asked")
    for sent in (signal.SIGINT, signal.SIGTERM):
        process = line.start(*command)
        line.held(number)
        os.killpg(process.pid, sent)  # as a terminal sends Ctrl-C, or a service manager its stop
        status, out = ended(process, within=10)
        assert status == RESUMABLE
        assert "interrupted; `cambrian resume asked` goes on from here" in out
        assert state(folder) == "interrupted"
        assert list(folder.glob("lanes/*.safetensors"))
        sound(folder)
        command = ("resume", "asked")
    line.let_go(number)
    line("resume", "asked")
    assert reproducible(folder) == reproducible(undisturbed)


def test_a_hanging_individual_delays_no_end_and_a_second_signal_ends_at_once(
    tmp_path: Path, table: Path, undisturbed: Path
) -> None:
    line = HostileLine(tmp_path / "workspace", {0: {"do": "hang_deaf", "times": 2}})
    folder = line.folder("hanging")
    process = line.start("run", table, *SETTINGS, "--run-id", "hanging")
    line.acted(0)
    process.send_signal(signal.SIGINT)
    status, _ = ended(process, within=20)
    assert (status, state(folder)) == (RESUMABLE, "interrupted")
    process = line.start("resume", "hanging")
    line.acted(0, times=2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.wait(timeout=4)  # half of the grace that one signal gives
    status, _ = ended(process, within=5)
    assert status == RESUMABLE
    line("resume", "hanging")  # dying with the run was no attempt
    assert reproducible(folder) == reproducible(undisturbed)
    sound(folder)


def test_a_closed_terminal_interrupts_and_a_detached_run_never_hears_it(
    tmp_path: Path, line: HostileLine, number: int, table: Path, undisturbed: Path
) -> None:
    folder = line.folder("terminal")
    ours, theirs = pty.openpty()
    # stderr has a file of its own, where a traceback would show
    with (tmp_path / "errors").open("w") as errors:
        process = subprocess.Popen(
            line.command("run", table, *SETTINGS, "--run-id", "terminal"),
            env=line.environment | {"TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=errors,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            text=True,
        )
    os.close(theirs)
    shown = _shown_until(ours, "12 individuals")
    line.held(number)
    assert "run terminal with 2 workers" in shown
    os.close(ours)
    assert process.wait(timeout=10) == RESUMABLE
    nobody_left(process)
    assert (tmp_path / "errors").read_text() == ""
    assert state(folder) == "interrupted"

    process = line.start("resume", "terminal")  # a session of its own, without a terminal
    line.held(number)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    line.let_go(number)
    assert ended(process, within=120)[0] == 0
    assert reproducible(folder) == reproducible(undisturbed)


@pytest.mark.parametrize("tail", ["| head -1", "--json | head -1", ">&-", ">&- 2>&-", "> /dev/full"])
def test_a_run_whose_reader_has_gone_goes_on(tmp_path: Path, table: Path, tail: str) -> None:
    line = CommandLine(tmp_path / "workspace")
    command = shlex.join(line.command("run", table, *SHORT, "--run-id", "unread"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} {tail}"],
        env=line.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == ("head" in tail)
    assert state(line.folder("unread")) == "complete"
    assert_no_fault((line.folder("unread") / "run.log").read_text())


def test_pause_resume_and_stop(line: HostileLine, number: int, table: Path) -> None:
    folder = line.folder("asked")
    process = line.start("run", table, *SETTINGS, "--run-id", "asked")
    line.held(number)
    line("pause", "asked")
    wait_for(lambda: state(folder) == "paused")
    wait_for(lambda: query(folder, "SELECT count(*) FROM workers WHERE state = 'busy'") == [(0,)])
    rows = query(folder, "SELECT count(*) FROM epochs")
    time.sleep(1.5)
    assert query(folder, "SELECT count(*) FROM epochs") == rows
    assert process.poll() is None
    assert "asked to go on" in line("resume", "asked").out
    line.held(number)
    assert state(folder) == "running"
    line("stop", "asked")
    wait_for(lambda: events(folder, "stopping"))
    line.let_go(number)
    assert ended(process, within=120)[0] == 0
    assert query(folder, "SELECT state, generation FROM run, individuals GROUP BY generation") == [
        ("complete", 0)
    ]
    assert [each for kind in ("pausing", "paused", "resumed") for each in events(folder, kind)] == [
        "asked to pause: what trains is parked after its epoch",
        "paused: what trained is parked",
        "goes on",
    ]
    refused = line("pause", "asked", expect=1)
    assert "Run asked is complete" in refused.err


def test_a_pause_costs_no_minutes(tmp_path: Path, table: Path) -> None:
    line = HostileLine(tmp_path / "workspace", {0: always("wait")})
    folder = line.folder("minutes")
    process = line.start(
        "run", table, "--target", "label", "--minutes", 0.4, "--workers", 2, "--run-id", "minutes"
    )
    line.held(0)
    line("pause", "minutes")
    wait_for(lambda: state(folder) == "paused")
    done = "SELECT (SELECT count(*) FROM epochs), (SELECT count(*) FROM events)"
    facts = query(folder, done)
    used, beat = query(folder, "SELECT used_seconds, heartbeat FROM run")[0]
    time.sleep(6)
    later, still = query(folder, "SELECT used_seconds, heartbeat FROM run")[0]
    assert later - used < 3  # of six
    assert still > beat
    assert query(folder, done) == facts
    line.let_go(0)
    line("resume", "minutes")
    assert ended(process, within=60)[0] == 0
    # What was used after the pause is what went by after it, by the clock that stamps the events.
    since = "(julianday(finished) - julianday((SELECT time FROM events WHERE kind = 'resumed'))) * 86400"
    seconds, ran = query(folder, f"SELECT used_seconds, {since} FROM run")[0]
    assert 0 < seconds - later < ran + 1


def test_a_stopped_process_group_costs_no_minutes_and_a_stalled_run_does(tmp_path: Path, table: Path) -> None:
    """Fault 24, and its opposite: what keeps the run from looking at its clock is time like any other."""
    line = HostileLine(tmp_path / "workspace", {0: always("wait")})
    folder = line.folder("stopped")
    process = line.start("run", table, *SETTINGS, "--run-id", "stopped")
    line.held(0)

    def used() -> float:
        return float(query(folder, "SELECT used_seconds FROM run")[0][0])

    began, before = time.monotonic(), used()
    os.killpg(process.pid, signal.SIGSTOP)
    time.sleep(14)
    os.killpg(process.pid, signal.SIGCONT)
    wait_for(lambda: used() > before)
    assert time.monotonic() - began - (used() - before) > 7  # five of the fourteen are counted
    with closing(sqlite3.connect(folder / "run.db")) as other:
        other.execute("BEGIN IMMEDIATE")  # who writes waits for this one
        began, before = time.monotonic(), used()
        time.sleep(10)
        other.rollback()
    time.sleep(2)  # two beats
    assert time.monotonic() - began - (used() - before) < 5  # of at least ten
    line.let_go(0)
    assert ended(process, within=60)[0] == 0


def test_a_stage_that_cannot_wait_is_not_called_paused(tmp_path: Path) -> None:
    path = write_table(tmp_path / "long.csv", rows=200_000)
    line = CommandLine(tmp_path / "workspace")
    process = line.start("run", path, *SHORT, "--run-id", "early")
    folder = line.folder("early")
    wait_for(lambda: query(folder, "SELECT job FROM workers WHERE job = 'prepare'"))
    line("pause", "early")
    wait_for(lambda: events(folder, "pausing"))
    assert state(folder) == "preparing"
    assert "asked to go on" in line("resume", "early").out  # also before it waits
    wait_for(lambda: events(folder, "resumed"))
    assert ended(process, within=120)[0] == 0
    assert not events(folder, "paused")


def test_an_interrupt_while_a_large_file_is_read_ends_at_once(tmp_path: Path) -> None:
    path = write_table(tmp_path / "large.csv", rows=600_000)
    line = CommandLine(tmp_path / "workspace")
    process = line.start("run", path, *SHORT, "--run-id", "large")
    folder = line.folder("large")
    wait_for(lambda: query(folder, "SELECT job FROM workers WHERE job = 'prepare'"))
    beat = query(folder, "SELECT heartbeat FROM run")
    wait_for(lambda: query(folder, "SELECT heartbeat FROM run") > beat, timeout=10)
    assert not (folder / "data" / "manifest.json").exists()
    process.send_signal(signal.SIGINT)
    status, out = ended(process, within=10)
    assert not (folder / "data" / "manifest.json").exists()
    assert status == RESUMABLE
    assert "interrupted; `cambrian resume large` goes on from here" in out
    assert state(folder) == "interrupted"
    write_table(path, rows=300)
    line("resume", "large")
    assert state(folder) == "complete"
    sound(folder)


def test_stop_now_ends_the_search_with_the_best_so_far(tmp_path: Path, table: Path) -> None:
    line = HostileLine(tmp_path / "workspace", {12: always("wait")})
    folder = line.folder("now")
    process = line.start("run", table, *SETTINGS, "--run-id", "now")
    line.held(12)  # the second generation
    line("stop", "now", "--now")
    status, out = ended(process, within=60)
    assert status == 0, out
    assert state(folder) == "complete"
    assert query(folder, "SELECT champion IS NOT NULL FROM run") == [(1,)]
    assert "the search ends now, with the best found so far" in out
    sound(folder)


def _shown_until(terminal: int, text: str) -> str:
    """What the terminal showed until this text came."""
    shown = ""
    while text not in shown:
        shown += os.read(terminal, 65536).decode(errors="replace")
    return shown
