"""What contradicts itself is resolved before anything is said."""

from __future__ import annotations

import pytest

from engine.builtin.look import Look
from engine.builtin.observe import Observation
from engine.builtin.reading import consistent
from engine.vocabulary import EVERYWHERE, FindingKind, StrengthKind

LOOK = Look(0.0, 20.0, 15.0, ("green",), 0.0)


def fault(kind: FindingKind, severity: float) -> Observation:
    return Observation(kind, severity, EVERYWHERE, 1.0, "EV", {})


def virtue(kind: StrengthKind, **facts: str) -> Observation:
    return Observation(kind, 0.6, EVERYWHERE, 1.0, "EV", facts)


def kinds(*seen: Observation) -> set[str]:
    return {str(each.kind) for each in consistent(seen, LOOK)}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (FindingKind.UNDEREXPOSED, StrengthKind.WELL_EXPOSED),
        (FindingKind.SOFT_FOCUS, StrengthKind.SHARP),
        (FindingKind.EMPTY_SPACE, StrengthKind.BALANCED),
    ],
)
def test_the_weightier_of_two_that_deny_each_other_stays(
    wrong: FindingKind, right: StrengthKind
) -> None:
    assert kinds(fault(wrong, 0.5), virtue(right)) == {wrong}
    assert kinds(fault(wrong, 0.25), virtue(right)) == {right}


def test_a_photo_is_not_too_dark_and_too_bright() -> None:
    both = fault(FindingKind.OVEREXPOSED, 0.6), fault(FindingKind.UNDEREXPOSED, 0.4)
    assert kinds(*both) == {"overexposed"}


def test_what_is_too_slight_is_left_unsaid() -> None:
    assert kinds(fault(FindingKind.NOISE, 0.15), fault(FindingKind.TILTED_HORIZON, 0.25)) == {
        "tilted_horizon"
    }


def test_muted_oranges_are_earth_tones() -> None:
    seen = virtue(StrengthKind.COLOUR_HARMONY, hue="orange", second="blue", scheme="opposites")
    (harmony,) = consistent((seen,), LOOK)
    assert harmony.facts["hue"] == "earth"
    (strong,) = consistent((seen,), Look(0.0, 20.0, 45.0, ("orange",), 0.0))
    assert strong.facts["hue"] == "orange"
