"""From measurements to observations: which faults and virtues a photo shows, and how gravely.

Units and facts of each kind (facts are numbers or codes, in no language)
    underexposed, overexposed   EV, stops from where it should be; negative is too dark: as far as
                 the brightest tones could be raised, or what the burnt-out share tells.
                 middle_ev, headroom_ev, range_ev, key ("low", "high", "normal"), back_lit (0, 1)
    clipped_highlights          % of the pixels. red, green, blue, white (%), place
    crushed_shadows             % of the pixels. place
    low_contrast                L*, tonal spread. black, white (L*)
    harsh_contrast              L*, tonal spread. dark_end, bright_end (% of the pixels)
    colour_cast                 dE of neutral from grey. hue (code), angle (degrees), odds
    oversaturated               C* of the most coloured twentieth. mean (C*), pinned (%)
    soft_focus                  % of the long side: σ of the blur. pattern ("motion", "defocus"),
                 direction (degrees clockwise from level), direction_code ("horizontal", "falling",
                 "vertical", "rising"), blur_px (in pixels of the photo)
    noise                       % of the range: σ. tone ("shadows", "midtones", "highlights")
    tilted_horizon              deg, positive when the scene leans clockwise, its right side low.
                 by ("level", "upright"), converging (degrees)
    well_exposed                EV of the mid-tones against middle grey. range_ev
    sharp                       % of the long side: σ of the blur. extent ("everywhere", "region"),
                 place, blur_px
Places are the codes of `engine.builtin.place`; hues those of `engine.builtin.measure.colour`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.builtin.features import detail_features, tilt_features, tone_features
from engine.builtin.measured import Measured
from engine.builtin.place import as_mask, boxes_of, place_of
from engine.builtin.verdicts import CAST_SCALE, LEAST_TILT, STOPS_OVER, VERDICTS, severity_of
from engine.vocabulary import EVERYWHERE, FindingKind, StrengthKind, Where

WORTH_MENTIONING: Final = 0.3
"""From this severity on a finding belongs among the first things said."""

WORTH_KEEPING: Final = 0.1
"""Findings under this severity are dropped. So is one under `WORTH_MENTIONING` where the contrary
strength is claimed: no photo is both well exposed and too dark, or sharp and soft."""

_FULL_RANGE: Final = 3.5
"""Stops between the darkest and the brightest 1 %: a photo of fewer is not called well exposed."""

_CONSEQUENCE: Final = 0.25
"""The most that clipping weighs where the exposure is at fault: slight, and after its cause."""

_UNEVEN: Final = 0.7
_STILL_DETAILED: Final = -1.3
"""Motion leaves the edges along it crisp (log2 of the bands' energies); defocus leaves none."""

_CRISP: Final = 0.15
"""A tile with less blur than this, in % of the long side, is sharp: 1 pixel of the measured copy,
which a viewer cannot tell from none at the size of a screen."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One observed fault or virtue, in no language.

    `value` is in `unit`; `facts` hold what wording needs beside it (numbers or codes). For a
    strength, `severity` is how marked it is, 0..1.
    """

    kind: FindingKind | StrengthKind
    severity: float
    where: Where
    value: float
    unit: str
    facts: Mapping[str, float | str]


def observe(measured: Measured) -> tuple[Observation, ...]:
    """All technical observations, faults before strengths, the gravest first."""
    found = [
        *_exposed(measured),
        *_clipped(measured),
        *_contrasted(measured),
        *_coloured(measured),
        *_focused(measured),
        *_noisy(measured),
        *_tilted(measured),
    ]
    return sorted_by_weight(o for o in found if o.severity >= WORTH_KEEPING)


def sorted_by_weight(found: Iterable[Observation]) -> tuple[Observation, ...]:
    """Faults before strengths, each with the gravest first."""
    return tuple(
        sorted(found, key=lambda o: (isinstance(o.kind, StrengthKind), -o.severity, o.kind))
    )


def _ramp(value: float, worth: float, high: float) -> float:
    """0 at 0, 0.3 at `worth`, and rising from there to 1 at `high`."""
    return float(np.interp(value, (0.0, worth, high), (0.0, WORTH_MENTIONING, 1.0)))


def _exposed(measured: Measured) -> list[Observation]:
    e = measured.exposure
    facts: dict[str, float | str] = {
        "middle_ev": e.middle_ev,
        "headroom_ev": e.headroom_ev,
        "range_ev": e.range_ev,
        "key": e.key,
        "back_lit": float(e.back_lit),
    }
    features = tone_features(measured)
    dark = VERDICTS["underexposed"].margin(features)
    bright = VERDICTS["overexposed"].margin(features)
    if dark >= bright:
        value = -max(e.headroom_ev, 0.6 * -e.middle_ev, 0.3)
        kind, severity = FindingKind.UNDEREXPOSED, severity_of(dark)
    else:
        value = max(STOPS_OVER.margin(features), 0.3)
        kind, severity = FindingKind.OVEREXPOSED, severity_of(bright)
    if severity < WORTH_MENTIONING and e.range_ev > _FULL_RANGE:
        well = float(np.clip(1 - abs(e.middle_ev) / 1.5, 0, 1))
        strong = StrengthKind.WELL_EXPOSED
        return [Observation(strong, well, EVERYWHERE, e.middle_ev, "EV", {"range_ev": e.range_ev})]
    return [Observation(kind, severity, EVERYWHERE, min(max(value, -4), 3), "EV", facts)]


def _clipped(measured: Measured) -> list[Observation]:
    c, features = measured.clipping, tone_features(measured)
    # Where the whole exposure is at fault, clipping is its consequence and comes after it.
    too_bright = VERDICTS["overexposed"].margin(features) >= 0
    too_dark = VERDICTS["underexposed"].margin(features) >= 0
    found = []
    red, green, blue = (100 * share for share in c.channels)
    if c.highlights > 0:
        found.append(
            Observation(
                FindingKind.CLIPPED_HIGHLIGHTS,
                min(_ramp(c.white, 0.1, 0.9), _CONSEQUENCE if too_bright else 0.6),
                Where(mask=as_mask(c.highlight_mask)),
                100 * c.highlights,
                "%",
                {
                    "red": red,
                    "green": green,
                    "blue": blue,
                    "white": 100 * c.white,
                    "place": place_of(c.highlight_mask),
                },
            )
        )
    if c.shadows > 0:
        found.append(
            Observation(
                FindingKind.CRUSHED_SHADOWS,
                min(_ramp(c.shadows, 0.15, 0.9), _CONSEQUENCE if too_dark else 0.6),
                Where(mask=as_mask(c.shadow_mask)),
                100 * c.shadows,
                "%",
                {"place": place_of(c.shadow_mask)},
            )
        )
    return found


def _contrasted(measured: Measured) -> list[Observation]:
    c = measured.contrast
    ends: dict[str, float | str] = {"dark_end": 100 * c.dark_end, "bright_end": 100 * c.bright_end}
    return [
        Observation(
            FindingKind.LOW_CONTRAST,
            VERDICTS["low_contrast"].severity(tone_features(measured)),
            EVERYWHERE,
            c.spread,
            "L*",
            {"black": c.black, "white": c.white},
        ),
        Observation(
            FindingKind.HARSH_CONTRAST,
            _ramp(min(c.dark_end, c.bright_end), 0.12, 0.3),
            EVERYWHERE,
            c.spread,
            "L*",
            ends,
        ),
    ]


def _coloured(measured: Measured) -> list[Observation]:
    cast, colours = measured.cast, measured.saturation
    return [
        Observation(
            FindingKind.COLOUR_CAST,
            severity_of(cast.odds / CAST_SCALE),
            EVERYWHERE,
            cast.delta_e,
            "dE",
            {"hue": cast.hue, "angle": cast.angle, "odds": cast.odds},
        ),
        Observation(
            FindingKind.OVERSATURATED,
            _ramp(colours.pinned, 0.12, 0.4),
            EVERYWHERE,
            colours.high,
            "C*",
            {"mean": colours.mean, "pinned": 100 * colours.pinned},
        ),
    ]


def _focused(measured: Measured) -> list[Observation]:
    f = measured.focus
    if f.judged == 0:
        return []
    features = detail_features(measured)
    motion = f.uneven > _UNEVEN and f.coarse[3] > _STILL_DETAILED
    long_side = max(measured.pictures.size.width, measured.pictures.size.height)
    facts: dict[str, float | str] = {
        "pattern": "motion" if motion else "defocus",
        "direction": f.direction,
        "direction_code": ("horizontal", "falling", "vertical", "rising")[
            round(f.direction / 45) % 4
        ],
        "blur_px": f.blur_worst * long_side / 100,
    }
    soft = Observation(
        FindingKind.SOFT_FOCUS,
        VERDICTS["soft_focus"].severity(features),
        EVERYWHERE,
        f.blur_worst,
        "%",
        facts,
    )
    if soft.severity >= WORTH_MENTIONING:
        return [soft]
    crisp = np.nan_to_num(f.map, nan=np.inf) < _CRISP
    share = float(crisp.sum() / max(np.isfinite(f.map).sum(), 1))
    where = EVERYWHERE if share > 0.5 else Where(boxes=boxes_of(crisp, limit=1))
    sharp = Observation(
        StrengthKind.SHARP,
        1 - soft.severity,
        where,
        f.blur,
        "%",
        {
            "extent": "everywhere" if share > 0.5 else "region",
            "place": place_of(crisp),
            "blur_px": f.blur * long_side / 100,
        },
    )
    return [sharp]


def _noisy(measured: Measured) -> list[Observation]:
    n, features = measured.noise, detail_features(measured)
    if not features:
        return []
    grey = max(n.by_tone, key=lambda tone: tone[1], default=(128.0, 0.0))[0]
    tone = "shadows" if grey < 80 else "midtones" if grey < 150 else "highlights"
    return [
        Observation(
            FindingKind.NOISE,
            VERDICTS["noise"].severity(features),
            EVERYWHERE,
            n.sigma,
            "%",
            {"tone": tone},
        )
    ]


def _tilted(measured: Measured) -> list[Observation]:
    t = measured.tilt
    if t.line is None:
        return []
    severity = VERDICTS["tilted_horizon"].severity(tilt_features(measured))
    if abs(t.angle) < LEAST_TILT:
        severity = min(severity, 0.25) * abs(t.angle) / LEAST_TILT
    return [
        Observation(
            FindingKind.TILTED_HORIZON,
            severity,
            Where(line=t.line),
            t.angle,
            "deg",
            {"by": "level" if t.level >= t.upright else "upright", "converging": t.converging},
        )
    ]
