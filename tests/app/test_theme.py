"""The theme: readable in both, in one place, and changed while the window stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cambrian_desktop import theme
from cambrian_desktop.resources import icon_path, resource_dir
from cambrian_desktop.widgets.buttons import action_button
from cambrian_desktop.widgets.cards import Card
from cambrian_desktop.widgets.labels import set_tone, text_label

APP = Path(theme.__file__).parent
NAMED = re.compile(r"GlobalColor\.(?!transparent\b)\w+|\bQt\.(?:black|white|red|green|blue|gray|yellow)\b")
LITERAL = re.compile(
    r"#[0-9A-Fa-f]{3,8}\b|\brgba?\s*\(\s*\d|\b(?:QColor|setColor|mkPen|mkBrush|mkColor)\(\s*[\"'\d(]"
)


NEEDED = {
    *("home", "plus-circle", "activity", "git-branch", "list", "chart", "cube", "gear", "pause", "play"),
    *("stop", "trash", "folder", "file", "copy", "arrow-undo", "check", "warning", "info", "x"),
    *("download", "search", "dots", "refresh"),
}


def _luminance(colour: str) -> float:
    """Relative luminance as the Web Content Accessibility Guidelines 2.2 define it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_is_readable_on_every_ground(name: str) -> None:
    look = theme.tokens(name)
    words = {each: getattr(look, each) for each in ("text", "muted", "accent", "good", "warn", "bad")}
    grounds = {each: getattr(look, each) for each in ("bg", "surface", "accent_soft")}
    grounds["hover"] = theme.mix(look.surface, look.text, 0.05)
    ratios = {(word, ground): _contrast(words[word], grounds[ground]) for word in words for ground in grounds}
    ratios[("on_accent", "accent")] = _contrast(look.on_accent, look.accent)
    ratios[("on_accent", "accent under the mouse")] = _contrast(
        look.on_accent, theme.mix(look.accent, look.text, 0.12)
    )
    ratios[("bg", "text of the undo bar")] = _contrast(look.bg, look.text)
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5} == {}


def test_contrast_is_what_the_guidelines_say() -> None:
    assert _contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert _contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_no_colour_stands_outside_the_theme_files() -> None:
    found = [
        f"{path.relative_to(APP)}:{number}: {line.strip()}"
        for path in sorted(APP.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LITERAL.search(line) or NAMED.search(line)
    ]
    assert found == []
    assert LITERAL.search('pen = pg.mkPen("#ff0000")')
    assert LITERAL.search("QColor(255, 0, 0)")
    assert NAMED.search("Qt.GlobalColor.red")


def test_the_ticks_are_drawn_in_the_colour_of_the_tokens() -> None:
    for name in ("light", "dark"):
        tick = (resource_dir() / "theme" / f"tick-{name}.svg").read_text(encoding="utf-8")
        assert theme.tokens(name).on_accent in tick


def test_a_theme_changes_what_is_drawn_at_once(app: QApplication, qtbot: QtBot) -> None:
    card = Card("Fitness")
    label = text_label("19% below gradient boosting")
    set_tone(label, "good")
    button = action_button("Pause", "pause")
    card.body.addWidget(label)
    card.body.addWidget(button)
    qtbot.addWidget(card)
    card.resize(300, 160)
    card.show()
    heard: list[str] = []
    keep = lambda: heard.append(theme.current().bg)  # noqa: E731 - disconnected below
    theme.signals.changed.connect(keep)
    for name in ("dark", "light", "dark"):
        theme.apply(app, name)
        qtbot.wait(1)
        look = theme.tokens(name)
        picture = card.grab().toImage()
        assert picture.pixelColor(12, picture.height() - 8).name().upper() == look.surface
        colours = {
            picture.pixelColor(x, y).name().upper()
            for x in range(picture.width())
            for y in range(picture.height())
        }
        assert look.good in colours, "the label's tone"
        icon = button.icon().pixmap(22, 18).toImage()
        inks = {
            icon.pixelColor(x, y).name()
            for x in range(18)
            for y in range(18)
            if icon.pixelColor(x, y).alpha() > 250
        }
        assert QColor(look.muted).name() in inks, "the button's icon"
    theme.signals.changed.disconnect(keep)
    assert heard == [theme.tokens(name).bg for name in ("dark", "light", "dark")]


def test_the_system_decides_where_the_user_left_it_to(app: QApplication) -> None:
    theme.apply(app, "dark")
    assert theme.current().dark
    theme.apply(app, "system")
    hint = app.styleHints().colorScheme().name == "Dark"
    assert theme.current().dark == hint


def test_every_icon_is_drawn_in_the_colour_it_is_asked_for(app: QApplication) -> None:
    names = sorted(path.stem for path in (resource_dir() / "icons").glob("*.svg"))
    assert set(names) >= NEEDED
    for name in names:
        assert "currentColor" in icon_path(name).read_text(encoding="utf-8")
        image = theme.icon(name, "bad").pixmap(54, 54).toImage()
        solid = {
            image.pixelColor(x, y).name().upper()
            for x in range(54)
            for y in range(54)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert solid == {theme.current().bad}, name


def test_the_files_of_both_themes_have_the_same_names() -> None:
    light, dark = (
        json.loads((resource_dir() / "theme" / f"{name}.json").read_text()) for name in ("light", "dark")
    )
    assert list(light) == list(dark)
    assert len(light["families"]) == len(set(light["families"])) == len(dark["families"])
