"""The events that answer each question, in two parts: before and after the measurements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final, Literal

from engine.builtin import critique
from engine.builtin.asking import answer
from engine.builtin.conversation import Conversation
from engine.builtin.crops.cropper import Proposal, is_request
from engine.builtin.crops.facts import crop_facts
from engine.builtin.crops.posterior import crop_score
from engine.builtin.crops.rationale import rationale
from engine.builtin.crops.why import why
from engine.builtin.guidance import afterwards, taking
from engine.builtin.look import depth
from engine.builtin.opening import main_point, opening
from engine.builtin.reading import Reading, consistent, faults, virtues
from engine.builtin.wording import Say, wording
from engine.contract import EngineError
from engine.vocabulary import Crop, Event, Part, Question, Score, Task, Text


class _Need(Enum):
    MEASUREMENTS = "measurements"


MEASURE: Final = _Need.MEASUREMENTS
"""What an answer yields, once, when it can go on only after all measurements."""

Step = Event | Literal[_Need.MEASUREMENTS]


def answers(conversation: Conversation, question: Question) -> Iterator[Step]:
    """The events of one question, without the last one. Raises EngineError, PhotoError."""
    say = wording(question.language)
    match question.task:
        case Task.IMPRESSION:
            yield from _impression(conversation, say)
        case Task.ANALYSIS:
            yield from _analysis(conversation, say)
        case Task.GUIDANCE:
            yield from _guidance(conversation, say)
        case Task.CROP:
            yield from _crops(conversation, question, say)
        case Task.WHY:
            yield from _why(conversation, question, say)
        case Task.SCORE:
            found, size = conversation.scene.posterior, conversation.size
            yield Score(tuple(crop_score(found, each, size) for each in question.crops))
        case Task.ASK:
            yield from _ask(conversation, question, say)


def _impression(conversation: Conversation, say: Say) -> Iterator[Step]:
    yield Text(opening(conversation.scene, conversation.look, say))
    yield MEASURE
    yield Text(say.language.between + main_point(_read(conversation), say))


def _analysis(conversation: Conversation, say: Say) -> Iterator[Step]:
    yield MEASURE
    reading = _read(conversation)
    for each in faults(reading.seen):
        yield critique.finding(each, say)
    for each in virtues(reading.seen):
        yield critique.strength(each, say)
    yield from _texts(critique.analysis(reading, say), Part.BODY, say.language.between)


def _guidance(conversation: Conversation, say: Say) -> Iterator[Step]:
    yield MEASURE
    reading = _read(conversation)
    yield from _texts(taking(reading, say), Part.TAKING, "\n")
    yield from _texts(afterwards(reading, say), Part.AFTERWARDS, "\n")


def _crops(conversation: Conversation, question: Question, say: Say) -> Iterator[Step]:
    """The first crop never depends on the measurements, so it need not wait for them."""
    first = conversation.first_crop(question)
    yield as_crop(conversation, first, say)
    if question.count == 1:
        return
    if not is_request(question):
        yield MEASURE
    for each in conversation.crops(question)[1:]:
        yield as_crop(conversation, each, say)


def as_crop(conversation: Conversation, proposal: Proposal, say: Say) -> Crop:
    """A proposal with its reason."""
    return Crop(
        proposal.box,
        proposal.angle,
        purpose=proposal.purpose,
        rationale=rationale(conversation.scene, proposal, say),
        score=proposal.score,
    )


def _why(conversation: Conversation, question: Question, say: Say) -> Iterator[Step]:
    if question.crop is None:
        raise EngineError("no_crop", "There is no crop to explain.", "Draw or choose one first.")
    best = conversation.own_first
    reasons = why(conversation.scene, question.crop, Crop(best.box, best.angle), say)
    yield Text(reasons.verdict)
    yield from _texts(reasons.reasons_for, Part.FOR, "\n")
    yield from _texts(reasons.reasons_against, Part.AGAINST, "\n")


def _ask(conversation: Conversation, question: Question, say: Say) -> Iterator[Step]:
    yield MEASURE
    sentences = answer(
        question.words,
        measured=conversation.measured,
        reading=_read(conversation),
        crop_words=rationale(conversation.scene, conversation.own_first, say),
        say=say,
    )
    yield from _texts(sentences, Part.BODY, say.language.between)


def _read(conversation: Conversation) -> Reading:
    """All that was measured, for the sentences about it."""
    best, measured = conversation.own_first, conversation.measured
    return Reading(
        scene=conversation.scene,
        look=conversation.look,
        crop=crop_facts(conversation.scene, Crop(best.box, best.angle)),
        seen=consistent(conversation.observations, conversation.look),
        exposure=measured.exposure,
        contrast=measured.contrast,
        depth=depth(measured.focus),
    )


def _texts(sentences: Iterable[str], part: Part, between: str) -> Iterator[Text]:
    for number, sentence in enumerate(sentences):
        yield Text(sentence if number == 0 else between + sentence, part)
