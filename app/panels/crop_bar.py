"""The bar of the current crop: ratio and its lock, angle, size."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from app.domain.session import Session
from app.panels.parts import line_of_text
from app.panels.texts import ratio_text, size_text
from app.theme.apply import keep_room, set_role
from app.theme.fonts import Step
from app.theme.icons import IconButton
from engine.geometry import largest_with_ratio, ratio_of, snapped, with_ratio
from engine.vocabulary import Aspect, Crop, Size

PRESETS = tuple(Aspect.parse(t) for t in ("1:1", "4:5", "3:2", "16:9", "2:3", "9:16"))
SETTLED_MS = 600
"""Turning the angle's wheel is one gesture until it has rested this long."""
_AS_IT_IS, _FREE, _ORIGINAL = -1, 0, 1


def reshaped(crop: Crop | None, aspect: Aspect, size: Size) -> Crop:
    """The crop in another ratio, with about its area and centre; the largest where there is none.

    On an unturned photo its edges lie on whole pixels.
    """
    if crop is None:
        return Crop(snapped(largest_with_ratio(aspect.ratio, size), size, aspect))
    box = with_ratio(crop.box, aspect.ratio, crop.angle, size)
    return replace(crop, box=box if crop.angle else snapped(box, size, aspect))


class CropBar(QWidget):
    """Shows the current crop's numbers. Which ratio gestures keep is this bar's own state: a
    tool's setting, like a pencil's width, not a part of the session.
    """

    crop_changed = Signal(object)
    """The current crop in the ratio that was chosen; a first one where there is none."""
    ratio_kept = Signal(object)
    """The ratio (float, width to height in pixels) that gestures keep from now on, or None."""
    turning_begun = Signal()
    angle_changed = Signal(float)
    """Degrees, clockwise; between turning_begun and turning_ended."""
    turning_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "foot")
        keep_room(self)
        self._session: Session | None = None
        self._turning = False
        self._ratio = QComboBox()
        self._ratio.setAccessibleName(self.tr("Ratio of the crop"))
        self._ratio.view().setAccessibleName(self.tr("Ratios"))
        self._ratio.setPlaceholderText(self.tr("As it is"))
        self._ratio.addItem(self.tr("Free"))
        self._ratio.addItem(self.tr("Original"))
        for aspect in PRESETS:
            self._ratio.addItem(str(aspect), aspect)
        self._ratio.setCurrentIndex(_FREE)
        self._ratio.activated.connect(self._choose)
        self._lock = IconButton("unlock", self.tr("Keep the ratio"))
        self._lock.setCheckable(True)
        self._lock.clicked.connect(self._ask_lock)
        self._angle = self._angle_box()
        self._size = line_of_text()
        self._shape = line_of_text("", role="muted")
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self.finish_turning)
        self._arrange()
        self.show_session(None)

    def show_session(self, session: Session | None) -> None:
        """Show the numbers of the current crop."""
        if self._session is not None and (session is None or session.photo != self._session.photo):
            self.finish_turning()
        before, self._session = self._session, session
        self._follow_photo(before)
        crop = session.framing.current_crop if session is not None else None
        self.setEnabled(session is not None)
        with QSignalBlocker(self._angle):
            angle = crop.angle if crop is not None else 0.0
            if abs(self._angle.value() - angle) >= 0.05:
                self._angle.setValue(angle)
        if session is None or crop is None:
            self._size.setText("" if session is None else self.tr("No crop is in use"))
            self._shape.setText("")
            return
        self._size.setText(size_text(crop, session.size))
        self._shape.setText(ratio_text(crop, session.size))

    def _follow_photo(self, before: Session | None) -> None:
        """Another photo has another original ratio."""
        session = self._session
        if session is None or (before is not None and before.size == session.size):
            return
        if self._ratio.currentIndex() == _ORIGINAL and self._lock.isChecked():
            self._keep(session.size.width / session.size.height)

    def finish_turning(self) -> None:
        """End the gesture that turning the angle began, if there is one."""
        self._settled.stop()
        if self._turning:
            self._turning = False
            self.turning_ended.emit()

    def _angle_box(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(-45.0, 45.0)
        box.setDecimals(1)
        box.setSingleStep(0.1)
        box.setSuffix("°")
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setKeyboardTracking(False)
        box.setAccelerated(True)
        box.setAccessibleName(self.tr("Angle of the crop in degrees"))
        box.setToolTip(self.tr("Turn the photo, clockwise positive"))
        box.valueChanged.connect(self._turn)
        box.editingFinished.connect(self.finish_turning)
        return box

    def _turn(self, degrees: float) -> None:
        if not self._turning:
            self._turning = True
            self.turning_begun.emit()
        self._settled.start()
        self.angle_changed.emit(degrees)

    def _choose(self, index: int) -> None:
        aspect = self._aspect(index)
        self._keep(None if aspect is None else aspect.ratio)
        if aspect is not None and self._session is not None:
            crop = self._session.framing.current_crop
            self.crop_changed.emit(reshaped(crop, aspect, self._session.size))

    def _ask_lock(self, locked: bool) -> None:
        session = self._session
        crop = session.framing.current_crop if session is not None else None
        aspect = self._aspect(self._ratio.currentIndex())
        if not locked:
            self._ratio.setCurrentIndex(_FREE)
            self._keep(None)
        elif aspect is not None:
            self._keep(aspect.ratio)
        elif session is not None and crop is not None:
            self._ratio.setCurrentIndex(_AS_IT_IS)
            self._keep(ratio_of(crop.box, session.size))
        else:
            # Without a crop there is no ratio to keep: the button shows what holds.
            self._keep(None)

    def _aspect(self, index: int) -> Aspect | None:
        """The ratio of a row; None for a free one, and for the crop's own."""
        if index == _ORIGINAL and self._session is not None:
            return Aspect(self._session.size.width, self._session.size.height)
        return PRESETS[index - 2] if index > _ORIGINAL else None

    def _keep(self, ratio: float | None) -> None:
        self._lock.setChecked(ratio is not None)
        self._lock.show_icon("lock" if ratio is not None else "unlock")
        self.ratio_kept.emit(ratio)

    def _arrange(self) -> None:
        self._lock.setIconSize(QSize(18, 18))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(8)
        ratio_label = line_of_text(self.tr("Ratio"), Step.SMALL, "muted")
        angle_label = line_of_text(self.tr("Angle"), Step.SMALL, "muted")
        ratio_label.setBuddy(self._ratio)
        angle_label.setBuddy(self._angle)
        for part in (ratio_label, self._ratio, self._lock):
            layout.addWidget(part)
        layout.addSpacing(8)
        layout.addWidget(angle_label)
        layout.addWidget(self._angle)
        layout.addStretch(1)
        layout.addWidget(self._size)
        layout.addWidget(self._shape)
