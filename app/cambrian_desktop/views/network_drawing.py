"""A network drawn as blocks from input to output, each with its shape and parameters."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QEvent, QLocale, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cambrian_desktop import theme
from cambrian_desktop.views.genome_words import percent_text, separator, value_text
from cambrian_desktop.views.network_layers import Layer, parameter_count

_ROW = 46
"""Height of a layer, in pixels."""
_BAR = 24
_DIAGRAM = 150
"""Width of the bars' column, in pixels."""
_THINNEST = 14
_SKIP = 22
"""Room for skip connections at the bars' right, in pixels."""
_FIGURES = 110
"""Width of the column of parameters at most, in pixels."""


class NetworkDrawing(QWidget):
    """The layers of one network, input first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: tuple[Layer, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.signals.changed.connect(self.update)

    def set_layers(self, layers: tuple[Layer, ...]) -> None:
        """Draw another network."""
        if layers == self.layers:
            return
        self.layers = layers
        self._describe()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A row for each layer."""
        return QSize(460, _ROW * len(self.layers))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the bars and some words."""
        return QSize(_DIAGRAM + _SKIP + _FIGURES + 90, _ROW * len(self.layers))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._describe()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw bars, connections and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        widest = max((layer.units for layer in self.layers), default=1)
        bars = [self._bar(row, layer.units, widest) for row, layer in enumerate(self.layers)]
        self._draw_connections(painter, bars)
        for layer, bar in zip(self.layers, bars, strict=True):
            self._draw_bar(painter, layer, bar)
        for row, layer in enumerate(self.layers):
            self._draw_words(painter, row, layer)

    def title_of(self, place: int) -> str:
        """What the layer at this place is called."""
        kind = self.layers[place].kind
        if kind == "input":
            return self.tr("Input")
        if kind == "output":
            return self.tr("Output")
        return self.tr("Hidden layer {number}").format(number=place)

    def details_of(self, place: int) -> str:
        """What the layer at this place does, in a few words."""
        layer = self.layers[place]
        if layer.kind == "input":
            return self.tr("{count} numbers a row").format(count=layer.units)
        parts = [f"{layer.inputs} → {layer.units}"]
        if layer.normalisation:
            parts.append(value_text("normalisation", layer.normalisation))
        if layer.activation:
            parts.append(value_text("activation", layer.activation))
        if layer.dropout:
            parts.append(self.tr("dropout {share}").format(share=percent_text(layer.dropout)))
        if layer.skip:
            parts.append(self.tr("skip connection"))
        return separator().join(parts)

    def _describe(self) -> None:
        rows = [f"{self.title_of(place)}: {self.details_of(place)}" for place in range(len(self.layers))]
        total = QLocale().toString(parameter_count(self.layers))
        self.setAccessibleName(self.tr("Network with {count} parameters").format(count=total))
        self.setAccessibleDescription("\n".join(rows))

    def _bar(self, row: int, units: int, widest: int) -> QRectF:
        """The block of a layer; its width grows with the root of its units, so that 1 beside 256 is seen."""
        width = _THINNEST + (_DIAGRAM - _THINNEST) * math.sqrt(units / widest)
        return QRectF(1 + (_DIAGRAM - width) / 2, row * _ROW + (_ROW - _BAR) / 2, width, _BAR)

    def _draw_connections(self, painter: QPainter, bars: list[QRectF]) -> None:
        look = theme.current()
        for before, after in pairwise(bars):
            path = QPainterPath(before.bottomLeft() + QPointF(4, 0))
            path.lineTo(before.bottomRight() - QPointF(4, 0))
            path.lineTo(after.topRight() - QPointF(4, 0))
            path.lineTo(after.topLeft() + QPointF(4, 0))
            painter.fillPath(path, QColor(look.line))
        painter.setPen(QPen(QColor(look.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for layer, before, after in zip(self.layers[1:], bars, bars[1:], strict=False):
            if layer.skip:
                start, end = (QPointF(bar.right(), bar.center().y()) for bar in (before, after))
                path = QPainterPath(start)
                reach = QPointF(_SKIP, 0)
                path.cubicTo(start + reach, end + reach, end)
                painter.drawPath(path)

    def _draw_bar(self, painter: QPainter, layer: Layer, bar: QRectF) -> None:
        look = theme.current()
        fill, edge = {
            "input": (look.surface, look.muted),
            "hidden": (look.accent_soft, look.accent),
            "output": (look.accent, look.accent),
        }[layer.kind]
        painter.setPen(QPen(QColor(edge), 1.2))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(bar, 4, 4)
        text = str(layer.units)
        if painter.fontMetrics().horizontalAdvance(text) + 6 <= bar.width():
            painter.setPen(QColor(look.on_accent if layer.kind == "output" else look.text))
            painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, text)

    def _figures(self) -> int:
        """Width of the column of parameters and of what keeps it apart from the words."""
        texts = [QLocale().toString(layer.parameters) for layer in self.layers]
        widest = max(map(self.fontMetrics().horizontalAdvance, texts), default=0)
        return min(_FIGURES, widest + theme.SPACE[2])

    def _draw_words(self, painter: QPainter, row: int, layer: Layer) -> None:
        look = theme.current()
        left = _DIAGRAM + _SKIP + theme.SPACE[1]
        words = QRect(left, row * _ROW + 3, max(0, self.width() - left - self._figures()), _ROW - 6)
        upper, lower = (
            words.adjusted(0, 0, 0, -words.height() // 2),
            words.adjusted(0, words.height() // 2, 0, 0),
        )
        align = Qt.AlignmentFlag.AlignVCenter
        plain = painter.font()
        bold = QFont(plain)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setPen(QColor(look.text))
        painter.setFont(bold)
        painter.drawText(upper, align | Qt.AlignmentFlag.AlignLeft, self.title_of(row))
        painter.setFont(plain)
        painter.setPen(QColor(look.muted))
        elided = painter.fontMetrics().elidedText(
            self.details_of(row), Qt.TextElideMode.ElideRight, lower.width()
        )
        painter.drawText(lower, align | Qt.AlignmentFlag.AlignLeft, elided)
        if layer.parameters:
            side = QRect(self.width() - _FIGURES, row * _ROW + 3, _FIGURES, _ROW - 6)
            painter.setPen(QColor(look.text))
            painter.drawText(side, align | Qt.AlignmentFlag.AlignRight, QLocale().toString(layer.parameters))
