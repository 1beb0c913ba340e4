"""The result of a run: verdict, test scores beside the baselines, the champion, and predicting files."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cambrian.run.workspace import RunFolder
from cambrian.training.metrics import METRICS
from cambrian_desktop.context import Context
from cambrian_desktop.figures import figure, whole
from cambrian_desktop.models.words import file_text, metric_text, state_text
from cambrian_desktop.plots.scores import Score, ScoresPlot
from cambrian_desktop.run_picture import RunPicture
from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.card_column import card_column
from cambrian_desktop.views.genome_text import network_line
from cambrian_desktop.views.model_text import champion_sentences, looks_text, waiting_text
from cambrian_desktop.views.page import Page
from cambrian_desktop.views.predict_card import PredictCard
from cambrian_desktop.views.text_rows import TextRows
from cambrian_desktop.views.verdict import model_text, shortfall_text, verdict_text
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.empty import EmptyState
from cambrian_desktop.widgets.grid import FlowGrid
from cambrian_desktop.widgets.labels import text_label
from cambrian_desktop.widgets.places import Places
from cambrian_desktop.widgets.tables import ROW_HEIGHT, PlainTable

_SCORE_HEIGHT, _AXIS_HEIGHT = 52, 84
"""Pixels of a model's line in the plot of scores, and of what stands below."""
_CHOICE_WIDTH = 170
_ROUNDING = 1e-12
_MODELS = ("champion", "boosting", "linear", "majority")


class ModelPage(Page):
    """The end of a run; before it, what will stand here.

    Signals:
        open_individual(int): The champion is to be shown in full.
    """

    open_individual = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._picture: RunPicture | None = None
        self._shown: tuple[str, str] | None = None
        self.places = Places()
        self.empty = EmptyState("cube")
        self.verdict = text_label(role="title", wrap=True, selectable=True)
        self.looks = text_label(role="muted", wrap=True)
        self.scores_card, self.champion_card, self.measures_card = Card(), Card(), Card()
        self.measure = Choice()
        self.scores = ScoresPlot()
        self.network = text_label(role="card-title", wrap=True, selectable=True)
        self.made_of = text_label(wrap=True, selectable=True)
        self.champion = text_label(role="muted", wrap=True, selectable=True)
        self.open_champion = action_button("")
        self.measures = PlainTable()
        self.measure_rows = TextRows(self)
        self.predict_card = PredictCard(context)
        self._build()
        self.retranslate()

    @property
    def result(self) -> dict[str, Any] | None:
        """The run's result; None before its end."""
        run = self._picture.run if self._picture is not None else None
        return run.result if run is not None else None

    def show_picture(self, picture: RunPicture) -> None:
        """Show the run as it stands now."""
        self._picture = picture
        done = self.result is not None
        showing = (str(picture.folder), picture.run.finished or "") if done and picture.run else None
        if showing is None or showing != self._shown:  # a result does not change: its page stays as it is
            self._shown = showing
            self.retranslate()

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.scores_card.set_title(self.tr("Test scores"))
        self.scores_card.set_note("")
        self.scores.setAccessibleName(self.tr("Test scores"))
        self.champion_card.set_title(self.tr("The champion"))
        self.measures_card.set_title(self.tr("Every measure"))
        self.measures.setAccessibleName(self.tr("Every measure of every model"))
        self.measure.setAccessibleName(self.tr("Measure of the test scores"))
        if self.result is None:
            self._show_waiting()
        else:
            self._show_result(self.result)

    def closing(self) -> None:
        """End a prediction that is at work."""
        self.predict_card.prediction.close()

    def _build(self) -> None:
        self.measure.setMinimumWidth(_CHOICE_WIDTH)
        self.scores_card.header.addWidget(self.measure)
        self.measure.chosen.connect(lambda _: self._show_scores())
        self.scores_card.body.addWidget(self.scores, 1)
        for label in (self.network, self.made_of, self.champion):
            self.champion_card.body.addWidget(label)
        self.champion_card.body.addWidget(self.open_champion, 0, Qt.AlignmentFlag.AlignLeft)
        self.open_champion.clicked.connect(self._open_champion)
        self.measures.setModel(self.measure_rows)
        self.measures_card.body.addWidget(self.measures)
        self.measures_card.body.addStretch(1)
        head = Card()
        head.body.addWidget(self.verdict)
        head.body.addWidget(self.looks)
        grid = FlowGrid((3, 2))
        grid.add_card(card_column((self.scores_card, 0), (self.measures_card, 1)))
        grid.add_card(card_column((self.champion_card, 0), (self.predict_card, 1)))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE[2])
        column.addWidget(head)
        column.addWidget(grid, 1)
        self.places.add(self.empty)
        self.places.add(inner)
        self.content.addWidget(self.places, 1)

    def _show_waiting(self) -> None:
        self.places.show_place(0)
        if self._picture is None:
            self.set_header(self.tr("Model"))
            self.empty.set_texts(
                self.tr("No run is open"), self.tr("Open a run on the Home page to see its model here.")
            )
            return
        self.set_header(self.tr("Model"), state_text(self._picture.state))
        failed = self._picture.state == "failed"
        self.empty.set_icon("warning" if failed else "cube")
        self.empty.set_texts(*waiting_text(self._picture))

    def _show_result(self, result: dict[str, Any]) -> None:
        assert self._picture is not None
        assert self._picture.run is not None
        run, folder = self._picture.run, RunFolder(self._picture.folder)
        data = (self._picture.asked or {}).get("data", {})
        target, file = str(data.get("target", "")), file_text(str(data.get("file", "")))
        self.set_header(self.tr("Model"), f"{file} · {target} · {state_text(self._picture.state)}")
        task = str((run.resolved or {}).get("task", ""))
        self.verdict.setText(verdict_text(result, task=task, target=target))
        self.looks.setText(looks_text(run.test_looks))
        self._offer_metrics(result["test"])
        self._show_scores()
        self._show_measures(result)
        champion = result["champion"]
        self.network.setText(network_line(champion["genome"]))
        made_of, *others = champion_sentences(result)
        self.made_of.setText(made_of)
        self.champion.setText("\n".join(others))
        self.open_champion.setText(self.tr("Open individual {number}").format(number=champion["individual"]))
        self.predict_card.set_folder(folder)
        self.places.show_place(1)

    def _offer_metrics(self, test: dict[str, Any]) -> None:
        self.measure.set_options((name, metric_text(name)) for name in _metrics(test))

    def _show_scores(self) -> None:
        name = self.measure.value()
        if self.result is None or name is None:
            return
        rows = [
            Score(
                model_text(model), _number(values[name]["value"]), _error(values[name]), model == "champion"
            )
            for model, values in _models(self.result)
        ]
        self.scores.setFixedHeight(_SCORE_HEIGHT * len(rows) + _AXIS_HEIGHT)
        direction = METRICS[name].direction if name in METRICS else ""
        note = self.tr("bars: one standard error")
        self.scores.show(rows, unit=metric_text(name), direction=direction, note=note)

    def _show_measures(self, result: dict[str, Any]) -> None:
        models = _models(result)
        titles = [self.tr("measure"), *(model_text(model) for model, _ in models)]
        rows = [
            (metric_text(name), *(_figures(values[name]) for _, values in models))
            for name in _metrics(result["test"])
        ]
        self.measure_rows.set_table(titles, rows, numbers=range(1, len(titles)))
        self.measures.set_stretch_column(0)
        self.measures.setFixedHeight(ROW_HEIGHT * (len(rows) + 1) + 4)
        baselines = result.get("baselines") or {}
        short = [
            f"{model_text(name)}: {why}"
            for name, facts in baselines.items()
            if (why := self.tr("not available") if "error" in facts else shortfall_text(facts))
        ]
        rows_text = self.tr("{count} rows never seen").format(count=whole(result["test"]["rows"]))
        self.measures_card.set_note(" · ".join([rows_text, *short]))

    def _open_champion(self) -> None:
        if self.result is not None:
            self.open_individual.emit(int(self.result["champion"]["individual"]))


def _models(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    scores = result["test"]["scores"]
    return [(model, scores[model]) for model in _MODELS if model in scores]


def _metrics(test: dict[str, Any]) -> list[str]:
    """The decisive metric first."""
    first = test["metric"]
    return [first, *(name for name in test["scores"]["champion"] if name != first)]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _error(score: dict[str, Any]) -> float | None:
    """The standard error; what is rounding alone is 0."""
    value, error = score["value"], score["error"]
    if value is None or error is None:
        return None
    return 0.0 if error < _ROUNDING * max(abs(value), 1.0) else float(error)


def _figures(score: dict[str, Any]) -> str:
    error = _error(score)
    return figure(score["value"]) + ("" if error is None else f" ± {figure(error, 2)}")
