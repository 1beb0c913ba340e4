"""The Chinese texts as they stand in the sources, compiled anew for the tests."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import PySide6
from PySide6.QtCore import QCoreApplication, QTranslator

from real_runs import ROOT


@cache
def compiled() -> Path:
    """All areas in one file."""
    target = Path(tempfile.mkdtemp(prefix="cambrian-texts-")) / "zh_CN.qm"
    sources = sorted((ROOT / "resources" / "i18n").glob("cambrian_zh_CN.*.ts"))
    tool = Path(PySide6.__file__).parent / "lrelease"
    subprocess.run([tool, "-silent", *sources, "-qm", target], check=True)
    return target


@contextmanager
def in_chinese() -> Iterator[None]:
    """What is translated inside is Chinese; widgets hear of the change."""
    translator = QTranslator()
    assert translator.load(str(compiled()))
    QCoreApplication.installTranslator(translator)
    try:
        yield
    finally:
        QCoreApplication.removeTranslator(translator)
