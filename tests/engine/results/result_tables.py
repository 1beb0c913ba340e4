"""Prepared tables and trained lanes for the tests of this folder: real files, real networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cambrian.data.prepared import Prepared, prepare
from cambrian.data.profile import profile_table
from cambrian.data.read import read_table
from cambrian.data.split import SplitSettings
from cambrian.space.build import SpaceFacts, build_space
from cambrian.training.lanes import save_lane
from cambrian.training.pack import PackTrainer
from cambrian.training.rows import TrainingRows
from cambrian.training.spec import LaneSpec, TrainingShape

CPU = torch.device("cpu")


def write_csv(path: Path, columns: dict[str, Sequence[Any]]) -> Path:
    """A CSV file; floats are written exactly, None and NaN as empty cells."""
    lines = [",".join(columns)]
    for row in zip(*columns.values(), strict=True):
        lines.append(",".join("" if cell is None or cell != cell else str(cell) for cell in row))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def prepared_of(
    folder: Path, columns: dict[str, Sequence[Any]], *, split: SplitSettings | None = None, **profile: Any
) -> Prepared:
    """The columns as prepared data, `y` being the target."""
    folder.mkdir(parents=True, exist_ok=True)
    table = read_table(write_csv(folder / "table.csv", columns))
    found = profile_table(table, target="y", **profile)
    return prepare(table, found, folder / "data", split=split or SplitSettings())


def mixed_columns(task: str, rows: int = 400, seed: int = 0) -> dict[str, Sequence[Any]]:
    """Two numbers, one with missing cells, and a category of four with missing cells; all decide `y`."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(5, 2, rows), rng.lognormal(0, 1, rows)
    kind = rng.choice(["red", "green", "blue", "grey"], rows)
    score = 0.8 * (a - 5) + np.log(b) + 1.5 * (kind == "red") + 0.4 * rng.normal(size=rows)
    b[rng.random(rows) < 0.1] = np.nan
    targets = {
        "binary": np.where(score > 0.8, "yes", "no"),
        "multiclass": np.array(["low", "mid", "high"])[np.digitize(score, [-0.5, 1.2])],
        "regression": np.exp(0.5 * score),
    }
    cells = [None if rng.random() < 0.08 else each for each in kind]
    return {"a": a.tolist(), "b": b.tolist(), "kind": cells, "y": targets[task].tolist()}


def trained_lanes(prepared: Prepared, folder: Path, variants: Sequence[dict[str, Any]]) -> list[Path]:
    """One lane a variant (its genes, and `fold`, `seed`), a few epochs long, saved as a worker does."""
    torch.set_num_threads(1)
    sizes = prepared.fold_sizes()
    outputs = len(prepared.classes) if prepared.task == "multiclass" else 1
    shape = TrainingShape(prepared.task, outputs, max(n for n, _ in sizes), max(n for _, n in sizes), 2**18)
    facts = SpaceFacts(
        task=prepared.task,
        rows=shape.rows,
        positive_target=prepared.positive_target,
        epochs=16,
        device="cpu",
        objectives=("rmse" if prepared.task == "regression" else "log_loss",),
    )
    default = dict(build_space(facts).default()) | {"layers": 1, "width_1": 16, "batch_size": 32}
    trainer = PackTrainer([], TrainingRows(prepared, shape, CPU), CPU)
    paths = []
    for number, variant in enumerate(variants):
        genes = default | {name: value for name, value in variant.items() if name not in ("fold", "seed")}
        handle = trainer.add(LaneSpec(genes, variant.get("fold", 0), variant.get("seed", number), 8))
        trainer.advance(4)
        path = folder / f"i0-f{variant.get('fold', 0)}-s{number}.safetensors"
        save_lane(path, trainer.remove(handle).for_prediction())
        paths.append(path)
    return paths
