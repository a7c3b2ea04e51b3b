"""docs/critiques.md: the built-in engine's whole critique of 30 photos, for anyone to judge.

`python -m bench.critiques` with FLMS beside the repository. Names and descriptions only: the
photos themselves stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.critique import Wish, critique, loaded
from app.domain.session import Session
from app.domain.settings import Language
from bench.__main__ import FLMS
from engine.builtin.engine import BuiltinEngine

PAGE: Final = Path(__file__).parent.parent / "docs" / "critiques.md"

PHOTOS: Final = {
    "1042370906_Large": "mossy forest with a dark trunk at the left, upright",
    "1145649643_Large": "red sun low over a dark sea, haze",
    "1232707579_Large": "two towers behind trees, white sky, dark meadow in front",
    "1308223880_Large": "red wooden sign on a post before blue sky and lawn",
    "1367679227_Large": "table mountains and pines behind a dry meadow, clouds",
    "1434318743_Large": "clear shallow sea over sand, an island on the horizon",
    "1497843040_Large": "scrub and a pebble beach under a wide bright sky",
    "1624182962_Large": "harbour full of boats, blue sky over half of the frame",
    "1818097578_Large": "hiker on a rock slab before dark conifers, upright",
    "201612250_Large": "glacier between mountains, dark forest slope in front",
    "22991092_Large": "sunlit street corner behind dark house walls, upright",
    "274700974_Large": "woman in white leaning on a post by a canal, street at the left",
    "332532085_Large": "temple roofs with a yellow sign, dark branches on both sides",
    "371485783_Large": "water buffalo in a grey river, reeds behind",
    "405279699_Large": "beach with straw huts under palms, water in front",
    "459646150_Large": "orange boulders over green bushes, pale sky",
    "489791189_Large": "dark temple towers and a palm against a blue sky",
    "511363734_Large": "castle walls seen between dark tree trunks",
    "531343601_Large": "broken red tree trunk before a rock and blue sky, upright",
    "605623074_Large": "couple at a fence before a mountain panorama, deep blue sky",
    "6851012624_Large": "red rotunda with columns by the water, grey sky",
    "6852821870_Large": "steel arch bridge over a brown gorge, mountains behind",
    "6853180932_Large": "faint rainbow over a green field, farmhouse at the left",
    "6853264676_Large": "bridge tower from below, white sky, upright",
    "6854848592_Large": "mountain lake with ice floes, snow and deep blue sky",
    "6856482824_Large": "glacier front over a calm turquoise fjord, clouds",
    "7002101111_Large": "buffalo and a white egret in dry grass",
    "721612607_Large": "castle on a wooded hill before light clouds",
    "799562644_Large": "orange-lit house at dusk under a blue sky",
    "87097024_Large": "man in red at the bottom before a misty mountain valley",
}
"""Every eighth photo of the sorted folder, with what it shows."""

IN_OTHER_LANGUAGES: Final = ((Language.GERMAN, "German"), (Language.CHINESE, "Chinese"))
_SAMPLES: Final = ("1145649643_Large", "1232707579_Large", "605623074_Large")

INTRODUCTION: Final = """\
# Thirty critiques

What the built-in engine says about 30 photos of FLMS, made by `python -m bench.critiques`. Each
photo is named as in that data set, with what it shows in a few words, so that anyone who has the
photos can judge; none is copied here. The engine only measures: it knows nothing of what a photo
shows.
"""


def main() -> None:
    """Write the page."""
    lines = [INTRODUCTION]
    for name, shown in PHOTOS.items():
        lines += [
            f"## {name}\n",
            f"*{shown[0].upper()}{shown[1:]}.*\n",
            *_told(name, Language.ENGLISH),
        ]
    for code, language in IN_OTHER_LANGUAGES:
        for name in _SAMPLES:
            lines += [f"## {name}, in {language}\n", *_told(name, code)]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(f"{PAGE.name}: {len(PHOTOS)} photos")


def _told(name: str, language: Language) -> Iterator[str]:
    """One photo's critique as paragraphs of Markdown."""
    engine = BuiltinEngine()
    photo = FLMS / "images" / f"{name}.jpg"
    result = critique(engine, photo, info=loaded(engine), wish=Wish(language=language))
    if result.session is None or result.failure is not None:
        raise SystemExit(f"{photo}: {result.failure}")
    yield from _paragraphs(result.session)


def _paragraphs(session: Session) -> Iterator[str]:
    told = session.critique
    yield f"{told.impression}\n"
    yield f"{told.analysis}\n"
    yield from (f"- next time: {action}" for action in told.taking.splitlines())
    yield from (f"- afterwards: {action}" for action in told.afterwards.splitlines())
    yield ""
    yield from (f"{n}. {crop.rationale}" for n, crop in enumerate(session.framing.crops, 1))
    yield ""
    noted = [
        *(f"{each.kind} ({each.severity:.1f}): {each.measurement.text}" for each in told.findings),
        *(f"{each.kind}: {each.measurement.text}" for each in told.strengths),
    ]
    yield f"Noted: {'; '.join(noted)}.\n"


if __name__ == "__main__":
    main()
