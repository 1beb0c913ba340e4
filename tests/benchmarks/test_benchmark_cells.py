from __future__ import annotations

import argparse
import json
import os

import pytest
from benchmark_script import BRIEF, run_script, write_small
from cells import add_options, measure_cells


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Measures cells a to c; returns what was measured and what is known."""
    monkeypatch.setattr(os, "getloadavg", lambda: (2.5, 9.0, 9.0), raising=False)

    def measure(*arguments: str):
        parser = argparse.ArgumentParser()
        add_options(parser, tmp_path / "results.json", cell="a letter")
        measured = []

        def facts(cell):
            measured.append(cell)
            return {"sizes": [1, 2.5, 3e-7], "is": cell}

        return measured, measure_cells(parser.parse_args(arguments), ["a", "b", "c"], facts)

    return measure


def test_a_call_measures_the_next_missing_cell(ask, tmp_path):
    assert ask()[0] == ["a"]
    measured, known = ask()
    assert measured == ["b"]
    assert list(known) == ["a", "b"]
    kept = json.loads((tmp_path / "results.json").read_text())
    assert kept["cells"]["a"]["sizes"] == [1, 2.5, 3e-7]
    assert set(kept["cells"]["a"]) == {"sizes", "is", "commit", "load", "time"}
    assert kept["cells"]["a"]["load"] == [2.5, 2.5]
    assert kept["machine"]["cores"] > 0
    assert "[1, 2.5, 3e-07]" in (tmp_path / "results.json").read_text()


def test_cells_by_name_are_measured_again_and_all_the_missing_ones_otherwise(ask):
    assert ask("--table")[0] == []
    assert ask("--cells", "b", "x")[0] == ["b", "x"]
    assert ask("--cells", "b")[0] == ["b"]
    assert ask("--all")[0] == ["a", "c"]
    measured, known = ask("--all")
    assert (measured, sorted(known)) == ([], ["a", "b", "c", "x"])


def test_the_script_of_the_open_tables_runs_a_cell(tmp_path):
    write_small(tmp_path / "credit_data.parquet", "Status", classes=True)
    options = ("--data", tmp_path, "--cells", "credit_data:0", *BRIEF)
    printed = run_script("open_tables.py", tmp_path / "open.json", *options, expect=None)
    facts = printed.cells["credit_data:0"]
    assert set(facts["test"]["scores"]) >= {"champion", "linear", "boosting"}
    assert facts["resolved"]["population"] > 1
    assert printed.line("credit_data:0 ")[1] == "log_loss"
    assert "evolved minus baseline" in printed.out
    assert printed.status == ("MISSED: credit_data: worse than the linear model" in printed.out)
    assert float(printed.line("credit_data:0 ")[-2]) == pytest.approx(
        facts["search"]["lanes_per_program"], abs=0.005
    )
    again = run_script("open_tables.py", tmp_path / "open.json", "--table", expect=printed.status)
    assert again.line("credit_data:0 ") == printed.line("credit_data:0 ")
