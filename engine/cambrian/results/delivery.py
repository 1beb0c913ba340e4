"""The end of a run: the champion is written and scored once on the test part, beside the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cambrian.data.prepared import Prepared
from cambrian.results.baselines import baseline_predictions, labels
from cambrian.results.champion import save_champion
from cambrian.results.evaluation import CHAMPION, evaluate, verdict
from cambrian.results.shortfall import shortfall
from cambrian.training.spec import Task


def deliver(
    prepared: Prepared,
    lanes: Sequence[Path],
    *,
    bundle: Path,
    baselines: Path,
    available: Mapping[str, Mapping[str, Any]] | None = None,
    metric: str,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Write the model and score it.

    Args:
        prepared: The data; this is the only place that reads the test rows' targets.
        lanes: Files of the champion's lanes.
        bundle: Folder of the delivered model.
        baselines: Folder of the baselines' predictions for the test rows.
        available: Facts of the baselines there are, as `fit_baselines` gave them; None: all, whole.
        metric: The metric of the verdict.
        facts: Where the champion came from.

    Returns:
        `test` (scores with standard errors, differences), `verdict` and `networks` (how many), as JSON: a
        metric that is not defined on the test rows is null.
    """
    champion = save_champion(bundle, prepared, lanes, facts=facts)
    columns, y = prepared.test()
    others = baseline_predictions(prepared, baselines, names=available)
    predictions = {CHAMPION: champion.predict(columns), **others}
    scores = evaluate(prepared.task, y, predictions, metric=metric, weights=prepared.test_weights)
    unit = prepared.schema.target_column if prepared.task == "regression" else ""
    return {
        "test": scores.to_json(),
        "verdict": verdict(scores, labels=_labels(prepared.task, available or {}), unit=unit),
        "networks": len(champion.members),
    }


def _labels(task: Task, baselines: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What the baselines are called; of one that had no time for all rows that is said."""
    short = {name: shortfall(facts) for name, facts in baselines.items()}
    return {
        name: label + (f" ({short[name]})" if short.get(name) else "") for name, label in labels(task).items()
    }
