"""Which photos the contact sheet shows, how far curves reach, and records that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.choice import BUILTIN
from trainer.benchmarks.lines import Line
from trainer.benchmarks.plots import reached
from trainer.benchmarks.record import LINES, Identity, Keeper, Record, RecordError
from trainer.benchmarks.rule import FULL, Edges
from trainer.benchmarks.sheet import choose

INSIDE: Edges = (0.1, 0.1, 0.9, 0.9)
IDENTITY = Identity(
    benchmark="flms", engine=BUILTIN, name="", question="", data_hash="a", baseline=False
)


def line(values: Sequence[float], boxes: Sequence[Edges | None] = ()) -> Line:
    return Line("engine", "an engine", np.array(values)[:, None], tuple(boxes))


def test_best_worst_and_closest() -> None:
    base = line([0.5] * 7)
    own = line([0.5, 0.9, 0.1, 0.52, 0.7, 0.3, 0.45], [FULL] + [INSIDE] * 6)
    chosen = choose(own, base, each=2)
    assert chosen.best == (1, 4)
    assert chosen.worst == (2, 5)
    # The first has no gain at all because it is the full frame, which says nothing.
    assert chosen.closest == (3, 6)


def test_few_photos_are_shown_once() -> None:
    for count in (1, 2, 3, 5):
        chosen = choose(line(np.arange(count) / 10, [INSIDE] * count), line([0.2] * count))
        shown = [*chosen.best, *chosen.worst, *chosen.closest]
        assert len(shown) == len(set(shown))
        assert shown


def test_a_photo_without_a_crop_is_not_close() -> None:
    chosen = choose(line([0.9, 0.5, 0.1], [INSIDE, None, INSIDE]), line([0.5] * 3), each=1)
    assert (chosen.best, chosen.worst, chosen.closest) == ((0,), (2,), ())


def test_curves_tell_the_share_that_reaches_a_value() -> None:
    (curve,) = reached([line([0.25, 0.5, 0.5, 1.0])])
    at = dict(curve.points)
    assert at[0.0] == 1
    assert at[0.5] == 0.75
    assert [share for x, share in at.items() if 0.505 < x < 1] == [0.25] * 49
    assert at[1.0] == 0.25
    (below,) = reached([line([-0.5, 0.5])])
    assert below.points[0] == (-0.5, 1.0)
    assert reached([line([float("nan")])]) == []


def test_what_a_model_said_comes_back_whatever_it_holds(tmp_path: Path) -> None:
    said = 'a\u2028b\x85c\x0bd\n"e"\x00 é'
    kept = Record(photo="ä.jpg", crop=(0.1, 0.2, 0.3, 1 / 3), said=said)
    keeper = Keeper(tmp_path, IDENTITY)
    keeper.keep(kept)
    keeper.keep(Record(photo="b.jpg", refused="no"))
    assert Keeper(tmp_path, IDENTITY).records == {
        "ä.jpg": kept,
        "b.jpg": Record(photo="b.jpg", refused="no"),
    }


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    Keeper(tmp_path, IDENTITY).keep(Record(photo="a.jpg"))
    with (tmp_path / LINES).open("a") as lines:
        lines.write('{"photo": 3}\n')
    with pytest.raises(RecordError, match="line 2 is no record"):
        Keeper(tmp_path, IDENTITY)
