import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.geometry import fits, pixel_size, to_photo
from engine.vocabulary import Origin, Purpose, Size

PIXEL = 1.5
"""How far a crop may be from where the pointer aimed, in screen pixels: positions are whole."""


def near(canvas, got, wanted):
    return all(
        abs(a - b) <= PIXEL / canvas.view.camera.scale for a, b in zip(got, wanted, strict=True)
    )


def test_a_corner_is_dragged_to_the_pointer(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.drag(canvas.at(900, 600), canvas.at(1000, 500))
    edges = canvas.edges()
    assert edges[:2] == (300, 200)
    assert near(canvas, edges, (300, 200, 1000, 500))
    assert canvas.current.origin is Origin.PHOTOGRAPHER
    assert canvas.current.purpose is Purpose.OWN


@pytest.mark.parametrize(
    ("handle", "to", "wanted"),
    [
        ((300, 400), (200, 430), (200, 200, 900, 600)),
        ((600, 200), (640, 260), (300, 260, 900, 600)),
        ((900, 400), (1000, 300), (300, 200, 1000, 600)),
        ((600, 600), (500, 700), (300, 200, 900, 700)),
        ((300, 200), (250, 150), (250, 150, 900, 600)),
        ((900, 200), (800, 300), (300, 300, 800, 600)),
        ((300, 600), (400, 500), (400, 200, 900, 500)),
        ((600, 400), (700, 450), (400, 250, 1000, 650)),
    ],
)
def test_every_handle_moves_its_own_edges(canvas, handle, to, wanted):
    canvas.add(300, 200, 900, 600)
    canvas.drag(canvas.at(*handle), canvas.at(*to))
    assert near(canvas, canvas.edges(), wanted)


def test_a_handle_is_held_ten_screen_pixels_away_whatever_the_zoom(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.view.zoom_to_actual()
    corner = canvas.at(900, 600)
    canvas.drag(corner + QPoint(9, 9), corner + QPoint(39, 29))
    assert near(canvas, canvas.edges(), (300, 200, 930, 620))


def test_a_drag_is_one_step_of_undo(canvas):
    before = canvas.add(300, 200, 900, 600)
    canvas.drag(canvas.at(600, 400), canvas.at(700, 450))
    assert canvas.current != before
    canvas.controller.undo()
    assert canvas.current == before


def test_a_move_beyond_the_border_stops_there_and_keeps_the_size(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.drag(canvas.at(600, 400), canvas.at(600, 400) + QPoint(-400, 20))
    left, top, _, _ = canvas.edges()
    assert left == 0
    assert top > 200
    assert pixel_size(canvas.current.box, canvas.size) == Size(600, 400)


def test_escape_in_a_drag_brings_the_crop_back(canvas):
    before = canvas.add(300, 200, 900, 600)
    canvas.press(canvas.at(600, 400))
    canvas.move(canvas.at(650, 450))
    canvas.move(canvas.at(700, 450))
    assert canvas.current != before
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert canvas.current == before
    canvas.move(canvas.at(500, 300))
    canvas.release(canvas.at(500, 300))
    assert canvas.current == before


def test_escape_takes_back_a_crop_that_was_being_drawn(canvas):
    before = canvas.add(600, 400, 1100, 700)
    canvas.press(canvas.at(100, 100))
    canvas.move(canvas.at(200, 200))
    canvas.move(canvas.at(400, 300))
    assert len(canvas.crops) == 2
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert canvas.crops == (before,)


def test_dragging_on_free_ground_draws_a_new_crop(canvas):
    first = canvas.add(600, 400, 1100, 700)
    canvas.drag(canvas.at(100, 100), canvas.at(500, 300))
    assert canvas.crops[0] == first
    assert near(canvas, canvas.edges(), (100, 100, 500, 300))
    canvas.controller.undo()
    assert canvas.crops == (first,)


def test_alt_draws_inside_the_current_crop_too(canvas):
    first = canvas.add(300, 200, 900, 600)
    canvas.drag(canvas.at(500, 300), canvas.at(700, 500), Qt.KeyboardModifier.AltModifier)
    assert canvas.crops[0] == first
    assert near(canvas, canvas.edges(), (500, 300, 700, 500))


def test_inside_a_crop_of_the_whole_photo_a_drag_draws(canvas):
    whole = canvas.add(0, 0, 1200, 800)
    canvas.drag(canvas.at(200, 150), canvas.at(800, 600))
    assert canvas.crops[0] == whole
    assert near(canvas, canvas.edges(), (200, 150, 800, 600))


def test_drawing_from_outside_the_photo_starts_at_its_border(canvas):
    canvas.drag(canvas.at(0, 0) - QPoint(20, 20), canvas.at(400, 200))
    assert near(canvas, canvas.edges(), (0, 0, 400, 200))


def test_a_click_takes_the_smallest_crop_under_the_pointer(canvas):
    canvas.add(100, 100, 1100, 700)
    canvas.add(400, 300, 700, 500)
    canvas.add(300, 200, 900, 600)
    where = canvas.at(500, 400)
    canvas.press(where)
    canvas.release(where)
    assert canvas.controller.session.framing.current == 1
    assert len(canvas.crops) == 3


def test_a_click_on_free_ground_changes_nothing(canvas):
    canvas.add(400, 300, 700, 500)
    before = canvas.controller.session
    canvas.press(canvas.at(50, 50))
    canvas.release(canvas.at(50, 50))
    assert canvas.controller.session == before


def test_a_locked_ratio_holds_in_the_hand(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.view.lock_ratio(1.5)
    canvas.drag(canvas.at(900, 600), canvas.at(1100, 620))
    left, top, right, bottom = canvas.edges()
    assert (left, top) == (300, 200)
    assert right > 920
    assert abs((right - left) / 1.5 - (bottom - top)) <= 1


def test_a_turned_crop_is_dragged_in_its_turned_frame(canvas):
    crop = canvas.add(300, 200, 800, 500, angle=10)
    start = canvas.edges(crop)
    canvas.drag(canvas.at(start[2], start[3]), canvas.at(start[2] + 60, start[3] + 30))
    edges = canvas.edges()
    assert canvas.current.angle == 10
    assert near(canvas, edges, (*start[:2], start[2] + 60, start[3] + 30))
    canvas.drag(canvas.at(600, 400), canvas.at(600, 400) + QPoint(300, 200))
    assert fits(canvas.current.box, 10, canvas.size)


def test_the_place_under_the_wheel_stays_where_it_is(canvas):
    where = QPointF(200, 150)
    before = canvas.view.camera.to_scene((200, 150))
    turn(canvas.view, where, 240)
    assert canvas.view.zoom > 0.7
    after = canvas.view.camera.to_scene((200, 150))
    assert near(canvas, after, before)


def test_a_drag_goes_on_while_the_wheel_zooms(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.press(canvas.at(900, 600))
    canvas.move(canvas.at(950, 620))
    pointer = canvas.at(1000, 640)
    canvas.move(pointer)
    turn(canvas.view, QPointF(100, 100), 120)
    place = canvas.view.camera.to_scene((pointer.x(), pointer.y()))
    assert near(canvas, canvas.edges()[2:], place)
    canvas.release(pointer)
    assert near(canvas, canvas.edges()[2:], place)
    assert canvas.edges()[:2] == (300, 200)


def test_the_middle_button_pans_in_the_middle_of_a_drag(canvas):
    canvas.add(300, 200, 900, 600)
    canvas.view.zoom_to_actual()
    canvas.press(canvas.at(600, 400))
    canvas.move(canvas.at(620, 410))
    middle = canvas.view.rect().center()
    before = canvas.view.camera
    canvas.press(middle, button=Qt.MouseButton.MiddleButton)
    canvas.move(middle + QPoint(40, 30))
    canvas.release(middle + QPoint(40, 30), button=Qt.MouseButton.MiddleButton)
    assert canvas.view.camera.x == before.x - 40
    assert canvas.view.camera.y == before.y - 30
    canvas.release(middle)


def test_space_and_drag_pan_without_touching_the_crop(canvas):
    crop = canvas.add(300, 200, 900, 600)
    canvas.view.zoom_to_actual()
    before = canvas.view.camera
    QTest.keyPress(canvas.view, Qt.Key.Key_Space)
    canvas.drag(QPoint(350, 250), QPoint(380, 220))
    QTest.keyRelease(canvas.view, Qt.Key.Key_Space)
    assert (canvas.view.camera.x, canvas.view.camera.y) == (before.x - 30, before.y + 30)
    assert canvas.current == crop


def test_a_touchpad_pans_and_zooms_with_control(canvas):
    canvas.view.zoom_to_actual()
    before = canvas.view.camera
    turn(canvas.view, QPointF(300, 200), 24, touchpad=QPoint(-16, -12))
    assert (canvas.view.camera.x, canvas.view.camera.y) == (before.x + 16, before.y + 12)
    control = Qt.KeyboardModifier.ControlModifier
    turn(canvas.view, QPointF(300, 200), 120, touchpad=QPoint(0, 12), modifiers=control)
    assert canvas.view.zoom > 1.2


def test_a_pinch_zooms_about_its_place(canvas):
    where = QPointF(200, 150)
    before, zoom = canvas.view.camera.to_scene((200, 150)), canvas.view.zoom
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        where,
        where,
        QPointF(canvas.view.mapToGlobal(where)),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(canvas.view, pinch)
    assert canvas.view.zoom == pytest.approx(1.5 * zoom)
    assert near(canvas, canvas.view.camera.to_scene((200, 150)), before)


def test_a_press_after_a_lost_release_begins_a_new_gesture(canvas):
    before = canvas.add(300, 200, 900, 600)
    canvas.press(canvas.at(600, 400))
    canvas.move(canvas.at(650, 400))
    first = canvas.current
    assert first != before
    canvas.drag(canvas.at(650, 400), canvas.at(700, 400))
    canvas.controller.undo()
    assert canvas.current == first
    canvas.controller.undo()
    assert canvas.current == before


def test_the_pointer_shows_what_it_would_do(canvas):
    canvas.add(300, 200, 900, 600)
    shapes = {
        (300, 200): Qt.CursorShape.SizeFDiagCursor,
        (900, 200): Qt.CursorShape.SizeBDiagCursor,
        (600, 200): Qt.CursorShape.SizeVerCursor,
        (900, 400): Qt.CursorShape.SizeHorCursor,
        (600, 400): Qt.CursorShape.SizeAllCursor,
        (100, 100): Qt.CursorShape.CrossCursor,
    }
    canvas.view.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    for place, shape in shapes.items():
        canvas.move(canvas.at(*place))
        assert canvas.view.cursor().shape() == shape, place


def test_a_click_finds_a_crop_of_another_angle_where_it_lies(canvas):
    crop = canvas.add(700, 300, 1000, 600, angle=15)
    canvas.add(100, 100, 250, 200)
    middle = to_photo(crop.box.centre, 15, canvas.size)
    where = canvas.at(middle[0] * canvas.size.width, middle[1] * canvas.size.height)
    canvas.press(where)
    canvas.release(where)
    assert canvas.controller.session.framing.current == 0


def test_another_photo_in_the_middle_of_a_drag_ends_it(canvas, tmp_path):
    canvas.add(300, 200, 900, 600)
    other = tmp_path / "other.png"
    other.write_bytes((tmp_path / "photo.png").read_bytes())
    canvas.press(canvas.at(600, 400))
    canvas.move(canvas.at(700, 400))
    canvas.open(other)
    canvas.move(canvas.at(900, 500))
    canvas.release(canvas.at(900, 500))
    assert canvas.crops == ()


def turn(view, at, delta, *, touchpad=None, modifiers=Qt.KeyboardModifier.NoModifier):
    """Turn the wheel over the view; `touchpad` gives the pixels of two fingers instead."""
    phase = Qt.ScrollPhase.NoScrollPhase if touchpad is None else Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at)),
        touchpad or QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        phase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_arrows_are_not_for_a_crop_before_it_is_taken_up(canvas):
    before = canvas.add(300, 200, 900, 600)
    QTest.keyClick(canvas.view, Qt.Key.Key_Left)
    assert canvas.current == before
    QTest.mouseClick(canvas.view, Qt.MouseButton.LeftButton)
    QTest.keyClick(canvas.view, Qt.Key.Key_Left)
    assert canvas.current.box.left < before.box.left
