"""What the README promises a new user, with real processes on the sample that ships."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from real_runs import ROOT, SAMPLE, CommandLine, query, write_table

BRIEF = ("--generations", 1, "--population", 6, "--epochs", 4, "--folds", 2)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("first") / "workspace")


@pytest.fixture(scope="module")
def sample_run(line: CommandLine) -> Path:
    settings = ("--generations", 2, "--population", 12, "--epochs", 16, "--run-id", "sample")
    done = line("run", SAMPLE, "--target", "species", *settings)
    assert "leaderboard" in done.out or "place" in done.out
    assert "On 69 rows it never saw" in done.out
    return line.folder("sample")


def test_the_result_stands_beside_the_baselines(line: CommandLine, sample_run: Path) -> None:
    shown = json.loads(line("show", "last", "--json").out)
    assert shown["state"] == "complete"
    scores = shown["test"]["scores"]
    assert set(scores) == {"champion", "majority", "linear", "boosting"}
    for model in scores.values():
        assert 0 <= model["log_loss"]["value"] < 3
        assert model["log_loss"]["error"] > 0
    assert scores["champion"]["log_loss"]["value"] < scores["majority"]["log_loss"]["value"]
    assert shown["verdict"].startswith("On 69 rows")


def test_the_readmes_sql_runs_on_a_real_run(sample_run: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sql\n(.*?)```", readme, re.DOTALL)
    statements = [each for each in block.split(";") if each.strip()]
    with sqlite3.connect(f"file:{sample_run / 'run.db'}?mode=ro", uri=True) as plain:
        (child,) = plain.execute("SELECT max(individual_id) - 1 FROM parents").fetchone()
        best, parents, curve = (
            plain.execute(each.replace("number = 40", f"number = {child}")).fetchall() for each in statements
        )
        (champion,) = plain.execute("SELECT champion FROM run").fetchone()
        (epochs,) = plain.execute(
            "SELECT epochs FROM evaluations WHERE individual_id = ? AND fold = 0 AND seed = 0",
            (champion + 1,),
        ).fetchone()
    assert [generation for generation, *_ in best] == [0, 1]
    assert 1 <= len(parents) <= 2
    assert [epoch for epoch, *_ in curve] == list(range(1, epochs + 1))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_predictions_are_one_row_a_row_in_order(
    line: CommandLine, sample_run: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out.{suffix}"
    line("predict", "sample", SAMPLE, "-o", out)
    rows = list(csv.DictReader(out.open())) if suffix == "csv" else pq.read_table(out).to_pylist()
    truth = [row["species"] for row in csv.DictReader(SAMPLE.open())]
    assert len(rows) == len(truth)
    assert list(rows[0]) == [
        "prediction", "probability_Adelie", "probability_Chinstrap", "probability_Gentoo"
    ]  # fmt: skip
    hits = sum(row["prediction"] == true for row, true in zip(rows, truth, strict=True))
    assert hits / len(truth) > 0.95
    assert sum(float(rows[0][name]) for name in list(rows[0])[1:]) == pytest.approx(1, abs=1e-4)


@pytest.fixture(scope="module")
def brief_events(line: CommandLine) -> list[dict]:
    """What the brief run `from-line` said."""
    lines = line("run", SAMPLE, "--target", "species", *BRIEF, "--json", "--run-id", "from-line").lines
    return [json.loads(each) for each in lines]


def test_events_are_versioned_json_lines(brief_events: list[dict]) -> None:
    events = brief_events
    assert {event["version"] for event in events} == {1}
    assert all(set(event) == {"version", "event", "time", "message", "data"} for event in events)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{event['event']}`" in readme for event in events)
    assert events[-1]["event"] == "finished"
    assert events[-1]["data"]["result"]["test"]["rows"] == 69


def test_minutes_are_kept_and_used(line: CommandLine, tmp_path: Path) -> None:
    table = write_table(tmp_path / "thousand.csv", rows=1000)
    started = time.monotonic()
    line("run", table, "--target", "label", "--minutes", 0.5, "--run-id", "minutes")
    seconds = time.monotonic() - started
    shown = json.loads(line("show", "minutes", "--json").out)
    # The budget is a promise to the user, not a speed: these bounds hold on any machine that is not stalled.
    assert 15 < seconds < 40
    assert shown["search"]["individuals"] >= 16
    resolved = shown["resolved"]
    assert resolved["search_until"] < resolved["finalists_until"] < 30
    assert query(line.folder("minutes"), "SELECT count(*) FROM evaluations WHERE state = 'running'") == [(0,)]


def test_an_experiment_file_runs_like_the_command_line(
    line: CommandLine, brief_events: list[dict], tmp_path: Path
) -> None:
    file = tmp_path / "experiment.toml"
    line("experiment", "--init", file, "--data", SAMPLE, "--target", "species")
    line("run", "--experiment", file, *BRIEF, "--run-id", "from-file")
    curve = "SELECT validation_loss FROM epochs ORDER BY evaluation_id, epoch"
    assert query(line.folder("from-file"), curve) == query(line.folder("from-line"), curve)


def test_several_objectives(line: CommandLine) -> None:
    settings = ("--generations", 2, "--population", 8, "--epochs", 4, "--folds", 2, "--run-id", "two")
    objectives = ("--objective", "log_loss", "--objective", "parameters")
    line("run", SAMPLE, "--target", "species", *settings, *objectives)
    # The best so far is the leaderboard's first, by log loss: not the other end of the front, the smallest.
    told = query(line.folder("two"), "SELECT data FROM events WHERE kind = 'generation-finished' ORDER BY id")
    first = query(line.folder("two"), "SELECT individual, value FROM leaderboard WHERE place = 1")
    last = json.loads(told[-1][0])
    assert [(last["individual"], last["best"]["log_loss"])] == first
    rows = query(line.folder("two"), "SELECT objective, count(*), min(value) FROM fitness GROUP BY objective")
    assert {name for name, _, _ in rows} == {"log_loss", "parameters"}
    # "Best so far" is the leaderboard's first, and no other end of the front.
    told = "SELECT json_extract(data, '$.individual') FROM events WHERE kind = 'generation-finished'"
    first = "SELECT individual FROM leaderboard WHERE place = 1"
    assert query(line.folder("two"), told)[-1] == query(line.folder("two"), first)[0]


def test_random_search(line: CommandLine) -> None:
    settings = ("--generations", 2, "--population", 8, "--epochs", 4, "--folds", 2, "--run-id", "random")
    line("run", SAMPLE, "--target", "species", *settings, "--strategy", "random")
    assert query(line.folder("random"), "SELECT DISTINCT operator FROM individuals") == [("random",)]
