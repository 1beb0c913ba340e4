"""Plots of values handed to them; they know nothing of the engine."""

import os

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")  # else pyqtgraph takes another binding if one is there
