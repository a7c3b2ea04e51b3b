import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from generated_scenes import save, striking
from tiny_checkpoints import MAKERS, make

from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import Answered, EngineError, Loaded, Opened
from engine.process import ProcessEngine
from engine.stop import never
from engine.venus.engine import VenusEngine, wording_of
from engine.vocabulary import (
    Aspect,
    Box,
    Crop,
    Event,
    Failed,
    Finished,
    Question,
    Score,
    Task,
    Text,
)

OWN = Crop(Box(0.1, 0.1, 0.8, 0.9))
EVERY_TASK = (
    Question(id=1, task=Task.IMPRESSION),
    Question(id=2, task=Task.ANALYSIS),
    Question(id=3, task=Task.GUIDANCE),
    Question(id=4, task=Task.CROP),
    Question(id=5, task=Task.WHY, crop=OWN),
    Question(id=6, task=Task.SCORE, crops=(OWN,)),
    Question(id=7, task=Task.ASK, words="What should I do first?"),
)


def checkpoint(folder: Path, family: str = "qwen_vl") -> EngineChoice:
    """A tiny checkpoint whose answers are short: random weights seldom come to an end."""
    made = make(family, folder / family)
    file = made / "generation_config.json"
    settings = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps({**settings, "max_new_tokens": 12}), "utf-8")
    return EngineChoice(
        engine=EngineName.VENUS, checkpoint=str(made), memory=MemoryPlan.NF4, device="cpu"
    )


def loaded(choice: EngineChoice, folder: Path) -> tuple[VenusEngine, Loaded]:
    engine = VenusEngine(choice, cache=folder / "cache")
    ready = [step for step in engine.load(never) if isinstance(step, Loaded)]
    return engine, ready[0]


def conversation(engine: VenusEngine, folder: Path) -> object:
    photo = save(folder / "scene.jpg", striking(1))
    opened = [step for step in engine.open(photo, never) if isinstance(step, Opened)]
    return opened[0].conversation


def events(answers: Sequence[Answered], question: int) -> list[Event]:
    return [each.event for each in answers if each.question == question]


@pytest.mark.parametrize("family", MAKERS)
def test_every_family_answers_every_task_in_four_bits(tmp_path: Path, family: str) -> None:
    engine, ready = loaded(checkpoint(tmp_path, family), tmp_path)
    assert ready.info.memory > 0
    assert "4 bits" in ready.info.plan
    answers = list(engine.ask(conversation(engine, tmp_path), EVERY_TASK, never))
    for question in EVERY_TASK:
        last = events(answers, question.id)[-1]
        # Random weights may say nothing but spaces, which is no answer.
        silent = isinstance(last, Failed) and last.code == "no_answer"
        assert isinstance(last, Finished) or silent, last
    for crop in (each for each in events(answers, 4) if isinstance(each, Crop)):
        assert all(0 <= edge <= 1 for edge in crop.box)
    scores = [each for each in events(answers, 6) if isinstance(each, Score)]
    assert 0 <= scores[0].values[0] <= 1


def test_an_aspect_is_met_to_the_pixel(tmp_path: Path) -> None:
    engine, _ = loaded(checkpoint(tmp_path), tmp_path)
    photo = conversation(engine, tmp_path)
    square = Question(id=1, task=Task.CROP, aspect=Aspect(1, 1))
    answers = list(engine.ask(photo, [square], never))
    crops = [each for each in events(answers, 1) if isinstance(each, Crop)]
    assert crops
    size = photo.speaker.size  # pyright: ignore[reportAttributeAccessIssue]
    for crop in crops:
        assert abs(crop.box.width * size.width - crop.box.height * size.height) < 1


def test_the_same_question_has_the_same_answer_after_a_reload(tmp_path: Path) -> None:
    """The second load takes the kept copy in four bits."""
    choice = checkpoint(tmp_path)
    said: list[str] = []
    for _ in range(2):
        engine, _ = loaded(choice, tmp_path)
        answers = list(engine.ask(conversation(engine, tmp_path), EVERY_TASK[:2], never))
        said.append("".join(each.text for each in events(answers, 2) if isinstance(each, Text)))
    assert said[0] == said[1] != ""
    assert list((tmp_path / "cache").iterdir())


def test_another_seed_has_another_answer(tmp_path: Path) -> None:
    said: set[tuple[Event, ...]] = set()
    for seed in range(2):
        choice = replace(checkpoint(tmp_path / str(seed)), seed=seed)
        engine, _ = loaded(choice, tmp_path)
        answers = list(engine.ask(conversation(engine, tmp_path), EVERY_TASK[3:4], never))
        said.add(tuple(each for each in events(answers, 4) if isinstance(each, Crop)))
    assert len(said) == 2


def test_nothing_comes_after_a_stop(tmp_path: Path) -> None:
    engine, _ = loaded(checkpoint(tmp_path), tmp_path)
    photo = conversation(engine, tmp_path)
    told: list[bool] = []
    for _ in engine.ask(photo, EVERY_TASK, lambda: bool(told)):
        assert not told
        told.append(True)
    again = list(engine.ask(photo, EVERY_TASK[:1], never))
    assert isinstance(again[-1].event, Finished)


def test_a_load_can_be_stopped_and_done_again(tmp_path: Path) -> None:
    choice = checkpoint(tmp_path)
    engine = VenusEngine(choice, cache=tmp_path / "cache")
    steps: list[object] = []
    steps.extend(engine.load(lambda: len(steps) > 3))
    assert not any(isinstance(step, Loaded) for step in steps)
    assert any(isinstance(step, Loaded) for step in engine.load(never))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"checkpoint": ""}, "none is chosen"),
        ({"checkpoint": "nowhere"}, "no folder nowhere"),
        ({"device": "cuda:7"}, "no device cuda:7"),
    ],
)
def test_a_choice_that_cannot_be_loaded_is_told_in_words(
    tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    engine = VenusEngine(replace(checkpoint(tmp_path), **changes), cache=tmp_path / "cache")
    with pytest.raises(EngineError, match=words):
        list(engine.load(never))


def test_a_question_before_the_load_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No model has been loaded"):
        list(VenusEngine(checkpoint(tmp_path)).open(tmp_path / "a.jpg", never))


@pytest.mark.parametrize(
    ("name", "wanted", "found"),
    [
        ("Venus-Q-Stage2", Wording.AUTO, Wording.RELEASE),
        ("my-venus-run", Wording.AUTO, Wording.RELEASE),
        ("Qwen-VL-Chat", Wording.AUTO, Wording.BASE),
        ("Qwen-VL-Chat", Wording.PAPER, Wording.PAPER),
    ],
)
def test_the_prompts_follow_the_checkpoint_unless_chosen(
    name: str, wanted: Wording, found: Wording
) -> None:
    assert wording_of(Path("/models") / name, wanted) is found


def test_the_host_process_serves_a_checkpoint(tmp_path: Path) -> None:
    engine = ProcessEngine(checkpoint(tmp_path))
    try:
        ready = [step for step in engine.load(never) if isinstance(step, Loaded)]
        assert "Qwen-VL" in ready[0].info.name
        photo = save(tmp_path / "scene.jpg", striking(1))
        opened = [step for step in engine.open(photo, never) if isinstance(step, Opened)]
        answers = list(engine.ask(opened[0].conversation, EVERY_TASK[:1], never))
        assert isinstance(answers[-1].event, Finished)
    finally:
        engine.end()
