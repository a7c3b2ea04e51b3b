"""What is said about scenes: captions to see with, and the samples of both stages.

The questions of the stages are those of the plan `paper`, so that the checkpoint is asked in the
application what it was taught here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.choice import Wording
from engine.dialogue.plans import plan
from engine.geometry import kept
from engine.venus.families.qwen_vl import NOTATION
from engine.vocabulary import Box, Size
from trainer.data import cropping, guidance
from trainer.data.layouts import Annotated, Rated
from trainer.data.sample import PLACE, Exchange, Sample, Verdict
from trainer.demo.scenes import (
    CENTRES_ACROSS,
    CENTRES_DOWN,
    SIZES,
    Kind,
    Light,
    Scene,
    good_crop,
    on_grid,
)

PLAN: Final = plan(Wording.PAPER, notation=NOTATION)
LOOK: Final = "Describe the photo."
"""The question of the base step."""

FAULTS: Final = {
    "dark": "It is too dark.",
    "bright": "It is too bright.",
    "orange": "It has an orange cast.",
    "blue": "It has a blue cast.",
    Kind.SOFTNESS: "It is soft.",
    Kind.TILT: "The horizon is tilted.",
    Kind.DISTRACTION: "A sign distracts at the border.",
    Kind.NONE: "Nothing is wrong.",
}
"""The sentence that names each fault, those with two directions by direction."""

_REMEDIES: Final = {
    "dark": "Expose longer.",
    "bright": "Expose less.",
    "orange": "Set a cooler white balance.",
    "blue": "Set a warmer white balance.",
    Kind.SOFTNESS: "Focus again.",
    Kind.TILT: "Level the camera.",
    Kind.DISTRACTION: "Step aside and leave the sign out.",
    Kind.NONE: "Keep it as it is.",
}


def fault_sentence(scene: Scene) -> str:
    """The sentence that names a scene's fault."""
    return FAULTS[_case(scene)]


def named_fault(answer: str) -> str | None:
    """The one sentence of `FAULTS` that an answer has; None where it has none or several."""
    found = [sentence for sentence in FAULTS.values() if sentence in answer]
    return found[0] if len(found) == 1 else None


def seeing_samples(scenes: Sequence[Scene]) -> list[Sample]:
    """The base: what is to be seen, and where the subject is. No judgement and no advice.

    One caption in four says it as a box too. With a box in each, nothing is learnt from either:
    digits that cannot be foretold yet drown what the words for places would teach.
    """
    return [
        Sample(
            id=f"look-{each.name}",
            photo=each.name,
            task="caption",
            exchanges=(_caption(each, boxed=number % _BOXED == 0),),
        )
        for number, each in enumerate(scenes)
    ]


def guidance_samples(scenes: Sequence[Scene]) -> list[Sample]:
    """Stage 1: score, analysis and guidance as progressive turns."""
    words = guidance.Words(
        score=PLAN.impression.words, analysis=PLAN.analysis.words, guidance=PLAN.guidance.words
    )
    return guidance.progressive([_annotation(each) for each in scenes], words)


def asked_samples(scenes: Sequence[Scene]) -> list[Sample]:
    """Stage 1's turns and then a plain question, as the application asks one."""
    return [
        replace(sample, exchanges=(*sample.exchanges, _caption(each, boxed=False)))
        for each, sample in zip(scenes, guidance_samples(scenes), strict=True)
    ]


def crop_samples(scenes: Sequence[Scene], *, seed: int, bad_crops: bool) -> list[Sample]:
    """Stage 2: the good crop, why it is good, and why another one is not."""
    words = cropping.Words(
        crop=PLAN.crop.words, why_good=PLAN.why_for.words, why_bad=PLAN.why_against.words
    )
    annotated = [
        Annotated(Path(each.name), _SIZE, (Rated(on_grid(good_crop(each))),)) for each in scenes
    ]
    rationales = {
        each.name: tuple(
            cropping.Rationale(on_grid(box), verdict, _why(each, box, verdict))
            for box, verdict in cropping.boxes_to_explain(known, seed=seed)
        )
        for each, known in zip(scenes, annotated, strict=True)
    }
    return cropping.crop_samples(
        annotated, words, root=Path(), rationales=rationales, bad_crops=bad_crops
    )


def texts(scenes: Sequence[Scene]) -> list[str]:
    """All that is asked and answered about some scenes: what a vocabulary must have words for."""
    samples = [
        *seeing_samples(scenes),
        *guidance_samples(scenes),
        *crop_samples(scenes, seed=0, bad_crops=True),
    ]
    return [
        text
        for sample in samples
        for each in sample.exchanges
        for text in (each.question, each.answer)
    ]


_SIZE: Final = Size(64, 64)
"""Of no consequence: boxes are fractions."""


def _case(scene: Scene) -> str:
    match scene.kind:
        case Kind.BRIGHTNESS:
            return scene.light.value
        case Kind.TINT:
            return scene.tint.value
        case kind:
            return kind


def _caption(scene: Scene, *, boxed: bool) -> Exchange:
    sharp = "soft" if scene.blur else "sharp"
    level = "level" if scene.tilt == 0 else "tilted"
    light = scene.light if scene.light is not Light.NORMAL else "normal light"
    across = _word(_ACROSS, scene.centre[0], CENTRES_ACROSS)
    down = _word(_DOWN, scene.centre[1], CENTRES_DOWN)
    subject = f"A {_word(_SIZES, scene.size, SIZES)} {scene.subject}, {across} {down}"
    seen = (
        f"{subject}, {_border(scene)}, {scene.place}, {light}, {scene.tint}, {sharp},"
        f" {level} horizon"
    )
    if boxed:
        return Exchange(question=LOOK, answer=f"{seen} {PLACE}", box=on_grid(scene.subject_box))
    return Exchange(question=LOOK, answer=seen)


def _border(scene: Scene) -> str:
    """Whether there is a sign, and on which side."""
    if scene.distraction is None:
        return "no sign"
    left, top, right, bottom = scene.distraction
    room = {"left": left, "upper": top, "right": 1 - right, "lower": 1 - bottom}
    return f"sign {min(room, key=lambda side: room[side])}"


_BOXED: Final = 4
_ACROSS: Final = ("leftmost", "left", "middle", "right", "rightmost")
_DOWN: Final = ("top", "high", "centre", "low", "bottom")
_SIZES: Final = ("small", "medium", "large")


def _word(words: Sequence[str], value: float, among: tuple[float, float]) -> str:
    """The word for a value, the words sharing the range equally."""
    least, most = among
    return words[min(int((value - least) / (most - least) * len(words)), len(words) - 1)]


def _annotation(scene: Scene) -> guidance.Annotation:
    case = _case(scene)
    return guidance.Annotation(
        photo=scene.name,
        score="Good." if scene.kind is Kind.NONE else "Fair.",
        analysis=f"A {scene.subject}, {scene.place}. {FAULTS[case]}",
        guidance=_REMEDIES[case],
    )


def _why(scene: Scene, box: Box, verdict: Verdict) -> str:
    subject = scene.subject_box
    if verdict is Verdict.GOOD:
        out = " The sign is out." if scene.distraction else ""
        return f"The {scene.subject} has room.{out}"
    share = kept(subject, box)
    if share < _MOSTLY_OUT:
        return f"The {scene.subject} is out."
    if share < 1:
        return f"The {scene.subject} is cut."
    if scene.distraction and kept(scene.distraction, box) > 0:
        return "The sign is in."
    return f"The {scene.subject} has the wrong room."


_MOSTLY_OUT: Final = 0.5
