"""The application's end of an engine process: start it, send, receive, end it; and, for callers
without an event loop, the same as an `Engine`.

Start it from a thread that lives as long as the application: on Linux the kernel ends the process
together with the thread that started it.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.choice import BUILTIN, EngineChoice
from engine.contract import Answered, EngineError, Loaded, Opened, Progress
from engine.protocol import EXIT_OUT_OF_MEMORY, Message, decode, encode
from engine.stop import Stop
from engine.vocabulary import EngineInfo, Failed, Finished, Question, Size
from engine.wire import event_from_json, from_json, to_json

POLL_SECONDS: Final = 0.02
"""How often a waiting caller looks whether it should stop."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The process has ended; negative codes are signals, as in `subprocess`."""

    code: int

    @property
    def failed(self) -> Failed:
        """What that means to a person."""
        if self.code == EXIT_OUT_OF_MEMORY:
            reason = "The engine ran out of memory."
            return Failed("out_of_memory", reason, "Close other programs, then ask again.")
        how = f"signal {-self.code}" if self.code < 0 else f"status {self.code}"
        reason = f"The engine ended unexpectedly ({how})."
        return Failed("engine_crashed", reason, "Your crops are safe. Ask again to start it anew.")


def host_command() -> list[str]:
    """How the engine process is started, here and in a frozen build."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine-host"]
    return [sys.executable, "-P", "-m", "engine.host"]


class EngineProcess:
    """A running host; `command` starts another than the usual one.

    `on_message` and `on_exit` are called from a thread of its own; `on_exit` once, after the last
    message.
    """

    def __init__(
        self,
        on_message: Callable[[Message], None],
        on_exit: Callable[[Exit], None],
        *,
        command: Sequence[str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            command or host_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=True
        )
        self._lock = threading.Lock()
        self._reader = threading.Thread(
            target=self._read, args=(on_message, on_exit), name="engine-reader", daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Message) -> None:
        """Send one message. A process that has ended takes none: `on_exit` tells."""
        assert self._process.stdin is not None
        with self._lock:
            try:
                self._process.stdin.write(encode(message))
                self._process.stdin.flush()
            except (BrokenPipeError, ValueError):
                return

    def close(self, *, timeout: float = 2.0) -> None:
        """End the process: first by the end of its input, then by force."""
        assert self._process.stdin is not None
        with self._lock, contextlib.suppress(BrokenPipeError):  # ended, with a message unread
            self._process.stdin.close()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join()

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def _read(self, on_message: Callable[[Message], None], on_exit: Callable[[Exit], None]) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                on_message(decode(line))
        on_exit(Exit(self._process.wait()))


class ProcessEngine:
    """An engine in a process of its own, as an `engine.contract.Engine`: whatever a broken photo
    does to a decoder, the caller lives. After a crash the next `open` starts a new process.
    """

    def __init__(
        self, choice: EngineChoice = BUILTIN, *, command: Sequence[str] | None = None
    ) -> None:
        self._choice = choice
        self._command = command
        self._ids = itertools.count(1)
        self._inbox: queue.SimpleQueue[Message | Exit] = queue.SimpleQueue()
        self._process: EngineProcess | None = None

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]:
        """Start the process and load the engine in it."""
        self.end()
        self._inbox = queue.SimpleQueue()
        self._process = EngineProcess(self._inbox.put, self._inbox.put, command=self._command)
        request = next(self._ids)
        for kind, details in self._request(request, {"load": to_json(self._choice)}, stop):
            if kind == "loaded":
                yield Loaded(from_json(EngineInfo, details["info"]))
            elif kind == "progress":
                yield from_json(Progress, details)

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        """Open a photo. EngineError for whatever hinders it, the photo's own faults included."""
        if self._process is None:
            yield from (step for step in self.load(stop) if isinstance(step, Progress))
        request = next(self._ids)
        for kind, details in self._request(request, {"open": {"photo": str(photo)}}, stop):
            if kind == "opened":
                yield Opened(request, from_json(Size, details["size"]))
            elif kind == "progress":
                yield from_json(Progress, details)

    def ask(
        self, conversation: Any, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]:
        """Ask; the process's end is a Failed for every question that is still open."""
        process = self._running()
        waiting = {question.id for question in questions}
        request = next(self._ids)
        asked = {"conversation": conversation, "questions": to_json(tuple(questions))}
        process.send({"id": request, "ask": asked})
        while waiting:
            message = self._next(stop, request)
            if isinstance(message, Exit):
                self._process = None
                yield from (Answered(question, message.failed) for question in sorted(waiting))
                return
            if message.get("id") not in waiting:
                continue
            if "stopped" in message:
                waiting.discard(message["id"])
            elif "event" in message:
                event = event_from_json(message["event"])
                yield Answered(message["id"], event)
                if isinstance(event, Finished | Failed):
                    waiting.discard(message["id"])

    def close(self, conversation: Any) -> None:
        """Let the engine forget a photo."""
        if self._process is not None:
            self._process.send({"id": next(self._ids), "close": {"conversation": conversation}})

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _running(self) -> EngineProcess:
        if self._process is None:
            raise EngineError("not_loaded", "The engine is not running.", "Open the photo again.")
        return self._process

    def _request(self, request: int, body: Message, stop: Stop) -> Iterator[tuple[str, Message]]:
        """Send a request; yield (kind, details) of its messages up to its last one."""
        self._running().send({"id": request, **body})
        while True:
            message = self._next(stop, request)
            if isinstance(message, Exit):
                self._process = None
                failed = message.failed
                raise EngineError(failed.code, failed.reason, failed.remedy)
            if message.get("id") != request:
                continue
            if "failed" in message:
                raise EngineError(**message["failed"])
            kind = next(key for key in message if key != "id")
            yield kind, message[kind]
            if kind != "progress":
                return

    def _next(self, stop: Stop, request: int) -> Message | Exit:
        told = False
        while True:
            if stop() and not told:
                self._running().send({"stop": request})
                told = True
            try:
                return self._inbox.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
