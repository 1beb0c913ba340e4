"""Measures the window: first paint of a long run, gaps of its event loop, its memory, how it tells a death.

    python tests/benchmarks/desktop_pace.py --all            # every cell, each in a process of its own
    python tests/benchmarks/desktop_pace.py --cells gaps --seconds 90

Cells: `first_paint` opens a run of 20,000 individuals and 1,000,000 epochs; `gaps` follows a real run of 64
individuals a generation with a timer of 10 ms while every core is kept busy besides; `memory` shows 30
minutes of a run (two pictures a second, a generation every 15 s) as fast as they can be shown; `death` kills
a run's process. Beside the gaps of the window stand those of a bare application with the same timer at the
same time, `bare_...`, which are the machine's own, and `longest_work`, what the window computed in a gap.
The numbers are kept in `desktop_pace.json` beside this script, with machine, versions and commit.
Exit status 1 if a bound is missed. The window is offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from big_run import make_big_run, open_long_run
from busy_workers import write_table
from cells import add_cell_options, measure_cells, told
from process_sizes import Series, size_of
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cambrian.run.facts import ENDED_UNEXPECTEDLY
from cambrian.run.workspace import RunFolder
from cambrian.store.lock import RunLock
from cambrian_desktop import theme
from cambrian_desktop.context import SETTINGS_VARIABLE, Context
from cambrian_desktop.run_reading import RunReading
from cambrian_desktop.run_watcher import RunWatcher
from cambrian_desktop.window import MainWindow

RESULTS = Path(__file__).resolve().parent / "desktop_pace.json"
CELLS = ("first_paint", "gaps", "memory", "death")
LATEST_PAINT = 2.0
"""Seconds from opening the long run to the first picture of it."""
LONGEST_GAP, SHORT_GAP, LEAST_SHORT = 0.25, 0.1, 0.999
"""Seconds between two ticks of the timer at most; the part of them that must be below a tenth of a second."""
MOST_GROWTH = 0.1
"""By which part the window may grow from a third of the 30 minutes to their end."""
LATEST_DEATH = 2.0
_PICTURES, _A_GENERATION = 3600, 30
"""Pictures of 30 minutes at two a second, and how many of them a generation lasts."""
_TURNS = 8
"""Rounds of the event loop in which a page draws all of a picture."""
_PATIENCE = 300.0
_BARE = """
import json, sys, time
from PySide6.QtCore import QCoreApplication, Qt, QTimer
app, ticks = QCoreApplication([]), []
timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
timer.start()
QTimer.singleShot(round(float(sys.argv[1]) * 1000), app.quit)
app.exec()
print(json.dumps(ticks))
"""


def main() -> int:
    """Measure, print, record, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_cell_options(parser, RESULTS, cell=f"one of {', '.join(CELLS)}")
    parser.add_argument(
        "--seconds", type=float, default=90.0, help="of the gaps cell, while its run searches"
    )
    parser.add_argument("--individuals", type=int, default=20_000, help="of the long run")
    parser.add_argument("--epochs", type=int, default=1_000_000, help="of the long run")
    parser.add_argument("--pictures", type=int, default=_PICTURES, help="of the memory cell")
    parser.add_argument("--child", choices=CELLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        with tempfile.TemporaryDirectory() as place:
            os.environ[SETTINGS_VARIABLE] = str(Path(place) / "settings.ini")
            print(json.dumps(_MEASURES[options.child](options, Path(place) / "workspace")))
        return 0
    cells = measure_cells(options, CELLS, lambda cell: _in_child(cell, options))
    for name in CELLS:
        if name in cells:
            print(f"{name:12} {_line(name, cells[name])}")
    return told(
        [sentence for name in CELLS if name in cells for sentence in missed_bounds(name, cells[name])]
    )


def missed_bounds(cell: str, facts: dict[str, Any]) -> list[str]:
    """A sentence for every bound of a cell that was missed."""
    missed = []
    if cell == "first_paint" and facts["first_picture"] > LATEST_PAINT:
        missed.append(f"the first picture came after {facts['first_picture']:.2f} s, at most {LATEST_PAINT}")
    if cell == "gaps" and facts["longest"] > LONGEST_GAP:
        missed.append(f"the longest gap is {facts['longest']:.3f} s, at most {LONGEST_GAP}")
    if cell == "gaps" and facts["short"] < LEAST_SHORT:
        missed.append(f"{facts['short']:.3%} of the gaps are below {SHORT_GAP} s, at least {LEAST_SHORT:.1%}")
    if cell == "memory" and facts["growth"] is None:
        missed.append("the window's growth is not known: there are too few pictures")
    elif cell == "memory" and facts["growth"] > MOST_GROWTH:
        missed.append(f"the window grows by {facts['growth']:.1%}, at most {MOST_GROWTH:.0%}")
    if cell == "death" and facts["seconds"] > LATEST_DEATH:
        missed.append(f"the death was told after {facts['seconds']:.2f} s, at most {LATEST_DEATH}")
    return missed


def _line(cell: str, facts: dict[str, Any]) -> str:
    shown = {
        "first_paint": ("window", "first_picture", "loaded"),
        "gaps": ("count", "median", "p999", "longest", "short", "bare_longest", "bare_short", "longest_work"),
        "memory": ("first_mb", "last_mb", "growth", "individuals"),
        "death": ("seconds",),
    }[cell]
    return "  ".join(f"{name} {facts[name]:.4g}" for name in shown if facts[name] is not None)


def _in_child(cell: str, options: argparse.Namespace) -> dict[str, Any]:
    words = ["seconds", "individuals", "epochs", "pictures"]
    given = [word for name in words for word in (f"--{name}", str(getattr(options, name)))]
    command = [sys.executable, __file__, "--child", cell, *given]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _application() -> QApplication:
    app = QApplication(sys.argv[:1])
    theme.apply(app, "light")
    return app


def _until(condition: Callable[[], bool], what: str) -> float:
    """Serve events until the condition holds; when it did, by the clock of `time.perf_counter`."""
    deadline = time.perf_counter() + _PATIENCE
    while not condition():
        if time.perf_counter() > deadline:
            raise SystemExit(f"{what} never came")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
    return time.perf_counter()


def first_paint(options: argparse.Namespace, workspace: Path) -> dict[str, Any]:
    """Seconds until the window is there, until it shows the long run, and until all of that is read."""
    make_big_run(workspace, individuals=options.individuals, epochs=options.epochs)
    app = _application()
    context = Context(workspace)
    began = time.perf_counter()
    window = MainWindow(context)
    window.show()
    app.processEvents()
    shown = time.perf_counter()
    window.open_run("big")
    watcher = window.watcher
    assert watcher is not None
    _until(lambda: watcher.picture is not None, "the first picture")
    _settle()
    first = time.perf_counter()
    _until(lambda: watcher.picture is not None and watcher.picture.loaded, "the whole run")
    _settle()
    loaded = time.perf_counter()
    picture = watcher.picture
    assert picture is not None
    window.close()
    return {
        "individuals": len(picture.individuals),
        "epochs": picture.counts.epochs if picture.counts else 0,
        "window": shown - began,
        "first_picture": first - shown,
        "loaded": loaded - shown,
    }


def _settle() -> None:
    """Draw what waits to be drawn."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
    for _ in range(3):
        QCoreApplication.processEvents()


def gaps(options: argparse.Namespace, workspace: Path) -> dict[str, Any]:
    """Gaps of a timer of 10 ms while a run goes on, pages are changed and every core is kept busy."""
    app = _application()
    context = Context(workspace)
    window = MainWindow(context)
    window.resize(1440, 900)
    window.show()
    with _run(workspace, "--population", "64", "--minutes", "30") as folder, _saturation() as burning:
        _until(folder.database.exists, "the run")
        window.open_run(folder.id)
        watcher = window.watcher
        assert watcher is not None
        _until(lambda: watcher.picture is not None and watcher.picture.settled > 0, "the first generation")
        ticks: list[tuple[float, float]] = []
        timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: ticks.append((time.perf_counter(), time.thread_time())))
        pages = QTimer(interval=15_000)
        turn = iter(["individuals", "live", "home", "live", "model", "live"] * 1000)
        pages.timeout.connect(lambda: window.show_page(next(turn)))
        command = [sys.executable, "-c", _BARE, str(options.seconds)]
        bare = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        timer.start()
        pages.start()
        QTimer.singleShot(round(options.seconds * 1000), app.quit)
        app.exec()
        individuals = len(watcher.picture.individuals) if watcher.picture else 0
        bare_ticks = json.loads(bare.communicate()[0])
        window.close()
    bare_gaps = np.diff(bare_ticks)
    between, working = np.diff(np.array(ticks), axis=0).T
    return {
        "seconds": options.seconds,
        "burners": burning,
        "individuals": individuals,
        "count": len(between),
        "median": float(np.median(between)),
        "p99": float(np.quantile(between, 0.99)),
        "p999": float(np.quantile(between, 0.999)),
        "longest": float(between.max()),
        "short": float((between < SHORT_GAP).mean()),
        "longest_work": float(working.max()),
        "bare_longest": float(bare_gaps.max()),
        "bare_short": float((bare_gaps < SHORT_GAP).mean()),
        "work_p999": float(np.quantile(working, 0.999)),
    }


def memory(options: argparse.Namespace, workspace: Path) -> dict[str, Any]:
    """Size of the window's process while it shows 30 minutes of a run."""
    app = _application()
    window = MainWindow(Context(workspace))
    window.resize(1440, 900)
    window.show()
    run = open_long_run(workspace, "simulated", epochs=_A_GENERATION - 1)
    folder = RunFolder(run.writer.path.parent)
    reading, sizes = RunReading(folder), Series("window")
    process, members = psutil.Process(), run.begin()
    window.open_run(folder.id)
    assert window.watcher is not None
    window.watcher.stop()  # the pictures come from here, faster than they are watched for
    assert window.page == "live"
    with run.writer, RunLock(folder.path):
        for count in range(options.pictures):
            step = count % _A_GENERATION
            if step < _A_GENERATION - 1:
                run.train(members, step + 1, step + 1)
            else:
                run.finish(members)
                members = run.begin()
            picture = reading.poll()
            assert picture is not None
            window.live.show_picture(picture)
            for _ in range(_TURNS):
                app.processEvents()
            if count % _A_GENERATION == 0:
                sizes.add(count / 2, size_of(process))
    reading.close()
    window.close()
    return {
        "pictures": options.pictures,
        "individuals": run.number,
        "first_mb": sizes.around(sizes.seconds[len(sizes.seconds) // 3]),
        "last_mb": sizes.mb[-1],
        "growth": sizes.growth(sizes.seconds[len(sizes.seconds) // 3], sizes.seconds[-1]),
        "series": sizes.to_json(),
    }


def death(options: argparse.Namespace, workspace: Path) -> dict[str, Any]:
    """Seconds from the kill of a run's process until the window knows it."""
    _application()
    with _run(workspace, "--generations", "500", "--population", "16", "--epochs", "8") as folder:
        _until(folder.database.exists, "the run")
        watcher = RunWatcher(folder)
        watcher.start()
        _until(lambda: watcher.picture is not None and watcher.picture.settled > 0, "the first generation")
        holder = RunLock(folder.path).holder()
        assert holder is not None
        os.kill(holder.pid, signal.SIGKILL)
        killed = time.perf_counter()
        known = _until(
            lambda: watcher.picture is not None and watcher.picture.state == ENDED_UNEXPECTEDLY, "the death"
        )
        watcher.stop()
    return {"seconds": known - killed}


@contextmanager
def _run(workspace: Path, *settings: str) -> Iterator[RunFolder]:
    """A real run of a table of 1,000 rows, as a user starts it; it is ended after the block."""
    workspace.mkdir(parents=True, exist_ok=True)
    table = write_table(workspace / "table.csv", task="regression", seed=0)
    words = ["run", str(table), "--target", "outcome", "--run-id", "measured", "--workspace", str(workspace)]
    process = subprocess.Popen(
        [sys.executable, "-m", "cambrian", *words, *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield RunFolder(workspace / "runs" / "measured")
    finally:
        process.kill()
        process.wait()


@contextmanager
def _saturation() -> Iterator[int]:
    """As many processes as there are cores that do nothing but keep them busy."""
    count = os.cpu_count() or 1
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield count
    finally:
        for each in burners:
            each.kill()
            each.wait()


_MEASURES: dict[str, Callable[[argparse.Namespace, Path], dict[str, Any]]] = {
    "first_paint": first_paint,
    "gaps": gaps,
    "memory": memory,
    "death": death,
}

if __name__ == "__main__":
    sys.exit(main())
