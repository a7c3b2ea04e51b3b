"""The official FLMS rule: awkward cases by hand, and the whole against plain arithmetic."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.choice import BUILTIN
from engine.registry import create
from trainer.benchmarks.cases import Benchmark, flms, spread
from trainer.benchmarks.lines import MEASURES, lines, pairs, raw_box
from trainer.benchmarks.measuring import measure
from trainer.benchmarks.record import Identity, Keeper
from trainer.benchmarks.rule import FULL, Edges, compare
from trainer.benchmarks.table import rows

FLMS_DEV = Path(__file__).parents[3].parent / "shared" / "flms_dev"

LEFT: Edges = (0.0, 0.0, 0.5, 1.0)
MIDDLE: Edges = (0.25, 0.0, 0.75, 1.0)
NONE: Edges = (-0.01, -0.01, -0.01, -0.01)
SWAPPED: Edges = (0.9, 0.9, 0.1, 0.1)


def at(*thousandths: int) -> Edges:
    left, top, right, bottom = (each / 1000 for each in thousandths)
    return left, top, right, bottom


@pytest.mark.parametrize(
    ("edges", "drawn", "iou", "disp", "annotator"),
    [
        # The same box: everything is shared, nothing apart.
        pytest.param(LEFT, [LEFT], 1.0, 0.0, 0, id="exactly one annotator's"),
        # Half of the frame is shared: 0.5 / 1; one edge of four lies 0.5 away.
        pytest.param(FULL, [LEFT], 0.5, 0.5 / 4, 0, id="one annotator"),
        # 0.5 and 0.8 are shared: the second counts, 0.2 away at one edge.
        pytest.param(FULL, [LEFT, (0.2, 0.0, 1.0, 1.0)], 0.8, 0.2 / 4, 1, id="largest IoU"),
        # Both lie 0.1 + 0.1 away; 0.8 · 1 of the frame is less than 0.9 · 0.9.
        pytest.param(
            FULL, [(0.1, 0, 0.9, 1), (0.1, 0.1, 1, 1)], 0.81, 0.2 / 4, 1, id="IoU before Disp"
        ),
        # With the first 0.25 of a union of 0.75 are shared, 0.25 + 0.25 away; with the second 1/6
        # of a union of 2/3.
        pytest.param(
            LEFT, [MIDDLE, (0.0, 0.0, 1.0, 1 / 3)], 1 / 3, 0.5 / 4, 0, id="partly beside each other"
        ),
        # Both share 0.5 of a union of 1 with the frame; edges 0.5 + 0 and 0.25 + 0.25: a tie of
        # both, so the first of the nearest.
        pytest.param(FULL, [LEFT, MIDDLE], 0.5, 0.5 / 4, 0, id="ties in both"),
        # Two quarters with IoU 1/2 of the left half: one is 0.5 away, the other 0.25.
        pytest.param(
            LEFT, [(0, 0, 0.5, 0.5), (0, 0, 0.25, 1)], 0.5, 0.25 / 4, 1, id="tie: the nearest"
        ),
        # The first two share half of the prediction, 0.1 · 0.5 and 0.0625 · 0.8, and lie 0.5 and
        # 0.0375 + 0.2 away. The third lies 0.05 + 0.05 away and shares 0.05 of 0.15: the nearest of
        # all has not the largest IoU, so the first with that counts, as argmax takes it.
        pytest.param(
            (0.4, 0.0, 0.5, 1.0),
            [(0.4, 0, 0.5, 0.5), (0.4, 0.2, 0.4625, 1), (0.45, 0, 0.55, 1)],
            0.5,
            0.5 / 4,
            0,
            id="tie, but the nearest of all overlaps less",
        ),
        # Nothing overlaps, so all tie at 0: the nearest lies 0.2 + 0.2 away.
        pytest.param(
            (0.6, 0.0, 0.8, 1.0),
            [(0.0, 0.0, 0.1, 1.0), (0.4, 0.0, 0.6, 1.0)],
            0.0,
            (0.2 + 0.2) / 4,
            1,
            id="no overlap: the nearest",
        ),
        # An annotator who drew none is not compared with.
        pytest.param(FULL, [NONE, LEFT], 0.5, 0.5 / 4, 1, id="-1 boxes"),
        # … even where only the −1 box would tie at no overlap and lie nearer.
        pytest.param(
            (0.0, 0.0, 0.01, 0.01), [NONE, (0.99, 0.99, 1, 1)], 0.0, 3.96 / 4, 1, id="-1 box nearer"
        ),
        # An annotator's swapped corners overlap nothing.
        pytest.param(FULL, [SWAPPED, LEFT], 0.5, 0.5 / 4, 1, id="annotator's swapped corners"),
        # All are swapped: IoU 0, the edges count as they stand: 0.9 + 0.9 + 0.9 + 0.9.
        pytest.param(FULL, [SWAPPED], 0.0, 3.6 / 4, 0, id="only swapped corners"),
        # The prediction's corners are swapped: IoU 0, its edges as they stand.
        # To LEFT: 0.9 + 0.9 + 0.4 + 0.9.
        pytest.param(SWAPPED, [LEFT], 0.0, 3.1 / 4, 0, id="swapped corners"),
        # Only left and right are swapped: 0.5 + 0 + 0.5 + 0.
        pytest.param((0.5, 0, 0, 1), [LEFT], 0.0, 1.0 / 4, 0, id="left and right swapped"),
        # No width at all, inside the photo: no overlap, edges 0.5 + 0.
        pytest.param((0.5, 0, 0.5, 1), [LEFT], 0.0, 0.5 / 4, 0, id="no width"),
        # 1001: IoU 0, the full frame's Disp, though the box itself is all but right.
        pytest.param(at(0, 0, 500, 1001), [LEFT], 0.0, 0.5 / 4, None, id="1001"),
        pytest.param(at(-1, 0, 500, 1000), [LEFT], 0.0, 0.5 / 4, None, id="-1 predicted"),
        # 0 and 1000 are inside.
        pytest.param(at(0, 0, 1000, 1000), [LEFT], 0.5, 0.5 / 4, 0, id="0 and 1000"),
        # The full frame's smallest: LEFT is 0.5 away, the other one 0.1 + 0.1.
        pytest.param(
            at(0, 0, 2000, 10), [LEFT, (0.1, 0, 0.9, 1)], 0.0, 0.2 / 4, None, id="the smallest"
        ),
        # No box at all counts like one outside.
        pytest.param(None, [LEFT, MIDDLE], 0.0, 0.5 / 4, None, id="no box"),
    ],
)
def test_by_hand(
    edges: Edges | None, drawn: list[Edges], iou: float, disp: float, annotator: int | None
) -> None:
    near = compare(edges, drawn)
    assert near.iou == pytest.approx(iou, abs=1e-12)
    assert near.disp == pytest.approx(disp, abs=1e-12)
    assert near.annotator == annotator


@pytest.mark.parametrize(("height", "recalled"), [(0.75, True), (0.7499999, False), (1.0, True)])
def test_recall_begins_at_three_quarters(height: float, recalled: bool) -> None:
    assert compare(FULL, [(0.0, 0.0, 1.0, height)]).recalled is recalled


def test_a_photo_that_nobody_cropped_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="no annotator"):
        compare(FULL, [NONE])


@pytest.mark.parametrize(
    ("said", "box"),
    [
        ("<box>(170,204),(830,913)</box>", (0.17, 0.204, 0.83, 0.913)),
        ("<box>(830,913),(170,204)</box>", (0.83, 0.913, 0.17, 0.204)),
        ("(10,20),(1001,900)", (0.01, 0.02, 1.001, 0.9)),
        ("(-5,20),(900,900)", (-0.005, 0.02, 0.9, 0.9)),
        ("(1,2),(3,4),(500,600),(700,800)", (0.001, 0.002, 0.003, 0.004)),
        ("The left third, (100,200),(900", None),
        ("Keep it as it is.", None),
        ("", None),
    ],
)
def test_raw_text_gives_its_first_four_numbers(said: str, box: Edges | None) -> None:
    found = raw_box(said)
    assert found == (None if box is None else pytest.approx(box))


# ── the half of FLMS, and arithmetic that shares nothing with the command's ──────────────────────


def plain(box: list[float], drawn: list[list[float]], width: int, height: int) -> list[float]:
    """IoU and Disp in pixels, one annotator after the other, from the rule in words."""
    x1, y1, x2, y2 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    found: list[tuple[float, float]] = []
    for a1, b1, a2, b2 in drawn:
        across, down = min(x2, a2) - max(x1, a1), min(y2, b2) - max(y1, b1)
        shared = across * down if across > 0 and down > 0 else 0.0
        union = (x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - shared
        apart = (abs(x1 - a1) + abs(x2 - a2)) / width + (abs(y1 - b1) + abs(y2 - b2)) / height
        found.append((shared / union if shared else 0.0, apart / 4))
    largest = max(iou for iou, _ in found)
    return [largest, min(apart for iou, apart in found if iou == largest)]


@pytest.mark.skipif(not FLMS_DEV.is_dir(), reason="the half of FLMS is not beside the repository")
def test_the_built_in_engine_agrees_with_plain_arithmetic_on_the_half_of_flms() -> None:
    cases, problems = flms(FLMS_DEV)
    assert (len(cases), problems) == (250, [])
    chosen = spread(cases, 20)
    identity = Identity(
        benchmark="flms", engine=BUILTIN, name="", question="", data_hash="", baseline=False
    )
    keeper = Keeper(None, identity)
    for _ in measure(create(BUILTIN), chosen, keeper, smartcrop=False, stop=lambda: False):
        pass
    found = lines(Benchmark.FLMS, pairs(chosen, keeper.records), title="built-in")
    own = rows(found, MEASURES[Benchmark.FLMS])[0]
    table = json.loads((FLMS_DEV / "json" / "image_crops.json").read_text())
    expected = []
    for case in chosen:
        with Image.open(FLMS_DEV / "images" / case.name) as photo:
            size = photo.size
        crop = list(keeper.records[case.name].crop)
        expected.append(plain(crop, table[case.name], *size))
    mean = np.mean(expected, axis=0)
    recall = np.mean([iou >= 0.75 for iou, _ in expected])
    assert [each.mean for each in own.figures] == pytest.approx([*mean, recall], abs=1e-9)
    assert found[0].values[:, :2] == pytest.approx(np.array(expected), abs=1e-9)
    assert mean[0] > 0.8
