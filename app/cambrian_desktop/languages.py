"""The languages of the window, and how the application takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from cambrian_desktop.resources import resource_dir

Language = Literal["en", "zh_CN"]

NAMES: dict[Language, str] = {"en": "English", "zh_CN": "简体中文"}
"""Each language in its own words, so that who reads it finds it."""

_FOLDER = "i18n"
_installed: list[QTranslator] = []
_in_force: list[Path] = []


def resolve(choice: str) -> Language:
    """The language that a setting stands for: `system` is the first of the system's that there is."""
    for language in NAMES:
        if choice == language:
            return language
    for name in QLocale.system().uiLanguages():
        if name.startswith("zh"):
            return "zh_CN"
        if name.startswith("en"):
            return "en"
    return "en"


def texts_path(language: Language) -> Path:
    """The compiled texts of a language, which `packaging/translations.sh` makes."""
    return resource_dir() / _FOLDER / f"cambrian_{language}.qm"


def apply(app: QApplication, choice: str) -> bool:
    """Give the application a language; every widget hears of it by a `LanguageChange`.

    Args:
        app: The application.
        choice: `en`, `zh_CN` or `system`.

    Returns:
        Whether the texts of that language are there. Without them the window speaks English, which for `en`
        means no more than '1 networks' for '1 network'.
    """
    language = resolve(choice)
    if _in_force == [texts_path(language)]:
        return True
    while _installed:
        app.removeTranslator(_installed.pop())
    QLocale.setDefault(_locale(language))
    own = QTranslator(app)
    found = own.load(str(texts_path(language)))
    qts = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if qts.load(f"qtbase_{language}", folder):
        _install(app, qts)
    if found:
        _install(app, own)  # last, so that it is asked first
    _in_force[:] = [texts_path(language)] if found else []
    return found


def _install(app: QApplication, translator: QTranslator) -> None:
    app.installTranslator(translator)
    _installed.append(translator)


def _locale(language: Language) -> QLocale:
    """How numbers and dates read: the system's way where it speaks that language."""
    system = QLocale.system()
    chinese = system.language() == QLocale.Language.Chinese
    english = system.language() == QLocale.Language.English
    if (language == "zh_CN" and chinese) or (language == "en" and english):
        return system
    return QLocale("zh_CN" if language == "zh_CN" else "en_US")
