"""The command line of Cambrian with one of its strengths switched off, for benchmarks alone.

`python altered_cambrian.py unpacked run FILE ...` trains every lane in a tensor program of its own;
`one-rung` culls nobody before the last epoch. The third strength, the cores, has a setting (`--workers`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from cambrian.cli import main
from cambrian.run import resolve
from cambrian.run.run import Run


def unpack() -> None:
    """Let the workers import their handlers from a module that forbids packs of several lanes."""
    Run.__init__.__kwdefaults__["handlers"] = "unpacked_jobs:HANDLERS"


def one_rung() -> None:
    """Let the last epoch be the only rung."""
    resolve.rung_epochs = lambda epochs: (epochs,)


ALTERATIONS: Mapping[str, Callable[[], None]] = {"unpacked": unpack, "one-rung": one_rung}


if __name__ == "__main__":
    ALTERATIONS[sys.argv.pop(1)]()
    sys.exit(main())
