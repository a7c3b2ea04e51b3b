"""Why a crop works and why it does not: a verdict, then reasons for and against, all measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Final

from engine.builtin.crops.facts import SIDES, CropFacts, crop_facts
from engine.builtin.crops.posterior import crop_score
from engine.builtin.crops.scene import Scene
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import listed, place, side
from engine.vocabulary import WHOLE, Crop

_NEAR: Final = 0.01
"""Expected overlaps this close are as good as each other."""
_KEEPS_ALL: Final = 0.995
_LOSES_ALL: Final = 0.005
_ON_A_THIRD: Final = 0.08
"""As a part of the crop's diagonal: this close to where two thirds cross counts as on it."""
_SPARSE: Final = 0.6
"""A strip that holds less than this part of its fair share of contrast is an empty one."""
_PRINT_DPI: Final = 300
_LIGHTER_EV: Final = 0.3
_MOST: Final = 3
"""Reasons said on each side at most."""


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence that follows from the score, and sentences for and against, the weightiest
    first; both sides have at least one, and each of them a quantity of this crop.
    """

    verdict: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]


def why(scene: Scene, crop: Crop, best: Crop, say: Say) -> Why:
    """Judge any crop of the photo; `best` is the engine's own first proposal."""
    facts, own = crop_facts(scene, crop), crop_facts(scene, best)
    whole = crop_score(scene.posterior, Crop(WHOLE), scene.size)
    return Why(
        verdict=_verdict(facts, own, whole, crop, say),
        reasons_for=tuple(_for(facts, scene, say))[:_MOST],
        reasons_against=tuple(_against(facts, own, say))[:_MOST],
    )


def _verdict(facts: CropFacts, own: CropFacts, whole: float, crop: Crop, say: Say) -> str:
    values = {
        "score": say.percent(facts.score, digits=1),
        "own": say.percent(own.score, digits=1),
        "whole": say.percent(whole, digits=1),
    }
    if crop.angle == 0 and crop.box == WHOLE:
        if facts.score >= own.score - _NEAR:
            return say(
                "The uncropped frame is as good as any crop found here: it should overlap by"
                " {score} with what people would draw, the best crop by {own}.",
                **values,
            )
        return say(
            "A crop would help: the whole frame should overlap by {score} with what people would"
            " draw, the engine's first crop by {own}.",
            **values,
        )
    if facts.score >= own.score - _NEAR:
        return say(
            "This crop is as good as the engine's own: it should overlap by {score} with what"
            " people would draw, the engine's by {own}, the whole frame by {whole}.",
            **values,
        )
    if facts.score >= whole:
        return say(
            "This crop is better than the whole frame but not the best: it should overlap by"
            " {score} with what people would draw, the whole frame by {whole}, the engine's first"
            " crop by {own}.",
            **values,
        )
    return say(
        "This crop is worse than the whole frame: it should overlap by {score} with what people"
        " would draw, the whole frame by {whole}, the engine's first crop by {own}.",
        **values,
    )


# ── for ──────────────────────────────────────────────────────────────────────────────────────────


def _for(facts: CropFacts, scene: Scene, say: Say) -> Iterator[str]:
    yield from _keeps_the_area(facts, say)
    yield from _empty_strip_removed(facts, say)
    yield from _denser(facts, say)
    yield from _lands_on_a_third(facts, scene, say)
    if facts.brighter_ev is not None and abs(facts.brighter_ev) >= _LIGHTER_EV:
        yield _brightness(facts.brighter_ev, say)
    yield _pixels(facts, scene, say)


def _keeps_the_area(facts: CropFacts, say: Say) -> Iterator[str]:
    if facts.stand_kept is None or facts.stand_centre is None or facts.stand_kept < 0.5:
        return
    values = {
        "kept": say.percent(facts.stand_kept),
        "fill": say.percent(facts.stand_fill),
        "place": place(say, facts.stand_centre),
        "across": say.percent(facts.stand_centre[0]),
        "down": say.percent(facts.stand_centre[1]),
    }
    if facts.stand_kept >= _KEEPS_ALL:
        yield say(
            "It keeps all of the area that stands out most, which fills {fill} of the crop and"
            " lies {place}, {across} from the left and {down} from the top.",
            **values,
        )
    else:
        yield say(
            "It keeps {kept} of the area that stands out most, which fills {fill} of the crop and"
            " lies {place}, {across} from the left and {down} from the top.",
            **values,
        )


def _empty_strip_removed(facts: CropFacts, say: Say) -> Iterator[str]:
    """The side where much of the frame goes and little is lost."""
    gain, name, trimmed, held = max(
        (trimmed - held, name, trimmed, held)
        for name, trimmed, held in zip(SIDES, facts.trimmed, facts.removed, strict=True)
    )
    if gain > 0.02 and held < _SPARSE * trimmed:
        yield say(
            "The {share} of the frame that it takes off at the {side} hold only {held} of what"
            " there is to see.",
            side=side(say, name),
            share=say.percent(trimmed),
            held=say.percent(held),
        )


def _denser(facts: CropFacts, say: Say) -> Iterator[str]:
    if facts.area < 0.999 and facts.contrast > facts.area * 1.02:
        yield say(
            "It gives up {dropped} of the frame but only {lost} of what there is to see.",
            dropped=say.percent(1 - facts.area),
            lost=say.percent(1 - facts.contrast),
        )


def _lands_on_a_third(facts: CropFacts, scene: Scene, say: Say) -> Iterator[str]:
    if facts.stand_centre is None or not facts.stand_kept or facts.stand_kept < 0.5:
        return
    away = third_distance(facts.stand_centre, scene.size.width / scene.size.height)
    if away <= _ON_A_THIRD:
        yield say(
            "The centre of that area comes within {away} of the crop's diagonal of where two"
            " thirds cross.",
            away=say.percent(max(away, 0.01)),
        )


def third_distance(point: tuple[float, float], ratio: float) -> float:
    """How far a point lies from the nearest crossing of the thirds, in parts of the diagonal of a
    frame with this ratio of width to height; the point is in fractions of the frame.
    """
    across, down = (min(abs(value - third) for third in (1 / 3, 2 / 3)) for value in point)
    return hypot(across * ratio, down) / hypot(ratio, 1.0)


def _brightness(brighter_ev: float, say: Say) -> str:
    stops = say.number(brighter_ev)
    if brighter_ev > 0:
        return say(
            "What is inside is {stops} stops brighter than what is left out, so the light gathers"
            " in the crop.",
            stops=stops,
        )
    return say(
        "What is left out is {stops} stops brighter than what is inside, so less pulls the eye"
        " outwards.",
        stops=stops,
    )


def _pixels(facts: CropFacts, scene: Scene, say: Say) -> str:
    return say(
        "It still has {left} of {all} megapixels, and {contrast} of what there is to see.",
        left=say.number(facts.megapixels, digits=2),
        all=say.number(scene.size.width * scene.size.height / 1e6, digits=2),
        contrast=say.percent(facts.contrast),
    )


# ── against ──────────────────────────────────────────────────────────────────────────────────────


def _against(facts: CropFacts, own: CropFacts, say: Say) -> Iterator[str]:
    yield from _cuts_the_area(facts, say)
    yield from _behind(facts, own, say)
    yield from _gives_up(facts, say)
    if facts.contrast < facts.area * 0.98:
        yield say(
            "It gives up {lost} of what there is to see, more than its {dropped} of the frame.",
            lost=say.percent(1 - facts.contrast),
            dropped=say.percent(1 - facts.area),
        )
    yield from _empty_strip_left(facts, say)
    yield _thinnest(facts, say)


def _cuts_the_area(facts: CropFacts, say: Say) -> Iterator[str]:
    if facts.stand_kept is None:
        return
    if facts.stand_kept <= _LOSES_ALL and not facts.stand_cut:
        yield say(
            "It leaves out the whole of the area that stands out most; {contrast} of what there is"
            " to see remains.",
            contrast=say.percent(facts.contrast, digits=1),
        )
        return
    if not facts.stand_cut:
        return
    values = {
        "sides": listed(say, [side(say, name) for name in facts.stand_cut]),
        "lost": say.percent(1 - facts.stand_kept),
    }
    if len(facts.stand_cut) == 1:
        yield say(
            "Its {sides} side cuts through the area that stands out most and leaves {lost} of it"
            " outside.",
            **values,
        )
    else:
        yield say(
            "Its {sides} sides cut through the area that stands out most and leave {lost} of it"
            " outside.",
            **values,
        )


def _behind(facts: CropFacts, own: CropFacts, say: Say) -> Iterator[str]:
    if facts.score < own.score - 0.05 and own.stand_kept is not None:
        yield say(
            "The engine's first crop keeps {own} of what there is to see on {own_area} of the"
            " frame; this one keeps {kept} on {area}.",
            own=say.percent(own.contrast),
            own_area=say.percent(own.area),
            kept=say.percent(facts.contrast),
            area=say.percent(facts.area),
        )


def _empty_strip_left(facts: CropFacts, say: Say) -> Iterator[str]:
    held, name = min(zip(facts.strips, SIDES, strict=True))
    if held < 0.2 * _SPARSE:
        yield say(
            "The fifth at its {side} side does little: it holds {held} of what the crop shows.",
            side=side(say, name),
            held=say.percent(held),
        )


def _gives_up(facts: CropFacts, say: Say) -> Iterator[str]:
    if facts.area < 0.999:
        left, top, right, bottom = (say.percent(part) for part in facts.trimmed)
        yield say(
            "It costs {dropped} of the pixels: {left} of the width at the left, {right} at the"
            " right, {top} of the height at the top, {bottom} at the bottom.",
            dropped=say.percent(1 - facts.area),
            left=left,
            right=right,
            top=top,
            bottom=bottom,
        )


def _thinnest(facts: CropFacts, say: Say) -> str:
    """What can be said against any crop: where it has least to show."""
    held, name = min(zip(facts.strips, SIDES, strict=True))
    return say(
        "It has least to show at its {side} side, where a fifth of it holds {held} of what it"
        " shows.",
        side=side(say, name),
        held=say.percent(held),
    )
