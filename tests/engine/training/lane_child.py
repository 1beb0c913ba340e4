"""Another process that trains parked lanes for an epoch, and the test's end of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from toy_tables import CPU, varied_rows

from cambrian.training.lanes import LaneState, load_lane, save_lane
from cambrian.training.pack import PackTrainer
from real_runs import environment_with

TESTS = Path(__file__).resolve().parents[2]


class LaneChild:
    """Takes lanes on, one process for as many as a test has.

    Args:
        folder: Where lanes are parked on their way.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment_with(TESTS) | {"PYTHONUNBUFFERED": "1"},
        )

    def one_epoch(self, state: LaneState, rows: int) -> LaneState:
        """The lane after a further epoch on the drawn table of so many rows."""
        before, after = self._folder / "before.safetensors", self._folder / "after.safetensors"
        after.unlink(missing_ok=True)
        save_lane(before, state)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"task": state.task, "rows": rows, "before": str(before), "after": str(after)}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n", "the other process has died"
        return load_lane(after)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)


def work_off(line: str) -> None:
    order: dict[str, Any] = json.loads(line)
    trainer = PackTrainer([load_lane(Path(order["before"]))], varied_rows(order["task"], order["rows"]), CPU)
    trainer.advance()
    save_lane(Path(order["after"]), trainer.remove(0))


if __name__ == "__main__":
    torch.set_num_threads(1)
    held = torch.randn(12345)  # another history of allocations
    for each in sys.stdin:
        work_off(each)
        print("done")
