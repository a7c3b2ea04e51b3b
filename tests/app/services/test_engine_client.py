"""The window's end of the engine process, with the real host and real faults."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import scripted_engine
from pytestqt.qtbot import QtBot

from app.services.engine_client import DRAIN_MS, EngineClient
from app.services.status import EngineStatus, Phase
from engine.choice import EngineChoice
from engine.vocabulary import Event, Failed, Finished, Question, Task, Text


@pytest.fixture
def client(qtbot: QtBot) -> Iterator[EngineClient]:
    client = EngineClient(command=scripted_engine.COMMAND, silence_seconds=0.5)
    yield client
    client.shut_down()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.touch()
    return path


class Ear:
    """What the client has told."""

    def __init__(self, client: EngineClient) -> None:
        self.events: list[tuple[int, Event]] = []
        self.lost: list[Failed] = []
        self.batches = 0
        client.answered.connect(self.hear)
        client.lost.connect(self.lost.append)

    def hear(self, answers: tuple[tuple[int, Event], ...]) -> None:
        self.batches += 1
        self.events += answers

    def finished(self, question: int) -> bool:
        return any(i == question and isinstance(e, Finished | Failed) for i, e in self.events)

    def text(self, question: int) -> str:
        return "".join(e.text for i, e in self.events if i == question and isinstance(e, Text))


def ask(client: EngineClient, photo: Path, words: str) -> int:
    question = Question(id=client.next_id(), task=Task.ASK, words=words)
    client.ask(photo, [question])
    return question.id


def test_starts_opens_and_answers(qtbot: QtBot, client: EngineClient, photo: Path) -> None:
    ear = Ear(client)
    question = ask(client, photo, "hello there")
    qtbot.waitUntil(lambda: ear.finished(question), timeout=10_000)
    assert ear.text(question) == "hello there"
    qtbot.waitUntil(lambda: client.status.phase is Phase.READY)
    assert client.status.info is not None
    assert client.status.info.name == "scripted"


def test_text_comes_in_at_most_30_updates_a_second(
    qtbot: QtBot, client: EngineClient, photo: Path
) -> None:
    ear = Ear(client)
    began = time.monotonic()
    question = ask(client, photo, "count 400")
    qtbot.waitUntil(lambda: ear.finished(question), timeout=20_000)
    assert ear.text(question).split() == [str(n) for n in range(400)]
    texts = [event for _, event in ear.events if isinstance(event, Text)]
    assert ear.batches <= (time.monotonic() - began) * 1000 / DRAIN_MS + 2
    assert len(texts) <= ear.batches


def test_stop_lets_nothing_more_through(qtbot: QtBot, client: EngineClient, photo: Path) -> None:
    ear = Ear(client)
    question = ask(client, photo, "count 100000")
    qtbot.waitUntil(lambda: bool(ear.text(question)), timeout=10_000)
    client.stop()
    qtbot.waitUntil(lambda: not client.busy)
    said = ear.text(question)
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following))
    assert ear.text(question) == said
    assert ear.text(following) == "next"


def test_a_second_question_while_the_engine_loads_is_answered(qtbot: QtBot, photo: Path) -> None:
    client = EngineClient(choice=EngineChoice(model="slow"), command=scripted_engine.COMMAND)
    ear = Ear(client)
    ask(client, photo, "first")
    qtbot.waitUntil(lambda: client.status.text == "half", timeout=10_000)
    client.stop()
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following) or bool(ear.lost), timeout=10_000)
    client.shut_down()
    assert ear.lost == []
    assert ear.text(following) == "next"


def test_an_engine_that_cannot_be_loaded_is_started_anew(qtbot: QtBot, photo: Path) -> None:
    client = EngineClient(choice=EngineChoice(model="broken"), command=scripted_engine.COMMAND)
    ear = Ear(client)
    for count in (1, 2):
        ask(client, photo, "hello")
        qtbot.waitUntil(lambda count=count: len(ear.lost) == count, timeout=10_000)
        assert client.pid is None
        assert client.status.phase is Phase.CRASHED
    client.shut_down()
    assert [failed.code for failed in ear.lost] == ["broken", "broken"]


def test_of_many_steps_at_once_the_last_is_shown_and_the_engine_is_ready_after_them(
    qtbot: QtBot,
) -> None:
    client = EngineClient(choice=EngineChoice(model="many"), command=scripted_engine.COMMAND)
    told: list[EngineStatus] = []
    client.status_changed.connect(told.append)
    client.start()
    qtbot.waitUntil(lambda: client.status.phase is Phase.READY, timeout=10_000)
    client.shut_down()
    steps = [int(each.text.split()[1]) for each in told if each.text.startswith("step")]
    assert 0 < len(steps) < 1000
    assert steps == sorted(set(steps))


@pytest.mark.parametrize(("words", "code"), [("crash", "engine_crashed")])
def test_a_crash_is_told_and_the_next_question_starts_anew(
    qtbot: QtBot, client: EngineClient, photo: Path, words: str, code: str
) -> None:
    ear = Ear(client)
    ask(client, photo, words)
    qtbot.waitUntil(lambda: bool(ear.lost), timeout=10_000)
    assert ear.lost[0].code == code
    assert client.status.phase is Phase.CRASHED
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following), timeout=10_000)
    assert ear.text(following) == "next"


def test_out_of_memory_is_told_in_the_answer(
    qtbot: QtBot, client: EngineClient, photo: Path
) -> None:
    ear = Ear(client)
    question = ask(client, photo, "hungry")
    qtbot.waitUntil(lambda: ear.finished(question), timeout=10_000)
    last = ear.events[-1][1]
    assert isinstance(last, Failed)
    assert last.code == "out_of_memory"
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following), timeout=10_000)


def test_a_frozen_engine_is_told_and_restarts_only_on_a_word(
    qtbot: QtBot, client: EngineClient, photo: Path
) -> None:
    ear = Ear(client)
    ask(client, photo, "freeze")
    qtbot.waitUntil(lambda: client.status.phase is Phase.SILENT, timeout=10_000)
    frozen = client.pid
    assert frozen is not None
    qtbot.wait(700)
    assert client.pid == frozen
    assert not ear.lost
    client.restart()
    assert not psutil.pid_exists(frozen)
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following), timeout=10_000)


def test_an_engine_that_wakes_up_goes_on(qtbot: QtBot, client: EngineClient, photo: Path) -> None:
    ear = Ear(client)
    question = ask(client, photo, "freeze")
    qtbot.waitUntil(lambda: bool(ear.text(question)), timeout=10_000)
    qtbot.waitUntil(lambda: client.status.phase is Phase.SILENT, timeout=10_000)
    assert client.pid is not None
    assert psutil.Process(client.pid).status() == psutil.STATUS_STOPPED
    os.kill(client.pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: ear.finished(question), timeout=10_000)
    assert ear.text(question) == "before after"


def test_a_photo_that_cannot_be_opened_is_told(
    qtbot: QtBot, client: EngineClient, photo: Path, tmp_path: Path
) -> None:
    ear = Ear(client)
    ask(client, tmp_path / "none.jpg", "hello")
    qtbot.waitUntil(lambda: bool(ear.lost), timeout=10_000)
    assert ear.lost[0].code == "missing"
    following = ask(client, photo, "next")
    qtbot.waitUntil(lambda: ear.finished(following))


def test_the_engine_process_knows_neither_qt_nor_torch(
    qtbot: QtBot, client: EngineClient, photo: Path
) -> None:
    ear = Ear(client)
    question = ask(client, photo, "modules")
    qtbot.waitUntil(lambda: ear.finished(question), timeout=10_000)
    modules = {name.split(".")[0] for name in ear.text(question).split()}
    assert "numpy" in modules
    assert not modules & {"PySide6", "shiboken6", "app", "torch", "transformers"}


def test_shutting_down_leaves_no_process(qtbot: QtBot, client: EngineClient, photo: Path) -> None:
    ear = Ear(client)
    question = ask(client, photo, "count 100000")
    qtbot.waitUntil(lambda: bool(ear.text(question)), timeout=10_000)
    pid = client.pid
    assert pid is not None
    client.shut_down()
    assert not psutil.pid_exists(pid)
