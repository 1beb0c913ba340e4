"""Predict a file with a run's model: choose or drop it, look at the first rows, save."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QWidget

from cambrian.run.workspace import RunFolder
from cambrian_desktop.context import Context
from cambrian_desktop.figures import whole
from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.prediction import SUFFIXES, Predicted, Prediction
from cambrian_desktop.views.text_rows import TextRows
from cambrian_desktop.widgets.banners import Banner
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.drop import DropArea
from cambrian_desktop.widgets.labels import ElidedLabel, text_label
from cambrian_desktop.widgets.tables import ROW_HEIGHT, PlainTable

_PREVIEW_ROWS = 8


class PredictCard(Card):
    """A file goes in, predictions come out."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._folder: RunFolder | None = None
        self._predicted: Predicted | None = None
        self._saved = ""
        self.prediction = Prediction(context, self)
        self.drop = DropArea()
        self.hint = text_label(role="muted", wrap=True)
        self.choose = action_button("", "file")
        self.progress = QProgressBar()
        self.progress_text = ElidedLabel(role="muted")
        self.cancel = action_button("", "x")
        self.banner = Banner()
        self.outcome = text_label(wrap=True, selectable=True)
        self.preview = PlainTable()
        self.rows = TextRows(self)
        self.save = action_button("", "download", primary=True)
        self._build()
        self.retranslate()

    def set_folder(self, folder: RunFolder) -> None:
        """Predict with the model of this run from now on."""
        if folder != self._folder:
            self._folder, self._predicted = folder, None
            self.prediction.cancel()
            self.banner.clear()
            self._show_predicted()

    def predict(self, file: str) -> None:
        """Predict a file."""
        if self._folder is not None and file:
            self.banner.clear()
            self.progress_text.setText(self.tr("Predicting {file}").format(file=Path(file).name))
            self.prediction.predict(self._folder, Path(file))

    def save_as(self, file: str) -> None:
        """Save the predictions; the suffix says as what."""
        if file and self._predicted is not None:
            self.banner.clear()
            self.prediction.save(Path(file))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.set_title(self.tr("Predict a file"))
        self.hint.setText(
            self.tr("Drop a table with the same columns here (CSV, Excel, Parquet …); it needs no target.")
        )
        self.choose.setText(self.tr("Choose a file…"))
        self.cancel.setText(self.tr("Cancel"))
        self.progress.setAccessibleName(self.tr("Prediction at work"))
        self.preview.setAccessibleName(self.tr("First predictions"))
        self.save.setText(self.tr("Save as…"))
        self._show_predicted()

    def _build(self) -> None:
        self.drop.dropped.connect(self.predict)
        self.choose.clicked.connect(self._ask_for_file)
        self.save.clicked.connect(self._ask_where)
        self.cancel.clicked.connect(self.prediction.cancel)
        self.prediction.done.connect(self._take)
        self.prediction.saved.connect(self._tell_saved)
        self.prediction.refused.connect(self.banner.show_message)
        self.prediction.busy.connect(self._show_busy)
        row = QHBoxLayout()
        row.setSpacing(SPACE[2])
        row.addWidget(self.hint, 1)
        row.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignVCenter)
        self.drop.body.setContentsMargins(SPACE[2], SPACE[2], SPACE[2], SPACE[2])
        self.drop.body.addLayout(row)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.at_work = QWidget()
        work = QHBoxLayout(self.at_work)
        work.setContentsMargins(0, 0, 0, 0)
        work.addWidget(self.progress_text, 1)
        work.addWidget(self.progress, 1)
        work.addWidget(self.cancel)
        self.at_work.hide()
        self.preview.setModel(self.rows)
        ending = QHBoxLayout()
        ending.addWidget(self.outcome, 1)
        ending.addWidget(self.save, 0, Qt.AlignmentFlag.AlignTop)
        for widget in (self.drop, self.at_work, self.banner):
            self.body.addWidget(widget)
        self.body.addLayout(ending)
        self.body.addWidget(self.preview)
        self.body.addStretch(1)

    def _ask_for_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a table to predict"))
        self.predict(file)

    def _ask_where(self) -> None:
        assert self._predicted is not None
        suggested = self._predicted.source.with_name(f"{self._predicted.source.stem}-predicted{SUFFIXES[0]}")
        kinds = ";;".join(
            f"{name} (*{suffix})" for name, suffix in zip(("CSV", "Parquet"), SUFFIXES, strict=True)
        )
        file, kind = QFileDialog.getSaveFileName(self, self.tr("Save the predictions"), str(suggested), kinds)
        if file and not Path(file).suffix:
            file += SUFFIXES[1] if kind.startswith("Parquet") else SUFFIXES[0]
        self.save_as(file)

    def _take(self, predicted: Predicted) -> None:
        self._predicted, self._saved = predicted, ""
        self._show_predicted()
        if self.choose.hasFocus():
            self.save.setFocus()

    def _tell_saved(self, file: str) -> None:
        self._saved = file
        self._show_predicted()

    def _show_busy(self, busy: bool) -> None:
        # A button that is disabled or hidden gives the focus to anybody: it shall stay in the card.
        focused = self.choose.hasFocus() or self.save.hasFocus() or self.cancel.hasFocus()
        if busy:
            self.at_work.show()
        for button in (self.choose, self.save):
            button.setEnabled(True)
        if focused:
            (self.cancel if busy else self.choose).setFocus()
        for button in (self.choose, self.save):
            button.setEnabled(not busy)
        self.at_work.setVisible(busy)

    def _show_predicted(self) -> None:
        found = self._predicted
        for widget in (self.outcome, self.preview, self.save):
            widget.setVisible(found is not None)
        if found is None:
            return
        counted = self.tr("{count} rows of {file} are predicted.").format(
            count=whole(found.rows), file=found.source.name
        )
        if found.rows == 1:
            counted = self.tr("1 row of {file} is predicted.").format(file=found.source.name)
        lines = [counted, *found.notes]
        if self._saved:
            lines.append(self.tr("Saved as {file}.").format(file=self._saved))
        self.outcome.setText("\n".join(lines))
        titles = [self.tr("row"), *found.header]
        rows = [
            (str(number), *(_short(cell, name) for name, cell in zip(found.header, row, strict=False)))
            for number, row in enumerate(found.first, 1)
        ]
        numeric = [
            0,
            *(place for place in range(1, len(titles)) if all(_is_number(row[place]) for row in rows)),
        ]
        self.rows.set_table(titles, rows, numbers=numeric)
        self.preview.setFixedHeight(ROW_HEIGHT * (min(len(rows), _PREVIEW_ROWS) + 1) + 14)
        self.preview.resizeColumnsToContents()


def _short(cell: str, column: str) -> str:
    """A cell for the eye: probabilities with four decimals, other numbers with six significant digits."""
    if not _is_number(cell) or "." not in cell:
        return cell
    return f"{float(cell):.4f}" if column.startswith("probability_") else f"{float(cell):.6g}"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
