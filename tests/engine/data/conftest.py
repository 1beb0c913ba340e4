"""Prepared data for the tests of this folder."""

import pytest
from prepared_tables import make, write_csv


@pytest.fixture
def prepared(tmp_path):
    return make(write_csv(tmp_path / "table.csv"), tmp_path / "prepared")
