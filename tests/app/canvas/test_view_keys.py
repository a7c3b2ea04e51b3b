import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from engine.geometry import pixel_size
from engine.vocabulary import Size

KEY = Qt.Key
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def canvas(canvas):
    """Turned to by Tab, as by someone who wants the keys there."""
    by_tab = QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason)
    QApplication.sendEvent(canvas.view, by_tab)
    return canvas


@pytest.mark.parametrize(
    ("key", "modifiers", "wanted"),
    [
        (KEY.Key_Left, NONE, (299, 200, 899, 600)),
        (KEY.Key_Right, NONE, (301, 200, 901, 600)),
        (KEY.Key_Up, SHIFT, (300, 190, 900, 590)),
        (KEY.Key_Down, SHIFT, (300, 210, 900, 610)),
        (KEY.Key_Right, CONTROL, (300, 200, 901, 600)),
        (KEY.Key_Left, CONTROL, (300, 200, 899, 600)),
        (KEY.Key_Down, CONTROL | SHIFT, (300, 200, 900, 610)),
        (KEY.Key_Up, CONTROL, (300, 200, 900, 599)),
    ],
)
def test_arrows_move_and_resize_by_pixels_of_the_photo(canvas, key, modifiers, wanted):
    before = canvas.add(300, 200, 900, 600)
    QTest.keyClick(canvas.view, key, modifiers)
    assert canvas.edges() == wanted
    canvas.controller.undo()
    assert canvas.current == before


def test_an_arrow_held_down_is_one_step_of_undo(canvas):
    before = canvas.add(300, 200, 900, 600)
    repeat = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_Right, NONE, "", True, 1)
    QTest.keyPress(canvas.view, KEY.Key_Right)
    for _ in range(9):
        QApplication.sendEvent(canvas.view, repeat)
    QTest.keyRelease(canvas.view, KEY.Key_Right)
    assert canvas.edges() == (310, 200, 910, 600)
    canvas.controller.undo()
    assert canvas.current == before


def test_a_gesture_of_the_keys_ends_when_the_pointer_begins_one(canvas):
    before = canvas.add(300, 200, 900, 600)
    QTest.keyPress(canvas.view, KEY.Key_Right)
    canvas.drag(canvas.at(600, 400), canvas.at(700, 400))
    canvas.controller.undo()
    assert canvas.edges() == (301, 200, 901, 600)
    canvas.controller.undo()
    assert canvas.current == before


def test_arrows_under_a_locked_ratio_keep_it(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.view.lock_ratio(1.5)
    QTest.keyClick(canvas.view, KEY.Key_Right, CONTROL | SHIFT)
    extent = pixel_size(canvas.current.box, canvas.size)
    assert extent.width == 610
    assert abs(extent.width / 1.5 - extent.height) <= 1


def test_arrows_without_a_crop_are_left_to_the_window(canvas):
    event = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_Right, NONE)
    QApplication.sendEvent(canvas.view, event)
    assert not event.isAccepted()


def test_a_shortcut_of_the_window_does_not_take_the_arrows_from_a_crop(canvas):
    canvas.add(300, 200, 900, 600)
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, KEY.Key_Right, NONE)
    override.ignore()
    QApplication.sendEvent(canvas.view, override)
    assert override.isAccepted()


@pytest.mark.parametrize("dragging", [False, True])
def test_escape_is_the_windows_except_in_a_drag(canvas, dragging):
    canvas.add(300, 200, 900, 600)
    if dragging:
        canvas.press(canvas.at(600, 400))
    override = QKeyEvent(QKeyEvent.Type.ShortcutOverride, KEY.Key_Escape, NONE)
    override.ignore()
    QApplication.sendEvent(canvas.view, override)
    assert override.isAccepted() is dragging
    if dragging:
        canvas.release(canvas.at(600, 400))


def test_delete_deletes_the_current_crop(canvas):
    first = canvas.add(100, 100, 400, 300)
    canvas.add(300, 200, 900, 600)
    QTest.keyClick(canvas.view, KEY.Key_Delete)
    assert canvas.crops == (first,)


def test_tab_goes_through_the_crops_and_back(canvas):
    for left in (100, 300, 500):
        canvas.add(left, 100, left + 200, 300)
    seen = []
    for key in (KEY.Key_Tab, KEY.Key_Tab, KEY.Key_Backtab, KEY.Key_Backtab):
        QTest.keyClick(canvas.view, key, SHIFT if key == KEY.Key_Backtab else NONE)
        seen.append(canvas.controller.session.framing.current)
    assert seen == [0, 1, 0, 2]


def test_control_and_tab_lead_out_of_the_view(canvas, qtbot):
    around, field = QWidget(), QLineEdit()
    qtbot.addWidget(around)
    row = QVBoxLayout(around)
    row.addWidget(canvas.view)
    row.addWidget(field)
    around.show()
    around.activateWindow()
    canvas.add(100, 100, 300, 300)
    canvas.view.setFocus()
    qtbot.waitUntil(canvas.view.hasFocus)
    QTest.keyClick(canvas.view, KEY.Key_Tab)
    assert canvas.view.hasFocus()
    QTest.keyClick(canvas.view, KEY.Key_Tab, CONTROL)
    found = field.hasFocus()
    canvas.view.setParent(None)  # the fixture closes it
    assert found


def test_plus_and_minus_zoom_about_the_middle(canvas):
    canvas.view.zoom_to_actual()
    QTest.keyClick(canvas.view, KEY.Key_Plus)
    assert canvas.view.zoom == pytest.approx(1.25)
    QTest.keyClick(canvas.view, KEY.Key_Minus)
    assert canvas.view.zoom == pytest.approx(1.0)


def test_fit_follows_the_size_of_the_view(canvas):
    canvas.view.fit()
    small = canvas.view.zoom
    canvas.view.resize(1000, 700)
    assert canvas.view.zoom > small
    canvas.view.zoom_to_actual()
    canvas.view.resize(700, 500)
    assert canvas.view.zoom == pytest.approx(1.0)


def test_a_screen_reader_is_told_the_current_crop(canvas):
    assert canvas.view.accessibleName()
    canvas.add(300, 200, 900, 600)
    assert "600 × 400" in canvas.view.accessibleDescription()
    assert "3:2" in canvas.view.accessibleDescription()
    QTest.keyClick(canvas.view, KEY.Key_Right, CONTROL)
    assert "601 × 400" in canvas.view.accessibleDescription()
    assert pixel_size(canvas.current.box, canvas.size) == Size(601, 400)
