"""The remote engine whole: through the real host process, against a scripted server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai_server import Cuts, OpenAIServer, Raw, Reply, Request, Says, Stalls, Status

from engine.choice import EngineChoice, EngineName
from engine.contract import EngineError, Loaded, Opened, Progress
from engine.process import ProcessEngine
from engine.remote import engine as remote
from engine.remote.address import parse
from engine.remote.engine import RemoteEngine, notes
from engine.remote.keys import Key
from engine.stop import never
from engine.vocabulary import (
    CRITIQUE_TASKS,
    Aspect,
    Box,
    Crop,
    Event,
    Failed,
    Finished,
    Part,
    Question,
    Score,
    Size,
    Task,
    Text,
)

KEY = "sk-very-secret"
IMPRESSION = "A quiet harbour in soft light."
ANALYSIS = "The horizon is level. The left third is empty."
GUIDANCE = "When taking the photo:\nStep closer.\n\nAfterwards:\nLift the shadows."


def teacher(request: Request) -> Reply:
    """Answers the plan for models that were not trained for it."""
    asked = request.question
    if "crop of this photo" in asked:
        drawn = [
            f"[{100 + 3 * i}, {150 + 2 * i}, 800, 900]" for i in range(request.body.get("n", 1))
        ]
        return Says(drawn[0], choices=tuple(drawn))
    for words, answer in (
        ("impression", IMPRESSION),
        ("Analyse", ANALYSIS),
        ("Advise", GUIDANCE),
        ("not improve", "It cuts the mast."),
        ("improve its composition", "It keeps the boat."),
    ):
        if words in asked:
            return Says(answer, used=20)
    return Says(f"You asked: {asked.splitlines()[0]}")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        server.answer = teacher
        yield server


@pytest.fixture
def engine(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessEngine]:
    """A host process whose key is in the environment, and which has no keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("VENUS_API_KEY", KEY)
    engine = ProcessEngine(EngineChoice(engine=EngineName.REMOTE, url=server.url))
    yield engine
    engine.end()


def opened(engine: ProcessEngine | RemoteEngine, photo: Path) -> Opened:
    return next(step for step in engine.open(photo, never) if isinstance(step, Opened))


def ask(
    engine: ProcessEngine | RemoteEngine, conversation: object, *questions: Question
) -> dict[int, list[Event]]:
    heard: dict[int, list[Event]] = {question.id: [] for question in questions}
    for each in engine.ask(conversation, questions, never):
        heard[each.question].append(each.event)
    return heard


def words(events: list[Event], part: Part) -> str:
    return "".join(e.text for e in events if isinstance(e, Text) and e.part is part).strip()


def test_a_whole_critique_through_the_host_process(
    engine: ProcessEngine, server: OpenAIServer, photo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    info = next(step.info for step in engine.load(never) if isinstance(step, Loaded))
    assert info.name == f"tiny-vl at 127.0.0.1:{server.port}"
    assert info.device == "vLLM"
    photo_there = opened(engine, photo)
    assert photo_there.size == Size(1500, 1000)
    tasks = [Question(id=101 + i, task=task) for i, task in enumerate(CRITIQUE_TASKS)]
    impression, analysis, guidance, crop = ask(engine, photo_there.conversation, *tasks).values()
    assert words(impression, Part.BODY) == IMPRESSION
    assert words(analysis, Part.BODY) == ANALYSIS
    assert words(guidance, Part.TAKING) == "Step closer."
    assert words(guidance, Part.AFTERWARDS) == "Lift the shadows."
    crops = [event for event in crop if isinstance(event, Crop)]
    assert crops
    for each in crops:
        assert each.rationale
        assert all(0 <= edge <= 1 for edge in each.box)
    for events in (impression, analysis, guidance, crop):
        assert isinstance(events[-1], Finished)
        assert events[-1].tokens > 0
    assert all(b"SECRET" not in sent for each in server.chats for sent in each.pictures)
    assert KEY not in json.dumps([each.body for each in server.chats])
    assert KEY not in "".join(capfd.readouterr())


def test_every_other_task_is_answered_too(
    engine: ProcessEngine, server: OpenAIServer, photo: Path
) -> None:
    conversation = opened(engine, photo).conversation
    mine = Crop(Box(0.1, 0.15, 0.8, 0.9))
    heard = ask(
        engine,
        conversation,
        Question(id=101, task=Task.SCORE, crops=(mine, Crop(Box(0, 0, 0.3, 0.3)))),
        Question(id=102, task=Task.WHY, crop=mine),
        Question(id=103, task=Task.WHY, crop=Crop(Box(0.7, 0.7, 1, 1))),
        Question(id=104, task=Task.ASK, words="Is it sharp?"),
        Question(id=105, task=Task.CROP, aspect=Aspect(1, 1)),
    )
    assert all(isinstance(events[-1], Finished) for events in heard.values())
    (score,) = (event for event in heard[101] if isinstance(event, Score))
    assert score.values[0] > 0.8 > 0.4 > score.values[1]
    assert score.preferences == ()
    assert words(heard[102], Part.FOR) == "It keeps the boat."
    assert words(heard[103], Part.AGAINST) == "It cuts the mast."
    assert words(heard[104], Part.BODY) == "You asked: Is it sharp?"
    crops = [event for event in heard[105] if isinstance(event, Crop)]
    assert crops
    for crop in crops:
        assert abs(crop.box.width * 1500 - crop.box.height * 1000) <= 1
    assert any("1:1" in each.question for each in server.chats)


def test_a_stop_through_the_process_closes_the_answer(
    engine: ProcessEngine, server: OpenAIServer, photo: Path
) -> None:
    conversation = opened(engine, photo).conversation
    server.replies.append(Stalls(("one ", "two ")))
    heard: list[Event] = []
    question = Question(id=101, task=Task.ASK, words="Well?")
    for each in engine.ask(conversation, [question], lambda: bool(heard)):
        heard.append(each.event)
    assert server.chats[-1].left.wait(10)
    assert not any(isinstance(event, Finished | Failed) for event in heard)
    (after,) = ask(engine, conversation, Question(id=102, task=Task.ASK, words="And?")).values()
    assert words(after, Part.BODY) == "You asked: And?"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Status(400, "tiny-vl is not a multimodal model"), "no_vision"),
        (Cuts(("half ",)), "connection_lost"),
    ],
)
def test_a_failure_ends_its_question_and_no_more(
    engine: ProcessEngine, server: OpenAIServer, photo: Path, reply: Reply, code: str
) -> None:
    conversation = opened(engine, photo).conversation
    server.replies.append(reply)
    first = Question(id=101, task=Task.ASK, words="Well?")
    heard = ask(engine, conversation, first, Question(id=102, task=Task.IMPRESSION))
    failed = heard[101][-1]
    assert isinstance(failed, Failed)
    assert failed.code == code
    assert words(heard[102], Part.BODY) == IMPRESSION
    assert isinstance(heard[102][-1], Finished)


def test_the_host_of_a_server_knows_neither_torch_nor_qt(server: OpenAIServer) -> None:
    """Each costs seconds and hundreds of megabytes that this engine has no use for."""
    code = (
        "import sys; from engine.registry import create; from engine.choice import *; "
        "create(EngineChoice(engine=EngineName.REMOTE)); "
        "print([m for m in ('torch', 'transformers', 'PySide6', 'keyring') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# ── loading, in this process ─────────────────────────────────────────────────────────────────────


def remote_engine(url: str, model: str = "") -> RemoteEngine:
    return RemoteEngine(EngineChoice(engine=EngineName.REMOTE, url=url, model=model, seed=3))


def refused(engine: RemoteEngine) -> EngineError:
    with pytest.raises(EngineError) as caught:
        list(engine.load(never))
    return caught.value


def test_loading_tells_what_it_does_and_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIServer(models=["llava:latest", "qwen2.5vl:7b"], owned_by="library") as server:
        steps = list(remote_engine(server.url, "llava").load(never))
    assert isinstance(steps[0], Progress)
    assert isinstance(steps[-1], Loaded)
    assert steps[-1].info.name.startswith("llava:latest at 127.0.0.1")
    assert steps[-1].info.device == "Ollama"
    assert steps[-1].info.seed == 3
    assert steps[-1].info.notes == ()


def test_a_model_must_be_chosen_among_several_and_be_there() -> None:
    with OpenAIServer(models=["a-vl", "b-vl"]) as server:
        error = refused(remote_engine(server.url))
        assert error.code == "model_unknown"
        assert "several" in error.reason
        assert "a-vl, b-vl" in error.remedy
        assert "'c-vl'" in refused(remote_engine(server.url, "c-vl")).reason
        assert server.chats == []
    with OpenAIServer(models=[]) as server:
        assert refused(remote_engine(server.url)).code == "model_unknown"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Status(404), "not_found"),
        (Status(401), "unauthorised"),
        (Raw(b'{"welcome": true}', kind="application/json"), "bad_answer"),
    ],
)
def test_what_is_no_list_of_models_is_told(reply: Reply, code: str) -> None:
    with OpenAIServer() as server:
        server.models_reply = reply
        assert refused(remote_engine(server.url)).code == code


def test_no_server_named() -> None:
    assert refused(remote_engine("")).code == "bad_address"


def test_a_stop_ends_loading() -> None:
    with OpenAIServer() as server:
        server.models_reply = Stalls()
        looks = iter([False] * 10)
        steps = list(remote_engine(server.url).load(lambda: next(looks, True)))
        assert not any(isinstance(step, Loaded) for step in steps)


def test_nothing_is_open_before_it_is_loaded(photo: Path) -> None:
    with pytest.raises(EngineError) as caught:
        opened(remote_engine("http://127.0.0.1:1"), photo)
    assert caught.value.code == "not_loaded"


def test_the_wording_of_a_venus_model_is_the_released_one(photo: Path) -> None:
    with OpenAIServer(models=["venus-q"]) as server:
        engine = remote_engine(server.url)
        list(engine.load(never))
        conversation = opened(engine, photo).conversation
        ask(engine, conversation, Question(id=1, task=Task.IMPRESSION))
        assert "aesthetic score" in server.chats[0].question
        server.answer = lambda _: Says("(100,200),(800,900)")
        ask(engine, conversation, Question(id=2, task=Task.CROP, aspect=Aspect(1, 1)))
        assert "1:1" not in server.chats[1].question


def test_prompts_of_ones_own_are_used_and_bad_ones_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, photo: Path
) -> None:
    file = tmp_path / "prompts.toml"
    monkeypatch.setattr(remote, "own_prompts", lambda: file)
    file.write_text('[base.impression]\nwords = "Well?"\n')
    with OpenAIServer() as server:
        engine = remote_engine(server.url)
        list(engine.load(never))
        ask(engine, opened(engine, photo).conversation, Question(id=1, task=Task.IMPRESSION))
        assert server.chats[0].question == "Well?"
        file.write_text("[base.nothing]\n")
        assert refused(remote_engine(server.url)).code == "bad_prompts"


def test_what_a_person_should_know_of_the_way() -> None:
    key = Key(KEY, "the keyring")
    assert notes(parse("http://127.0.0.1:8000"), key) == ()
    (far,) = notes(parse("https://example.org/v1"), key)
    assert "example.org" in far
    assert "unencrypted" not in far
    (plain,) = notes(parse("http://studio:8000"), None)
    assert "unencrypted" in plain
    both = notes(parse("http://studio:8000"), key)
    assert len(both) == 2
    assert "key" in both[1]
    assert KEY not in "".join(both)
