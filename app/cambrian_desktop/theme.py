"""The look: colours from `resources/theme`, the palette and style sheet made of them, and icons in them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from string import Template
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from cambrian_desktop.resources import icon_path, resource_dir

Choice = Literal["light", "dark", "system"]

SPACE = (4, 8, 14, 24)
"""The four distances between things, in pixels."""

RADIUS = 8
"""Corners of cards, in pixels."""

ICON_SIZE = 18
"""Side of an icon, in pixels."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of a theme as `#RRGGBB`.

    Attributes:
        bg: Behind pages; `surface` of cards, `line` of hairlines.
        text: What is read; `muted` what explains it.
        accent: Selection, primary action, champion; `accent_soft` behind it, `on_accent` written on it.
        good: Words and icons of success; `warn` and `bad` likewise.
        families: Colours that tell families of networks and strategies apart (Okabe and Ito, 2008), told
            apart by most colour-blind people too.
        dark: Whether the theme is dark.
    """

    bg: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    warn: str
    bad: str
    families: tuple[str, ...]
    dark: bool


class _Signals(QObject):
    changed = Signal()


class _State:
    """The theme in force; one for the process, as the application's palette is."""

    tokens: Tokens | None = None
    choice: Choice = "system"
    follows_system = False


signals = _Signals()
"""`signals.changed` comes after each change of theme, when `current()` gives the new colours."""


@cache
def tokens(name: Literal["light", "dark"]) -> Tokens:
    """The colours of one theme, read from its file."""
    values = json.loads((resource_dir() / "theme" / f"{name}.json").read_text(encoding="utf-8"))
    return Tokens(**{**values, "families": tuple(values["families"])})


def current() -> Tokens:
    """The colours in force; the light theme's before the first `apply`."""
    return _State.tokens or tokens("light")


def mix(first: str, second: str, part: float) -> str:
    """The colour that is `part` (0 to 1) of the way from `first` to `second`."""
    a, b = QColor(first), QColor(second)
    pairs = zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(x + (y - x) * part) for x, y in pairs)).name().upper()


def tone_colour(tone: str) -> str:
    """The colour of a tone: `muted`, `text`, `accent`, `good`, `warn` or `bad`."""
    return str(getattr(current(), tone))


def apply(app: QApplication, choice: Choice) -> None:
    """Give the application a theme, now and for all its windows.

    Args:
        app: The application.
        choice: `system` follows the system's theme, also when that changes later.
    """
    hints = app.styleHints()
    if not _State.follows_system:
        _State.follows_system = True
        app.setStyle("Fusion")
        app.setFont(_body_font(app))
        hints.colorSchemeChanged.connect(lambda: _follow(app))
    _State.choice = choice
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(choice, Qt.ColorScheme.Unknown)
    hints.setColorScheme(wanted)  # for title bars; the platform may do nothing
    _paint(app, choice)


def _follow(app: QApplication) -> None:
    if _State.choice == "system":
        _paint(app, "system")


def _paint(app: QApplication, choice: Choice) -> None:
    if choice == "system":
        dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        chosen = tokens("dark" if dark else "light")
    else:
        chosen = tokens(choice)
    if chosen == _State.tokens and app.styleSheet():
        return
    _State.tokens = chosen
    app.setStyleSheet("")  # to replace one by another takes Qt seven times as long: a second for the window
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_style_sheet(chosen))
    signals.changed.emit()


def _body_font(app: QApplication) -> QFont:
    """The system's font, or Inter where it is installed, at 10 points with figures of equal width."""
    font = QFont(app.font())
    if "Inter" in QFontDatabase.families():
        font.setFamilies(["Inter", *font.families()])
    font.setPointSize(10)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _palette(look: Tokens) -> QPalette:
    palette = QPalette()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    faint = mix(look.surface, look.muted, 0.6)
    for which, colour in {
        role.Window: look.bg,
        role.Base: look.surface,
        role.AlternateBase: look.bg,
        role.ToolTipBase: look.surface,
        role.Button: look.surface,
        role.WindowText: look.text,
        role.Text: look.text,
        role.ButtonText: look.text,
        role.ToolTipText: look.text,
        role.PlaceholderText: look.muted,
        role.BrightText: look.bad,
        role.Highlight: look.accent,
        role.HighlightedText: look.on_accent,
        role.Accent: look.accent,
        role.Link: look.accent,
        role.LinkVisited: look.accent,
        role.Light: look.surface,
        role.Midlight: look.line,
        role.Mid: look.line,
        role.Dark: look.muted,
        role.Shadow: look.line,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, which, QColor(faint))
    return palette


def _style_sheet(look: Tokens) -> str:
    template = Template((resource_dir() / "theme" / "style.qss").read_text(encoding="utf-8"))
    derived = {
        "hover": mix(look.surface, look.text, 0.05),
        "pressed": mix(look.surface, look.text, 0.10),
        "accent_hover": mix(look.accent, look.text, 0.12),
        "disabled": mix(look.surface, look.muted, 0.6),
        "disabled_fill": mix(look.surface, look.line, 0.6),
        "handle": mix(look.line, look.muted, 0.5),
        "tick": (resource_dir() / "theme" / f"tick-{'dark' if look.dark else 'light'}.svg").as_posix(),
    }
    return template.substitute({name: str(value) for name, value in asdict(look).items()}, **derived)


def icon(name: str, role: str = "muted", *, gap: int = 0) -> QIcon:
    """An icon in a colour of the theme in force; ask again when the theme changes.

    Args:
        name: A file of `resources/icons`.
        role: A token; `on_accent` for one on a primary button. Where the icon is checked it is `accent`.
        gap: Empty pixels at its right, before a text.
    """
    look = current()
    return _icon(name, str(getattr(look, role)), look.accent, mix(look.surface, look.muted, 0.6), gap)


@cache
def _icon(name: str, colour: str, checked: str, disabled: str, gap: int) -> QIcon:
    made = QIcon()
    for times in (1, 2, 3):
        size, room = ICON_SIZE * times, gap * times
        made.addPixmap(_drawing(name, colour, size, room))
        made.addPixmap(_drawing(name, checked, size, room), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(_drawing(name, disabled, size, room), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, role: str = "muted", size: int = ICON_SIZE) -> QPixmap:
    """An icon as a picture of `size` pixels, sharp on the main screen."""
    screen = QGuiApplication.primaryScreen()
    ratio = screen.devicePixelRatio() if screen else 1.0
    picture = _drawing(name, str(getattr(current(), role)), round(size * ratio))
    picture.setDevicePixelRatio(ratio)
    return picture


def _drawing(name: str, colour: str, size: int, gap: int = 0) -> QPixmap:
    source = icon_path(name).read_text(encoding="utf-8").replace("currentColor", colour)
    picture = QPixmap(size + gap, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture
