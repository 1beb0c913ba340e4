from __future__ import annotations

import json

import pytest
from benchmark_script import BRIEF, run_script, write_small
from species import BUCKETS, parse, rank_in


def test_a_cell_runs_without_a_limit_of_species(tmp_path):
    write_small(tmp_path / "credit_data.parquet", "Status", classes=True)
    options = ("--data", tmp_path, "--population", 4, "--cells", "credit_data:unlimited:1", *BRIEF)
    printed = run_script("species.py", tmp_path / "species.json", *options)
    facts = printed.cells["credit_data:unlimited:1"]
    assert facts["asked"]["buckets"] == facts["asked"]["population"] == 4
    assert facts["validation"] > 0
    assert facts["species"]
    assert max(facts["species"]) <= 4
    assert facts["individuals_a_minute"] > 0
    assert facts["lanes_a_pack"] >= 1
    line = printed.line("credit_data ")
    assert line[1:5] == ["unlimited", "1", "log_loss", f"{facts['validation']:.5g}"]
    assert "over 0 complete blocks" in printed.out


@pytest.mark.parametrize(
    ("eighth", "said"),
    [
        ((0.90, 0.91, 0.89), "should be 'eighth'"),
        ((0.90, 1.05, 1.01), "stays 'sixteenth'"),  # not certain
        ((1.20, 1.30, 1.25), "stays 'sixteenth'"),
    ],
)
def test_the_default_follows_from_paired_losses(tmp_path, eighth, said):
    """Losses of tables differ a hundredfold; only what a setting changes within a table and a seed counts."""
    cells = {}
    for seed, (scale, ratio) in enumerate(zip((0.4, 40.0, 4.0), eighth, strict=True)):
        for buckets in BUCKETS:
            loss = scale * {"two": 1.1, "sixteenth": 1.0, "eighth": ratio, "unlimited": 1.4}[buckets]
            cells[f"spam:{buckets}:{seed}"] = {
                "validation": loss,
                "test": loss,
                "metric": "log_loss",
                "individuals_a_minute": 100.0,
                "lanes_a_pack": 3.0,
                "generations": 6,
                "immigrants": 0.1,
            }
    cells["diamonds:two:0"] = cells["spam:two:0"]  # a block that is not complete
    results = tmp_path / "species.json"
    results.write_text(json.dumps({"cells": cells, "machine": {}}))
    printed = run_script("species.py", results, "--table")
    assert said in printed.out
    assert "over 3 complete blocks" in printed.out
    assert printed.line("unlimited  ")[1] == "4.00"
    assert printed.line("sixteenth  ")[2:5] == ["+0.00%", "±", "0.00%"]


def test_ranks_and_cells():
    block = {"two": {"validation": 2.0}, "eighth": {"validation": 1.0}, "unlimited": {"validation": 2.0}}
    assert [rank_in(block, buckets) for buckets in block] == [2.5, 1.0, 2.5]
    assert parse("spam:eighth:2") == ("spam", "eighth", 2)
    for wrong in ("spam", "spam:five:0", "iris:two:0", "spam:two:x"):
        with pytest.raises(SystemExit, match="is no cell"):
            parse(wrong)
