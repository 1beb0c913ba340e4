"""What every page needs: the settings, the workspace, and the command that starts a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Literal, cast

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from cambrian.config import default_workspace
from cambrian.run.workspace import Workspace

ThemeChoice = Literal["light", "dark", "system"]
LanguageChoice = Literal["en", "zh_CN", "system"]

SETTINGS_VARIABLE = "CAMBRIAN_SETTINGS"
"""Environment variable that names another file of settings."""


def settings_path() -> Path:
    """The file of settings."""
    named = os.environ.get(SETTINGS_VARIABLE)
    if named:
        return Path(named)
    return Path(platformdirs.user_config_dir("cambrian", appauthor=False)) / "desktop.ini"


class Context(QObject):
    """Settings that outlive the window, and what follows from them.

    Args:
        workspace: A workspace for this process alone; by default the settings decide.
        parent: Its owner.
    """

    workspace_changed = Signal()
    theme_changed = Signal()
    language_changed = Signal()

    def __init__(self, workspace: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(str(settings_path()), QSettings.Format.IniFormat)
        self._given = workspace

    @property
    def workspace(self) -> Workspace:
        """The folder of the runs: this process's own, the settings', the environment's or the platform's."""
        if self._given is not None:
            return Workspace(self._given)
        chosen = self._text("workspace") or os.environ.get("CAMBRIAN_WORKSPACE")
        return Workspace(Path(chosen) if chosen else default_workspace())

    def set_workspace(self, path: Path | None) -> None:
        """Use another folder from now on; None goes back to the platform's."""
        self._given = None
        self._keep("workspace", str(path) if path else "")
        self.workspace_changed.emit()

    @property
    def theme(self) -> ThemeChoice:
        """Light, dark, or as the system."""
        return cast(ThemeChoice, self._one_of("theme", ("system", "light", "dark")))

    def set_theme(self, choice: ThemeChoice) -> None:
        """Use another theme from now on."""
        self._keep("theme", choice)
        self.theme_changed.emit()

    @property
    def language(self) -> LanguageChoice:
        """English, Simplified Chinese, or as the system."""
        return cast(LanguageChoice, self._one_of("language", ("system", "en", "zh_CN")))

    def set_language(self, choice: LanguageChoice) -> None:
        """Use another language from now on."""
        self._keep("language", choice)
        self.language_changed.emit()

    @property
    def workers(self) -> int | None:
        """Worker processes of new runs; None lets the engine decide."""
        text = self._text("workers")
        return int(text) if text.isdecimal() and int(text) > 0 else None

    def set_workers(self, workers: int | None) -> None:
        """Use another number of workers for new runs."""
        self._keep("workers", str(workers or ""))

    def remembered(self, name: str) -> QByteArray:
        """The state of a widget as it was kept; empty before the first time."""
        value: Any = self._store.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def remember(self, name: str, state: QByteArray) -> None:
        """Keep the state of a widget, such as a window's geometry."""
        self._store.setValue(f"state/{name}", state)
        self._store.sync()

    def command(self) -> list[str]:
        """How the engine's command line is started: the program and its first arguments."""
        if getattr(sys, "frozen", False):
            name = "cambrian.exe" if os.name == "nt" else "cambrian"
            return [str(Path(sys.executable).resolve().parent / name)]
        return [sys.executable, "-m", "cambrian"]

    def _text(self, name: str) -> str:
        return str(self._store.value(name, "") or "")

    def _one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self._text(name)
        return text if text in allowed else allowed[0]

    def _keep(self, name: str, value: str) -> None:
        self._store.setValue(name, value)
        self._store.sync()
