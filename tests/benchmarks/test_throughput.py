"""The throughput benchmark end to end at tiny sizes: what it measures and prints, never a time."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import throughput
import torch
from throughput_crew import Crew, CrewError
from throughput_packs import LOOPS
from throughput_runs import GENERATIONS, MEASURED, RUN_ID, UNKNOWN, RealRun, execute, generations_of
from throughput_runs import measure as measure_run

TINY = ["--rows", "60", "--features", "5", "--processes", "2", "--epoch-seconds", "0", "--repeats", "2"]


def test_a_packs_cell_measures_every_loop_and_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results.json"
    status = throughput.main(["--cells", "packs:32:128:3", *TINY, "--output", str(output)])
    kept = json.loads(output.read_text())
    facts = kept["cells"]["packs:32:128:3 on cpu"]
    assert kept["machine"]["torch"] == torch.__version__
    assert facts["commit"]
    assert len(facts["load"]) == 2
    assert (facts["lanes"], facts["processes"], facts["repeats"], facts["epochs"]) == (3, 2, 2, 1)
    assert facts["rates"].keys() == set(LOOPS)
    assert all(rate > 0 for rate in facts["rates"].values())
    usual = facts["ratios"]["usual"]
    assert usual["least"] <= usual["median"] <= usual["most"]
    measured = capsys.readouterr().out.splitlines()
    assert status == any(line.startswith("MISSED: ") for line in measured)  # tiny sizes may miss or not
    assert throughput.main(["--table", "--output", str(output)]) == status
    printed = capsys.readouterr().out.splitlines()
    assert printed == [line for line in measured if not line.endswith(": done")]
    (line,) = [line for line in printed if line.startswith("packs:32:128:3")]
    assert " 8.00" in line
    assert " 0.95" in line
    assert "not run on a GPU" in printed


def test_without_a_gpu_a_call_for_one_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    output = tmp_path / "results.json"
    assert throughput.main(["--device", "cuda:0", "--all", "--output", str(output)]) == 0
    assert "not run on a GPU" in capsys.readouterr().out
    assert not output.exists()


def test_an_unknown_cell_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="run:nothing"):
        throughput.main(["--cells", "run:nothing", "--output", str(tmp_path / "results.json")])


def packs_facts(*, usual: float, tight: float, written_out: float, lanes: int) -> dict[str, Any]:
    """A cell of width 128 with these ratios."""
    medians = {"usual": usual, "usual, default threads": 9.0, "tight": tight, "written out": written_out}
    return {
        "width": 128,
        "batch": 128,
        "lanes": lanes,
        "rates": dict.fromkeys(LOOPS, 1.0),
        "ratios": {loop: {"median": value, "least": 1.0, "most": 9.0} for loop, value in medians.items()},
    }


def test_a_missed_figure_is_marked() -> None:
    facts = packs_facts(usual=24.9, tight=2.0, written_out=0.94, lanes=64)
    on_gpu = "\n".join(throughput.table({"packs:128:128:64 on cuda": facts}))
    assert "24.90 25.00!" in on_gpu
    assert "0.94  0.95!" in on_gpu  # the faster of the two tight loops counts
    assert "not run on a GPU" not in on_gpu
    assert "24.90  2.50 " in "\n".join(throughput.table({"packs:128:128:8 on cpu": facts | {"lanes": 8}}))


def test_every_missed_bound_is_named_and_ends_in_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def judged(cells: dict[str, Any]) -> tuple[int, list[str]]:
        output = tmp_path / "results.json"
        output.write_text(json.dumps({"cells": cells, "machine": {}}), encoding="utf-8")
        status = throughput.main(["--table", "--output", str(output)])
        lines = capsys.readouterr().out.splitlines()
        return status, [line.removeprefix("MISSED: ") for line in lines if line.startswith("MISSED: ")]

    good = packs_facts(usual=2.5, tight=2.0, written_out=0.95, lanes=8)
    generation = {"lanes": 9, "seconds": 1.0, "usual_lane_seconds": 4.0, "ratio_of_lane_seconds": 2.0}
    known = generation | {"generation": 0, "ratio": 2.0, "lanes_a_pack": 3.0}
    unknown = generation | {"generation": 5, "ratio": 1.99, "lanes_a_pack": None}
    run = {"folds": 1, "processes": 2, "generations": {"0": known}}
    kept = {"packs:128:128:8 on cpu": good, "run:spam on cpu": run}
    assert judged(kept) == (0, [])
    slow = packs_facts(usual=2.49, tight=0.94, written_out=2.0, lanes=8)
    assert judged(kept | {"packs:128:128:8 on cpu": slow}) == (
        1,
        [
            "packs:128:128:8 on cpu: 2.49 times the usual loop, at least 2.5 are demanded",
            "packs:128:128:8 on cpu: 0.94 times the tightest loop, at least 0.95 are demanded",
        ],
    )
    few = run | {"folds": 5, "generations": {"0": known, "5": unknown}}
    assert judged(kept | {"run:spam on cpu": few}) == (
        1,
        [
            "run:spam on cpu, generation 0: 3.00 lanes a pack, at least 4 are demanded",
            "run:spam on cpu, generation 5: 1.99 times the usual loop, at least 2 are demanded",
        ],
    )


@pytest.fixture(scope="module")
def measured_run(small_table: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What the benchmark measured of a run, and the run's database."""
    run = RealRun(
        file=small_table,
        target="label",
        folds=2,
        settings=("--population", "4", "--epochs", "4"),
        processes=2,
        device="cpu",
        lane_seconds=0.0,
        seconds=60.0,
        repeats=1,
    )
    workspace = tmp_path_factory.mktemp("workspace")
    return measure_run(run, workspace), workspace / "0" / "runs" / RUN_ID / "run.db"


def test_a_run_cell_measures_the_first_and_the_last_generation(
    measured_run: tuple[dict[str, Any], Path],
) -> None:
    facts, _ = measured_run
    assert list(facts["generations"]) == [str(number) for number in MEASURED]
    for number, each in facts["generations"].items():
        assert each["generation"] == int(number)
        assert each["genomes"] == each["genomes_measured"] == 4
        assert each["lanes"] > 4  # the survivors' second fold
        assert 4 < each["lane_epochs"] <= 4 * 2 * 4
        assert min(each["seconds"], each["lane_seconds"], each["usual_lane_seconds"]) > 0
        assert each["ratio"] == pytest.approx(each["usual_lane_seconds"] / 2 / each["seconds"])
    lines = "\n".join(throughput.table({"run:small on cpu": facts}))
    known = all(each["lanes_a_pack"] is not None for each in facts["generations"].values())
    assert (UNKNOWN in lines) is not known
    assert lines.count("run:small on cpu") == 2


def test_a_generation_is_read_as_the_database_has_it(
    measured_run: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    database = tmp_path / "run.db"
    shutil.copy(measured_run[1], database)
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM events WHERE data LIKE '%lane_epochs%'")
        for number in range(GENERATIONS - 1):  # the last one's event is missing
            data = {"generation": number, "lane_epochs": 30 + number, "program_epochs": 10}
            connection.execute(
                "INSERT INTO events (time, kind, message, data) VALUES ('', 'generation', '', ?)",
                (json.dumps(data),),
            )
        trained = connection.execute(
            "SELECT count(*) FROM epochs JOIN evaluations ON evaluations.id = evaluation_id"
            " JOIN individuals ON individuals.id = individual_id WHERE generation = 0 AND seed = 0"
        ).fetchone()[0]
    first, last = generations_of(database)
    assert sum(genome.epochs for genome in first.genomes) == trained
    assert (first.number, last.number) == MEASURED
    assert first.lanes_a_pack == 3.0
    assert last.lanes_a_pack is None
    assert first.lane_seconds == pytest.approx(measured_run[0]["generations"]["0"]["lane_seconds"])
    assert {len(genome.genes) for genome in first.genomes} == {len(last.genomes[0].genes)}


def test_a_run_that_fails_ends_the_benchmark_with_its_words(tmp_path: Path) -> None:
    wrong = RealRun(tmp_path / "missing.csv", "label", 2, (), 1, "cpu", 0.0, 1.0, 1)
    with pytest.raises(SystemExit, match=r"missing\.csv"):
        execute(wrong, tmp_path)


def slept(seconds: float, member: int = 0) -> Callable[[], tuple[int, float]]:
    """An order for a crew of this test."""
    if seconds < 0:
        raise ValueError("no time can be slept backwards")

    def task() -> tuple[int, float]:
        started = time.perf_counter()
        time.sleep(seconds)
        return torch.get_num_threads(), time.perf_counter() - started

    return task


def test_a_crew_works_at_the_same_time_with_its_threads_and_tells_its_failures() -> None:
    with Crew("test_throughput:slept", [1, 2]) as crew:
        seconds, results = crew.together({"seconds": 0.5}, [0, 1])
        assert [threads for threads, _ in results] == [1, 2]
        assert 0.5 <= seconds < sum(each for _, each in results)
        orders = [{"seconds": number / 1000} for number in range(7)]
        assert len(crew.work_off(orders, seconds=60.0)) == 7
        assert crew.work_off(orders, seconds=0.0) == []
        with pytest.raises(CrewError, match="slept backwards"):
            crew.together({"seconds": -1.0}, [1])
