"""What every plot has: axes, hover, a menu to take it along, an explanation while it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QStackedLayout, QToolTip, QVBoxLayout, QWidget

from cambrian_desktop import theme
from cambrian_desktop.plots import export
from cambrian_desktop.plots.axes import Axis
from cambrian_desktop.plots.ink import pen
from cambrian_desktop.plots.scale import Scale
from cambrian_desktop.widgets.labels import ElidedLabel, plain_tooltip

pyqtgraph.setConfigOptions(antialias=True)

Table = tuple[Sequence[str], Sequence[Sequence[object]]]
"""Headers and rows."""

_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
NEAR = 14.0
"""How near the pointer must come to a point to mean it, in pixels."""


class PlotWords(QObject):
    """Texts of every kind of plot: `tr` of a subclass would look for them under the subclass's name."""

    def logarithmic(self) -> str:
        """That an axis is logarithmic."""
        return self.tr("logarithmic scale")

    def beyond(self, count: int) -> str:
        """That values lie outside an axis."""
        return self.tr("%n beyond the range", "", count)

    def copy(self) -> str:
        """What puts the picture on the clipboard."""
        return self.tr("Copy picture")

    def save(self) -> dict[export.Kind, str]:
        """What saves a plot."""
        return {
            "png": self.tr("Save as PNG…"),
            "svg": self.tr("Save as SVG…"),
            "csv": self.tr("Save values as CSV…"),
        }


_WORDS = PlotWords()


class Canvas(pyqtgraph.PlotWidget):  # type: ignore[misc]
    """The drawing itself: nothing in it moves under the mouse."""

    hovered = Signal(QPointF)
    clicked = Signal(QPointF)
    left = Signal()

    def __init__(self, *, whole_x: bool) -> None:
        axes = {"left": Axis("left"), "bottom": Axis("bottom", whole=whole_x)}
        super().__init__(axisItems=axes)
        self.plot_item = self.getPlotItem()
        self.plot_item.setMenuEnabled(False)
        self.plot_item.hideButtons()
        self.plot_item.getViewBox().setMouseEnabled(False, False)
        self.plot_item.disableAutoRange()
        axes["left"].setGrid(255)
        for axis in axes.values():
            axis.setZValue(-1000)  # else hairlines cross the points
        axes["left"].setStyle(tickAlpha=255)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setMinimumSize(120, 90)

    def wheelEvent(self, ev: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Let the page scroll."""
        ev.ignore()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell where the pointer is."""
        self.hovered.emit(ev.position())
        ev.accept()

    def mousePressEvent(self, ev: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing is dragged."""
        ev.accept()

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell of a click."""
        if ev.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(ev.position())
        ev.accept()

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A second click says no more than the first."""
        ev.accept()

    def leaveEvent(self, ev: QEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the pointer went."""
        self.left.emit()
        super().leaveEvent(ev)


class _Sentence(QLabel):
    """A wrapped sentence in the middle that asks for no height: a plot is as high as it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setContentsMargins(8, 0, 8, 0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """No."""
        return False


class Plot(QWidget):
    """A plot: a canvas, a line of notes below it, or a sentence about what will appear.

    `picked` gives what `picked_at` returns for a click.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, whole_x: bool = False) -> None:
        super().__init__(parent)
        self.canvas = Canvas(whole_x=whole_x)
        self.plot_item = self.canvas.plot_item
        self.view = self.plot_item.getViewBox()
        self.y_scale = Scale(0.0, 1.0)
        self._empty = _Sentence()
        self._notes = ElidedLabel(role="muted")
        self._notes.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._notes.setContentsMargins(8, 0, 8, 0)
        self._drawn = False
        self._by_key = False
        self._build()
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.left.connect(self.hover_left)
        theme.signals.changed.connect(self._follow_theme)

    def _build(self) -> None:
        drawing = QWidget()
        column = QVBoxLayout(drawing)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._notes)
        self._notes.hide()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(drawing)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # -- what a kind of plot fills in ------------------------------------------------------------

    def recolour(self, tokens: theme.Tokens) -> None:
        """Give the plot's own items the theme's colours."""

    def retranslate(self) -> None:
        """Set every text of the plot in the language in force."""

    def arrange(self) -> None:
        """Place what depends on the size in pixels; called after each change of size or range."""

    def hover_text(self, position: QPointF) -> str:
        """What the pointer means at a position of the canvas, in pixels; empty where it means nothing."""
        return ""

    def hover_left(self) -> None:
        """The pointer went."""

    def picked_at(self, position: QPointF) -> int | None:
        """The number of what a click at a position of the canvas means; None where it means nothing."""
        return None

    def table(self) -> Table:
        """What is drawn, as a table for CSV."""
        return (), ()

    def complete(self) -> None:
        """Draw at once and sharply what is drawn bit by bit otherwise; until `completed`."""

    def completed(self) -> None:
        """Draw bit by bit again."""

    # -- for the kinds of plots --------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether the sentence stands in the place of the drawing."""
        return not self._drawn

    @property
    def notes(self) -> str:
        """The line below the drawing."""
        return self._notes.text()

    @property
    def empty_text(self) -> str:
        """The sentence shown while there is nothing to draw."""
        return self._empty.text()

    def set_empty_text(self, text: str) -> None:
        """What will appear here and when."""
        self._empty.setText(text)

    def set_drawn(self, drawn: bool) -> None:
        """Show the drawing, or the sentence."""
        self._drawn = drawn
        self._stack.setCurrentIndex(1 if drawn else 0)

    def set_notes(self, *notes: str) -> None:
        """Say below the drawing what cannot be seen in it; empty notes are left out."""
        text = " · ".join(note for note in notes if note)
        if text != self._notes.text():
            self._notes.setText(text)
        self._notes.setVisible(bool(text))

    def scale_notes(self, scale: Scale) -> list[str]:
        """What an axis of values must say: that it is logarithmic, that values lie outside it."""
        notes = [_WORDS.logarithmic()] if scale.log else []
        if scale.beyond:
            notes.append(_WORDS.beyond(scale.beyond))
        return notes

    def set_y_scale(self, scale: Scale) -> None:
        """Take an axis of values."""
        self.y_scale = scale
        self.axis("left").mark_log(scale.log)
        low, high = (float(each) for each in scale.place([scale.low, scale.high]))
        self.view.setYRange(low, high, padding=0)

    def axis(self, side: str) -> Axis:
        """One of the two axes."""
        made: Axis = self.plot_item.getAxis(side)
        return made

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Where a place of the axes is on the canvas."""
        return QPointF(self.canvas.mapFromScene(self.view.mapViewToScene(QPointF(x, y))))

    def to_view(self, position: QPointF) -> QPointF:
        """The place of the axes at a position of the canvas."""
        return QPointF(self.view.mapSceneToView(self.canvas.mapToScene(position.toPoint())))

    def pixel(self) -> tuple[float, float]:
        """Length of a pixel along both axes."""
        (x0, x1), (y0, y1) = self.view.viewRange()
        return (x1 - x0) / max(1.0, self.view.width()), (y1 - y0) / max(1.0, self.view.height())

    # -- theme, language, size -----------------------------------------------------------------------

    def begin(self) -> None:
        """Colours and texts for the first time; a kind of plot calls it when its items exist."""
        self.retranslate()
        self._follow_theme()

    def _follow_theme(self) -> None:
        tokens = theme.current()
        font = small_font(self)
        self.canvas.setBackground(tokens.surface)
        for side in ("left", "bottom"):
            self.axis(side).recolour(tokens, font)
        self.recolour(tokens)
        self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange anew what is measured in pixels."""
        super().resizeEvent(event)
        if self._drawn:
            self.arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Remember whether the keyboard came here."""
        self._by_key = event.reason() in _BY_KEY
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A ring while the keyboard is here."""
        super().paintEvent(event)
        if self._by_key and self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen(theme.current().accent, 1.5))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for axes and some twenty marks."""
        return QSize(360, 220)

    # -- pointer and menu -----------------------------------------------------------------------------

    def _hover(self, position: QPointF) -> None:
        text = self.hover_text(position) if self._drawn else ""
        self.canvas.setCursor(
            Qt.CursorShape.PointingHandCursor
            if self._drawn and self.picked_at(position) is not None
            else Qt.CursorShape.ArrowCursor
        )
        where = self.canvas.mapToGlobal(position.toPoint())
        QToolTip.showText(where, plain_tooltip(text).replace("\n", "<br>"), self.canvas)

    def _click(self, position: QPointF) -> None:
        number = self.picked_at(position) if self._drawn else None
        if number is not None:
            self.picked.emit(number)

    def menu(self) -> QMenu:
        """What can be done with the drawing."""
        menu = QMenu(self)
        copy = QAction(_WORDS.copy(), menu)
        copy.triggered.connect(partial(export.copy, self))
        menu.addAction(copy)
        for kind, text in _WORDS.save().items():
            action = QAction(text, menu)
            action.triggered.connect(partial(export.ask_and_save, self, kind))
            menu.addAction(action)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Open the menu, by mouse or keyboard."""
        if not self._drawn:
            return
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        menu.popup(self.mapToGlobal(QPoint(24, 24)) if by_key else event.globalPos())


def small_font(widget: QWidget) -> QFont:
    """The font of axes and labels: the widget's own, a point smaller."""
    font = QFont(widget.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
    return font
