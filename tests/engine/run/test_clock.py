from __future__ import annotations

import math
import threading
import time

import pytest

from cambrian.run import clock as clock_module
from cambrian.run.clock import LONGEST_TICK, RunClock


@pytest.fixture
def hands(monkeypatch):
    """The monotonic time, moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(clock_module.time, "monotonic", lambda: now[0])
    return now


def test_running_time_is_counted(hands):
    clock = RunClock(used=100.0, minutes=10.0)
    assert clock.seconds == 100.0
    for _ in range(10):
        hands[0] += 0.5
        clock.tick()
    assert clock.seconds == pytest.approx(105.0)
    assert clock.left() == pytest.approx(495.0)


def test_the_start_of_the_process_is_part_of_the_wait_and_its_age_is_not():
    assert 0.0 < clock_module.seconds_since_start() <= clock_module.LONGEST_START


def test_a_suspended_machine_costs_a_tick_where_the_clock_goes_on(hands, monkeypatch):
    monkeypatch.setattr(clock_module, "KNOWS_SUSPENSION", False)
    clock = RunClock(used=0.0, minutes=None)
    began = clock.seconds
    hands[0] += 8 * 3600.0
    assert clock.tick() == pytest.approx(began + LONGEST_TICK)
    hands[0] += 1.0
    assert clock.tick() == pytest.approx(began + LONGEST_TICK + 1.0)


def test_a_signal_that_comes_after_the_first_tick_is_heard(hands):
    clock = RunClock(used=0.0, minutes=None)
    late = threading.Timer(clock_module.SIGNAL_SECONDS / 4, clock.continued)
    hands[0] += 14.0
    late.start()
    assert clock.tick() == pytest.approx(LONGEST_TICK)
    late.join()
    hands[0] += 1.0
    assert clock.tick() == pytest.approx(LONGEST_TICK + 1.0)


@pytest.mark.skipif(not clock_module.KNOWS_SUSPENSION, reason="the clock counts suspensions")
def test_a_stall_counts_in_full_and_a_stop_of_the_process_does_not(monkeypatch):
    monkeypatch.setattr(clock_module, "LONGEST_TICK", 0.05)
    clock = RunClock(used=0.0, minutes=1.0)
    time.sleep(0.3)
    stalled = clock.tick()
    assert stalled >= 0.3
    time.sleep(0.3)
    clock.continued()
    assert clock.tick() == pytest.approx(stalled + 0.05)
    time.sleep(0.3)
    assert clock.tick() >= stalled + 0.35  # only the tick after the stop is short


def test_the_clock_stands_while_the_run_waits(hands):
    clock = RunClock(used=0.0, minutes=1.0)
    hands[0] += 1.0
    with clock.standing():
        for _ in range(20):
            hands[0] += 0.5
            assert clock.tick() == pytest.approx(1.0)
        hands[0] += 0.5
    assert clock.left() == pytest.approx(59.0)
    hands[0] += 2.0
    assert clock.tick() == pytest.approx(3.0)


def test_without_minutes_time_is_endless():
    assert RunClock(used=1e9, minutes=None).left() == math.inf


def test_an_overdrawn_budget_is_below_zero():
    assert RunClock(used=100.0, minutes=1.0).left() < -39.0


def test_time_never_runs_backwards():
    clock = RunClock(used=0.0, minutes=1.0)
    ticks = [clock.tick() for _ in range(100)]
    time.sleep(0.01)
    assert ticks == sorted(ticks)
    assert clock.tick() >= ticks[-1] + 0.009
