"""The version of PySide6: 6.12.0 on Python 3.11 drops a reference to None and True at every call.

A plot that is redrawn some 600 times ends the process there ('none_dealloc'). Immortal objects, from
Python 3.12 on, hide it. This test fails on such a pair before a user's window dies of it.
"""

from __future__ import annotations

import sys

import numpy as np
import pyqtgraph
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

_REDRAWS = 200


def _lost_references(qtbot: QtBot) -> tuple[int, int]:
    plot = pyqtgraph.PlotWidget()
    qtbot.addWidget(plot)
    curve = plot.plot([0, 1], [0, 1])
    plot.resize(400, 300)
    plot.show()
    values = np.arange(50.0)
    for _ in range(20):  # what is made once
        curve.setData(values, values)
        plot.grab()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for step in range(_REDRAWS):
        curve.setData(values, values * step)
        plot.grab()
    after = sys.getrefcount(None), sys.getrefcount(True)
    return before[0] - after[0], before[1] - after[1]


def test_redrawing_a_plot_drops_no_reference_to_none_and_true(app: QApplication, qtbot: QtBot) -> None:
    lost = _lost_references(qtbot)
    # the unsound version loses some at each redraw; sound ones may gain some, which harms nobody
    assert max(lost) < _REDRAWS // 4, f"lost over {_REDRAWS} redraws: None {lost[0]}, True {lost[1]}"
