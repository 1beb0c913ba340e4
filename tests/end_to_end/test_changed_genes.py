"""A run of a preset with the user's own genes: every network is within what was asked."""

from __future__ import annotations

import json
from pathlib import Path

from real_runs import SAMPLE, CommandLine, query

OPTIONS = (
    *("--preset", "textbook", "--generations", "1", "--population", "4", "--epochs", "2", "--workers", "1"),
    *("--gene", "lr=linear 1e-3..1e-2", "--gene", "optimizer=adam,sgd", "--gene", "momentum=off"),
    *("--gene", "dropout=off", "--gene", "layers=1,2", "--gene", "width_1=16..48", "--gene", "batch_size=50"),
)


def test_a_run_and_its_inspection_refuse_what_the_rows_do_not_allow(tmp_path: Path) -> None:
    cambrian = CommandLine(tmp_path / "work")
    asked = (SAMPLE, "--target", "species", "--folds", "3", "--gene", "batch_size=300")
    refused = cambrian("run", *asked, "--generations", "1", "--workers", "1", expect=2)
    inspected = cambrian("inspect", *asked, expect=2)
    sentence = "cambrian: gene batch_size: 300 is outside 1..183.\n  A fold has 183 training rows here.\n"
    assert refused.err.endswith(sentence)
    assert inspected.err.endswith(sentence)
    assert not (tmp_path / "work" / "runs").exists()


def test_a_short_run_of_the_textbook(tmp_path: Path) -> None:
    cambrian = CommandLine(tmp_path)
    cambrian("run", SAMPLE, "--target", "species", "--run-id", "book", *OPTIONS)
    folder = cambrian.folder("book")
    genomes = [json.loads(row[0]) for row in query(folder, "SELECT genome FROM individuals")]
    assert len(genomes) == 4
    for genome in genomes:
        assert genome["optimizer"] in ("adam", "sgd")
        assert 1e-3 <= genome["lr"] <= 1e-2
        assert (genome["momentum"], genome["dropout"], genome["batch_size"]) == (0, 0, 50)
        assert genome["layers"] in (1, 2)
        assert genome["width_1"] in (16, 32, 48)
        assert (genome["shape"], genome["numeric_prep"]) == ("free", "standard")
    states = {row[0] for row in query(folder, "SELECT state FROM evaluations")}
    assert states <= {"complete", "pruned"}
    shown = json.loads(cambrian("show", "book", "--json").out)
    assert shown["state"] == "complete"
    # The space stands in the database, resolved: a resume asks nobody again.
    stored = json.loads(query(folder, "SELECT resolved FROM run")[0][0])["space"]["genes"]
    kinds = {gene["name"]: gene["kind"] for gene in stored}
    assert (kinds["lr"], kinds["layers"]) == ("linear", "integer_log")
    before = query(folder, "SELECT resolved FROM run")
    cambrian("resume", "book", expect=None)
    assert query(folder, "SELECT resolved FROM run") == before
