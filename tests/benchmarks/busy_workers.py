"""Runs one minute on 1,000 rows with two workers, and says how busy they were and where the rest went.

    python tests/benchmarks/busy_workers.py              # a regression, one minute
    python tests/benchmarks/busy_workers.py --task classification --seed 3

The run is a process of its own, as a user starts it. The numbers are kept in `busy_workers.json` beside this
script, with machine, versions and commit. Exit status 1 if a bound is missed: individuals evaluated, seconds
to the first finished evaluation, busy share of the workers during the search.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from recording import commit, machine

RESULTS = Path(__file__).resolve().parent / "busy_workers.json"
ROWS = 1000
LEAST_EVALUATED = 60
LATEST_FIRST = 10.0
"""Seconds from the start of the process to the first evaluation that ended."""
LEAST_BUSY = 0.85
_LOOK = 0.05
"""Seconds between two looks into the database of the run."""
_FIRST = {
    "first rung report": "SELECT count(*) FROM rungs",
    "first finished evaluation": "SELECT count(*) FROM evaluations WHERE state NOT IN ('waiting', 'running')",
}


@dataclass
class Watched:
    """What was seen of a run: its events, and seconds from the start of its process.

    `finalists_end` is when the last finalist's weights were written.
    """

    started: float
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)
    ended: float = 0.0
    finalists_end: float = 0.0

    def at(self, kind: str) -> float:
        """When the first event of this kind came."""
        return next(seconds for seconds, event in self.events if event["event"] == kind)

    def data(self, kind: str) -> dict[str, Any]:
        """The data of the first event of this kind."""
        return next(event["data"] for _, event in self.events if event["event"] == kind)


def main() -> int:
    """Measure, print, record, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=("regression", "classification"), default="regression")
    parser.add_argument("--seed", type=int, default=0, help="of the table")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        table = write_table(Path(place) / "table.csv", task=options.task, seed=options.seed)
        watched = watch_run(table, Path(place) / "workspace", options.minutes, options.workers)
    facts = measured(watched, options.workers)
    record = {
        **facts,
        "asked": {key: getattr(options, key) for key in ("task", "seed", "minutes", "workers")},
        "machine": machine(),
        "commit": commit(),
        "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    options.output.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print_facts(facts, options.workers)
    missed = missed_bounds(facts)
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


def write_table(path: Path, *, task: str, seed: int) -> Path:
    """A table of numbers and categories with missing cells, whose target they decide but for some noise."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(ROWS, 8)) * rng.lognormal(size=8) + rng.normal(size=8)
    unit = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    cities = rng.choice(["Aachen", "Basel", "Cádiz", "Delft", "Évora"], ROWS, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    grades = rng.choice(["low", "middle", "high"], ROWS)
    signal = unit[:, 0] + np.sin(2 * unit[:, 1]) + unit[:, 2] * unit[:, 3] + 0.8 * (cities == "Basel")
    noisy = signal + np.where(grades == "high", unit[:, 4], 0.0) + rng.normal(scale=0.3, size=ROWS)
    target = [f"{value:.5f}" for value in noisy]
    if task == "classification":
        target = [("low", "middle", "high")[level] for level in np.digitize(noisy, [-0.8, 0.9])]
    missing = rng.random((ROWS, 8)) < 0.03
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*(f"number_{column}" for column in range(8)), "city", "grade", "outcome"])
        for row in range(ROWS):
            cells = [
                "" if gone else f"{value:.5f}" for gone, value in zip(missing[row], numbers[row], strict=True)
            ]
            rows.writerow([*cells, cities[row], grades[row], target[row]])
    return path


def watch_run(table: Path, workspace: Path, minutes: float, workers: int) -> Watched:
    """Start the run as a user does and follow its events and its database until it ends."""
    folder = workspace / "runs" / "busy"
    settings = ["--minutes", str(minutes), "--workers", str(workers), "--run-id", "busy", "--json"]
    command = [sys.executable, "-m", "cambrian", "run", str(table), "--target", "outcome", *settings]
    environment = {**os.environ, "CAMBRIAN_WORKSPACE": str(workspace)}
    watched = Watched(time.time())
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    looker = threading.Thread(target=look_for_first, args=(folder / "run.db", watched, process))
    looker.start()
    assert process.stdout is not None
    for line in process.stdout:
        watched.events.append((time.time() - watched.started, json.loads(line)))
    status = process.wait()
    watched.ended = time.time() - watched.started
    looker.join()
    if status != 0:
        raise SystemExit(f"the run ended with status {status}")
    written = [path.stat().st_mtime - watched.started for path in (folder / "weights").iterdir()]
    watched.finalists_end = max(watched.at("search-finished"), *written)
    return watched


def look_for_first(database: Path, watched: Watched, process: subprocess.Popen[str]) -> None:
    """Note when the first lane reported at a rung, and when the first evaluation came to its end."""
    while len(watched.first) < len(_FIRST) and process.poll() is None:
        with suppress(sqlite3.Error):  # it is not made yet
            connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)
            try:
                for name, query in _FIRST.items():
                    if name not in watched.first and connection.execute(query).fetchone()[0]:
                        watched.first[name] = time.time() - watched.started
            finally:
                connection.close()
        time.sleep(_LOOK)


def measured(watched: Watched, workers: int) -> dict[str, Any]:
    """The numbers of a run; its stages follow each other and add up to the whole."""
    search = watched.data("search-finished")
    searching = search["seconds"] * workers
    between = workers * sum(gaps_between_generations(watched))
    stages = {
        "interpreter, imports, new run": watched.at("run-started"),
        "workers start, data prepared": watched.at("data-prepared") - watched.at("run-started"),
        "baselines and probes": watched.at("resolved") - watched.at("data-prepared"),
        "search": watched.at("search-finished") - watched.at("resolved"),
        "finalists": watched.finalists_end - watched.at("search-finished"),
        "delivery": watched.at("finished") - watched.finalists_end,
        "end of the process": watched.ended - watched.at("finished"),
    }
    return {
        "evaluated": search["individuals"],
        "generations": sum(event["event"] == "generation-finished" for _, event in watched.events),
        "first_seconds": watched.first,
        "busy": search["busy"],
        "seconds": watched.ended,
        "stages": stages,
        "worker_seconds_of_the_search": {
            "training": search["busy"] * searching,
            "idle between generations": between,
            "idle within generations (rungs, messages)": max(0.0, (1 - search["busy"]) * searching - between),
        },
    }


def gaps_between_generations(watched: Watched) -> list[float]:
    """Seconds from the end of each generation to the start of the next, when no lane can train."""
    gaps, finished = [], None
    for seconds, event in watched.events:
        if event["event"] == "generation-started" and finished is not None:
            gaps.append(seconds - finished)
        elif event["event"] == "generation-finished":
            finished = seconds
    return gaps


def missed_bounds(facts: dict[str, Any]) -> list[str]:
    """A sentence for every bound that was missed."""
    first = facts["first_seconds"].get("first finished evaluation")
    missed = []
    if facts["evaluated"] < LEAST_EVALUATED:
        missed.append(f"{facts['evaluated']} individuals evaluated, at least {LEAST_EVALUATED} are expected")
    if first is None or first > LATEST_FIRST:
        when = "never came" if first is None else f"came after {first:.1f} s"
        missed.append(f"the first finished evaluation {when}, at most {LATEST_FIRST:.0f} s are expected")
    if facts["busy"] < LEAST_BUSY:
        missed.append(f"workers busy {facts['busy']:.1%}, at least {LEAST_BUSY:.0%} is expected")
    return missed


def print_facts(facts: dict[str, Any], workers: int) -> None:
    """The numbers as a table."""
    print(f"{'individuals evaluated':44} {facts['evaluated']:8} in {facts['generations']} generations")
    for name, seconds in facts["first_seconds"].items():
        print(f"{name + ', after':44} {seconds:8.1f} s")
    print(f"{'busy share during the search':44} {facts['busy']:8.1%} of {workers} workers")
    print(f"{'the whole run':44} {facts['seconds']:8.1f} s")
    for name, seconds in facts["stages"].items():
        print(f"  {name:42} {seconds:8.1f} s  {seconds / facts['seconds']:6.1%}")
    spent = facts["worker_seconds_of_the_search"]
    print(f"{'worker seconds of the search':44} {sum(spent.values()):8.1f} s")
    for name, seconds in spent.items():
        print(f"  {name:42} {seconds:8.1f} s  {seconds / max(sum(spent.values()), 1e-9):6.1%}")


if __name__ == "__main__":
    sys.exit(main())
