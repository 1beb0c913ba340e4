from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from benchmark_script import run_script
from scaling import SERIES, Cell, series, write_table


def test_a_cell_runs_and_is_compared_with_the_one_above(tmp_path):
    results = tmp_path / "scaling.json"
    printed = run_script("scaling.py", results, "--cells", "300:4:4:1", "--epochs", 2)
    facts = printed.cells["300:4:4:1"]
    assert facts["individuals"] == 8
    assert facts["lanes_a_pack"] >= 1
    cost = facts["busy"] * facts["search_seconds"] / 8
    assert facts["worker_seconds_an_individual"] == pytest.approx(cost)
    assert float(printed.line("300:4:4:1 ")[1]) == pytest.approx(cost, rel=1e-3)
    assert printed.out.count("not run") == sum(len(sizes) for sizes in SERIES.values())


def test_the_table_says_how_costs_grow(tmp_path):
    results = tmp_path / "scaling.json"
    base = {"busy": 0.5, "individuals": 8, "lanes_a_pack": 2.0, "search_seconds": 4.0, "seconds": 6.0}
    base |= {"seconds_before_search": 1.0, "worker_seconds_an_individual": 0.5}
    dearer = base | {"individuals": 4, "worker_seconds_an_individual": 1.5}
    cells = {"10000:10:64:2": base, "10000:100:64:2": dearer, "5:5:5:1": base}
    results.write_text(json.dumps({"cells": cells, "machine": {}}))
    printed = run_script("scaling.py", results, "--table")
    assert printed.line("10000:100:64:2 ")[1:5] == ["1.5", "x3.00", "1", "x2.00"]
    assert printed.line("5:5:5:1 ")[1:3] == ["0.5", "0.5"]  # compared with nothing
    assert printed.out.index("others") < printed.out.index("5:5:5:1")


def test_the_series_differ_from_their_base_in_one_size():
    assert [str(cell) for cell in series("columns")] == ["10000:10:64:2", "10000:100:64:2", "10000:1000:64:2"]
    with pytest.raises(SystemExit, match="is no cell"):
        Cell.parse("1000:10")


def test_a_table_is_made_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("scaling.CHUNK", 40)
    table = pq.read_table(write_table(tmp_path / "table.parquet", 25, 4))
    assert (table.num_rows, table.column_names[-1]) == (25, "target")
    assert len(set(table["number_0"].to_pylist())) == 25
