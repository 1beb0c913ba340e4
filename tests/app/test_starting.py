"""`cambrian-desktop` as a process: what it says when it cannot open, and how it ends."""

from __future__ import annotations

import ctypes.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LONGEST = 60
HEAVY = ("torch", "deap", "sklearn", "pyarrow", "pandas", "scipy", "duckdb", "openpyxl")


def _start(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**kept, **environment},
    )


def test_no_display_is_said_in_a_sentence(tmp_path: Path) -> None:
    process = _start("-m", "cambrian_desktop", folder=tmp_path, QT_QPA_PLATFORM="xcb", DISPLAY=":987")
    output, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 1, errors
    assert errors.startswith("cambrian-desktop: ")
    assert "Traceback" not in errors + output
    assert len(errors.strip().splitlines()) == 2, "a sentence and its remedy"
    has_libraries = ctypes.util.find_library("xcb-cursor") is not None
    assert "There is no display" in errors or not has_libraries


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            "ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')",
            "libEGL.so.1",
        ),
        ("ModuleNotFoundError('No module named PySide6', name='PySide6')", "pip install 'cambrian[desktop]'"),
    ],
)
def test_a_missing_library_is_said_in_a_sentence(tmp_path: Path, error: str, said: str) -> None:
    (tmp_path / "PySide6.py").write_text(f"raise {error}\n", encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))
    process = _start("-m", "cambrian_desktop", folder=tmp_path, PYTHONPATH=path)
    output, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 1, errors
    assert errors.startswith("cambrian-desktop: ")
    assert said in errors
    assert "Traceback" not in errors + output


def test_help_needs_no_display(tmp_path: Path) -> None:
    process = _start("-m", "cambrian_desktop", "--help", folder=tmp_path)
    output, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 0
    assert "FILE" in output or "file" in output


WAITING = """
import sys
from PySide6.QtCore import QTimer
from cambrian_desktop.__main__ import main
QTimer.singleShot(0, lambda: None)
import cambrian_desktop.window as window
shown = window.MainWindow.showEvent
def show(self, event):
    shown(self, event)
    QTimer.singleShot(0, lambda: print("shown", flush=True))
window.MainWindow.showEvent = show
sys.exit(main([]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches a process otherwise on Windows")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_ctrl_c_closes_the_window(tmp_path: Path, number: signal.Signals, status: int) -> None:
    process = _start("-c", WAITING, folder=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n"
    process.send_signal(number)
    output, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == status, errors
    assert "Traceback" not in errors + output
    assert (tmp_path / "settings" / "desktop.ini").exists(), "the window's place was kept"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches a process otherwise on Windows")
@pytest.mark.parametrize("between", [0.0, 0.05, 0.2])
def test_signals_one_upon_the_other_end_it_without_a_crash(tmp_path: Path, between: float) -> None:
    process = _start("-X", "faulthandler", "-c", WAITING, folder=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n"
    for _ in range(6):
        process.send_signal(signal.SIGTERM)
        time.sleep(between)
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode in (0, -signal.SIGTERM), errors
    assert errors == ""
    assert (tmp_path / "settings" / "desktop.ini").exists(), "the window's place was kept"


STRUCTURE = """
import sys
import cambrian_desktop.__main__
from PySide6.QtWidgets import QApplication
from cambrian_desktop.context import Context
from cambrian_desktop.window import MainWindow
app = QApplication([])
window = MainWindow(Context())
window.show()
app.processEvents()
for name in window.pages:
    window.show_page(name)
    app.processEvents()
print(sorted(name for name in sys.argv[1:] if name in sys.modules))
window.close()
"""


def test_the_window_loads_no_heavy_library(tmp_path: Path) -> None:
    process = _start("-c", STRUCTURE, *HEAVY, folder=tmp_path, QT_QPA_PLATFORM="offscreen")
    output, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors
    assert output.strip() == "[]"


def test_an_exception_of_a_slot_is_a_sentence_and_a_line_of_the_log(tmp_path: Path) -> None:
    code = """
import sys
from PySide6.QtCore import QTimer
import cambrian_desktop.window as window
from cambrian_desktop.__main__ import main
class Window(window.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, lambda: {}["a key that is not there"])
        QTimer.singleShot(300, lambda: print(self.banner.problem.text(), self.banner.isVisible()))
        QTimer.singleShot(400, self.close)
window.MainWindow = Window
sys.exit(main([]))
"""
    process = _start("-c", code, folder=tmp_path, QT_QPA_PLATFORM="offscreen")
    output, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert output.strip() == "Something in the window went wrong: KeyError. True"
    log = (tmp_path / "settings" / "desktop.log").read_text(encoding="utf-8")
    assert "a key that is not there" in log


def test_the_window_says_where_a_run_cannot_be_watched(tmp_path: Path) -> None:
    """A workspace that is a file: the window opens, and no traceback is printed."""
    place = tmp_path / "not-a-folder"
    place.write_text("x", encoding="utf-8")
    process = _start(
        "-c", WAITING, folder=tmp_path, QT_QPA_PLATFORM="offscreen", CAMBRIAN_WORKSPACE=str(place)
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n"
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
