"""From a question to events, through a speaker: what every engine with a language model does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Final

from engine.contract import EngineError
from engine.dialogue.headings import Section
from engine.dialogue.plans import Plan
from engine.dialogue.posterior import Posterior, upright
from engine.dialogue.proposals import proposals
from engine.dialogue.sections import Piece, Sections, Unmarked
from engine.dialogue.speaker import Speaker
from engine.dialogue.talk import Memory, Stopped, Talk
from engine.dialogue.verdict import Verdict, verdict
from engine.dialogue.words import judged, not_parted, rationale, unjudged, wording
from engine.stop import Stop
from engine.vocabulary import (
    Crop,
    Event,
    Failed,
    Finished,
    Part,
    Question,
    Score,
    Task,
    Text,
)

SAMPLES: Final = 32
"""Boxes that are drawn of each photo."""

_PARTS: Final = {Section.TAKING: Part.TAKING, Section.AFTERWARDS: Part.AFTERWARDS}


def answer(
    question: Question,
    *,
    speaker: Speaker,
    plan: Plan,
    memory: Memory,
    stop: Stop,
    samples: int = SAMPLES,
) -> Iterator[Event]:
    """The events of one question about one photo, the last of them Finished or Failed.

    `memory` belongs to the photo: what it holds is not asked for again, and what is said to its
    end is put in. Once `stop` is true nothing more is asked and nothing more comes.
    """
    started = perf_counter()
    talk = Talk(question, speaker=speaker, plan=plan, memory=memory, stop=stop, samples=samples)
    try:
        for event in _events(talk):
            talk.check()
            yield event
        talk.check()
    except Stopped:
        return
    except EngineError as error:
        if not stop():
            yield Failed(error.code, error.reason, error.remedy)
        return
    yield Finished(perf_counter() - started, talk.tokens)


def _events(talk: Talk) -> Iterator[Event]:
    match talk.question.task:
        case Task.IMPRESSION:
            yield from _texts(talk.told("impression"), Part.BODY)
        case Task.ANALYSIS:
            yield from _analysis(talk)
        case Task.GUIDANCE:
            yield from _guidance(talk)
        case Task.CROP:
            yield from _crops(talk)
        case Task.WHY:
            yield from _why(talk)
        case Task.SCORE:
            yield _scores(talk)
        case Task.ASK:
            yield from _texts(talk.asked(), Part.BODY)


def _spoken(stream: Iterable[str]) -> Iterator[str]:
    """The same stream; EngineError where it says nothing."""
    some = False
    for each in stream:
        some = some or bool(each.strip())
        yield each
    if not some:
        raise EngineError(
            "no_answer", "The model gave no answer.", "Ask again, or choose another model."
        )


def _texts(stream: Iterable[str], part: Part) -> Iterator[Text]:
    """A stream without its marks."""
    unmarked = Unmarked()
    for each in _spoken(stream):
        if text := unmarked.feed(each):
            yield Text(text, part)
    if text := unmarked.end():
        yield Text(text, part)


def _analysis(talk: Talk) -> Iterator[Text]:
    if not talk.plan.joined:
        yield from _texts(talk.told("analysis"), Part.BODY)
        return
    sections = Sections()
    for piece in _pieces(sections, talk.told("analysis")):
        if piece.section is Section.ANALYSIS:
            yield Text(piece.text)


def _guidance(talk: Talk) -> Iterator[Text]:
    joined = talk.plan.joined
    sections = Sections(Section.ANALYSIS if joined else Section.TAKING)
    some = False
    for piece in _pieces(sections, talk.told("analysis" if joined else "guidance")):
        if piece.section is not Section.ANALYSIS or not joined:
            some = True
            yield Text(piece.text, _PARTS.get(piece.section, Part.TAKING))
    if not some:
        yield Text(not_parted(wording(talk.question.language)), Part.TAKING)


def _pieces(sections: Sections, stream: Iterable[str]) -> Iterator[Piece]:
    for each in _spoken(stream):
        yield from sections.feed(each)
    yield from sections.end()


# ── crops ────────────────────────────────────────────────────────────────────────────────────────


def _drawn(talk: Talk) -> Posterior:
    """The model's own boxes. EngineError where it gives none."""
    found = talk.posterior(talk.question.aspect)
    if found is None:
        said = " ".join(talk.plain_answer.split())
        raise EngineError(
            "no_box",
            f'The model gave no crop that can be read. It said: "{said:.200}"',
            "Ask again, or choose a model that was trained to crop.",
        )
    return found


def _crops(talk: Talk) -> Iterator[Crop]:
    posterior, say = _drawn(talk), wording(talk.question.language)
    size = posterior.size
    for rank, each in enumerate(proposals(posterior, talk.question)):
        higher = each.box.height * size.height > each.box.width * size.width
        reason = rationale(each, posterior, say, first=rank == 0, upright=higher)
        yield Crop(each.box, purpose=each.purpose, rationale=reason, score=each.score)


def _scores(talk: Talk) -> Score:
    posterior, crops = _drawn(talk), talk.question.crops
    values = tuple(posterior.score(each) for each in crops)
    return Score(
        values,
        percentiles=tuple(posterior.percentile(each) for each in values),
        preferences=talk.preferences([upright(each, posterior.size) for each in crops]),
    )


def _why(talk: Talk) -> Iterator[Text]:
    crop, say = talk.question.crop, wording(talk.question.language)
    if crop is None:
        raise EngineError("no_crop", "There is no crop to explain.", "Draw or choose one first.")
    box, posterior = upright(crop, talk.speaker.size), talk.posterior()
    if posterior is None:
        found = Verdict.BOTH
        yield Text(unjudged(say))
    else:
        score = posterior.score(crop)
        percentile = posterior.percentile(score)
        preference = next(iter(talk.preferences([box])), None)
        found = verdict(percentile, preference)
        yield Text(judged(found, score, percentile, alone=posterior.count == 1, say=say))
    if found is not Verdict.AGAINST:
        yield from _texts(talk.explained("why_for", box), Part.FOR)
    if found is not Verdict.FOR:
        yield from _texts(talk.explained("why_against", box), Part.AGAINST)
