"""`cambrian space`: every gene, in text and as JSON."""

from __future__ import annotations

import json

import pytest

from cambrian.space.build import SpaceFacts, build_space


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_gene_stands_in_both_forms(cli, task: str) -> None:
    space = build_space(SpaceFacts(task, rows=10_000, positive_target=task == "regression"))
    _, text, _ = cli("space", "--task", task)
    _, out, _ = cli("space", "--task", task, "--json")
    facts = json.loads(out)
    assert [gene["gene"] for gene in facts["genes"]] == list(space.names)
    assert [line.split()[0] for line in text.splitlines()[4:]] == list(space.names)
    defaults = {gene["gene"]: gene["default"] for gene in facts["genes"]}
    assert defaults == space.default().to_json()
    assert all(gene["source"] and gene["help"] for gene in facts["genes"])
    assert (facts["version"], facts["task"], facts["rows"], facts["device"]) == (1, task, 10_000, "cpu")


def test_rows_and_device_change_ranges(cli) -> None:
    small = {g["gene"]: g for g in json.loads(cli("space", "--rows", "50", "--json")[1])["genes"]}
    gpu = {g["gene"]: g for g in json.loads(cli("space", "--device", "gpu", "--json")[1])["genes"]}
    assert small["batch_size"]["range"].endswith("32")
    assert gpu["width_1"]["range"] == "64..1024 by 16"


@pytest.mark.parametrize("option", [["--task", "guess"], ["--rows", "0"], ["--device", "abacus"]])
def test_impossible_facts_are_refused(cli, option: list[str]) -> None:
    status, out, err = cli("space", *option)
    assert (status, out) == (2, "")
    assert err.startswith("cambrian: ")


def test_a_terminal_gets_folded_lines_without_markup(cli, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    _, out, _ = cli("space")
    assert max(len(line) for line in out.splitlines()) <= 100
    assert "weight_decay" in out
