"""The committed labels are whole and agree with themselves; the loader refuses what is wrong."""

from __future__ import annotations

import hashlib
from math import atan2, degrees
from pathlib import Path

import pytest

from bench.labels import KINDS, Label, Light, load
from engine.vocabulary import WHOLE, Box, FindingKind

LABELS = load()
BY_PHOTO = pytest.mark.parametrize("label", LABELS.values(), ids=LABELS.keys())


def inside(box: Box) -> bool:
    return (
        WHOLE.left <= box.left
        and WHOLE.top <= box.top
        and box.right <= WHOLE.right
        and box.bottom <= WHOLE.bottom
    )


def test_a_hundred_photos_in_the_order_that_chose_them() -> None:
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in LABELS]
    assert len(digests) == 100
    assert digests == sorted(digests)


@BY_PHOTO
def test_every_photo_is_described_and_answered(label: Label) -> None:
    assert 5 <= len(label.about.split()) <= 20
    boxes = [*label.distractions, *([label.subject] if label.subject else [])]
    assert all(inside(box) for box in boxes)
    assert len(label.kinds) >= len(KINDS) // 2


@BY_PHOTO
def test_what_is_claimed_has_its_place(label: Label) -> None:
    subject_kinds = (
        FindingKind.SUBJECT_SMALL,
        FindingKind.SUBJECT_AT_EDGE,
        FindingKind.SUBJECT_CENTRED,
    )
    if any(label.kinds.get(kind) for kind in subject_kinds):
        assert label.subject is not None
    edge = label.kinds.get(FindingKind.EDGE_DISTRACTION)
    assert edge is None or edge == bool(label.distractions)


@BY_PHOTO
def test_a_steep_horizon_is_not_called_upright(label: Label) -> None:
    if label.horizon is None:
        return
    line = label.horizon
    # The photos are between 2:3 and 3:2, so the slope in pixels is at most 1.5 times this one.
    slope = abs(degrees(atan2(line.y2 - line.y1, line.x2 - line.x1)))
    assert slope < 6
    if label.upright:
        assert slope < 1.5


def test_every_kind_is_true_or_false_somewhere() -> None:
    for kind in KINDS:
        assert {label.kinds.get(kind) for label in LABELS.values()} >= {True, False}, kind
    for light in Light:
        assert any(light in label.light for label in LABELS.values()), light


def test_labels_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        LABELS["new.jpg"] = next(iter(LABELS.values()))  # pyright: ignore[reportIndexIssue]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('about = ""', "about"),
        ('about = "x"\nsubject = [0.2, 0.1, 0.1, 0.4]', "left < right"),
        ('about = "x"\nsubject = [0.2, 0.1, 1.1, 0.4]', "four fractions"),
        ('about = "x"\nsubject = [0.2, 0.1, 0.4]', "four fractions"),
        ('about = "x"\ndistractions = [[0.0, 0.0, 0.1, -0.1]]', "four fractions"),
        ('about = "x"\nhorizon = [0.9, 0.5, 0.1, 0.5]', "left end"),
        ('about = "x"\nupright = 1', "upright"),
        ('about = "x"\nkinds.soft_focus = true', "soft_focus"),
        ('about = "x"\nkinds.sharp = "yes"', "sharp"),
        ('about = "x"\nlight.moon = true', "moon"),
        ('about = "x"\nmood = "calm"', "mood"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, fault: str) -> None:
    file = tmp_path / "labels.toml"
    file.write_text(f'[photos."a.jpg"]\n{entry}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=fault) as caught:
        load(file)
    assert str(file) in str(caught.value)
    assert "a.jpg" in str(caught.value)


def test_an_entry_with_the_least_is_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.toml"
    file.write_text('[photos."a.jpg"]\nabout = "sand"\n', encoding="utf-8")
    assert load(file) == {
        "a.jpg": Label(
            photo="a.jpg",
            about="sand",
            subject=None,
            distractions=(),
            horizon=None,
            upright=None,
            kinds={},
            light={},
        )
    }
