"""Stage 2's samples from crop boxes: a good box first, then why it is good, or a bad one not.

The first answer is always a good box. A bad one appears only in a later question, where nothing is
learnt from its numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from engine.vocabulary import Box
from trainer.data.bad_boxes import Wrong, bad_box
from trainer.data.layouts import Annotated, good_boxes
from trainer.data.sample import PLACE, Exchange, Sample, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The questions, as a prompt plan has them; `why_good` and `why_bad` hold `{box}`."""

    crop: str
    why_good: str
    why_bad: str

    def __post_init__(self) -> None:
        if PLACE not in self.why_good or PLACE not in self.why_bad:
            raise ValueError(f"a why about a crop names it: {PLACE} is missing")


@dataclass(frozen=True, slots=True)
class Rationale:
    """Why a box makes a photo better, or worse, in a teacher's words."""

    box: Box
    verdict: Verdict
    text: str


Rationales = Mapping[str, tuple[Rationale, ...]]
"""Of each photo, by its path relative to the data's root."""


def crop_samples(
    annotated: Iterable[Annotated],
    words: Words,
    *,
    root: Path,
    rationales: Rationales | None = None,
    bad_crops: bool = True,
) -> list[Sample]:
    """A sample for every good box. With rationales, the turns that say why follow it: those of
    this very box, and one of the photo's bad boxes for each good one, in turn.
    """
    samples: list[Sample] = []
    for each in annotated:
        photo = _relative(each.photo, root)
        known = (rationales or {}).get(photo, ())
        bad = [one for one in known if one.verdict is Verdict.BAD] if bad_crops else []
        for number, box in enumerate(good_boxes(each)):
            good = Exchange(question=words.crop, answer=PLACE, box=box, verdict=Verdict.GOOD)
            whys = [_why(one, words) for one in known if _same(one, box)]
            if bad:
                whys.append(_why(bad[number % len(bad)], words))
            samples.append(
                Sample(
                    id=f"crop-{photo}-{number}",
                    photo=photo,
                    task="crop",
                    exchanges=(good, *whys),
                )
            )
    return samples


def boxes_to_explain(
    annotated: Annotated, *, seed: int = 0, bad: int = 1
) -> list[tuple[Box, Verdict]]:
    """The boxes of a photo that a teacher is asked about: its good ones, and up to `bad` bad ones
    for each, drawn from the seed and the photo's name.
    """
    good = good_boxes(annotated)
    random = Random(f"{seed}/{annotated.photo.name}")
    wanted = [wrong for wrong in Wrong for _ in range(bad * len(good))]
    random.shuffle(wanted)
    drawn = (bad_box(good, wrong, random) for wrong in wanted)
    worse = [box for box in drawn if box is not None][: bad * len(good)]
    return [(box, Verdict.GOOD) for box in good] + [(box, Verdict.BAD) for box in worse]


def _why(rationale: Rationale, words: Words) -> Exchange:
    good = rationale.verdict is Verdict.GOOD
    return Exchange(
        question=words.why_good if good else words.why_bad,
        answer=rationale.text,
        box=rationale.box,
        verdict=rationale.verdict,
    )


def _same(rationale: Rationale, box: Box) -> bool:
    """Equal up to the rounding of a file."""
    close = all(abs(a - b) < 1e-4 for a, b in zip(rationale.box, box, strict=True))
    return rationale.verdict is Verdict.GOOD and close


def _relative(photo: Path, root: Path) -> str:
    return str(photo.relative_to(root)) if photo.is_relative_to(root) else str(photo)
