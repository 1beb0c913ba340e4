"""The roofline benchmark: its counts against torch's own, its parts, and a cell end to end at tiny sizes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import roofline
import torch
from bare_products import KINDS, lanes_a_program
from roofline_parts import PARTS, Sizes, part_of
from throughput_packs import Work
from torch import nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.flop_counter import FlopCounterMode


def network(features: int, width: int) -> nn.Sequential:
    """Three hidden layers and one output."""
    widths = [features, width, width, width]
    layers = [
        part for before in range(3) for part in (nn.Linear(widths[before], widths[before + 1]), nn.ReLU())
    ]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def test_operations_are_those_that_torch_counts() -> None:
    sizes = Sizes.of(Work(width=24, batch=16, lanes=2, rows=60, features=5, device="cpu"))
    assert (sizes.batch, sizes.steps, sizes.validated) == (16, 3.0, 12)
    model = network(5, 24)
    with FlopCounterMode(display=False) as counter:
        for _ in range(3):
            model(torch.rand(16, 5)).sum().backward()
        with torch.no_grad():
            model(torch.rand(12, 5))
    assert sizes.operations() == counter.get_total_flops()
    assert sizes.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_bytes_are_what_the_calls_touch() -> None:
    moved = Sizes(widths=(2, 3, 3, 3, 1), batch=4, steps=1.0, validated=0).least_bytes()
    # Input, output and weights of each layer: forward, the weights' gradient, but for the first the inputs'.
    layers = [8 + 12 + 6, 12 + 12 + 9, 12 + 12 + 9, 12 + 4 + 3]
    weights = 6 + 9 + 9 + 3
    assert moved["products"] == 4 * (3 * sum(layers) - layers[0] + weights)  # judging reads the weights
    assert moved["optimizer"] == 4 * 7 * (weights + 10)
    assert moved["activation"] == 4 * 5 * 4 * 9


def test_calls_belong_to_the_part_around_them() -> None:
    model, rows = network(5, 24), TensorDataset(torch.rand(16, 5))
    optimizer = torch.optim.AdamW(model.parameters())
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        for (x,) in DataLoader(rows, batch_size=16):
            nn.functional.binary_cross_entropy_with_logits(model(x), torch.ones(16, 1)).backward()
            optimizer.step()
        torch.ones(3).mul_(2.0)
    parts: dict[str, set[str]] = {}
    for event in seen.events() or ():
        parts.setdefault(event.name, set()).add(part_of(event))
    assert parts["aten::addmm"] == parts["aten::mm"] == {"products"}
    assert parts["aten::clamp_min"] == parts["aten::threshold_backward"] == {"activation"}
    assert {"optimizer", "loss"} <= parts["aten::mul_"]  # the optimizer's, and one on its own
    assert parts["aten::addcdiv_"] == {"optimizer"}
    assert parts["aten::stack"] == {"rest"}
    assert "loss" in parts["aten::log_sigmoid_forward"]


def test_a_cell_is_measured_kept_and_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "roofline.json"
    tiny = ["--rows", "60", "--features", "5", "--processes", "1", "--rounds", "1"]
    assert roofline.main(["--cells", "32:16:3", *tiny, "--output", str(output)]) == 0
    printed = capsys.readouterr().out
    kept = json.loads(output.read_text())
    facts = kept["cells"]["32:16:3"]
    assert kept["machine"]["torch"] == torch.__version__
    assert len(facts["load"]) == 2
    work = Work(width=32, batch=16, lanes=3, rows=60, features=5, device="cpu")
    assert facts["bare"]["lanes_a_program"] == lanes_a_program(work) == 3.0
    assert facts["operations"] == Sizes.of(work).operations()
    assert min(facts["bare"]["stacked"], facts["bare"]["alone"]) > 0
    assert facts["bare"]["reached"].keys() == set(KINDS)
    for loop in roofline.LOOPS:
        parts = facts["loops"][loop]
        assert parts["total"] == pytest.approx(sum(parts[part] for part in (*PARTS, "rest")))
        assert min(parts[part] for part in ("total", "products", "activation", "optimizer")) > 0
    assert "The pack is " in printed
    assert roofline.main(["--table", "--output", str(output)]) == 0
    assert capsys.readouterr().out == printed


def test_the_answer_follows_from_the_figures() -> None:
    loop = dict.fromkeys(PARTS, 0.0) | {"rest": 0.0}
    facts = {
        "operations": 4e9,
        "bare": {"lanes_a_program": 2.0, "stacked": 0.05, "alone": 0.05, "reached": {"forward": 100e9}},
        "loops": {
            "pack": loop | {"products": 0.08, "optimizer": 0.02, "total": 0.1},
            "written out": loop | {"products": 0.08, "optimizer": 0.01, "total": 0.09},
            "tight": loop | {"total": 0.2},
            "usual": loop | {"total": 0.2},
        },
    }
    products, usual, tight, gaps = roofline.answer(facts)
    assert "80% of the pack's time, at 50.0 GFLOP/s; bare, stacked, 80.0; the best" in products
    assert "2.00 times the usual loop; it would be 4.00 times" in usual
    assert "5.00 times if these also" in usual
    assert "0.90 times the tightest loop (written out); it would be 1.80 times" in tight
    assert "ms a lane-epoch: optimizer +10.000, " in gaps
    alone, *rest = roofline.answer(facts | {"bare": facts["bare"] | {"lanes_a_program": 1.0}})
    assert "room for one lane" in alone
    assert rest == [products, usual, tight, gaps]


@pytest.mark.parametrize("cell", ["256", "256:x", "0:128", "1:2:3:4"])
def test_an_unknown_cell_is_named(cell: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=cell):
        roofline.main(["--cells", cell, "--output", str(tmp_path / "results.json")])
