"""What a new experiment shows before there is a file: where to drop one, and the samples."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QWidget

from cambrian_desktop.resources import samples
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.drop import DropArea
from cambrian_desktop.widgets.empty import EmptyState


class FirstFile(DropArea):
    """Takes a file; `dropped(path)` tells a dropped one or a sample, `file_wanted()` asks for a dialog."""

    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = EmptyState("file")
        self.choose = action_button("", "folder", primary=True)
        self.choose.clicked.connect(self.file_wanted)
        self._words.add_action(self.choose)
        self.samples = {path: action_button("", "file") for path in samples()}
        for path, button in self.samples.items():
            button.clicked.connect(lambda _=False, path=path: self.dropped.emit(str(path)))
            self._words.add_action(button)
        self.body.addWidget(self._words)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts."""
        self._words.set_texts(
            self.tr("Drop a table here"),
            self.tr(
                "CSV, Parquet, Excel, Feather, JSON lines, SQLite or DuckDB: a row for each case. "
                "Then choose the column to predict, and start."
            ),
        )
        self.choose.setText(self.tr("Choose a file…"))
        self.choose.setAccessibleName(self.tr("Choose a file…"))
        for path, button in self.samples.items():
            text = self.tr("Sample: {name}").format(name=path.stem)
            button.setText(text)
            button.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
