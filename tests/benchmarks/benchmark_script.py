"""Runs a benchmark of this folder as a user does, for its tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
BRIEF = ("--minutes", 5, "--", "--generations", 1, "--population", 4, "--epochs", 2)
"""Last options of a benchmark in minutes: its run ends after a generation, however slow the machine is."""


@dataclass(frozen=True)
class Printed:
    """What a benchmark left: exit status, output, results."""

    status: int
    out: str
    kept: dict[str, Any]

    @property
    def cells(self) -> dict[str, Any]:
        return self.kept["cells"]

    def line(self, start: str) -> list[str]:
        """The words of the only line that starts so."""
        (found,) = [line for line in self.out.splitlines() if line.strip().startswith(start)]
        return found.split()


def run_script(name: str, output: Path, *options: object, expect: int | None = 0) -> Printed:
    """Run a benchmark with its results in `output`."""
    command = [sys.executable, str(HERE / name), "--output", str(output), *map(str, options)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=240, env=environment, check=False
    )
    if expect is not None:
        assert done.returncode == expect, done.stdout + done.stderr
    kept = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    return Printed(done.returncode, done.stdout, kept)


def write_small(path: Path, target: str, *, classes: bool, rows: int = 200) -> Path:
    """A small table of the given name with a target that can be learnt."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3))
    y = x[:, 0] + 0.5 * x[:, 1] + rng.normal(scale=0.3, size=rows)
    columns: dict[str, Any] = {f"number_{column}": x[:, column] for column in range(3)}
    columns[target] = np.where(y > 0, "good", "bad") if classes else np.exp(y)
    pq.write_table(pa.table(columns), path)
    return path
