"""Whether the window's tests can run here at all: Qt needs some libraries of the system."""

from __future__ import annotations

import pytest


def test_qt_can_be_loaded() -> None:
    try:
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        pytest.skip(f"none of the window's tests ran: {error}; see packaging/system_libraries.sh")
    assert QApplication.staticMetaObject.className() == "QApplication"
