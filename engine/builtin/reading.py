"""All that a critique is written from, gathered once, with contradictions resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.builtin.crops.facts import SIDES, CropFacts
from engine.builtin.crops.scene import Scene
from engine.builtin.look import Depth, Look, earthy
from engine.builtin.measure.contrast import Contrast
from engine.builtin.measure.exposure import Exposure
from engine.builtin.observe import WORTH_MENTIONING, Observation
from engine.vocabulary import FindingKind as Fault
from engine.vocabulary import StrengthKind as Virtue

_DENIES: Final[dict[Fault, frozenset[Virtue]]] = {
    Fault.UNDEREXPOSED: frozenset({Virtue.WELL_EXPOSED}),
    Fault.OVEREXPOSED: frozenset({Virtue.WELL_EXPOSED}),
    Fault.HARSH_CONTRAST: frozenset({Virtue.WELL_EXPOSED}),
    Fault.LOW_CONTRAST: frozenset({Virtue.WELL_EXPOSED}),
    Fault.SOFT_FOCUS: frozenset({Virtue.SHARP}),
    Fault.COLOUR_CAST: frozenset({Virtue.COLOUR_HARMONY}),
    Fault.OVERSATURATED: frozenset({Virtue.COLOUR_HARMONY}),
    Fault.EMPTY_SPACE: frozenset({Virtue.BALANCED}),
}
"""Virtues that a grave fault of a kind denies; a slight one is denied by them."""

_EXCLUDES: Final[dict[Fault, frozenset[Fault]]] = {
    Fault.UNDEREXPOSED: frozenset({Fault.OVEREXPOSED}),
    Fault.OVEREXPOSED: frozenset({Fault.UNDEREXPOSED}),
    Fault.LOW_CONTRAST: frozenset({Fault.HARSH_CONTRAST}),
    Fault.HARSH_CONTRAST: frozenset({Fault.LOW_CONTRAST}),
}
"""Faults that cannot hold together: the graver one stays."""

SLIGHT: Final = 0.2
"""Faults below this severity help nobody."""

TRIM: Final = 0.04
"""A side at which the safe crop takes off less than this is no advice."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A photo as its critique is written from it; `crop` are the facts of the safe crop, `seen`
    the observations as `consistent` leaves them.
    """

    scene: Scene
    look: Look
    crop: CropFacts
    seen: tuple[Observation, ...]
    exposure: Exposure
    contrast: Contrast
    depth: Depth | None

    @property
    def grave(self) -> list[Observation]:
        """The faults worth mentioning, the gravest first."""
        return faults(self.seen, least=WORTH_MENTIONING)

    @property
    def trims(self) -> list[tuple[float, str]]:
        """The sides at which the safe crop takes off what adds little, with how much, the most
        first.
        """
        found = (
            (trimmed, side)
            for side, trimmed, held in zip(SIDES, self.crop.trimmed, self.crop.removed, strict=True)
            if trimmed >= TRIM and held < trimmed
        )
        return sorted(found, key=lambda each: -each[0])


def consistent(seen: Sequence[Observation], look: Look) -> tuple[Observation, ...]:
    """The observations without those that the weightier ones contradict, and without faults too
    slight to help; in their order.
    """
    grave = _kinds(faults(seen, least=WORTH_MENTIONING))
    denied = {virtue for fault in grave for virtue in _DENIES.get(fault, ())}
    held = {o.kind for o in virtues(seen)} - denied
    kept: list[Observation] = []
    for each in seen:
        if isinstance(each.kind, Fault):
            slight = each.severity < WORTH_MENTIONING
            if each.severity < SLIGHT or (slight and held & _DENIES.get(each.kind, frozenset())):
                continue
            if any(each.kind in _EXCLUDES.get(other, ()) for other in _kinds(kept)):
                continue
        elif each.kind in denied:
            continue
        kept.append(_as_seen(each, look))
    return tuple(kept)


def _kinds(seen: Sequence[Observation]) -> list[Fault]:
    return [o.kind for o in seen if isinstance(o.kind, Fault)]


def _as_seen(observed: Observation, look: Look) -> Observation:
    """Muted oranges are earth tones, in one sentence as in the next."""
    if observed.kind is not Virtue.COLOUR_HARMONY:
        return observed
    hues = {name: earthy(str(observed.facts[name]), look.chroma) for name in ("hue", "second")}
    return replace(observed, facts={**observed.facts, **hues})


def faults(seen: Sequence[Observation], *, least: float = 0.0) -> list[Observation]:
    """The faults of at least this severity, in their order."""
    return [o for o in seen if isinstance(o.kind, Fault) and o.severity >= least]


def virtues(seen: Sequence[Observation]) -> list[Observation]:
    """The virtues, in their order."""
    return [o for o in seen if isinstance(o.kind, Virtue)]
