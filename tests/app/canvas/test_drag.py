from hypothesis import assume, given
from hypothesis import strategies as st

from app.canvas.drag import drawn, grown, moved, resized
from app.canvas.hit import SIDES, Handle
from engine.geometry import MIN_SIDE_PX, fits, moved_inside, pixel_size, ratio_of
from engine.vocabulary import Box, Size

SIZE = Size(600, 400)
CENTRED = Box(0.25, 0.25, 0.75, 0.75)
PX = 1e-6

sizes = st.builds(Size, st.integers(120, 9000), st.integers(120, 9000))
angles = st.one_of(st.just(0.0), st.floats(-30, 30))
steps = st.floats(-12000, 12000)
ratios = st.one_of(st.none(), st.floats(0.3, 3.0))
handles = st.sampled_from([handle for handle in Handle if handle is not Handle.INSIDE])


@st.composite
def places(draw):
    """A photo's size, an angle, and a box of at least 20 pixels that fits."""
    size, angle = draw(sizes), draw(angles)
    width, height = draw(st.floats(0.2, 0.9)), draw(st.floats(0.2, 0.9))
    left, top = draw(st.floats(0, 1 - width)), draw(st.floats(0, 1 - height))
    box = moved_inside(Box(left, top, left + width, top + height), angle, size)
    assume(min(box.width * size.width, box.height * size.height) >= 20)
    return size, angle, box


def in_pixels(box: Box, size: Size) -> tuple[float, float, float, float]:
    return (
        box.left * size.width,
        box.top * size.height,
        box.right * size.width,
        box.bottom * size.height,
    )


def keeps_ratio(box: Box, size: Size, ratio: float) -> bool:
    left, top, right, bottom = in_pixels(box, size)
    width, height = right - left, bottom - top
    off = abs(width / ratio - height) if width >= height else abs(height * ratio - width)
    return off <= 1 + PX


@given(places(), steps, steps)
def test_a_moved_box_stays_inside_and_keeps_its_size(place, dx, dy):
    size, angle, box = place
    result = moved(box=box, dx=dx, dy=dy, angle=angle, size=size)
    assert fits(result, angle, size)
    assert abs(result.width - box.width) < 1e-6
    assert abs(result.height - box.height) < 1e-6


def test_a_box_moved_along_a_border_slides():
    result = moved(box=CENTRED, dx=90, dy=-5000, angle=0, size=SIZE)
    assert in_pixels(result, SIZE) == (240, 0, 540, 200)


@given(places(), handles, steps, steps, ratios)
def test_a_resized_box_stays_inside_with_its_opposite_corner(place, handle, dx, dy, ratio):
    size, angle, box = place
    result = resized(box=box, handle=handle, dx=dx, dy=dy, ratio=ratio, angle=angle, size=size)
    assert fits(result, angle, size)
    side = SIDES[handle]
    if side.across:
        fixed = (lambda b: b.left) if side.across > 0 else (lambda b: b.right)
        assert fixed(result) == fixed(box)
    if side.down:
        fixed = (lambda b: b.top) if side.down > 0 else (lambda b: b.bottom)
        assert fixed(result) == fixed(box)


@given(places(), handles, steps, steps, st.floats(0.4, 2.5))
def test_a_locked_ratio_is_kept_within_one_pixel(place, handle, dx, dy, ratio):
    size, angle, box = place
    result = resized(box=box, handle=handle, dx=dx, dy=dy, ratio=ratio, angle=angle, size=size)
    assert result == box or keeps_ratio(result, size, ratio)


@given(places(), handles, steps, steps, ratios)
def test_a_gesture_leaves_at_least_the_smallest_side(place, handle, dx, dy, ratio):
    size, angle, box = place
    result = resized(box=box, handle=handle, dx=dx, dy=dy, ratio=ratio, angle=angle, size=size)
    left, top, right, bottom = in_pixels(result, size)
    assert right - left >= MIN_SIDE_PX - PX
    assert bottom - top >= MIN_SIDE_PX - PX


@given(sizes, angles, st.tuples(steps, steps), st.tuples(steps, steps), ratios)
def test_a_drawn_box_lies_inside(size, angle, start, to, ratio):
    result = drawn(start=start, to=to, ratio=ratio, angle=angle, size=size)
    assert fits(result, angle, size)
    extent = pixel_size(result, size)
    assert min(extent.width, extent.height) >= MIN_SIDE_PX
    if ratio is not None:
        assert keeps_ratio(result, size, ratio)


def test_drawing_goes_from_the_press_to_the_pointer():
    result = drawn(start=(100, 300), to=(40.4, 120.2), ratio=None, angle=0, size=SIZE)
    assert in_pixels(result, SIZE) == (41, 121, 100, 300)


def test_a_corner_follows_the_pointer_to_the_whole_pixel():
    result = resized(
        box=CENTRED, handle=Handle.BOTTOM_RIGHT, dx=30.6, dy=-20, ratio=None, angle=0, size=SIZE
    )
    assert in_pixels(result, SIZE) == (150, 100, 480, 280)


def test_a_corner_slides_along_the_border_that_it_has_reached():
    result = resized(
        box=CENTRED, handle=Handle.TOP_LEFT, dx=-900, dy=-37, ratio=None, angle=0, size=SIZE
    )
    assert in_pixels(result, SIZE) == (0, 63, 450, 300)


def test_a_corner_slides_along_the_border_of_a_turned_photo():
    box = moved_inside(CENTRED, 8, SIZE)
    corner = {"box": box, "handle": Handle.TOP_LEFT, "ratio": None, "angle": 8, "size": SIZE}
    near = resized(**corner, dx=-400, dy=0)
    further = resized(**corner, dx=-400, dy=-60)
    assert further.top < near.top
    assert fits(further, 8, SIZE)


def test_an_edge_under_a_ratio_moves_sideways_where_a_border_is_in_the_way():
    box = Box(0.1, 0.0, 0.4, 0.3)  # 180 × 120 at the top border
    result = resized(box=box, handle=Handle.RIGHT, dx=90, dy=0, ratio=1.5, angle=0, size=SIZE)
    left, top, right, bottom = in_pixels(result, SIZE)
    assert (left, top) == (60, 0)
    assert abs(right - 330) <= 1
    assert abs(bottom - 180) <= 1


def test_an_arrow_key_resizes_by_one_pixel():
    result = grown(box=CENTRED, dx=1, dy=0, ratio=None, angle=0, size=SIZE)
    assert pixel_size(result, SIZE) == Size(301, 200)
    result = grown(box=CENTRED, dx=0, dy=-1, ratio=None, angle=0, size=SIZE)
    assert pixel_size(result, SIZE) == Size(300, 199)


def test_a_locked_ratio_can_still_shrink_by_the_arrow_keys():
    box = Box(0.25, 0.25, 0.75, 0.75)
    for _ in range(20):
        box = grown(box=box, dx=-1, dy=0, ratio=1.5, angle=0, size=SIZE)
    assert pixel_size(box, SIZE).width == 280
    assert abs(ratio_of(box, SIZE) - 1.5) < 0.01
