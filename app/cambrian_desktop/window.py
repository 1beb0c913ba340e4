"""The window: a rail of pages, and the one run whose pages it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from cambrian.run.requests import RequestKind
from cambrian.run.workspace import RunFolder
from cambrian_desktop import languages, run_process, theme
from cambrian_desktop.context import Context
from cambrian_desktop.run_picture import IndividualPicture, RunPicture
from cambrian_desktop.run_watcher import RunWatcher
from cambrian_desktop.views.home import HomePage
from cambrian_desktop.views.individuals import IndividualsPage
from cambrian_desktop.views.live import LivePage
from cambrian_desktop.views.model import ModelPage
from cambrian_desktop.views.new_experiment import NewExperimentPage
from cambrian_desktop.views.page import Page
from cambrian_desktop.views.settings import SettingsPage
from cambrian_desktop.widgets.banners import Banner
from cambrian_desktop.widgets.drop import FileDrops
from cambrian_desktop.widgets.rail import Rail

_ABOVE = [("home", "home"), ("new", "plus-circle")]
_OF_RUN = [("live", "activity"), ("individuals", "list"), ("model", "cube")]
_BELOW = [("settings", "gear")]
_FIRST_SIZE = QSize(1440, 900)
_FRAME = QSize(0, 40)
"""About what a window manager adds."""
_LEAST_SIZE = QSize(960, 620)
_PAINTED_MS = 5
"""After so long a page that was just shown is painted: by then it is laid out, and once is enough."""


class MainWindow(QMainWindow):
    """The window.

    Args:
        context: Settings and workspace; theme and language are followed from here.

    Attributes:
        pages: Every page by name: home, new, live, individuals, model, settings.
        stack: Shows one of them.
        banner: What happened that belongs to no page.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.watcher: RunWatcher | None = None
        self._folder: RunFolder | None = None
        self._picture: RunPicture | None = None
        self._stale: set[str] = set()
        self.rail = Rail("Cambrian", _ABOVE, _OF_RUN, _BELOW)
        self.banner = Banner()
        self.home = HomePage(context)
        self.new = NewExperimentPage(context)
        self.live = LivePage(context)
        self.individuals = IndividualsPage(context)
        self.model = ModelPage(context)
        self.settings = SettingsPage(context)
        self.pages: dict[str, Page] = {
            "home": self.home,
            "new": self.new,
            "live": self.live,
            "individuals": self.individuals,
            "model": self.model,
            "settings": self.settings,
        }
        self._shown = ""
        self._build()
        self._wire()
        self._add_shortcuts()
        self.retranslate()
        self._restore()

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._shown

    @property
    def run_id(self) -> str:
        """The open run; empty where none is."""
        return self._folder.id if self._folder else ""

    def show_page(self, name: str) -> None:
        """Show a page; one of a run needs an open run, else it is home that is shown."""
        if name not in self.pages or (name in dict(_OF_RUN) and self._folder is None):
            name = "home"
        if name != self._shown:
            if self._shown:
                self.pages[self._shown].left()
            self._shown = name
            # What waits to be painted would paint all of the page now, and it is painted in a moment.
            self.stack.setUpdatesEnabled(False)
            QTimer.singleShot(_PAINTED_MS, self.stack, lambda: self.stack.setUpdatesEnabled(True))
            self.stack.setCurrentWidget(self.pages[name])
            self._refresh(name)
            self.rail.button(name).setFocus(Qt.FocusReason.OtherFocusReason)
            self.pages[name].entered()
        self.rail.select(name)

    def open_run(self, run_id: str, page: str = "live") -> None:
        """Watch a run of the workspace and show one of its pages."""
        if run_id != self.run_id:
            self.close_run()
            self._folder = RunFolder(self.context.workspace.runs / run_id)
            self.watcher = RunWatcher(self._folder, self)
            self.watcher.changed.connect(self._take_picture)
            self.watcher.individual_read.connect(self._take_individual)
            self.watcher.individual_refused.connect(self.say)
            self.rail.set_caption(run_id)
            self._stale = set()
            self.watcher.start()
        self.show_page(page)

    def close_run(self) -> None:
        """Watch no run any more; the run itself goes on."""
        if self.watcher is not None:
            self.watcher.stop()
            self.watcher.deleteLater()
        self.watcher, self._folder, self._picture = None, None, None
        self.rail.set_caption("")
        self.setWindowTitle("Cambrian")
        if self._shown in dict(_OF_RUN):
            self.show_page("home")

    def open_file(self, path: str) -> None:
        """Begin a new experiment with a file."""
        self.show_page("new")
        self.new.open_file(path)

    def say(self, problem: str, remedy: str = "") -> None:
        """Say what went wrong above whatever page is shown."""
        self.banner.show_message(problem, remedy)

    def retranslate(self) -> None:
        """Set every text in the language in force."""
        texts = {
            "home": (self.tr("Home"), "Ctrl+1"),
            "new": (self.tr("New experiment"), "Ctrl+N"),
            "live": (self.tr("Live"), "Ctrl+2"),
            "individuals": (self.tr("Individuals"), "Ctrl+3"),
            "model": (self.tr("Model"), "Ctrl+4"),
            "settings": (self.tr("Settings"), "Ctrl+,"),
        }
        for name, (text, keys) in texts.items():
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            self.rail.set_text(name, text, f"{text} ({shown})")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep where the window was; runs go on without it."""
        self.context.remember("window", self.saveGeometry())
        place = json.dumps({"run": self.run_id, "page": self._shown})
        self.context.remember("place", QByteArray(place.encode()))
        for page in self.pages.values():
            page.closing()
        if self.watcher is not None:
            self.watcher.stop()
        super().closeEvent(event)

    def _build(self) -> None:
        self.setWindowTitle("Cambrian")
        self.setWindowIcon(theme.icon("cambrian", "accent"))
        self.setMinimumSize(_LEAST_SIZE)
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.banner.setProperty("place", "window")
        column.addWidget(self.banner)
        column.addWidget(self.stack, 1)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(right, 1)
        self.setCentralWidget(centre)
        self._drops = FileDrops(self, self.open_file)

    def _wire(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.home.open_requested.connect(self.open_run)
        self.home.new_requested.connect(self._begin)
        self.home.deleted.connect(self._forget)
        self.new.started.connect(self.open_run)
        self.live.request.connect(self._ask_run)
        self.live.resume_requested.connect(self._resume_run)
        self.live.page_requested.connect(self.show_page)
        for page in (self.live, self.model):
            page.open_individual.connect(self._open_individual)
        self.individuals.wants.connect(self._read_individual)
        self.context.theme_changed.connect(self._take_theme)
        self.context.language_changed.connect(self._take_language)
        self.context.workspace_changed.connect(self.close_run)

    def _add_shortcuts(self) -> None:
        for number, name in enumerate(("home", *dict(_OF_RUN)), start=1):
            self._add_shortcut(f"Ctrl+{number}", lambda name=name: self.show_page(name))
        self._add_shortcut("Ctrl+N", lambda: self.show_page("new"))
        self._add_shortcut("Ctrl+,", lambda: self.show_page("settings"))
        self._add_shortcut("Ctrl+Q", self.close)

    def _add_shortcut(self, keys: str, act: Any) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _restore(self) -> None:
        geometry = self.context.remembered("window")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(_FIRST_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        try:
            place = json.loads(bytes(self.context.remembered("place").data()) or b"{}")
            run, page = str(place.get("run", "")), str(place.get("page", ""))
        except (ValueError, AttributeError):
            run, page = "", ""
        if run and RunFolder(self.context.workspace.runs / run).database.exists():
            self.open_run(run, page if page in dict(_OF_RUN) else "home")
        else:
            self.show_page("home")

    def _begin(self, file: str) -> None:
        if file:
            self.open_file(file)
        else:
            self.show_page("new")

    def _take_picture(self, picture: RunPicture) -> None:
        self._picture = picture
        self._stale = set(dict(_OF_RUN))
        data = (picture.asked or {}).get("data", {})
        if data:
            caption = f"{Path(str(data.get('file', ''))).stem} · {data.get('target', '')}"
            self.rail.set_caption(caption)
            self.setWindowTitle(f"{caption} - Cambrian")
        self._refresh(self._shown)

    def _refresh(self, name: str) -> None:
        """Hand the page the latest picture if it lacks it: pages that are hidden cost nothing."""
        if self._picture is None or name not in self._stale:
            return
        self._stale.discard(name)
        page = self.pages[name]
        assert isinstance(page, LivePage | IndividualsPage | ModelPage)
        page.show_picture(self._picture)

    def _take_individual(self, picture: IndividualPicture) -> None:
        self.individuals.show_individual(picture)

    def _open_individual(self, number: int) -> None:
        self.show_page("individuals")
        self.individuals.open_individual(number)

    def _read_individual(self, number: int) -> None:
        if self.watcher is not None:
            self.watcher.individual(number)

    def _ask_run(self, kind: RequestKind) -> None:
        if self._folder is not None:
            run_process.request(self._folder, kind).refused.connect(self.live.show_refusal)

    def _resume_run(self) -> None:
        if self._folder is not None:
            run_process.resume_run(self.context, self._folder).refused.connect(self.live.show_refusal)

    def _forget(self, run_id: str) -> None:
        if run_id == self.run_id:
            self.close_run()

    def _take_theme(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self.context.theme)

    def _take_language(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if (
            not languages.apply(app, self.context.language)
            and languages.resolve(self.context.language) != "en"
        ):
            self.banner.show_message(
                self.tr(
                    "The Chinese texts are missing from this installation, so the window speaks English."
                ),
                self.tr("In a checkout run packaging/translations.sh; otherwise install Cambrian again."),
                "warn",
            )
