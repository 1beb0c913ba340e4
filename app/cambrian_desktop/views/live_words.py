"""What the page Live says of a run, in the language in force."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from cambrian.records import Objective
from cambrian.run.facts import ENDED_UNEXPECTEDLY
from cambrian.store.rows import IndividualRow
from cambrian_desktop.figures import MISSING, figure, whole
from cambrian_desktop.models.leaders import changes_text
from cambrian_desktop.models.words import baseline_text, metric_text, state_text
from cambrian_desktop.run_picture import Pace, RunPicture
from cambrian_desktop.widgets.labels import Tone

translate = QCoreApplication.translate
_MOST_STEPS = 4
"""Ancestors of whom the hover tells."""
_EQUAL = 0.0005
"""Values that differ by less than this part of them are equal."""
_CONTROL = frozenset({"pausing", "paused", "resumed", "stopping", "run-started"})


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tile shows: a caption, a number, what it is compared with, and whether that is good."""

    caption: str
    number: str
    comparison: str
    tone: Tone = "muted"


class LiveCounts(QObject):
    """Words for counts: lupdate knows plurals in the `tr` of a QObject only."""

    def culled(self, count: int) -> str:
        """Networks that were culled."""
        return self.tr("%n culled", "", count)

    def failed(self, count: int) -> str:
        """Networks that failed."""
        return self.tr("%n failed", "", count)

    def generations_more(self, count: int) -> str:
        """Generations that are expected yet."""
        return self.tr("%n generations more", "", count)

    def training(self, count: int) -> str:
        """Trainings that go on now."""
        return self.tr("%n trainings go on", "", count)


_COUNTED = LiveCounts()


def title(picture: RunPicture) -> str:
    """What the run does, as the title of its page."""
    number = picture.generations[-1].number if picture.generations else None
    if picture.state in ("running", "paused") and number is not None:
        return translate("Live", "Generation {number}").format(number=whole(number))
    return state_text(picture.state)


def state_line(picture: RunPicture) -> str:
    """How the run stands, what it seeks and how, in one line."""
    if picture.run is None:
        return ""
    search = (picture.asked or {}).get("search", {})
    resolved = picture.run.resolved or {}
    state = _state(picture)
    words = [] if state == title(picture) else [state]
    if picture.objectives:
        words.append(", ".join(aim(each) for each in picture.objectives))
    strategy = strategy_text(str(search.get("strategy", "")))
    if population := resolved.get("population"):
        text = translate("Live", "{strategy}, population {population}")
        words.append(text.format(strategy=strategy, population=whole(population)))
    elif strategy:
        words.append(strategy)
    words.append(translate("Live", "seed {seed}").format(seed=picture.run.seed))
    return " · ".join(word for word in words if word)


def _state(picture: RunPicture) -> str:
    stop = picture.run.stop if picture.run and picture.lives else None
    if picture.state == "running" and stop == "stop":
        return translate("Live", "Stops after this generation")
    if picture.state == "running" and stop == "stop-now":
        return translate("Live", "Stops now")
    if is_pausing(picture):
        return translate("Live", "Pausing: what trains is parked after its epoch")
    if picture.state == "preparing":
        return translate("Live", "Reads the data and measures the pace")
    if picture.state == "finishing":
        return translate("Live", "Trains the finalists again and writes the model")
    return state_text(picture.state)


def is_pausing(picture: RunPicture) -> bool:
    """Whether the run was asked to pause and has not come to it yet."""
    if not picture.lives or picture.state == "paused":
        return False
    kinds = (event.kind for event in reversed(picture.events))
    return next((kind for kind in kinds if kind in _CONTROL), "") == "pausing"


def aim(objective: Objective) -> str:
    """What is sought, such as 'minimise RMSE'."""
    text = (
        translate("Live", "minimise {metric}")
        if objective.direction == "minimize"
        else translate("Live", "maximise {metric}")
    )
    return text.format(metric=inline(metric_text(objective.name)))


def inline(name: str) -> str:
    """A metric's name within a sentence: 'log-loss', but 'RMSE' and 'Brier score'."""
    ordinary = len(name) > 1 and name[1].islower() and not name.startswith("Brier")
    return name[0].lower() + name[1:] if ordinary else name


def strategy_text(name: str) -> str:
    """How the space is searched."""
    known = {
        "genetic": translate("Live", "genetic"),
        "random": translate("Live", "at random"),
    }
    return known.get(name, name)


def loss_text(picture: RunPicture) -> str:
    """What the learning curves measure."""
    task = str(((picture.run.resolved if picture.run else None) or {}).get("task", ""))
    name = {"regression": "rmse", "": ""}.get(task, "log_loss")
    text = translate("Live", "validation {metric}")
    return text.format(metric=inline(metric_text(name))) if name else translate("Live", "validation loss")


def baseline(picture: RunPicture) -> tuple[str, float] | None:
    """Name and value of what is to be beaten."""
    if picture.baseline is None or not math.isfinite(picture.baseline[1]):
        return None
    return baseline_text(picture.baseline[0]), picture.baseline[1]


# -- tiles --------------------------------------------------------------------------------------------


def best_figures(picture: RunPicture) -> Figures:
    """The best so far against the best baseline."""
    caption = translate("Live", "Best so far")
    if picture.objectives:
        caption += f" · {metric_text(picture.objectives[0].name)}"
    if not picture.leaders:
        if picture.generations and picture.generations[0].complete:
            return Figures(caption, MISSING, translate("Live", "no network has a value so far"), "warn")
        return Figures(caption, MISSING, translate("Live", "known after the first generation"))
    value, rival = picture.leaders[0].value, baseline(picture)
    if rival is None:
        text = translate("Live", "individual {number}, generation {generation}")
        leader = picture.leaders[0]
        text = text.format(number=leader.individual, generation=leader.generation)
        return Figures(caption, figure(value), text)
    compared, tone = comparison(value, rival, picture.objectives[0])
    return Figures(caption, figure(value), compared, tone)


def comparison(value: float, rival: tuple[str, float], objective: Objective) -> tuple[str, Tone]:
    """How a value stands to another one: in percent for an error, else as a difference."""
    name, other = rival
    difference = value - other
    if abs(difference) <= _EQUAL * abs(other):
        return translate("Live", "equal to {name} ({value})").format(name=name, value=figure(other)), "muted"
    by_part = objective.direction == "minimize" and other > 0 and value >= 0
    amount = _percent(abs(difference) / abs(other)) if by_part else figure(abs(difference), 3)
    text = (
        translate("Live", "{amount} below {name} ({value})")
        if difference < 0
        else translate("Live", "{amount} above {name} ({value})")
    )
    better = objective.cost(value) < objective.cost(other)
    return text.format(amount=amount, name=name, value=figure(other)), "good" if better else "warn"


def _percent(share: float) -> str:
    return f"{QLocale().toString(100 * share, 'f', 1 if share < 0.02 else 0)}%"


def evaluated_figures(picture: RunPicture, culled: int = 0, failed: int = 0) -> Figures:
    """How many networks have a result, how fast, and how many of them were culled or failed."""
    caption, pace = translate("Live", "Evaluated"), picture.pace
    if pace is None:
        return Figures(caption, MISSING, "")
    words = []
    if pace.per_minute is not None:
        words.append(translate("Live", "{count} a minute").format(count=_rate(pace.per_minute)))
    if culled:
        words.append(_COUNTED.culled(culled))
    if failed:
        words.append(_COUNTED.failed(failed))
    if not words and picture.state == "preparing":
        words.append(translate("Live", "begins when the pace is known"))
    elif not words:
        words.append(translate("Live", "the first networks train"))
    return Figures(caption, whole(pace.evaluated), " · ".join(words))


def _rate(value: float) -> str:
    return whole(value) if value >= 10 else figure(value, 2)


def time_figures(picture: RunPicture) -> Figures:
    """How long it takes yet, or took."""
    pace = picture.pace
    if pace is None:
        return Figures(translate("Live", "Time left"), MISSING, "")
    if not picture.lives:
        return Figures(translate("Live", "Time used"), duration(pace.used_seconds), _ended(picture))
    used = translate("Live", "{time} used").format(time=duration(pace.used_seconds))
    if pace.left_seconds is None:
        return Figures(translate("Live", "Time left"), MISSING, used)
    words = [_end(picture, pace)]
    if pace.generations_left is not None and picture.state in ("running", "paused"):
        last = translate("Live", "the last generation")
        words.append(_COUNTED.generations_more(pace.generations_left) if pace.generations_left else last)
    return Figures(
        translate("Live", "Time left"),
        duration(pace.left_seconds),
        " · ".join(word for word in words if word) or used,
    )


def _end(picture: RunPicture, pace: Pace) -> str:
    if picture.state == "paused":
        return translate("Live", "stands still: paused")
    if pace.ends is None:
        return ""
    return translate("Live", "ends {time}").format(time=f"{pace.ends:%H:%M}")


def _ended(picture: RunPicture) -> str:
    if picture.state == "complete":
        return translate("Live", "the result is there")
    if picture.state in ("interrupted", ENDED_UNEXPECTEDLY):
        return translate("Live", "Resume goes on from here")
    return ""


def duration(seconds: float) -> str:
    """A time such as '12:40' or '3:05:00'."""
    whole_seconds = max(0, round(seconds))
    hours, rest = divmod(whole_seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def workers_figures(picture: RunPicture) -> Figures:
    """How many workers train, and how busy they are; in words why they do not."""
    caption = translate("Live", "Workers")
    if not picture.lives:
        return Figures(caption, MISSING, translate("Live", "no process executes the run"))
    count = len(picture.workers)
    busy = sum(each.state == "busy" for each in picture.workers)
    words = [_why_idle(picture, busy)]
    pace = picture.pace
    if pace is not None and pace.training:
        words = [_COUNTED.training(pace.training)]
    if pace is not None and pace.busy is not None:
        words.append(translate("Live", "{percent}% busy so far").format(percent=round(100 * pace.busy)))
    number = f"{whole(busy)} / {whole(count)}" if count else MISSING
    return Figures(caption, number, " · ".join(word for word in words if word))


def _why_idle(picture: RunPicture, busy: int) -> str:
    if picture.state == "paused":
        return translate("Live", "all wait: paused")
    if not picture.workers:
        return translate("Live", "they start")
    if picture.state == "preparing":
        return translate("Live", "the data is prepared")
    return "" if busy else translate("Live", "they wait for the next networks")


# -- hover ----------------------------------------------------------------------------------------------


def ancestry_text(picture: RunPicture, number: int) -> str:
    """An individual, its result, and what changed from step to step."""
    rows = picture.individuals
    if not 0 <= number < len(rows):
        return ""
    row = rows[number]
    head = translate("Live", "Individual {number}, place {place} in generation {generation}")
    place = "?" if row.rank is None else row.rank + 1
    lines = [head.format(number=number, place=place, generation=row.generation)]
    if row.values:
        pairs = zip(picture.objectives, row.values, strict=False)
        lines.append(", ".join(f"{metric_text(each.name)} {figure(value)}" for each, value in pairs))
    else:
        lines.append(translate("Live", "it failed"))
    for _ in range(_MOST_STEPS):
        lines.append(_step(row))
        if not row.parents or row.parents[0] >= row.number:
            break
        row = rows[row.parents[0]]
    return "\n".join(lines)


def _step(row: IndividualRow) -> str:
    changes = changes_text(row)
    if len(changes) > 90:
        changes = changes[:88] + "…"
    if not row.parents:
        return changes
    parents = ", ".join(str(parent) for parent in row.parents)
    return translate("Live", "from {parents}: {changes}").format(parents=parents, changes=changes)
