"""The host process, driven as any program would: lines in, lines out."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import scripted_engine

Message = dict[str, Any]


class Driver:
    """A host process and what it has said."""

    def __init__(self, command: list[str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        self.said: list[Message] = []
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        self._errors: list[bytes] = []
        threading.Thread(target=self._read_errors, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._errors.append(line)

    def errors_say(self, words: str, *, seconds: float = 10) -> bool:
        """Whether these words come on stderr, which is another pipe with a pace of its own."""
        deadline = time.monotonic() + seconds
        while words not in b"".join(self._errors).decode():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def say(self, message: Message | bytes) -> None:
        assert self.process.stdin
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def hear(self, until: Callable[[Message], bool], *, seconds: float = 20) -> list[Message]:
        """The messages up to the one that is waited for."""
        heard: list[Message] = []
        deadline = time.monotonic() + seconds
        while not heard or not until(heard[-1]):
            line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            heard.append(json.loads(line))
        self.said += heard
        return heard

    def silent(self, seconds: float) -> bool:
        """Whether nothing is said for so long."""
        try:
            self.said.append(json.loads(self._lines.get(timeout=seconds)))
        except queue.Empty:
            return True
        return False


@pytest.fixture
def host() -> Iterator[Driver]:
    driver = Driver(scripted_engine.COMMAND)
    driver.say({"id": 1, "load": {}})
    driver.hear(lambda m: "loaded" in m)
    yield driver
    driver.process.kill()
    driver.process.wait()


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "a.jpg"
    path.touch()
    return str(path)


def ends(question: int) -> Callable[[Message], bool]:
    def last(message: Message) -> bool:
        event = message.get("event", {}).get("type")
        return message.get("id") == question and (
            event in ("finished", "failed") or "stopped" in message
        )

    return last


def opened(host: Driver, photo: str) -> None:
    host.say({"id": 2, "open": {"photo": photo}})
    host.hear(lambda m: m.get("id") == 2)


def ask(question: int, words: str) -> Message:
    questions = [{"id": question, "task": "ask", "words": words}]
    return {"id": question + 1000, "ask": {"conversation": 2, "questions": questions}}


def test_loads_opens_answers_and_closes(host: Driver, photo: str) -> None:
    opened(host, photo)
    assert host.said[-1] == {"id": 2, "opened": {"size": {"width": 600, "height": 400}}}
    host.say(ask(3, "hello there"))
    heard = host.hear(ends(3))
    assert heard[0]["event"] == {"type": "text", "text": "hello there", "part": "body"}
    assert heard[-1]["event"]["type"] == "finished"
    host.say({"id": 4, "close": {"conversation": 2}})
    assert host.hear(lambda m: m.get("id") == 4)[-1] == {"id": 4, "closed": {}}
    host.say(ask(5, "again"))
    assert host.hear(ends(5))[-1]["event"]["code"] == "not_open"


def test_library_prints_never_reach_the_protocol(host: Driver, photo: str) -> None:
    opened(host, photo)
    host.say(ask(3, "print"))
    assert [m["event"]["type"] for m in host.hear(ends(3))] == ["text", "finished"]
    assert host.errors_say("and one in C")


def test_stop_ends_the_answer_at_once_and_the_processor_idles(host: Driver, photo: str) -> None:
    opened(host, photo)
    host.say(ask(3, "count 100000"))
    host.hear(lambda m: "event" in m)
    host.say({"stop": 3})
    heard = host.hear(ends(3))
    assert heard[-1] == {"id": 3, "stopped": {}}
    assert host.silent(0.3)
    process = psutil.Process(host.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(0.5)
    assert sum(process.cpu_times()[:2]) - before < 0.1
    host.say(ask(4, "next"))
    assert host.hear(ends(4))[0]["event"]["text"] == "next"


def test_stop_of_one_question_leaves_the_others(host: Driver, photo: str) -> None:
    opened(host, photo)
    questions = [
        {"id": 3, "task": "ask", "words": "count 300"},
        {"id": 4, "task": "ask", "words": "still here"},
    ]
    host.say({"id": 9, "ask": {"conversation": 2, "questions": questions}})
    host.hear(lambda m: "event" in m)
    host.say({"stop": 3})
    heard = host.hear(lambda m: m.get("id") == 3 and "stopped" in m)
    last_of_4 = next(m for m in heard if ends(4)(m))
    assert last_of_4["event"]["type"] == "finished"


def test_a_stop_reaches_an_opening_photo(host: Driver, tmp_path: Path) -> None:
    host.say({"id": 2, "open": {"photo": str(tmp_path / "slow.jpg")}})
    host.say({"stop": 2})
    assert host.hear(lambda m: m.get("id") == 2)[-1] == {"id": 2, "stopped": {}}


def test_beats_while_it_works(host: Driver, photo: str) -> None:
    opened(host, photo)
    host.say(ask(3, "count 1500"))
    assert any("beat" in m for m in host.hear(ends(3)))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"id": 7, "dance": {}}, "bad_request"),
        ({"id": 7, "open": {}}, "bad_request"),
        ({"id": 7, "load": {"engine": "other"}}, "bad_request"),
        ({"id": 7, "load": {"engine": "builtin", "key": "secret"}}, "bad_request"),
        ({"id": 7, "load": {"engine": "remote", "model": "broken"}}, "broken"),
        ({"id": 7, "open": {"photo": "/nowhere/x.jpg"}}, "missing"),
    ],
)
def test_a_bad_request_is_answered_in_words(host: Driver, line: Message, code: str) -> None:
    host.say(line)
    failed = host.hear(lambda m: m.get("id") == 7 and "failed" in m)[-1]["failed"]
    assert failed["code"] == code
    assert failed["reason"]


def test_what_is_no_json_is_passed_over(host: Driver, photo: str) -> None:
    host.say(b"{not json")
    host.say(b"[1, 2]")
    opened(host, photo)
    assert "opened" in host.said[-1]


@pytest.mark.parametrize(("words", "code"), [("refuse", "refused"), ("fault", "engine_fault")])
def test_an_error_fails_its_question_and_no_more(
    host: Driver, photo: str, words: str, code: str
) -> None:
    opened(host, photo)
    host.say(ask(3, words))
    assert host.hear(ends(3))[-1]["event"]["code"] == code
    host.say(ask(4, "fine"))
    assert host.hear(ends(4))[-1]["event"]["type"] == "finished"


def test_out_of_memory_is_told_and_ends_the_process(host: Driver, photo: str) -> None:
    opened(host, photo)
    host.say(ask(3, "hungry"))
    assert host.hear(ends(3))[-1]["event"]["code"] == "out_of_memory"
    assert host.process.wait(10) == 12


def test_ends_with_its_input_even_at_work(host: Driver, photo: str) -> None:
    opened(host, photo)
    host.say(ask(3, "count 100000"))
    host.hear(lambda m: "event" in m)
    assert host.process.stdin
    host.process.stdin.close()
    assert host.process.wait(10) == 0


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Linux only")
def test_offers_itself_first_when_memory_is_short(host: Driver) -> None:
    score = Path(f"/proc/{host.process.pid}/oom_score_adj").read_text()
    assert int(score) > int(Path("/proc/self/oom_score_adj").read_text())


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="POSIX only")
def test_a_stopped_host_does_not_outlive_its_killed_parent(tmp_path: Path) -> None:
    """The parent here is a process that starts the host as the window does, and is killed."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import threading, time\n"
        "from engine.process import EngineProcess\n"
        "loaded = threading.Event()\n"
        "def heard(message):\n"
        "    if 'loaded' in message:\n"
        "        loaded.set()\n"
        f"p = EngineProcess(heard, print, command={scripted_engine.COMMAND!r})\n"
        "p.send({'id': 1, 'load': {}})\n"
        "loaded.wait(60)\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [scripted_engine.COMMAND[0], str(script)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = next(int(line) for line in parent.stdout if line.strip().isdecimal())
        frozen = psutil.Process(child)
        os.kill(child, signal.SIGSTOP)
        while frozen.status() != psutil.STATUS_STOPPED:  # else it may yet read its input's end
            time.sleep(0.01)
        parent.kill()
    deadline = time.monotonic() + 30
    while lives(frozen) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(frozen)


def lives(process: psutil.Process) -> bool:
    """Whether it is there and more than what is left of it where nobody reaps orphans."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
