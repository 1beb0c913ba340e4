"""The end: the champion's networks are checked, written as a model and scored once on the test part."""

from __future__ import annotations

from typing import Any

from cambrian.errors import RunError
from cambrian.records import RunEvent
from cambrian.run.baseline_stage import Facts
from cambrian.run.calls import CallInterruptedError, call
from cambrian.run.finalists import Champion, lanes_to_retrain
from cambrian.run.generation import Lanes
from cambrian.run.searching import SearchParts
from cambrian.run.versions import installed_versions
from cambrian.workers.pool import Pool
from cambrian.workers.protocol import Job


class DeliveryStage:
    """Delivers the champion; nothing that was chosen can change after it has begun."""

    def __init__(self, parts: SearchParts, lanes: Lanes, pool: Pool) -> None:
        self._parts = parts
        self._lanes = lanes
        self._pool = pool

    def run(self, champion: Champion, baselines: Facts) -> dict[str, Any]:
        """The run's result as JSON: champion, test scores beside the baselines, verdict.

        Raises:
            RunError: A network of the champion was lost and could not be trained again.
            CallInterruptedError: The run was interrupted.
        """
        parts = self._parts
        parts.control.stage(None)
        self._complete_weights(champion)
        facts = self._facts(champion)
        payload = {
            "folder": str(parts.folder.path),
            "lanes": [lane.name for lane in champion.lanes],
            "metric": parts.resolved.metric,
            "baselines": {name: each for name, each in baselines.items() if "error" not in each},
            "facts": facts,
        }
        looks = 0

        def count_look() -> None:
            """Before the look: one that a kill ends is a look too."""
            nonlocal looks
            looks = parts.store.write(lambda writer: writer.count_test_look())

        job = Job("deliver", "deliver", payload, limit_seconds=3600.0)
        delivered = call(self._pool, [job], parts.control, trying=count_look)["deliver"]
        said = ("rows", "of_rows", "rounds", "of_rounds", "error")
        samples = {name: {key: each[key] for key in said if key in each} for name, each in baselines.items()}
        return {"champion": facts, "baselines": samples, **delivered, "test_looks": looks}

    def _complete_weights(self, champion: Champion) -> None:
        """Train those networks again whose weights are missing or damaged; they end the same."""
        parts = self._parts
        names = [lane.name for lane in champion.lanes]
        payload = {"folder": str(parts.folder.path), "lanes": names}
        job = Job("check-weights", "check-weights", payload, limit_seconds=600.0)
        sound = call(self._pool, [job], parts.control)["check-weights"]
        again = lanes_to_retrain(
            champion, {lane: bool(sound[lane.name]) for lane in champion.lanes}, self._lanes
        )
        if not again:
            return
        parts.tell(RunEvent("retrained", f"{len(again)} networks of the champion are trained to their end"))
        reports, halted = parts.dispatcher.run(again)
        if halted:
            raise CallInterruptedError
        for report in reports.values():
            if report.failed:
                raise RunError(
                    f"Champion {report.id.individual} could not be trained again: {report.error}.",
                    f"`cambrian resume {parts.folder.id}` tries once more.",
                    exit_code=1,
                )

    def _facts(self, champion: Champion) -> dict[str, Any]:
        individual = champion.outcome.individual
        heir, searched = individual.inherited, champion.outcome.values or ()
        names = [each.name for each in self._parts.resolved.objectives]
        return {
            "run": self._parts.folder.id,
            "individual": individual.number,
            "generation": individual.generation,
            "operator": individual.operator,
            "key": individual.genome.key,
            "genome": individual.genome.to_json(),
            "active": sorted(individual.genome.active),
            "validation": dict(zip(names, champion.values, strict=True)),
            "inherited": heir
            and {
                "parent": heir.parent,
                "epochs": heir.epochs,
                "validation": dict(zip(names, searched, strict=True)),
            },
            "finalists": list(champion.finalists),
            "networks": [lane.name for lane in champion.lanes],
            "versions": installed_versions(),
        }
