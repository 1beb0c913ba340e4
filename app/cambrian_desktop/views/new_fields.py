"""Settings of an experiment as fields of a form: one declaration a field, one widget, its error below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from cambrian.errors import SettingError
from cambrian.experiment import Experiment
from cambrian_desktop import theme
from cambrian_desktop.widgets.choices import Choice
from cambrian_desktop.widgets.labels import plain_tooltip, set_tone, text_label

Kind = Literal["text", "path", "whole", "number", "words", "choice", "yes"]
Words = Callable[[], str]


@dataclass(frozen=True)
class Field:
    """A setting and how it is asked for.

    Attributes:
        section: Section of the experiment; "reading" is the one within `data`, "" the experiment itself.
        key: The setting.
        kind: `whole` and `number` may be left empty where the setting may be None; `words` are separated by
            commas.
        name: Its name.
        hint: What it does, for the tooltip.
        options: Value and name of each choice.
        empty: What an empty field means, shown in it.
    """

    section: str
    key: str
    kind: Kind
    name: Words
    hint: Words
    options: Callable[[], Sequence[tuple[Any, str]]] = tuple
    empty: Words = str

    def value(self, draft: Experiment) -> Any:
        """What the draft says."""
        if not self.section:
            return getattr(draft, self.key)
        place = draft.data.reading if self.section == "reading" else getattr(draft, self.section)
        return getattr(place, self.key)

    def put(self, draft: Experiment, value: Any) -> Experiment:
        """The draft with this value.

        Raises:
            SettingError: The value is not allowed.
        """
        if self.section == "reading":
            return draft.changed(data={"reading": {self.key: value}})
        return draft.changed(**{self.section or "seed": {self.key: value}})


class FieldRow(QWidget):
    """One field: the widget, and below it why its text cannot be taken."""

    edited = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.error = text_label("", "caption", wrap=True)
        set_tone(self.error, "bad")
        self.error.hide()
        self.editor = self._make_editor()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addWidget(self.editor)
        whole.addWidget(self.error)
        self.setFocusProxy(self.editor)

    def retranslate(self) -> None:
        """Set the texts."""
        name = self.field.name()
        self.editor.setAccessibleName(name)
        self.editor.setToolTip(plain_tooltip(self.field.hint()))
        if isinstance(self.editor, QCheckBox):
            self.editor.setText(name)
        elif isinstance(self.editor, Choice):
            self.editor.set_options(self.field.options())
        elif isinstance(self.editor, QLineEdit):
            self.editor.setPlaceholderText(self.field.empty())

    def show_draft(self, draft: Experiment) -> None:
        """Show what the draft says; a text that could not be taken stays."""
        if not self.error.isHidden():
            return
        value = self.field.value(draft)
        if isinstance(self.editor, QCheckBox):
            self.editor.setChecked(bool(value))
        elif isinstance(self.editor, Choice):
            self.editor.set_value(value)
        elif isinstance(self.editor, QLineEdit):
            shown = _shown(value, empty=bool(self.field.empty()))
            if shown != self.editor.text() and not self.editor.hasFocus():
                self.editor.setText(shown)

    def forget(self) -> None:
        """Drop a text that could not be taken."""
        self._say_error("")
        if isinstance(self.editor, QLineEdit):
            self.editor.clearFocus()

    @property
    def wrong(self) -> bool:
        """Whether its text cannot be taken."""
        return not self.error.isHidden()

    def take(self, draft: Experiment) -> Experiment:
        """The draft with what the field holds; unchanged, the reason below the field, where it cannot be."""
        try:
            changed = self.field.put(draft, self._given())
        except ValueError:
            self._say_error(
                self.tr("A whole number is needed.")
                if self.field.kind == "whole"
                else self.tr("A number is needed.")
            )
            return draft
        except SettingError as error:
            self._say_error(f"{_reason(error)} {error.remedy}".strip())
            return draft
        self._say_error("")
        return changed

    def _given(self) -> Any:
        if isinstance(self.editor, QCheckBox):
            return self.editor.isChecked()
        if isinstance(self.editor, Choice):
            return self.editor.value()
        assert isinstance(self.editor, QLineEdit)
        text = self.editor.text()
        match self.field.kind:
            case "whole":
                return int(text.replace(" ", "")) if text.strip() else self._unset()
            case "number":
                return float(text.replace(",", ".")) if text.strip() else self._unset()
            case "words":
                return tuple(word.strip() for word in text.split(",") if word.strip())
            case "path":
                return str(Path(text.strip()).expanduser().absolute()) if text.strip() else ""
        return text.strip() if self.field.section != "reading" else text

    def _unset(self) -> Any:
        """The default: None or 0, which the placeholder explains."""
        if not self.field.section:
            return Experiment.model_fields[self.field.key].get_default()
        model = Experiment.model_fields[self.field.section].get_default()
        return type(model).model_fields[self.field.key].get_default()

    def _say_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        if isinstance(self.editor, QLineEdit) and bool(self.editor.property("wrong")) != bool(text):
            self.editor.setProperty("wrong", bool(text))
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)

    def _make_editor(self) -> QWidget:
        if self.field.kind == "yes":
            box = QCheckBox()
            box.clicked.connect(self.edited)
            return box
        if self.field.kind == "choice":
            choice = Choice()
            choice.chosen.connect(lambda _: self.edited.emit())
            return choice
        line = QLineEdit()
        line.editingFinished.connect(self._finished)
        return line

    def _finished(self) -> None:
        if isinstance(self.editor, QLineEdit) and (self.editor.isModified() or self.wrong):
            self.editor.setModified(False)
            self.edited.emit()


class FieldForm(QWidget):
    """Fields one below another; `changed(draft)` comes when the user changed one that could be taken.

    Args:
        fields: The fields; those of kind `yes` have their name beside the box.
        parent: Its owner.
    """

    changed = Signal(object)

    def __init__(self, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft: Experiment | None = None
        self.rows = {field.key: FieldRow(field) for field in fields}
        self._labels: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE[2])
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (key, row) in enumerate(self.rows.items()):
            row.edited.connect(lambda row=row: self._take(row))
            if row.field.kind == "yes":
                grid.addWidget(row, place, 0, 1, 2)
                continue
            label = self._labels[key] = text_label(role="muted")
            label.setBuddy(row.editor)
            grid.addWidget(label, place, 0)
            grid.addWidget(row, place, 1)
        self.retranslate()

    @property
    def wrong(self) -> bool:
        """Whether a field's text cannot be taken."""
        return any(row.wrong for row in self.rows.values())

    def retranslate(self) -> None:
        """Set the texts."""
        for key, row in self.rows.items():
            row.retranslate()
            if key in self._labels:
                self._labels[key].setText(row.field.name())
        if self._draft is not None:
            self.show_draft(self._draft)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_draft(self, draft: Experiment) -> None:
        """Show what a draft says."""
        self._draft = draft
        for row in self.rows.values():
            row.show_draft(draft)

    def forget_errors(self) -> None:
        """Drop every text that could not be taken, as when another experiment is opened."""
        for row in self.rows.values():
            row.forget()

    def _take(self, row: FieldRow) -> None:
        if self._draft is not None:
            draft = row.take(self._draft)
            # A value that two settings forbid together may be possible now.
            for other in self.rows.values():
                if other is not row and other.wrong:
                    draft = other.take(draft)
            self._draft = draft
            self.changed.emit(draft)


def _shown(value: Any, *, empty: bool) -> str:
    if value is None or (empty and value in (0, "", ())):
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _reason(error: SettingError) -> str:
    """The problem without the place that the field itself shows: "the experiment: search.epochs: ..."."""
    parts = error.problem.split(": ", 2)
    return parts[-1][:1].upper() + parts[-1][1:] if len(parts) > 2 else error.problem
