"""The window's end of the engine process: one set of questions at a time, never blocking.

The process's reader thread fills an inbox; the event loop empties it at most 30 times a second.
The client starts the process when it is first needed, opens photos as questions ask for them, and
tells of silence and crashes; it never restarts a process by itself while work is under way.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.services.status import EngineStatus, Phase
from engine.choice import BUILTIN, EngineChoice
from engine.process import EngineProcess, Exit
from engine.protocol import EXIT_OUT_OF_MEMORY, Message
from engine.vocabulary import EngineInfo, Event, Failed, Finished, Question, Text
from engine.wire import event_from_json, from_json, to_json

SILENCE_SECONDS: Final = 30.0
"""Without an event or a beat for so long, an engine at work counts as silent."""

DRAIN_MS: Final = 33
"""The shortest pause between two updates of the window."""

OUT_OF_MEMORY: Final = "out_of_memory"
"""The failure after which the process ends itself."""

Answers = tuple[tuple[int, Event], ...]


class EngineClient(QObject):
    """Starts, feeds and watches the engine process. Lives in the GUI thread."""

    status_changed = Signal(object)
    """EngineStatus, whenever it differs."""

    answered = Signal(object)
    """Answers: (question id, event) pairs, in order, adjacent texts joined."""

    lost = Signal(object)
    """Failed: the process ended or the photo could not be opened; nothing is running any more."""

    _arrived = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        choice: EngineChoice = BUILTIN,
        command: Sequence[str] | None = None,
        ids: Iterator[int] | None = None,
        silence_seconds: float = SILENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._choice = choice
        self._command = command
        self._silence_seconds = silence_seconds
        self._clock = clock
        self._ids = itertools.count(1) if ids is None else ids
        self._process: EngineProcess | None = None
        self._generation = 0
        self._inbox: deque[tuple[int, Message | Exit]] = deque()
        self._status = EngineStatus(choice=choice)
        self._speed: float | None = None
        self._info: EngineInfo | None = None
        self._photo: Path | None = None
        self._conversation: int | None = None
        self._requests: dict[int, str] = {}
        self._progress: tuple[Phase, str, float] | None = None
        self._waiting: set[int] = set()
        self._heard = clock()
        self._last_drain = 0.0
        self._drain_timer = QTimer(self, singleShot=True)
        self._drain_timer.timeout.connect(self._drain)
        self._watch = QTimer(self, interval=max(50, int(silence_seconds * 1000 / 10)))
        self._watch.timeout.connect(self._look_for_silence)
        self._arrived.connect(self._schedule)

    @property
    def choice(self) -> EngineChoice:
        return self._choice

    @property
    def status(self) -> EngineStatus:
        return self._status

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return None if self._process is None else self._process.pid

    @property
    def busy(self) -> bool:
        """Whether questions are waiting for an answer."""
        return bool(self._waiting)

    def next_id(self) -> int:
        """A new id for a question; they increase."""
        return next(self._ids)

    def start(self) -> None:
        """Start the process and load the engine, unless that is done."""
        if self._process is None:
            self._generation += 1
            self._process = EngineProcess(*self._receivers(self._generation), command=self._command)
            self._request("load", to_json(self._choice))
            self._heard = self._clock()
            self._set_phase(Phase.STARTING)
            self._watch.start()

    def ask(self, photo: Path, questions: Sequence[Question]) -> None:
        """Ask about a photo; opens it first where it is not the one that is open."""
        self.start()
        if photo != self._photo:
            self._forget_photo()
            self._photo = photo
            self._conversation = self._request("open", {"photo": str(photo)})
        self._waiting |= {question.id for question in questions}
        asked = {"conversation": self._conversation, "questions": to_json(tuple(questions))}
        self._request("ask", asked)
        self._heard = self._clock()
        if self._status.phase not in (Phase.STARTING, Phase.SILENT):
            self._set_phase(Phase.ANSWERING)

    def stop(self) -> None:
        """Stop all that is being answered or opened; the phase tells when it has ended.

        Loading goes on: the next question needs the engine, and may be here already.
        """
        if self._process is not None:
            opening = [each for each, kind in self._requests.items() if kind != "load"]
            for request in (*opening, *sorted(self._waiting)):
                self._process.send({"stop": request})
            if "open" in self._requests.values():
                self._photo = self._conversation = None

    def restart(self) -> None:
        """End the process at once and start a new one."""
        self._end(force=True)
        self.start()

    def shut_down(self, *, force: bool = False) -> None:
        """End the process with the window; with `force` at once, whatever it is doing."""
        self._end(force=force)
        self._set_phase(Phase.OFF)

    def forget(self, photo: Path) -> None:
        """Free what the engine holds of a photo that is no longer shown."""
        if photo == self._photo:
            self._forget_photo()

    def _request(self, kind: str, details: Message) -> int:
        assert self._process is not None
        request = next(self._ids)
        if kind != "ask":  # the end of an ask is the end of its questions
            self._requests[request] = kind
        self._process.send({"id": request, kind: details})
        return request

    def _forget_photo(self) -> None:
        if self._conversation is not None and self._process is not None:
            self._request("close", {"conversation": self._conversation})
        self._photo = self._conversation = None

    def _receivers(
        self, generation: int
    ) -> tuple[Callable[[Message], None], Callable[[Exit], None]]:
        """Callbacks for the reader thread: they only fill the inbox and wake the event loop."""

        def receive(message: Message | Exit) -> None:
            self._inbox.append((generation, message))
            if len(self._inbox) == 1:
                self._arrived.emit()

        return receive, receive

    @Slot()
    def _schedule(self) -> None:
        if not self._drain_timer.isActive():
            since = (self._clock() - self._last_drain) * 1000
            self._drain_timer.start(max(0, int(DRAIN_MS - since)))

    @Slot()
    def _drain(self) -> None:
        self._last_drain = self._clock()
        events: list[tuple[int, Event]] = []
        exit_: Exit | None = None
        while self._inbox:
            generation, message = self._inbox.popleft()
            if generation != self._generation:
                continue
            self._heard = self._clock()
            if isinstance(message, Exit):
                exit_ = message
            elif "event" in message and message["id"] in self._waiting:
                event = event_from_json(message["event"])
                self._take_event(message["id"], event, events)
                if isinstance(event, Failed) and event.code == OUT_OF_MEMORY:
                    self._inbox.clear()  # the process is ending: nothing may be asked of it
                    exit_ = Exit(EXIT_OUT_OF_MEMORY)
            elif "stopped" in message and message["id"] in self._waiting:
                self._waiting.discard(message["id"])
            elif message.get("id") in self._requests:
                self._take_reply(message)
        if events:
            self.answered.emit(tuple(events))
        if exit_ is not None:
            self._process_ended(exit_)
        self._rest()

    def _take_event(self, question: int, event: Event, events: list[tuple[int, Event]]) -> None:
        if isinstance(event, Finished | Failed):
            self._waiting.discard(question)
        if isinstance(event, Finished) and event.tokens and event.seconds > 0:
            self._speed = event.tokens / event.seconds
        previous = events[-1] if events else None
        if isinstance(event, Text) and previous is not None and previous[0] == question:
            before = previous[1]
            if isinstance(before, Text) and before.part is event.part:
                events[-1] = (question, Text(before.text + event.text, event.part))
                return
        events.append((question, event))

    def _take_reply(self, message: Message) -> None:
        kind = self._requests[message["id"]]
        if "progress" in message:
            phase = Phase.STARTING if kind == "load" else Phase.OPENING
            progress = message["progress"]
            self._progress = (phase, progress["text"], progress["fraction"])
            return
        self._progress = None
        del self._requests[message["id"]]
        if "loaded" in message:
            self._info = from_json(EngineInfo, message["loaded"]["info"])
            self._set_phase(Phase.ANSWERING if self._waiting else Phase.READY)
        elif "opened" in message:
            self._set_phase(Phase.ANSWERING if self._waiting else Phase.READY)
        elif "failed" in message:
            failed = Failed(**message["failed"])
            self._photo = self._conversation = None
            self._waiting.clear()
            if kind == "load":  # nothing may be asked of it: the next question starts it anew
                self._end(force=True)
                self._set_phase(Phase.CRASHED, failed.reason)
            elif failed.code == OUT_OF_MEMORY:
                self._end(force=True)
            self.lost.emit(failed)

    def _rest(self) -> None:
        """Settle the phase after a batch of messages; of several steps the last one counts."""
        progress, self._progress = self._progress, None
        if self._process is None:
            return
        if progress is not None:
            self._set_phase(*progress)
        if self._waiting and self._status.phase is Phase.SILENT:
            self._set_phase(Phase.ANSWERING)
        elif not self._waiting and "load" not in self._requests.values():
            self._set_phase(Phase.READY)

    def _process_ended(self, exit_: Exit) -> None:
        failed = exit_.failed
        self._end(force=True)
        self._set_phase(Phase.CRASHED, failed.reason)
        self.lost.emit(failed)

    def _look_for_silence(self) -> None:
        at_work = bool(self._waiting or self._requests)
        if at_work and self._clock() - self._heard > self._silence_seconds:
            self._set_phase(Phase.SILENT)

    def _end(self, *, force: bool) -> None:
        process = self._process
        self._clear()
        if process is not None:
            if force:
                process.kill()
            process.close()

    def _clear(self) -> None:
        """Forget the process; what it may still say is of an older generation."""
        self._generation += 1
        self._process = None
        self._photo = self._conversation = None
        self._requests.clear()
        self._waiting.clear()
        self._watch.stop()

    def _set_phase(self, phase: Phase, text: str = "", fraction: float | None = None) -> None:
        status = EngineStatus(phase, text, self._info, fraction, self._speed, self._choice)
        if status != self._status:
            self._status = status
            self.status_changed.emit(status)
