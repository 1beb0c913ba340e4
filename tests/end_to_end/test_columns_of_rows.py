"""The commands with weights, groups, times, an order and free text: from the file to predictions."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 120


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of texts of two kinds, three a guest, in the order of their days."""
    rng = random.Random(1)
    sentences = {
        "good": "the room was lovely and the staff were very friendly to all of us",
        "bad": "dirty carpet with broken heating so we asked for our money back twice",
    }
    lines = ["guest,day,size,review,w,stars"]
    for row in range(ROWS):
        stars = rng.choice(("good", "bad"))
        text = " ".join(rng.sample(sentences[stars].split(), 9))
        cells = (f"g{row // 3}", f"2024-{1 + row // 12:02d}-{1 + row % 12:02d}", rng.choice(("cozy", "vast")))
        lines.append(",".join((*cells, text, str(row % 3), stars)))
    path = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cambrian(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cambrian", *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def run(file: Path, workspace: Path, *options: str) -> tuple[dict, Path]:
    """The prepared-data event of a small run, and the run's folder."""
    small = ("--generations", "1", "--population", "2", "--epochs", "3", "--workers", "1", "--json")
    done = cambrian("run", file, "--target", "stars", *options, *small, "--workspace", workspace)
    assert done.returncode == 0, done.stderr + done.stdout
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (folder,) = (workspace / "runs").iterdir()
    return next(each for each in events if each["event"] == "data-prepared"), folder


def test_weights_groups_an_order_and_text(reviews: Path, tmp_path: Path) -> None:
    options = ("--weight", "w", "--group", "guest", "--ordinal", "size=cozy<vast")
    event, folder = run(reviews, tmp_path, *options)
    assert "no value of 'guest' is in two parts" in event["message"]
    assert "rows weigh as 'w' says (40 of weight 0 left out)" in event["message"]
    assert event["data"]["training_rows"] + event["data"]["test_rows"] == 80
    assert event["data"]["features"] == 3
    experiment = cambrian("show", folder.name, "--json", "--workspace", tmp_path)
    assert experiment.returncode == 0
    new = tmp_path / "new.csv"
    new.write_text("size,day,review\nvast,2025-01-01,we asked for our money back twice so dirty\ncozy,,\n")
    predicted = cambrian("predict", folder.name, new, "-o", tmp_path / "out.csv", "--workspace", tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    assert "'review' 1" in predicted.stderr
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("bad,")


def test_time(reviews: Path, tmp_path: Path) -> None:
    event, folder = run(reviews, tmp_path, "--time", "day", "--folds", "2")
    assert "later rows by 'day' validate, and the latest test" in event["message"]
    manifest = json.loads((folder / "data" / "manifest.json").read_text())
    assert manifest["split"]["kind"] == "time"
    assert manifest["split"]["column"] == "day"


def test_inspect_says_whether_a_run_would_refuse(reviews: Path) -> None:
    fine = cambrian("inspect", reviews, "--target", "stars", "--group", "guest")
    assert fine.returncode == 0
    assert "guest   group" in fine.stdout
    for options, words in (
        (("--group", "size", "--folds", "5"), "`size` has"),
        (("--weight", "stars"), "two purposes"),
        (("--group", "guest", "--time", "day"), "by group or by time"),
        (("--weight", "size"), "no weight of 0 or more"),
        (("--ordinal", "size"), "not of the form column=a<b<c"),
    ):
        refused = cambrian("inspect", reviews, "--target", "stars", *options)
        assert refused.returncode == 2, options
        assert words in refused.stdout + refused.stderr
        assert "Traceback" not in refused.stderr
