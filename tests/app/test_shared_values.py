"""Individuals kept small: the same values, held once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from finished_run import finished

from cambrian.store.reader import RunReader
from cambrian_desktop.shared_values import SharedValues


@pytest.mark.timeout(300)
def test_rows_are_equal_and_their_parts_are_the_same_objects() -> None:
    with RunReader(finished("penguins").database) as reader:
        rows = reader.individuals()
    kept = SharedValues().of(rows)
    assert kept == rows
    assert [list(row.genome.items()) for row in kept] == [list(row.genome.items()) for row in rows]
    genomes = [row.genome for row in kept]
    assert len({id(next(iter(genome))) for genome in genomes}) == 1
    optimizers = {}
    for genome in genomes:
        assert optimizers.setdefault(genome["optimizer"], genome["optimizer"]) is genome["optimizer"]
    with pytest.raises(KeyError):
        genomes[0]["no gene"]
    assert genomes[0].get("no gene") is None


def test_a_space_with_other_genes_begins_anew() -> None:
    with RunReader(finished("penguins").database) as reader:
        row = reader.individuals()[0]
    other = replace(row, genome={"layers": 3})
    kept = SharedValues().of([row, other, row])
    assert [json.dumps(dict(each.genome)) for each in kept] == [
        json.dumps(dict(each.genome)) for each in (row, other, row)
    ]
