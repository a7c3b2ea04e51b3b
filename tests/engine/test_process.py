"""An engine in a process of its own, asked like any other engine."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import scripted_engine

from engine.choice import EngineChoice
from engine.contract import EngineError, Loaded, Opened, Progress
from engine.process import Exit, ProcessEngine
from engine.stop import never
from engine.vocabulary import Event, Failed, Finished, Question, Task, Text


@pytest.fixture
def engine() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(command=scripted_engine.COMMAND)
    yield engine
    engine.end()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "ä ü 照片.jpg"
    path.touch()
    return path


def open_photo(engine: ProcessEngine, photo: Path) -> Opened:
    return next(step for step in engine.open(photo, never) if isinstance(step, Opened))


def asked(engine: ProcessEngine, opened: Opened, words: str) -> list[Event]:
    question = Question(id=1_000_001, task=Task.ASK, words=words)
    return [each.event for each in engine.ask(opened.conversation, [question], never)]


def test_load_tells_progress_and_what_it_is(engine: ProcessEngine) -> None:
    steps = list(engine.load(never))
    assert steps[0] == Progress(0.5, "half")
    assert isinstance(steps[-1], Loaded)
    assert steps[-1].info.name == "scripted"


def test_open_starts_the_process_by_itself(engine: ProcessEngine, photo: Path) -> None:
    opened = open_photo(engine, photo)
    assert opened.size == scripted_engine.SIZE
    assert asked(engine, opened, "hello")[0] == Text("hello")
    engine.close(opened.conversation)
    failed = asked(engine, opened, "hello")[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "not_open"


def test_a_path_that_is_no_utf_8_arrives(engine: ProcessEngine, tmp_path: Path) -> None:
    name = os.fsdecode(bytes(tmp_path) + b"/\xff\xfe.jpg")
    Path(name).touch()
    assert open_photo(engine, Path(name)).size == scripted_engine.SIZE


def test_an_error_in_opening_is_raised(engine: ProcessEngine, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        open_photo(engine, tmp_path / "none.jpg")
    assert caught.value.code == "missing"


def test_a_decoder_that_crashes_spares_the_caller(
    engine: ProcessEngine, photo: Path, tmp_path: Path
) -> None:
    with pytest.raises(EngineError) as caught:
        open_photo(engine, tmp_path / "crash.jpg")
    assert caught.value.code == "engine_crashed"
    assert asked(engine, open_photo(engine, photo), "next")[0] == Text("next")


def test_a_crash_in_mid_answer_fails_the_question(engine: ProcessEngine, photo: Path) -> None:
    events = asked(engine, open_photo(engine, photo), "crash")
    assert events[0] == Text("before ")
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "engine_crashed"
    assert asked(engine, open_photo(engine, photo), "next")[-1] == Finished(seconds=0.0)


def test_stop_ends_the_answer(engine: ProcessEngine, photo: Path) -> None:
    opened = open_photo(engine, photo)
    stopped: list[bool] = []
    question = Question(id=1_000_001, task=Task.ASK, words="count 100000")
    heard = 0
    for _ in engine.ask(opened.conversation, [question], lambda: bool(stopped)):
        heard += 1
        if heard == 3:
            stopped.append(True)
    assert heard < 1000
    assert asked(engine, opened, "next")[0] == Text("next")


def test_end_leaves_no_process_even_a_frozen_one(engine: ProcessEngine, photo: Path) -> None:
    pid = int(
        next(e.text for e in asked(engine, open_photo(engine, photo), "pid") if isinstance(e, Text))
    )
    os.kill(pid, signal.SIGSTOP)
    engine.end()
    time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_exits_in_words() -> None:
    assert Exit(12).failed.code == "out_of_memory"
    assert "signal 9" in Exit(-9).failed.reason
    assert "status 1" in Exit(1).failed.reason


def test_the_choice_reaches_the_engine() -> None:
    engine = ProcessEngine(EngineChoice(model="broken"), command=scripted_engine.COMMAND)
    with pytest.raises(EngineError) as caught:
        list(engine.load(never))
    engine.end()
    assert caught.value.code == "broken"
