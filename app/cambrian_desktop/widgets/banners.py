"""What happened and what to do about it, in the page and never in a dialog; and a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cambrian_desktop import theme
from cambrian_desktop.widgets.buttons import action_button, icon_button, say_meaning
from cambrian_desktop.widgets.labels import ElidedLabel, set_tone, text_label

Tone = Literal["info", "good", "warn", "bad"]

_ICONS = {"info": "info", "good": "check", "warn": "warning", "bad": "warning"}


class Banner(QFrame):
    """A sentence, its remedy and perhaps an action; hidden until there is something to say."""

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "banner")
        self._tone: Tone = "bad"
        self._act: Callable[[], object] | None = None
        self._icon = QLabel()
        self.problem = text_label(wrap=True, selectable=True)
        self.remedy = text_label(role="muted", wrap=True, selectable=True)
        self.action = action_button("")
        self.action.clicked.connect(self._run_action)
        self._close = icon_button("x", "")
        self._close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE[2], theme.SPACE[1], theme.SPACE[1], theme.SPACE[1])
        row.setSpacing(theme.SPACE[1])
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.problem)
        words.addWidget(self.remedy)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        theme.signals.changed.connect(self._redraw)
        self._retranslate()
        self.hide()

    def show_message(
        self,
        problem: str,
        remedy: str = "",
        tone: Tone = "bad",
        *,
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Say something until it is dismissed or replaced.

        Args:
            problem: What happened.
            remedy: What to do.
            tone: How grave it is.
            action: Text of a button that does it.
            on_action: What the button does; the banner goes then.
        """
        self._tone = tone
        self._act = on_action
        self.problem.setText(problem)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(f"{problem} {remedy}".strip())
        set_tone(self, "" if tone == "info" else tone)
        self._redraw()
        self.show()

    def clear(self) -> None:
        """Say nothing any more."""
        self._act = None
        self.hide()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        say_meaning(self._close, self.tr("Dismiss this message"))

    def _redraw(self) -> None:
        role = "accent" if self._tone == "info" else self._tone
        self._icon.setPixmap(theme.pixmap(_ICONS[self._tone], role))

    def _run_action(self) -> None:
        act = self._act
        self.clear()
        if act is not None:
            act()

    def _dismiss(self) -> None:
        self.clear()
        self.dismissed.emit()


class UndoBar(QFrame):
    """Offers to take back what was just done; after a while, or at the next offer, it is done for good."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "undo")
        self._undo: Callable[[], object] | None = None
        self._commit: Callable[[], object] | None = None
        self._words = ElidedLabel()
        self.button = action_button("")
        self.button.clicked.connect(self._take_back)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE[2], theme.SPACE[1], theme.SPACE[1], theme.SPACE[1])
        row.addWidget(self._words, 1)
        row.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.commit_now)
        self._retranslate()
        self.hide()

    def offer(
        self, text: str, undo: Callable[[], object], commit: Callable[[], object], seconds: float = 8
    ) -> None:
        """Say what was done and offer to take it back.

        Args:
            text: What was done, as a sentence.
            undo: Takes it back.
            commit: Makes it final; called exactly once unless it was taken back.
            seconds: How long the offer stands.
        """
        self.commit_now()
        self._undo, self._commit = undo, commit
        self._words.setText(text)
        self.setAccessibleName(text)
        self._timer.start(round(seconds * 1000))
        self.show()

    def commit_now(self) -> None:
        """Make what was done final at once, as at the window's end."""
        self._timer.stop()
        commit, self._commit, self._undo = self._commit, None, None
        self.hide()
        if commit is not None:
            commit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def _retranslate(self) -> None:
        self.button.setText(self.tr("Undo"))

    def _take_back(self) -> None:
        self._timer.stop()
        undo, self._undo, self._commit = self._undo, None, None
        self.hide()
        if undo is not None:
            undo()
