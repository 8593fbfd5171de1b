"""Memory for models as a bar: what is loaded, what would be loaded on demand, what models never take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from trayassist.models.serving.plans import Forecast, Level
from trayassist.models.serving.state import BudgetState, ModelState
from trayassist.ui.widgets.formats import size, tr
from trayassist.ui.widgets.theme import SPACE, Theme
from trayassist.ui.widgets.window import column, label

HEIGHT = 18
LOOKS: dict[Level, str] = {"green": "good", "amber": "amber", "red": "danger"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A model in the bar, in bytes; `planned` is one that is not loaded now."""

    name: str
    bytes: int
    kind: Literal["loaded", "planned"]


@dataclass(frozen=True, slots=True)
class BarContent:
    """All that one bar shows, in bytes, with what it means in words."""

    segments: tuple[Segment, ...]
    limit: int
    headroom: int
    level: Level
    text: str


def filling(
    states: Sequence[ModelState],
    budget: BudgetState,
    ahead: Forecast,
    titles: Mapping[str, str],
    gpu: bool = False,
) -> BarContent:
    """Return what the bar of the machine's memory (or of graphics memory) shows; `titles` are the models' names."""
    limit = budget.gpu_limit if gpu else budget.limit
    planned = {share.name: share.gpu if gpu else share.ram for share in ahead.shares}
    loaded = {} if gpu else {state.name: state.measured or state.estimated for state in states if is_loaded(state)}
    if gpu:
        loaded = {state.name: planned.get(state.name, 0) for state in states if is_loaded(state) and state.gpu_layers}
    segments = [Segment(titles.get(name, name), taken, "loaded") for name, taken in loaded.items() if taken]
    later = {name: taken for name, taken in planned.items() if taken and name not in loaded}
    segments += [Segment(titles.get(name, name), taken, "planned") for name, taken in later.items()]
    level = ahead.level(limit, gpu)
    return BarContent(tuple(segments), limit, 0 if gpu else budget.headroom, level, outlook(ahead, limit, level, gpu))


def is_loaded(state: ModelState) -> bool:
    """Return whether the model's weights are in memory now."""
    return state.standing in ("warm", "hot", "busy") and state.pid is not None


def outlook(ahead: Forecast, limit: int, level: Level, gpu: bool = False) -> str:
    """Return in words whether the models of all roles fit into `limit` bytes."""
    if not ahead.shares:
        return tr("No model is chosen yet.")
    together, room = size(ahead.together(gpu)), size(limit)
    if level == "green":
        return tr("All models fit together: {together} of {room}.").format(together=together, room=room)
    if level == "amber":
        return tr("Models take turns: together they need {together}, and they may take {room}.").format(
            together=together, room=room
        )
    least = size(ahead.least(gpu))
    return tr(
        "Too much: those that are always loaded and the largest other one need {least}, and they may take {room}."
    ).format(least=least, room=room)


class MemoryPanel(QWidget):
    """A title, the bar, what it means and what each part is. `fill` shows another state."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self._title = title
        self.bar = Bar(theme)
        self._verdict = label("", wrap=True)
        self._parts = label("", "small", wrap=True)
        self.setLayout(column(label(title, "heading"), self.bar, self._verdict, self._parts, spacing=1))
        self.layout().setContentsMargins(0, SPACE[2], 0, SPACE[2])  # type: ignore[union-attr]  # set above

    @property
    def text(self) -> str:
        """What it means, as it stands there."""
        return self._verdict.text()

    def fill(self, shown: BarContent) -> None:
        """Show this."""
        self.bar.fill(shown)
        self._verdict.setText(shown.text)
        self._verdict.setProperty("look", LOOKS[shown.level] if shown.segments else "muted")
        self._verdict.style().polish(self._verdict)
        parts = [_part(segment) for segment in shown.segments]
        if shown.headroom:
            parts.append(tr("{} always stay free").format(size(shown.headroom)))
        self._parts.setText(" · ".join(parts))
        self.setAccessibleName(f"{self._title}: {shown.text}")
        self.bar.setAccessibleName(f"{self._title}: {self._parts.text()}")


def _part(segment: Segment) -> str:
    text = tr("{name} {size}, loaded") if segment.kind == "loaded" else tr("{name} {size} when needed")
    return text.format(name=segment.name, size=size(segment.bytes))


class Bar(QWidget):
    """Segments from the left, a mark where the models' share ends, and the headroom hatched after it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown = BarContent((), 1, 0, "green", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("")
        theme.changed.connect(self.update)

    def fill(self, shown: BarContent) -> None:
        """Show this."""
        self._shown = shown
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, segments, headroom and mark."""
        shown, colors = self._shown, self._theme.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 5, 5)
        painter.fillPath(outline, QColor(colors.raised))
        painter.setClipPath(outline)
        whole = max(shown.limit + shown.headroom, sum(segment.bytes for segment in shown.segments), 1)
        a_byte = frame.width() / whole
        at = frame.left()
        strong = QColor({"green": colors.accent, "amber": colors.amber_dot, "red": colors.danger}[shown.level])
        for segment in shown.segments:
            width = max(2.0, segment.bytes * a_byte)
            self._paint_segment(painter, QRectF(at, frame.top(), width, frame.height()), strong, segment.kind)
            at += width
        limit_x = frame.left() + shown.limit * a_byte
        if shown.headroom:
            painter.fillRect(
                QRectF(limit_x, frame.top(), frame.right() - limit_x, frame.height()),
                QBrush(QColor(colors.muted), Qt.BrushStyle.BDiagPattern),
            )
        painter.setClipping(False)
        painter.setPen(QPen(QColor(colors.border), 1))
        painter.drawPath(outline)
        painter.setPen(QPen(QColor(colors.text), 2))
        if limit_x < frame.right() - 1:
            painter.drawLine(round(limit_x), 0, round(limit_x), self.height())
        painter.end()

    def _paint_segment(self, painter: QPainter, box: QRectF, color: QColor, kind: str) -> None:
        if kind == "loaded":
            painter.fillRect(box, color)
        else:
            soft = QColor(color)
            soft.setAlphaF(0.3)
            painter.fillRect(box, soft)
        painter.fillRect(QRectF(box.right() - 1, box.top(), 1, box.height()), QColor(self._theme.colors.surface))
