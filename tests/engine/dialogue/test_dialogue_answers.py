"""Every task answered through a speaker: what is asked, what is remembered, how it ends."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_speaker import ScriptedSpeaker

from engine.choice import Wording
from engine.contract import EngineError
from engine.dialogue.answers import answer
from engine.dialogue.notation import QWEN_VL
from engine.dialogue.plans import plan
from engine.dialogue.speaker import Turn
from engine.dialogue.talk import Memory
from engine.geometry import fits, iou, pixel_size
from engine.vocabulary import (
    WHOLE,
    Aspect,
    Box,
    Crop,
    Failed,
    Finished,
    Part,
    Purpose,
    Question,
    Score,
    Size,
    Task,
    Text,
)

RELEASE, PAPER, BASE = (
    plan(each, notation=QWEN_VL) for each in (Wording.RELEASE, Wording.PAPER, Wording.BASE)
)
JOINED = "The sky is **empty**.\n\nSuggestions:\nMove closer. Crop the left in Lightroom."
ANSWERS = {
    "rate": "A fine photo.",
    "analy": JOINED,
    "Analy": "It tilts.",
    "impression": "A calm photo.",
    "guidance": "Hold it level. Crop the left.",
    "Advise": "When taking the photo:\nStep left.\nAfterwards:\nDarken the sky.",
    "bounding": "<box>(100,100),(900,900)</box>",
    "not improve": "It cuts the tree.",
    "improve the": "It removes the pole.",
    "improve its": "It removes the pole.",
    "colour": "Blue.",
}
OWN = Box(0.1, 0.1, 0.9, 0.9)


def around(box, count, spread=0.02, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, (count, 4))
    return [Box(*each) for each in np.clip(np.array(tuple(box)) + noise, 0, 1).tolist()]


def speaker(**options):
    return ScriptedSpeaker(**{"answers": ANSWERS, "boxes": around(OWN, 32), **options})


class Desk:
    """One photo with one speaker, as an engine has it."""

    def __init__(self, plan=RELEASE, stop=lambda: False, **options):
        self.speaker, self.plan, self.stop = speaker(**options), plan, stop
        self.memory = Memory()

    def ask(self, task, **needs):
        question = Question(id=1, task=task, **needs)
        return list(
            answer(
                question, speaker=self.speaker, plan=self.plan, memory=self.memory, stop=self.stop
            )
        )

    def asked(self, name="say"):
        return [question for each, question in self.speaker.asked if each == name]


def text(events, part=Part.BODY):
    return "".join(each.text for each in events if isinstance(each, Text) and each.part is part)


def crops(events):
    return [each for each in events if isinstance(each, Crop)]


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def test_the_impression_is_what_the_model_says():
    desk = Desk()
    events = desk.ask(Task.IMPRESSION)
    assert text(events) == "A fine photo."
    assert desk.asked() == ["How would you rate the aesthetic score of this image?"]
    assert isinstance(events[-1], Finished)
    assert events[-1].tokens == 5
    assert events[-1].seconds >= 0


def test_one_joined_answer_serves_analysis_and_guidance():
    desk = Desk()
    assert text(desk.ask(Task.ANALYSIS)) == "The sky is empty."
    guidance = desk.ask(Task.GUIDANCE)
    assert text(guidance, Part.TAKING) == "Move closer."
    assert text(guidance, Part.AFTERWARDS) == "Crop the left in Lightroom."
    assert len(desk.asked()) == 1
    assert isinstance(guidance[-1], Finished)
    assert guidance[-1].tokens == 0


def test_guidance_may_be_asked_first():
    desk = Desk()
    assert text(desk.ask(Task.GUIDANCE), Part.TAKING) == "Move closer."
    assert text(desk.ask(Task.ANALYSIS)) == "The sky is empty."
    assert len(desk.asked()) == 1


def test_what_cannot_be_parted_stays_under_analysis_and_is_said():
    desk = Desk(answers={"analy": "All in one. No advice."})
    guidance = desk.ask(Task.GUIDANCE, language="de")
    assert text(guidance, Part.TAKING) == (
        "Das Modell gab seinen Rat in einem mit der Analyse: Er steht dort."
    )
    assert text(desk.ask(Task.ANALYSIS)) == "All in one. No advice."


def test_the_paper_asks_in_turns_of_one_history():
    desk = Desk(PAPER, answers={"rate": "Fine.", "analyze": "It tilts.", "guidance": "Level it."})
    guidance = desk.ask(Task.GUIDANCE)
    assert text(guidance, Part.TAKING) == "Level it."
    rate, analyse, guide = (
        PAPER.impression.words,
        PAPER.analysis.words,
        PAPER.guidance.words,
    )
    assert desk.asked() == [rate, analyse, guide]
    assert desk.speaker.histories[-1] == (Turn(rate, "Fine."), Turn(analyse, "It tilts."))
    assert text(desk.ask(Task.IMPRESSION)) == "Fine."
    assert text(desk.ask(Task.ANALYSIS)) == "It tilts."
    assert len(desk.asked()) == 3


def test_base_asks_in_the_language_of_the_question():
    desk = Desk(BASE)
    desk.ask(Task.IMPRESSION, language="de")
    assert "German" in desk.asked()[0]
    guidance = desk.ask(Task.GUIDANCE, language="de")
    assert text(guidance, Part.TAKING) == "Step left."
    assert text(guidance, Part.AFTERWARDS) == "Darken the sky."


def test_an_own_question_goes_into_the_history():
    desk = Desk()
    desk.ask(Task.ANALYSIS)
    events = desk.ask(Task.ASK, words="What colour is {box} the sky?")
    assert text(events) == "Blue."
    assert desk.asked()[-1] == "What colour is {box} the sky?"
    analysis = Turn(RELEASE.analysis.words, JOINED)
    assert desk.speaker.histories[-1] == (analysis,)
    desk.ask(Task.ASK, words="And the colour of the sea?")
    assert desk.speaker.histories[-1] == (
        analysis,
        Turn("What colour is {box} the sky?", "Blue."),
    )


def test_an_own_question_asks_nothing_else_first():
    desk = Desk()
    desk.ask(Task.ASK, words="Which colour?")
    assert desk.asked() == ["Which colour?"]


@pytest.mark.parametrize("task", [Task.IMPRESSION, Task.ANALYSIS, Task.GUIDANCE, Task.ASK])
def test_silence_is_said_and_not_remembered(task):
    desk = Desk(answers={})
    (failed,) = [each for each in desk.ask(task) if not isinstance(each, Text)]
    assert isinstance(failed, Failed)
    assert failed.code == "no_answer"
    desk.ask(task)
    assert len(desk.asked()) == 2


# ── crops ────────────────────────────────────────────────────────────────────────────────────────


def test_crops_come_with_reason_and_score():
    upright = Box(0.4, 0.05, 0.7, 0.95)
    desk = Desk(boxes=around(OWN, 22) + around(upright, 10))
    events = desk.ask(Task.CROP)
    first, second = crops(events)
    assert first.purpose is Purpose.SAFE
    assert iou(first.box, OWN) > 0.9
    assert second.purpose is Purpose.OTHER_ORIENTATION
    assert first.score is not None
    assert "32" in first.rationale
    assert "upright" in second.rationale
    assert isinstance(events[-1], Finished)
    assert events[-1].tokens == 320
    assert desk.asked() == []  # the model is not called for each card


def test_the_boxes_are_drawn_once_a_photo():
    desk = Desk(preference=2.0)
    desk.ask(Task.CROP)
    desk.ask(Task.CROP, tighter=1.0, keep=Box(0.3, 0.3, 0.5, 0.5))
    desk.ask(Task.SCORE, crops=(Crop(OWN),))
    desk.ask(Task.WHY, crop=Crop(OWN))
    assert len(desk.asked("sample_boxes")) == 1
    desk.ask(Task.CROP, aspect=Aspect(1, 1))
    desk.ask(Task.CROP, aspect=Aspect(1, 1), count=1)
    assert len(desk.asked("sample_boxes")) == 2


def test_a_ratio_that_cannot_be_drawn_comes_from_the_free_boxes():
    desk = Desk(with_aspect=[])
    (first, *_) = crops(desk.ask(Task.CROP, aspect=Aspect(1, 1)))
    assert pixel_size(first.box, desk.speaker.size).width == pytest.approx(400, abs=80)
    assert len(desk.asked("sample_boxes")) == 2


def test_a_model_that_draws_no_boxes_gives_its_plain_one():
    desk = Desk(boxes=())
    (only,) = crops(desk.ask(Task.CROP))
    assert tuple(only.box) == pytest.approx(tuple(OWN), abs=1 / 400)
    assert only.score is None
    assert "one crop that the model gave" in only.rationale
    assert desk.asked() == [RELEASE.crop.words]


def test_a_plain_box_with_a_ratio_stays_near_it():
    desk = Desk(boxes=())
    (only,) = crops(desk.ask(Task.CROP, aspect=Aspect(3, 2)))
    pixels = pixel_size(only.box, desk.speaker.size)
    assert abs(pixels.height - pixels.width / 1.5) <= 1
    assert only.purpose is Purpose.REQUESTED
    assert iou(only.box, OWN) > 0.9


@pytest.mark.parametrize("task", [Task.CROP, Task.SCORE])
@pytest.mark.parametrize("said", ["Crop tighter, 3 or 4 stops.", ""])
def test_no_box_is_ever_invented(task, said):
    desk = Desk(answers={"bounding": said}, boxes=())
    (failed,) = desk.ask(task, crops=(Crop(OWN),))
    assert isinstance(failed, Failed)
    assert failed.code == "no_box"
    assert said in failed.reason


def test_the_few_boxes_that_were_drawn_are_better_than_none():
    desk = Desk(answers={}, boxes=around(OWN, 3))
    (only,) = crops(desk.ask(Task.CROP))
    assert iou(only.box, OWN) > 0.9
    assert only.score is not None


def test_a_wish_that_cannot_be_met_fails_in_words():
    desk = Desk()
    (failed,) = desk.ask(Task.CROP, keep=Box(0.1, 0.1, 0.9, 0.9), avoid=Box(0.4, 0.4, 0.6, 0.6))
    assert isinstance(failed, Failed)
    assert failed.code == "no_such_crop"
    assert failed.remedy


def test_scores_keep_the_order_of_the_crops():
    desk = Desk(preference=1.5)
    far, near = Crop(Box(0, 0, 0.3, 0.3)), Crop(OWN)
    (score, finished) = desk.ask(Task.SCORE, crops=(far, near, replace(near, angle=3.0)))
    assert isinstance(score, Score)
    assert isinstance(finished, Finished)
    assert score.values[0] < score.values[2] <= score.values[1]
    assert score.percentiles[0] < 0.1 < 0.9 < score.percentiles[1]
    assert score.preferences == (1.5, 1.5, 1.5)


def test_a_speaker_without_likelihoods_gives_scores_alone():
    (score, _) = Desk().ask(Task.SCORE, crops=(Crop(OWN),))
    assert isinstance(score, Score)
    assert score.preferences == ()


# ── why ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_crop_is_asked_about_in_a_second_turn():
    desk = Desk()
    events = desk.ask(Task.WHY, crop=Crop(Box(0.1, 0.1, 0.9, 0.9)))
    assert text(events, Part.FOR) == "It removes the pole."
    assert text(events, Part.AGAINST) == ""
    assert "speak for" in text(events)
    assert desk.asked() == [
        "Why does <box>(100,100),(900,900)</box> improve the composition of the image?"
    ]
    ((turn,),) = desk.speaker.histories
    assert turn.question == RELEASE.crop.words
    box = desk.speaker.read_box(turn.answer)
    assert box is not None
    assert iou(box, OWN) > 0.9


def test_a_bad_crop_stands_in_the_question_only():
    desk = Desk()
    events = desk.ask(Task.WHY, crop=Crop(Box(0, 0, 0.3, 0.3)))
    assert text(events, Part.AGAINST) == "It cuts the tree."
    assert text(events, Part.FOR) == ""
    assert "speak against" in text(events)
    ((turn,),) = desk.speaker.histories
    assert "(0,0),(300,300)" in desk.asked()[0]
    assert "(300,300)" not in turn.answer


def test_between_the_two_both_are_asked():
    desk = Desk(preference=-5.0)
    events = desk.ask(Task.WHY, crop=Crop(OWN))
    assert text(events, Part.FOR) == "It removes the pole."
    assert text(events, Part.AGAINST) == "It cuts the tree."
    assert "neither" in text(events)


def test_without_any_box_of_the_model_both_are_asked_without_a_turn():
    desk = Desk(answers={**ANSWERS, "bounding": "I cannot."}, boxes=())
    events = desk.ask(Task.WHY, crop=Crop(OWN))
    assert text(events, Part.FOR)
    assert text(events, Part.AGAINST)
    assert "asked both ways" in text(events)
    assert desk.speaker.histories[-1] == ()


def test_an_explanation_is_remembered():
    desk = Desk()
    first, again = (desk.ask(Task.WHY, crop=Crop(OWN)) for _ in range(2))
    assert text(first, Part.FOR) == text(again, Part.FOR)
    assert len(desk.asked()) == 1


def test_why_needs_a_crop():
    (failed,) = Desk().ask(Task.WHY)
    assert isinstance(failed, Failed)
    assert failed.code == "no_crop"


# ── ends ─────────────────────────────────────────────────────────────────────────────────────────

QUESTIONS = [
    Question(id=1, task=Task.IMPRESSION),
    Question(id=1, task=Task.ANALYSIS),
    Question(id=1, task=Task.GUIDANCE),
    Question(id=1, task=Task.CROP),
    Question(id=1, task=Task.CROP, aspect=Aspect(4, 5)),
    Question(id=1, task=Task.WHY, crop=Crop(Box(0.1, 0.1, 0.9, 0.9))),
    Question(id=1, task=Task.SCORE, crops=(Crop(WHOLE),)),
    Question(id=1, task=Task.ASK, words="Which colour?"),
]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(QUESTIONS), st.sampled_from([RELEASE, PAPER, BASE]), st.integers(0, 80))
def test_a_stop_at_any_moment_ends_it_at_once(question, words, moment):
    ticks = 0

    def tick():
        nonlocal ticks
        ticks += 1

    def stop():
        return ticks > moment

    model = speaker(before_token=tick, preference=0.5)
    memory = Memory()
    for event in answer(question, speaker=model, plan=words, memory=memory, stop=stop):
        assert not stop()
        assert not isinstance(event, Failed)
        last = event
    assert model.after_stop == []
    assert ticks <= moment + 1
    if stop():
        again = list(
            answer(question, speaker=speaker(), plan=words, memory=memory, stop=lambda: False)
        )
        fresh = list(
            answer(question, speaker=speaker(), plan=words, memory=Memory(), stop=lambda: False)
        )
        assert text(again) == text(fresh)
        assert crops(again) == crops(fresh)
    else:
        assert isinstance(last, Finished)


def test_a_stop_before_the_beginning_asks_nothing():
    for question in QUESTIONS:
        model = speaker()
        assert not list(
            answer(question, speaker=model, plan=RELEASE, memory=Memory(), stop=lambda: True)
        )
        assert model.asked == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.task)
def test_an_engine_that_fails_is_said(question):
    def fail():
        raise EngineError("lost", "The server is gone.", "Start it.")

    model = speaker(before_token=fail, preference=0.5)
    (failed,) = answer(question, speaker=model, plan=RELEASE, memory=Memory(), stop=lambda: False)
    assert failed == Failed("lost", "The server is gone.", "Start it.")


edge = st.integers(0, 1000)
written = st.tuples(edge, edge, edge, edge).map(lambda e: "<box>({},{}),({},{})</box>".format(*e))


@settings(deadline=None, max_examples=150)
@given(
    st.one_of(written, st.text(alphabet="()<>box/,0123456789- .", max_size=40)),
    st.builds(Size, st.integers(1, 5000), st.integers(1, 5000)),
    st.one_of(st.none(), st.builds(Aspect, st.integers(1, 16), st.integers(1, 16))),
)
def test_whatever_the_model_says_crops_lie_in_the_photo(said, size, aspect):
    desk = Desk(answers={"bounding": said}, boxes=(), size=size)
    events = desk.ask(Task.CROP, aspect=aspect)
    for each in crops(events):
        assert fits(each.box, 0, size, tolerance=1e-9)
        assert aspect is None or exact(each.box, size, aspect)
    if len([each for each in said if each.isdigit()]) < 4:
        assert crops(events) == []
        assert isinstance(events[-1], Failed)


def exact(box, size, aspect):
    pixels = pixel_size(box, size)
    if aspect.width <= aspect.height:
        return abs(pixels.width - pixels.height * aspect.ratio) <= 1
    return abs(pixels.height - pixels.width / aspect.ratio) <= 1
