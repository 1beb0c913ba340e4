"""Measures what lanes take: a program, since resident size is only told apart in a process of its own.

Prints one JSON object a lane: predicted bytes, the process's resident size before it, and by how many bytes
that grew at its peak.
The program warms up with small lanes and then forks for each lane, so that every one starts from the same;
a fork warms up too, for it holds no page of code before it runs it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from lane_draws import TASK, WIDTH, drawn, drawn_rows
from toy_tables import CPU, toy_spec

from cambrian.training.memory import predicted_bytes
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec


def status(name: str) -> int:
    """A size of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def train(specs: Sequence[LaneSpec], rows: TrainingRows) -> None:
    """Two epochs of some lanes."""
    trainer = PackTrainer(specs, rows, CPU)
    trainer.advance(2)


def measured(spec: LaneSpec, rows: TrainingRows) -> dict[str, int]:
    """This process's size, and by how many bytes it grows while it trains a lane."""
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    train([spec], rows)
    return {"before": before, "grown": status("VmHWM") - before}


def main(seeds: Sequence[int]) -> None:
    """Measure the lanes drawn from the seeds, each in a process of its own."""
    torch.set_num_threads(1)
    rows = drawn_rows()
    specs = [drawn(seed) for seed in seeds]
    for spec in specs:
        rows.table(spec.fold, spec.genes)
    warm = [toy_spec(TASK, epochs=2, normalisation=norm) for norm in ("none", "batch", "layer")]
    warm.append(toy_spec(TASK, epochs=2, optimizer="sgd", activation="mish", dropout=0.2))
    train(warm, rows)
    for spec in specs:
        if os.fork() == 0:
            train(warm, rows)
            gc.collect()
            predicted = predicted_bytes(spec.genes, WIDTH, rows.shape)
            print(json.dumps({"predicted": predicted, **measured(spec, rows)}), flush=True)
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]])
