"""Settings: the workspace, the look, the language, and the workers of new runs."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from cambrian_desktop import languages
from cambrian_desktop.context import Context, settings_path
from cambrian_desktop.theme import SPACE
from cambrian_desktop.views.page import Page
from cambrian_desktop.widgets.banners import Banner
from cambrian_desktop.widgets.buttons import action_button, link_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.labels import ElidedLabel, text_label
from cambrian_desktop.widgets.numbers import NumberField

_WIDEST = 760
"""Text columns do not grow with the window."""


class SettingsPage(Page):
    """The settings; each holds from the moment it is changed."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.banner = Banner()
        self._cards = (Card(), Card(), Card(), Card())
        for widget in (self.banner, *self._cards):
            widget.setMaximumWidth(_WIDEST)
            self.content.addWidget(widget)
        self.content.addStretch(1)
        self._build_workspace(self._cards[0])
        self._build_look(self._cards[1])
        self._build_runs(self._cards[2])
        self._build_about(self._cards[3])
        context.workspace_changed.connect(self._show_workspace)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        self.set_header(self.tr("Settings"), self.tr("Each holds at once; runs that go on keep theirs."))
        for card, title in zip(
            self._cards,
            (self.tr("Workspace"), self.tr("Appearance"), self.tr("New runs"), self.tr("About")),
            strict=True,
        ):
            card.set_title(title)
        self._workspace_note.setText(
            self.tr(
                "The folder that holds every run: its history, its own copy of the rows and its model. "
                "Runs stay where they are when you choose another."
            )
        )
        self.choose.setText(self.tr("Choose folder…"))
        self.reveal.setText(self.tr("Open folder"))
        self.default.setText(self.tr("Use the default"))
        self._theme_label.setText(self.tr("Theme"))
        self.theme_choice.setAccessibleName(self.tr("Theme"))
        self.theme_choice.set_texts((self.tr("As the system"), self.tr("Light"), self.tr("Dark")))
        self._language_label.setText(self.tr("Language"))
        self.language_choice.setAccessibleName(self.tr("Language"))
        self.language_choice.set_texts((self.tr("As the system"), *languages.NAMES.values()))
        self._workers_label.setText(self.tr("Workers"))
        self.workers.setAccessibleName(self.tr("Workers"))
        self.workers.setSpecialValueText(self.tr("Chosen by Cambrian"))
        self._workers_note.setText(
            self.tr(
                "Processes that train at the same time. Chosen by Cambrian: one a core, and one core left "
                "free on machines with more than four. The number never changes a result."
            )
        )
        self._say_about()
        self._show_workspace()

    def _build_workspace(self, card: Card) -> None:
        self._workspace_note = text_label(role="muted", wrap=True)
        self.path = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.choose = action_button("", "folder")
        self.reveal = action_button("")
        self.default = link_button("")
        self.choose.clicked.connect(self._choose)
        self.reveal.clicked.connect(self._reveal)
        self.default.clicked.connect(lambda: self.use_workspace(None))
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE[1])
        for button in (self.choose, self.reveal, self.default):
            buttons.addWidget(button)
        buttons.addStretch(1)
        card.body.addWidget(self._workspace_note)
        card.body.addWidget(self.path)
        card.body.addLayout(buttons)

    def _build_look(self, card: Card) -> None:
        self._theme_label, self._language_label = text_label(role="muted"), text_label(role="muted")
        self.theme_choice = Choice((name, "") for name in ("system", "light", "dark"))
        self.language_choice = Choice((name, "") for name in ("system", *languages.NAMES))
        self.theme_choice.set_value(self.context.theme)
        self.language_choice.set_value(self.context.language)
        self.theme_choice.chosen.connect(self.context.set_theme)
        self.language_choice.chosen.connect(self.context.set_language)
        rows = ((self._theme_label, self.theme_choice), (self._language_label, self.language_choice))
        card.body.addLayout(_form(rows))

    def _build_runs(self, card: Card) -> None:
        self._workers_label = text_label(role="muted")
        self._workers_note = text_label(role="muted", wrap=True)
        self.workers = NumberField(0, max(os.cpu_count() or 1, self.context.workers or 0))
        self.workers.setValue(self.context.workers or 0)
        self.workers.valueChanged.connect(lambda number: self.context.set_workers(number or None))
        card.body.addLayout(_form(((self._workers_label, self.workers),)))
        card.body.addWidget(self._workers_note)

    def _build_about(self, card: Card) -> None:
        self._version = text_label()
        self._files = text_label(role="muted", wrap=True, selectable=True)
        card.body.addWidget(self._version)
        card.body.addWidget(self._files)

    def _say_about(self) -> None:
        try:
            number = version("cambrian")
        except PackageNotFoundError:
            number = "?"
        self._version.setText(self.tr("Cambrian {version}, MIT licence").format(version=number))
        self._files.setText(self.tr("Settings and log are in {folder}").format(folder=settings_path().parent))

    def _show_workspace(self) -> None:
        self.path.setText(str(self.context.workspace.path))

    def use_workspace(self, path: Path | None) -> None:
        """Use another folder, or say why it cannot be used."""
        if path is not None and not (path.is_dir() and os.access(path, os.W_OK)):
            self.banner.show_message(
                self.tr("The folder {folder} cannot be written to.").format(folder=path),
                self.tr("Choose a folder of your own."),
            )
            return
        self.banner.clear()
        self.context.set_workspace(path)

    def _choose(self) -> None:
        start = str(self.context.workspace.path)
        found = QFileDialog.getExistingDirectory(self, self.tr("Choose the workspace"), start)
        if found:
            self.use_workspace(Path(found))

    def _reveal(self) -> None:
        folder = self.context.workspace.path
        if not folder.is_dir():
            self.banner.show_message(
                self.tr("The folder {folder} is not there yet.").format(folder=folder),
                self.tr("The first run makes it."),
                "info",
            )
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _form(rows: tuple[tuple[QWidget, QWidget], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE[2])
    grid.setVerticalSpacing(SPACE[1])
    grid.setColumnMinimumWidth(0, 120)
    grid.setColumnStretch(1, 3)
    grid.setColumnStretch(2, 2)
    for row, (label, field) in enumerate(rows):
        field.setMaximumWidth(320)
        grid.addWidget(label, row, 0)
        grid.addWidget(field, row, 1)
    return grid
