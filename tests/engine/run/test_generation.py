"""What a generation says of its individuals when it is cut short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_parts import database, individual, resolved_of

from cambrian.records import Evaluation, LaneStatus, State
from cambrian.run.generation import GenerationTrainer, Lanes
from cambrian.run.lanes import LaneId, LaneReport, LaneTask
from cambrian.run.store import Store


class CutShort:
    """Trains the first rung; of the second only the lanes in `there` before the time is over."""

    def __init__(self, there: set[int]) -> None:
        self.there = there
        self.rungs: list[int] = []

    def run(self, tasks: list[LaneTask]) -> tuple[dict[LaneId, LaneReport], bool]:
        self.rungs.append(tasks[0].rung)
        cut = tasks[0].rung == 1
        reached = [task for task in tasks if not cut or task.id.individual in self.there]
        return {task.id: _report(task) for task in reached}, cut


def _report(task: LaneTask) -> LaneReport:
    stopped = task.id.individual == 0
    status = LaneStatus.STOPPED if stopped else LaneStatus.RUNNING
    return LaneReport(task.id, status, epochs=task.until, values=(task.id.individual / 10 - task.rung,))


def test_a_lane_that_did_not_reach_a_rung_keeps_the_one_it_reached(tmp_path: Path) -> None:
    writer = database(tmp_path / "run.db")
    individuals = [individual(number) for number in range(6)]
    waiting = [Evaluation(each.number, 0, 0, State.WAITING) for each in individuals]
    writer.begin_generation(0, individuals, {}, waiting)
    dispatcher: Any = CutShort(there={1})
    trainer = GenerationTrainer(
        Lanes(resolved_of(), lambda genes: 4, 0),
        dispatcher,
        Store(writer, lambda error: None),
        known={},
        tell=lambda event: None,
    )
    outcomes = {each.individual.number: each for each in trainer.train(individuals)}
    writer.close()
    assert trainer.halted
    assert dispatcher.rungs == [0, 1]
    # 0 had ended before, 1 came to the second rung; another survivor was still on its way there.
    assert (outcomes[0].rung, outcomes[0].values) == (1, (0.0,))
    assert (outcomes[1].rung, outcomes[1].values) == (1, (pytest.approx(-0.9),))
    others = [outcomes[number] for number in range(2, 6)]
    assert {each.rung for each in others} == {0}
    assert [each.values for each in others] == [(number / 10,) for number in range(2, 6)]
