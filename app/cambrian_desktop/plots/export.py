"""A plot taken along: as a picture, as a drawing, as its values."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QRectF, QSaveFile, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cambrian_desktop import theme

if TYPE_CHECKING:
    from cambrian_desktop.plots.base import Plot

Kind = Literal["png", "svg", "csv"]
_SHARPNESS = 2
"""Pixels of a saved picture per pixel of the screen."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ask_and_save(plot: Plot, kind: Kind) -> None:
    """Ask for a file and save the plot into it; a file that cannot be written is a sentence."""
    name = (plot.accessibleName() or "plot").replace("/", "-")
    file, _ = QFileDialog.getSaveFileName(plot, "", f"{name}.{kind}", f"{kind.upper()} (*.{kind})")
    if not file:
        return
    path = Path(file)
    path = path if path.suffix else path.with_suffix(f".{kind}")
    try:
        save(plot, path, kind)
    except OSError as error:
        told = QMessageBox(QMessageBox.Icon.Warning, path.name, "", parent=plot)
        told.setText(
            QCoreApplication.translate("export", "The file cannot be written: {why}.").format(
                why=error.strerror or error
            )
        )
        told.setInformativeText(QCoreApplication.translate("export", "Choose another folder or name."))
        told.open()


def save(plot: Plot, path: Path, kind: Kind) -> None:
    """Save a plot; a file that was there stays whole if it fails.

    Raises:
        OSError: The file cannot be written.
    """
    content = {"png": png, "svg": svg, "csv": csv_text}[kind](plot)
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise OSError(file.errorString())
    file.write(QByteArray(content))
    if not file.commit():
        raise OSError(file.errorString())


def copy(plot: Plot) -> None:
    """Put the picture on the clipboard."""
    QGuiApplication.clipboard().setImage(image(plot))


def image(plot: Plot) -> QImage:
    """The plot as a picture, twice as sharp as on the screen."""
    size = plot.canvas.size()
    made = QImage(size * _SHARPNESS, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(theme.current().surface)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(plot, painter, QSize(made.size()))
    painter.end()
    return made


def png(plot: Plot) -> bytes:
    """The picture as a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image(plot).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def svg(plot: Plot) -> bytes:
    """The drawing as an SVG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(plot.canvas.size())
    generator.setViewBox(plot.canvas.rect())
    generator.setTitle(plot.accessibleName())
    painter = QPainter(generator)
    _draw(plot, painter, plot.canvas.size())
    painter.end()
    return bytes(buffer.data().data())


def csv_text(plot: Plot) -> bytes:
    """The values as CSV in UTF-8 with plain digits; texts cannot act as formulas in a spreadsheet."""
    headers, rows = plot.table()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _draw(plot: Plot, painter: QPainter, size: QSize) -> None:
    plot.complete()
    try:
        plot.canvas.render(painter, QRectF(0, 0, size.width(), size.height()), plot.canvas.rect())
    finally:
        plot.completed()
