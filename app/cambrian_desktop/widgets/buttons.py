"""Buttons in the house's style; their icons follow the theme."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from cambrian_desktop import theme

Look = Literal["", "link", "chip", "icon", "rail"]


_GAP = 4


class ActionButton(QPushButton):
    """A button that draws its icon anew when the theme changes."""

    def __init__(
        self, text: str = "", icon: str | None = None, *, primary: bool = False, look: Look = ""
    ) -> None:
        super().__init__()
        self._icon = icon
        self._role = "on_accent" if primary else "accent" if look == "link" else "muted"
        self.setProperty("primary", primary)
        self.setProperty("look", look)
        self._gap = 0 if look == "icon" else _GAP
        self.setIconSize(QSize(theme.ICON_SIZE + self._gap, theme.ICON_SIZE))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(text)
        self._redraw()
        theme.signals.changed.connect(self._redraw)

    def set_icon(self, icon: str | None, role: str = "") -> None:
        """Show another icon, in another token's colour if `role` is given."""
        self._icon = icon
        self._role = role or self._role
        self._redraw()

    def _redraw(self) -> None:
        if self._icon is not None:
            self.setIcon(theme.icon(self._icon, self._role, gap=self._gap))


def action_button(text: str, icon: str | None = None, primary: bool = False) -> ActionButton:
    """A button that does something; at most one of a page is primary."""
    return ActionButton(text, icon, primary=primary)


def link_button(text: str, icon: str | None = None) -> ActionButton:
    """A quiet button that reads like a link."""
    return ActionButton(text, icon, look="link")


def chip_button(text: str, icon: str | None = None) -> ActionButton:
    """A small round button for one of several things of a kind."""
    return ActionButton(text, icon, look="chip")


def icon_button(icon: str, meaning: str) -> ActionButton:
    """A button without text; `meaning` is its tooltip and accessible name."""
    button = ActionButton(icon=icon, look="icon")
    say_meaning(button, meaning)
    return button


def say_meaning(button: QWidget, meaning: str) -> None:
    """Give a widget without text its tooltip and accessible name."""
    button.setToolTip(meaning)
    button.setAccessibleName(meaning)
