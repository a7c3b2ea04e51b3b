"""What is said about light: exposure and clipping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.observe import Observation
from engine.builtin.wording import Say
from engine.builtin.wording.phrases import coded_place, part, slider, stops, thirds
from engine.builtin.wording.spoken import Speak, Words, code, number
from engine.vocabulary import FindingKind

_ROOM_EV: Final = 0.3
"""Less room than this above the brightest tones is none."""
_DIM: Final = -0.5
"""Mid-tones this far under middle grey, in EV: only the bright parts are too bright."""


def _underexposed(seen: Observation, say: Say) -> Words:
    values = {"step": stops(say, seen.value), "ev": thirds(say, -seen.value, sign=True)}
    room = max(number(seen, "headroom_ev"), 0.0)
    afterwards = _raise(seen, room, say)
    if number(seen, "back_lit") > 0:
        return Words(
            say("{step} too dark, against the light", **values),
            say(
                "The light comes from behind and leaves the middle {step} too dark, which is its"
                " main"
                " trouble.",
                **values,
            ),
            say(
                "The middle stands dark before a bright surround, as happens against the light,"
                " and lacks {step}.",
                **values,
            ),
            taking=say(
                "Meter on the dark middle, which asks for {ev} EV, or fill it with a flash or a"
                " reflector.",
                **values,
            ),
            afterwards=afterwards,
        )
    if code(seen, "key") == "low":
        return Words(
            say("{step} darker than usual", **values),
            say(
                "It is kept very dark, {step} below the usual, and lives from its few bright"
                " accents.",
                **values,
            ),
            say(
                "At {step} below the usual this is a low-key picture: the accents reach white, but"
                " there is little between them and the dark.",
                **values,
            ),
            taking=say(
                "If the darkness is meant, keep it, and take a second frame at {ev} EV to compare.",
                **values,
            ),
            afterwards=afterwards,
        )
    if room < _ROOM_EV:
        return Words(
            say("{step} too dark in the mid-tones", **values),
            say(
                "Its light is uneven: the mid-tones lie {step} too low although the highlights"
                " are at"
                " their limit.",
                **values,
            ),
            say(
                "The mid-tones lie {step} too low, yet the highlights already touch the right end"
                " of the histogram, so more exposure alone would not help.",
                **values,
            ),
            taking=say(
                "Bring light into the dark part with a flash or a reflector, or bracket: one frame"
                " as it is, one at {ev} EV, and blend them.",
                **values,
            ),
            afterwards=afterwards,
        )
    return Words(
        say("{step} too dark", **values),
        say("What it lacks is light: a fuller exposure would open it up."),
        say(
            "It is underexposed by {step}: the mid-tones sit low, while the right end of the"
            " histogram stays empty.",
            **values,
        ),
        taking=say(
            "Set exposure compensation to {ev}, so that the histogram comes near its right end"
            " without touching it.",
            **values,
        ),
        afterwards=afterwards,
    )


def _raise(seen: Observation, room: float, say: Say) -> str:
    """What brightens a dark photo without costing its highlights."""
    ev = thirds(say, -seen.value, sign=True)
    if room < _ROOM_EV:
        return say(
            "Leave Exposure where it is and set Shadows to about {shadows}; the highlights have no"
            " room left.",
            shadows=slider(say, 30 * abs(seen.value), least=20),
        )
    if room + _ROOM_EV < abs(seen.value):
        return say(
            "Set Exposure to {ev} and Highlights to about {highlights}, so that the brightest"
            " tones stay inside.",
            ev=ev,
            highlights=slider(say, -60 * (abs(seen.value) - room), least=20),
        )
    return say("Set Exposure to {ev}; the highlights have room for it.", ev=ev)


def _overexposed(seen: Observation, say: Say) -> Words:
    values = {
        "step": stops(say, seen.value),
        "ev": thirds(say, -seen.value, sign=True),
        "highlights": slider(say, -45 * seen.value, least=20),
    }
    if number(seen, "middle_ev") < _DIM:
        return Words(
            say("{step} too bright in the bright parts", **values),
            say(
                "The light ranges wider than the sensor could hold, and the bright part pays for"
                " it."
            ),
            say(
                "The bright parts lie {step} too high, while the rest of the picture stays dark.",
                **values,
            ),
            taking=say(
                "Expose for the bright part, at about {ev} EV, and bracket a second frame for the"
                " dark one to blend in.",
                **values,
            ),
            afterwards=say(
                "Set Highlights to about {highlights} and Shadows to about +25, so that both ends"
                " come closer together.",
                **values,
            ),
        )
    taking = say(
        "Set exposure compensation to {ev}, and take it further down while the highlight warning"
        " still blinks.",
        **values,
    )
    afterwards = say("Set Exposure to {ev} and Highlights to about {highlights}.", **values)
    if code(seen, "key") == "high":
        return Words(
            say("{step} brighter than usual", **values),
            say(
                "It is kept very bright, {step} above the usual, and its few dark accents have to"
                " hold it together.",
                **values,
            ),
            say(
                "At {step} above the usual it passes as high key thanks to its dark accents, but"
                " the light tones lie close together.",
                **values,
            ),
            taking=taking,
            afterwards=afterwards,
        )
    return Words(
        say("{step} too bright", **values),
        say("It has too much light, and its bright tones pay for it."),
        say(
            "It is overexposed by {step}: the tones crowd at the right end of the histogram, where"
            " colour and texture fade.",
            **values,
        ),
        taking=taking,
        afterwards=afterwards,
    )


def _clipped_highlights(seen: Observation, say: Say) -> Words:
    worst = max(("red", "green", "blue"), key=lambda name: number(seen, name))
    share = seen.value / 100
    values = {
        "share": say.percent(share, digits=0 if share >= 0.095 else 1),
        "part": part(say, share),
        "place": coded_place(say, code(seen, "place")),
        "channel": {"red": say("red"), "green": say("green"), "blue": say("blue")}[worst],
        "highlights": slider(say, -40 - 400 * share),
    }
    if number(seen, "white") >= 0.5 * seen.value:
        return Words(
            say("{share} of the frame burnt out", **values),
            say("What is burnt out {place} costs it most.", **values),
            say(
                "The highlights {place} are burnt out: {part} of the frame holds no detail any"
                " more.",
                **values,
            ),
            taking=say(
                "Expose for the highlights {place}: go down by thirds of a stop until the"
                " highlight warning stops blinking there.",
                **values,
            ),
            afterwards=say(
                "Set Highlights to about {highlights} to soften the edges of the burnt part; what"
                " is white inside stays white.",
                **values,
            ),
        )
    return Words(
        say("{share} of the frame clipped, most in {channel}", **values),
        say("Colour driven into its limit {place} costs it most.", **values),
        say(
            "The {channel} channel is clipped {place}, on {part} of the frame, so the strong"
            " colour there has lost its texture.",
            **values,
        ),
        taking=say(
            "Take off two thirds of a stop and look at the {channel} channel of the histogram, not"
            " only at the brightness.",
            **values,
        ),
        afterwards=say(
            "Set Highlights to about {highlights} and take the saturation of {channel} down by"
            " about 15.",
            **values,
        ),
    )


def _crushed_shadows(seen: Observation, say: Say) -> Words:
    share = seen.value / 100
    values = {
        "share": say.percent(share, digits=0 if share >= 0.095 else 1),
        "part": part(say, share),
        "place": coded_place(say, code(seen, "place")),
        "shadows": slider(say, 25 + 100 * share, most=60),
    }
    return Words(
        say("{share} of the frame pure black", **values),
        say("What has gone black {place} costs it most.", **values),
        say(
            "The shadows {place} are blocked: {part} of the frame is pure black, and there is"
            " nothing in it to bring back.",
            **values,
        ),
        taking=say(
            "Light the dark part {place} with a flash or a reflector, or bracket a second frame one"
            " or two stops brighter.",
            **values,
        ),
        afterwards=say(
            "Set Shadows to about {shadows}, only until the edge of the black turns soft.",
            **values,
        ),
    )


SPEAKERS: Final[Mapping[FindingKind, Speak]] = {
    FindingKind.UNDEREXPOSED: _underexposed,
    FindingKind.OVEREXPOSED: _overexposed,
    FindingKind.CLIPPED_HIGHLIGHTS: _clipped_highlights,
    FindingKind.CRUSHED_SHADOWS: _crushed_shadows,
}
