from __future__ import annotations

import json
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest
from benchmark_script import BRIEF, run_script, write_small
from memory import write_repeated
from process_sizes import Series, SizeWatch


@pytest.fixture
def diamonds(tmp_path):
    return write_small(tmp_path / "diamonds.parquet", "price", classes=False)


def test_a_long_cell_follows_every_process(tmp_path, diamonds):
    options = ("--data", tmp_path, "--evaluations", 6, "--epochs", 2, "--every", 0.1)
    results = tmp_path / "memory.json"
    printed = run_script("memory.py", results, "--cells", "long", *options, expect=None)
    facts = printed.cells["long"]
    assert facts["individuals"] == 6
    assert facts["asked"]["rows"] == 200
    assert facts["verdict"].startswith("On 40 rows")
    names = [each["name"] for each in facts["processes"]]
    assert names[0] == "run"
    assert sum(name.startswith("worker") for name in names) >= 1
    assert not any(name.startswith("other") for name in names)
    assert max(max(each["mb"]) for each in facts["processes"]) <= max(facts["total"]["mb"])
    assert printed.status == ("MISSED" in printed.out)
    assert f"{max(facts['total']['mb']):.0f}" in printed.line("all together")


def test_a_big_cell_repeats_the_table_and_delivers(tmp_path, diamonds):
    options = ("--data", tmp_path, "--rows", 450, "--every", 0.2, "--cells", "big", *BRIEF)
    printed = run_script("memory.py", tmp_path / "memory.json", *options)
    assert printed.cells["big"]["verdict"].startswith("On 90 rows")
    assert "all processes together peak at" in printed.out
    assert not list(tmp_path.glob("repeated*"))


def test_a_run_that_fails_is_a_result(tmp_path):
    write_small(tmp_path / "diamonds.parquet", "other", classes=False)
    options = ("--data", tmp_path, "--evaluations", 4, "--every", 0.2)
    printed = run_script("memory.py", tmp_path / "memory.json", "--cells", "long", *options, expect=1)
    assert printed.cells["long"]["status"] != 0
    assert "MISSED: long: no result came" in printed.out


def test_what_grows_or_is_too_large_is_named(tmp_path):
    seconds = [5.0 * step for step in range(41)]
    flat = Series("run", seconds, [100.0 + step % 2 for step in range(41)])
    warmed = Series("worker 1", seconds, [min(300.0, 30.0 * step) for step in range(41)])
    growing = Series("worker 2", seconds, [200.0 + 2 * step for step in range(41)])
    late = Series("worker 3", seconds[30:], [100.0] * 11)
    total = Series("all together", seconds, [6500.0] * 41)

    def printed(cell, processes, expect):
        facts = {
            "asked": {"rows": 5, "every": 5.0, "evaluations": 7},
            "search": [10.0, 190.0],
            "seconds": 200.0,
        }
        facts |= {"verdict": "good", "error": None, "status": 0, "individuals": 7, "total": total.to_json()}
        facts["processes"] = [series.to_json() for series in processes]
        (tmp_path / "memory.json").write_text(json.dumps({"cells": {cell: facts}, "machine": {}}))
        return run_script("memory.py", tmp_path / "memory.json", "--table", expect=expect).out

    assert "flat: no process grew by 5%" in printed("long", [flat, warmed], 0)
    out = printed("long", [flat, growing, late], 1)
    assert "MISSED: long: worker 2 grew by 15.0%" in out  # 36 of the 240 it has at 100 s
    assert "MISSED: long: worker 3 was there from 150 to 200 s alone" in out
    assert out.count("MISSED") == 2
    assert "MISSED: big: 6500 MB at the peak" in printed("big", [flat], 1)


def test_a_single_high_look_is_no_growth():
    series = Series("run", [float(second) for second in range(20)], [100.0] * 19 + [900.0])
    assert series.growth(0.0, 19.0) == pytest.approx(0.0)
    assert series.growth(17.5, 19.0) is None
    assert series.around(3.4) == 100.0
    assert series.around(30.0) is None
    assert series.picture(width=4) == "▁▁▁█"


def test_a_process_that_takes_memory_is_seen_with_its_child():
    script = (
        "import subprocess, sys; held = bytearray(60_000_000); print('taken', flush=True);"
        "subprocess.run([sys.executable, '-c', 'input()'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    watch = SizeWatch()
    try:
        assert process.stdout.readline() == "taken\n"
        deadline = time.monotonic() + 20
        while len(watch.series()) < 2 and time.monotonic() < deadline:
            watch.look(process.pid, time.monotonic())
            time.sleep(0.05)
        run, child = watch.series()
    finally:
        process.communicate("\n", timeout=20)
    assert (run.name, child.name) == ("run", "other 1")
    assert 60 < run.peak() < 120
    assert watch.total.peak() >= run.peak()
    watch.look(process.pid, 0.0)  # it is gone
    assert watch.total.seconds[-1] > 0


def test_repeating_ends_at_the_row(tmp_path, diamonds):
    prices = pq.read_table(write_repeated(diamonds, tmp_path / "more.parquet", 450))["price"].to_pylist()
    assert len(prices) == 450
    assert prices[400:] == prices[:50]
