"""What a run answers to requests, and what a pause does to its clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cambrian.records import RunEvent
from cambrian.run import control as control_module
from cambrian.run.clock import RunClock
from cambrian.run.control import Halt, RunControl
from cambrian.run.requests import write_request


class Run:
    """A control that looks for requests at every poll, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.events: list[RunEvent] = []
        self.beats = 0
        self.clock = RunClock(used=0.0, minutes=1.0)
        self.control = RunControl(folder, self.clock, beat=self._beat, tell=self.events.append)
        self.folder = folder

    def _beat(self) -> None:
        self.beats += 1

    def ask(self, *kinds: str) -> None:
        for kind in kinds:
            write_request(self.folder, kind)  # type: ignore[arg-type]
        self.control.poll()

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(control_module, "HEARTBEAT_SECONDS", 0.0)
    return Run(tmp_path)


def test_a_run_is_paused_only_while_it_waits(run: Run) -> None:
    run.ask("pause")
    assert run.control.pausing
    assert not run.control.paused  # a stage that cannot wait goes on
    with run.control.waiting():
        assert run.control.paused
        run.ask("resume")
        assert not run.control.paused
    assert run.kinds == ["pausing", "paused", "resumed"]


def test_the_clock_stands_and_the_heart_beats_while_it_waits(run: Run) -> None:
    run.ask("pause")
    run.control.stage(run.clock.tick() + 0.05)
    with run.control.waiting():
        used, beats = run.clock.seconds, run.beats
        time.sleep(0.1)
        assert not run.control.poll()  # no minute is used up by waiting
        assert run.clock.seconds == used
        assert run.beats == beats + 1
    time.sleep(0.06)
    assert run.control.poll()
    assert run.control.halt is Halt.TIME


@pytest.mark.parametrize("kind", ["stop", "stop-now"])
def test_a_request_to_stop_ends_a_pause(run: Run, kind: str) -> None:
    run.ask("pause")
    with run.control.waiting():
        run.ask(kind)
        assert not run.control.pausing
    assert run.control.stopping


def test_a_stop_that_could_not_be_committed_is_not_lost(tmp_path: Path, run: Run) -> None:
    """As if the process had been killed before the commit: the next execution finds the request."""

    def killed(event: RunEvent) -> None:
        raise KeyboardInterrupt

    dying = RunControl(tmp_path, run.clock, beat=lambda: None, tell=killed)
    write_request(tmp_path, "stop")
    with pytest.raises(KeyboardInterrupt):
        dying.poll()
    run.control.poll()
    assert run.control.stop_after_generation
    assert run.kinds == ["stopping"]
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_ends_a_stage_that_waits(run: Run) -> None:
    run.ask("pause")
    with run.control.waiting():
        run.control.interrupt()
        assert run.control.poll()
    assert run.control.halt is Halt.INTERRUPTED
    assert not run.control.paused
