"""What to do: at the next press of the shutter, and with this frame afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.builtin.crops.facts import SIDES
from engine.builtin.look import Look
from engine.builtin.opening import WEAK
from engine.builtin.reading import Reading
from engine.builtin.wording import Say
from engine.builtin.wording.observations import words
from engine.builtin.wording.phrases import listed, part, place, side, slider
from engine.vocabulary import StrengthKind as Virtue

_ACTIONS: Final = 2
"""Faults that the next shot should mend; a third action is about the frame."""
_SMALL: Final = 0.07
_ELONGATED: Final = 1.3
_CENTRED: Final = 0.08
_WIDE_EV: Final = 7.0
_GREY_BLACK: Final = 9.0
_GREY_WHITE: Final = 92.0
"""In L*: ends of the tones that leave something to win."""
_ROOM_EV: Final = 0.25
_FLAT: Final = 16.0
_PALE: Final = 12.0


# ── the next shot ────────────────────────────────────────────────────────────────────────────────


def taking(reading: Reading, say: Say) -> Iterator[str]:
    """One to three actions, in order of effect: what mends, then the frame, then, where little is
    wrong, one thing to try.
    """
    actions = [words(each, say).taking for each in reading.grave][:_ACTIONS]
    if reading.trims:
        actions.append(_framing(reading, say))
    if len(actions) < _ACTIONS:
        actions.append(_experiment(reading, say))
    yield from actions


def _framing(reading: Reading, say: Say) -> str:
    trims = reading.trims
    if len(trims) > 1:
        return say(
            "Go a step closer or zoom in by {zoom}: the {sides} of the frame add little.",
            zoom=say.percent(1 / reading.crop.area**0.5 - 1),
            sides=listed(say, [side(say, name) for _, name in trims]),
        )
    share, name = trims[0]
    values = {"part": part(say, share)}
    return {
        "left": say(
            "Turn the camera a little to the right: {part} of the frame at the left holds little"
            " and can go.",
            **values,
        ),
        "right": say(
            "Turn the camera a little to the left: {part} of the frame at the right holds little"
            " and can go.",
            **values,
        ),
        "top": say(
            "Point the camera lower: {part} of the frame at the top holds little and can go.",
            **values,
        ),
        "bottom": say(
            "Point the camera higher: {part} of the frame at the bottom holds little and can go.",
            **values,
        ),
    }[name]


def _experiment(reading: Reading, say: Say) -> str:
    """One thing to try that follows from this photo, where there is little to mend."""
    stand, kinds = reading.scene.stand, {each.kind for each in reading.seen}
    if stand is None:
        return say("Bring one thing close to the lens, so that the eye has a place to start.")
    values = {"place": place(say, stand.centre), "part": part(say, stand.box.area)}
    if stand.density < WEAK:
        return _without_a_lead(reading.look, values, say)
    if stand.box.area < _SMALL:
        return say(
            "Try one from half the distance: what draws the eye {place} fills only {part} of the"
            " frame.",
            **values,
        )
    if abs(stand.centre[0] - 0.5) <= _CENTRED and Virtue.BALANCED not in kinds:
        # It goes to the side where it leaves the emptier one free.
        left, _, right, _ = reading.crop.strips
        if left > right:
            return say(
                "Try one with the camera turned a little to the right, so that what draws the eye"
                " comes onto the left third."
            )
        return say(
            "Try one with the camera turned a little to the left, so that what draws the eye comes"
            " onto the right third."
        )
    if reading.exposure.range_ev >= _WIDE_EV:
        return say(
            "Bracket by one stop: with {range} stops in the scene, a darker frame keeps the lights"
            " and a brighter one the shadows.",
            range=say.number(reading.exposure.range_ev, digits=0),
        )
    return _nearer(reading, values, say)


def _nearer(reading: Reading, values: dict[str, str], say: Say) -> str:
    """The same from nearer, or in the format that fits what draws the eye."""
    stand, size = reading.scene.stand, reading.scene.size
    assert stand is not None  # the caller has seen it
    shape = stand.box.width * size.width / (stand.box.height * size.height)
    if shape < 1 / _ELONGATED and size.width > size.height:
        return say(
            "Try one with the camera held upright, since what draws the eye {place} is taller than"
            " it is wide.",
            **values,
        )
    if shape > _ELONGATED and size.height > size.width:
        return say(
            "Try one with the camera held level, since what draws the eye {place} is wider than it"
            " is tall.",
            **values,
        )
    return say(
        "Try one from two thirds of the distance, so that what draws the eye {place} fills {more}"
        " of the frame instead of {part}.",
        more=part(say, min(2.2 * stand.box.area, 0.9)),
        **values,
    )


def _without_a_lead(look: Look, values: dict[str, str], say: Say) -> str:
    """What gives a picture a lead, by its light."""
    if look.soft:
        return say(
            "Come back when the sun stands low: side light would lift the part {place} out of the"
            " rest.",
            **values,
        )
    if look.tone == "dark":
        return say(
            "Wait until light falls on the part {place}, or bring some there, so that one place"
            " leads.",
            **values,
        )
    return say(
        "Choose the part {place} and go closer, until it fills a third of the frame and leads.",
        **values,
    )


# ── this frame ───────────────────────────────────────────────────────────────────────────────────


def afterwards(reading: Reading, say: Say) -> Iterator[str]:
    """Sliders for the gravest faults, or the one that wins most where there is none; the crop."""
    found = [words(each, say).afterwards for each in reading.grave][: _ACTIONS + 1]
    yield from found or _polish(reading, say)
    yield _crop(reading, say)


def _polish(reading: Reading, say: Say) -> list[str]:
    """The slider that still wins something, where nothing is wrong; none where none does."""
    contrast, room = reading.contrast, reading.exposure.headroom_ev
    if contrast.white < _GREY_WHITE and room >= _ROOM_EV:
        return [
            say(
                "Set Whites to about {whites}: the brightest tones end at {white}, short of white.",
                whites=slider(say, 1.5 * (100 - contrast.white), most=40),
                white=say.percent(contrast.white / 100),
            )
        ]
    if contrast.black > _GREY_BLACK:
        return [
            say(
                "Set Blacks to about {blacks}: the darkest tones begin at {black}, short of black.",
                blacks=slider(say, -1.2 * contrast.black, most=40),
                black=say.percent(contrast.black / 100),
            )
        ]
    if contrast.middle_spread < _FLAT:
        return [
            say(
                "Set Contrast to about {contrast}: the mid-tones lie close together.",
                contrast=slider(say, _FLAT - contrast.middle_spread + 10, most=30),
            )
        ]
    if reading.look.chroma < _PALE and reading.look.hues:
        return [
            say(
                "Set Vibrance to about {vibrance} if the colours should speak; they are muted.",
                vibrance=slider(say, 30 - reading.look.chroma, most=30),
            )
        ]
    return []


def _crop(reading: Reading, say: Say) -> str:
    crop = reading.crop
    if crop.area > 0.999:
        return say("Leave the frame uncropped: no side of it is idle.")
    named = listed(
        say,
        [
            say("{share} at the {side}", share=say.percent(share), side=side(say, name))
            for share, name in sorted(zip(crop.trimmed, SIDES, strict=True), reverse=True)
            if share >= 0.015
        ],
    )
    return say("Take the first crop, which cuts off {trims}.", trims=named or say("almost nothing"))
