"""Real finished runs for tests of the window, each made once a session; and their pictures.

Not a conftest: a test module imports it by a name that no other folder has. Tests only read these runs.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from cambrian.run.workspace import RunFolder, Workspace
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.run_reading import RunReading
from real_runs import SAMPLE, CommandLine, write_table

SMALL = ("--generations", "2", "--population", "16", "--epochs", "8", "--workers", "1")


@cache
def workspace() -> Path:
    """The folder of these runs, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cambrian-finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "workspace"


@cache
def table(name: str) -> Path:
    """The table of a run: penguins (three classes), likes (two), prices (numbers)."""
    if name == "penguins":
        return SAMPLE
    workspace().mkdir(parents=True, exist_ok=True)
    path = workspace().parent / f"{name}.csv"
    return write_table(path, rows=400) if name == "likes" else _write_prices(path)


@cache
def finished(name: str) -> RunFolder:
    """A finished run on that table."""
    target = {"penguins": "species", "likes": "label", "prices": "price"}[name]
    CommandLine(workspace())("run", table(name), "--target", target, *SMALL, "--run-id", name)
    return Workspace(workspace()).find(name)


@cache
def picture(name: str) -> RunPicture:
    """The picture of a finished run."""
    return picture_of(finished(name))


def picture_of(folder: RunFolder) -> RunPicture:
    """The picture of any run, read here and now."""
    reading = RunReading(folder)
    try:
        found = reading.poll()
    finally:
        reading.close()
    assert found is not None
    return found


def individual(folder: RunFolder, number: int) -> IndividualPicture:
    """One individual of a run."""
    reading = RunReading(folder)
    try:
        reading.poll()
        return reading.individual(number)
    finally:
        reading.close()


def _write_prices(path: Path) -> Path:
    rng = np.random.default_rng(3)
    size, weight = rng.normal(0, 1, 400), rng.lognormal(1, 0.5, 400)
    colour = rng.choice(["red", "green", "blue"], 400)
    price = 20 + 5 * size + 2 * np.sin(weight) + np.where(colour == "red", 3, 0) + rng.normal(0, 0.5, 400)
    with path.open("w", encoding="utf-8") as file:
        file.write("size,weight,colour,price\n")
        for row in zip(size, weight, colour, price, strict=True):
            file.write(f"{row[0]:.4f},{row[1]:.4f},{row[2]},{row[3]:.3f}\n")
    return path
