"""The end of a run in words: leaderboard, champion, test scores beside the baselines, verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cambrian.cli.tables import table_lines
from cambrian.cli.text import visible
from cambrian.records import RunState
from cambrian.results.shortfall import shortfall

if TYPE_CHECKING:
    from cambrian.run.run import Ended
    from cambrian.run.workspace import RunFolder

_NAMES = {
    "champion": "evolved",
    "boosting": "gradient boosting",
    "linear": "linear",
    "majority": "majority or mean",
}
_SHOWN = 8


def result_lines(folder: RunFolder, ended: Ended) -> Iterator[str]:
    """The result as lines of text; what to do next where there is none."""
    if ended.state is not RunState.COMPLETE or ended.result is None:
        yield f"Interrupted. `cambrian resume {folder.id}` goes on from here."
        return
    champion = ended.result["champion"]
    yield from leaderboard_lines(folder, champion["individual"])
    yield ""
    yield visible(f"champion: {individual_text(champion, champion['active'])}")
    yield from inheritance_lines(champion)
    yield from score_lines(ended.result)
    yield ""
    yield visible(str(ended.result["verdict"]))
    yield visible(f"Model and history: {folder.path}")
    yield f"`cambrian predict {folder.id} FILE -o OUT` predicts a table."


def leaderboard_lines(folder: RunFolder, champion: int | None = None) -> Iterator[str]:
    """The best individuals of the run by the search, best first.

    The champion is marked, and shown whatever its place is: it was chosen by more networks than the search
    had trained of it.
    """
    from cambrian.store.reader import RunReader

    with RunReader(folder.database) as reader:
        rows = reader.leaderboard(_SHOWN)
        if champion is not None and all(row.individual != champion for row in rows):
            rows += [row for row in [reader.placed(champion)] if row]
    if not rows:
        return
    cells = [["place", "individual", "generation", "rung", rows[0].objective, "network", "origin"]]
    cells += [
        [
            str(row.place),
            f"{row.individual} (champion)" if row.individual == champion else str(row.individual),
            str(row.generation),
            str(row.rung + 1),
            f"{row.value:.6g}",
            network_text(row.genome),
            row.operator + (", inheriting" if "+" in row.key else ""),
        ]
        for row in rows
    ]
    yield ""
    yield from table_lines(cells)


def inheritance_lines(champion: Mapping[str, Any]) -> Iterator[str]:
    """Both scores of a champion that had inherited weights in the search."""
    heir = champion.get("inherited")
    if heir is None:
        return
    both = [
        ", ".join(f"{name} {value:.6g}" for name, value in each["validation"].items())
        for each in (heir, champion)
    ]
    yield ""
    yield (
        f"Individual {champion['individual']} inherited the weights of {heir['parent']} in the search "
        f"({both[0]}); what is delivered was trained from scratch ({both[1]})."
    )


def score_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Every metric of every model on the test rows, with standard errors; the decisive metric first."""
    test = result["test"]
    scores = test["scores"]
    first = test["metric"]
    metrics = [first, *(name for name in scores["champion"] if name != first)]
    sample = [name for name in _NAMES if name in scores]
    cells = [["test score", *(_NAMES[name] for name in sample)]]
    for metric in metrics:
        cells.append([metric, *(_score(scores[name][metric]) for name in sample)])
    yield ""
    yield from table_lines(cells)
    for name, facts in (result.get("baselines") or {}).items():
        if "error" in facts:
            yield visible(f"{_NAMES[name]}: not available ({facts['error']})")
        elif short := shortfall(facts):
            yield f"{_NAMES[name]}: {short}; the minutes had no time for more"


def _score(value: Mapping[str, float | None]) -> str:
    if value["value"] is None:
        return "undefined"
    if value["error"] is None:
        return f"{value['value']:.5g}"
    return f"{value['value']:.5g} ± {value['error']:.2g}"


def network_text(genome: Mapping[str, Any]) -> str:
    """A genome in a few words: widths, activation, normalisation, optimizer."""
    from cambrian.space.families.mlp import layer_widths

    widths = layer_widths(genome)
    shape = "linear" if not widths else "×".join(str(width) for width in widths)
    if widths and len(set(widths)) == 1:
        shape = f"{len(widths)}×{widths[0]}"
    norm = "" if genome["normalisation"] == "none" or not widths else f" {genome['normalisation']} norm"
    activation = f" {genome['activation']}" if widths else ""
    return f"{shape}{activation}{norm}, {genome['optimizer']}"


def individual_text(individual: Mapping[str, Any], active: Collection[str]) -> str:
    """An individual of `show --json` in a line: its genome, how many networks it is, where it came from."""
    networks = individual.get("networks") or ()
    averaged = f"; {len(networks)} networks averaged" if len(networks) > 1 else ""
    origin = (
        f"individual {individual['individual']} of generation {individual['generation']}, "
        f"by {individual['operator']}"
    )
    return f"{genome_text(individual['genome'], active)}{averaged} ({origin})"


def genome_text(genome: Mapping[str, Any], active: Collection[str]) -> str:
    """A genome in plain words: the network, how it learns, what keeps it from fitting noise."""
    rate = next((genome[name] for name in ("lr", "lr_sgd") if name in active), None)
    parts = [network_text(genome)]
    if rate is not None:
        parts.append(f"learning rate {rate:.3g} ({genome['schedule']})")
    parts.append(f"batches of {genome['batch_size']}, at most {genome['epochs']} epochs")
    strengths = {"dropout": "dropout", "weight_decay": "weight decay", "l1": "L1", "l2": "L2"}
    parts += [
        f"{word} {genome[name]:.3g}" for name, word in strengths.items() if name in active and genome[name]
    ]
    return ", ".join(parts)
