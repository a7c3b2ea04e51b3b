"""The engine's own process: `python -m engine.host` serves one engine over stdin and stdout.

The messages are in `engine.protocol`. Three threads: one reads, takes stops at once and ends the
process at end of input; one beats while there is work; the main one works.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import logging
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from engine.choice import EngineChoice
from engine.contract import Answered, Engine, EngineError, Loaded, Opened, Progress
from engine.photo import PhotoError, Stopped
from engine.protocol import BEAT_SECONDS, EXIT_OUT_OF_MEMORY, Message, decode, encode
from engine.registry import create
from engine.vocabulary import Failed, Finished, Question
from engine.wire import WireError, event_to_json, from_json, to_json

log = logging.getLogger(__name__)


class OutOfMemoryError(Exception):
    """Memory ran out while a request was worked on; the process must end."""


class Outbox:
    """Writes whole messages from several threads to one stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message; when nobody reads any more, the process ends."""
        line = encode(message)
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                os._exit(0)


class Stops:
    """The ids that were told to stop; set by the reader, asked by the worker."""

    def __init__(self) -> None:
        self._ids: set[int] = set()

    def add(self, stopped: int) -> None:
        self._ids.add(stopped)

    def __contains__(self, wanted: int) -> bool:
        return wanted in self._ids

    def forget(self, ids: Sequence[int]) -> None:
        """Ids are never used again once their request has ended."""
        self._ids.difference_update(ids)


class Heart:
    """Says every few seconds that a request is being worked on."""

    def __init__(self, outbox: Outbox, *, seconds: float = BEAT_SECONDS) -> None:
        self._outbox = outbox
        self._seconds = seconds
        self._working = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._beat, name="heart", daemon=True).start()

    def work(self, working: bool) -> None:
        if working:
            self._working.set()
        else:
            self._working.clear()

    def _beat(self) -> None:
        count = 0
        pause = threading.Event()
        while True:
            self._working.wait()
            pause.wait(self._seconds)
            if self._working.is_set():
                count += 1
                self._outbox.send({"beat": count})


class Host:
    """Works on requests one after the other with one engine."""

    def __init__(
        self, outbox: Outbox, stops: Stops, *, make_engine: Callable[[EngineChoice], Engine]
    ) -> None:
        self._outbox = outbox
        self._stops = stops
        self._make_engine = make_engine
        self._engine: Engine | None = None
        self._conversations: dict[int, Any] = {}

    def serve(self, message: Message) -> None:
        """Work on one request to its end. OutOfMemoryError when the process cannot go on."""
        request = message.get("id")
        if not isinstance(request, int):
            log.error("a request without an id was ignored: %.200r", message)
            return
        try:
            self._dispatch(request, message)
        except Stopped:
            self._outbox.send({"id": request, "stopped": {}})
        except (EngineError, PhotoError) as error:
            self._fail(request, error.code, error.reason, error.remedy)
        except (WireError, KeyError, TypeError) as error:
            self._fail(request, "bad_request", f"The request is not understood: {error}.", "")
        except Exception as error:
            if ran_out_of_memory(error):
                raise OutOfMemoryError from error
            log.error("%s", traceback.format_exc())
            self._fail(request, "engine_fault", *fault_words(error))
        finally:
            self._stops.forget([request])

    def fail_for_memory(self, message: Message) -> None:
        """Say that memory ran out, for whatever the request was about."""
        request = message["id"]
        reason = "The engine ran out of memory."
        remedy = "Close other programs, or use a smaller photo; the next question starts it anew."
        if "ask" in message:
            failed = event_to_json(Failed("out_of_memory", reason, remedy))
            for question in message["ask"]["questions"]:
                self._outbox.send({"id": question["id"], "event": failed})
        else:
            self._fail(request, "out_of_memory", reason, remedy)

    def _dispatch(self, request: int, message: Message) -> None:
        if "load" in message:
            self._load(request, message["load"])
        elif "open" in message:
            self._open(request, message["open"])
        elif "ask" in message:
            self._ask(request, message["ask"])
        elif "close" in message:
            self._close(request, message["close"])
        else:
            raise WireError(f"it has none of load, open, ask, close: {list(message)}")

    def _load(self, request: int, details: Message) -> None:
        engine = self._make_engine(from_json(EngineChoice, details))
        for step in engine.load(lambda: request in self._stops):
            if isinstance(step, Loaded):
                self._engine = engine
            self._step(request, step)
        self._end_unless(request, self._engine is engine)

    def _open(self, request: int, details: Message) -> None:
        opened = False
        for step in self._loaded.open(Path(details["photo"]), lambda: request in self._stops):
            if isinstance(step, Opened):
                self._conversations[request] = step.conversation
                opened = True
            self._step(request, step)
        self._end_unless(request, opened)

    def _ask(self, request: int, details: Message) -> None:
        questions = tuple(from_json(Question, each) for each in details["questions"])
        waiting = {question.id: question for question in questions}
        conversation = self._conversations.get(details["conversation"])
        if conversation is None:
            return self._settle(request, waiting, Failed(*_NOT_OPEN))
        try:
            answers = self._loaded.ask(
                conversation, questions, lambda: self._all_stopped(request, waiting)
            )
            self._stream(request, answers, waiting)
            self._settle(request, waiting, Failed(*_CUT_SHORT))
        except Stopped:
            self._settle(request, waiting, Failed(*_CUT_SHORT))
        except (EngineError, PhotoError) as error:
            self._settle(request, waiting, Failed(error.code, error.reason, error.remedy))
        except Exception as error:
            if ran_out_of_memory(error):
                raise
            log.error("%s", traceback.format_exc())
            self._settle(request, waiting, Failed("engine_fault", *fault_words(error)))
        finally:
            self._stops.forget([question.id for question in questions])

    def _stream(
        self, request: int, answers: Iterator[Answered], waiting: dict[int, Question]
    ) -> None:
        for answer in answers:
            if request in self._stops or answer.question in self._stops:
                continue
            if answer.question not in waiting:
                raise RuntimeError(f"the engine answered {answer.question}, which was not asked")
            self._outbox.send({"id": answer.question, "event": event_to_json(answer.event)})
            if isinstance(answer.event, Finished | Failed):
                del waiting[answer.question]

    def _settle(self, request: int, waiting: dict[int, Question], failed: Failed) -> None:
        """End every question that has no last event yet."""
        for question in tuple(waiting):
            if request in self._stops or question in self._stops:
                self._outbox.send({"id": question, "stopped": {}})
            else:
                self._outbox.send({"id": question, "event": event_to_json(failed)})

    def _close(self, request: int, details: Message) -> None:
        conversation = self._conversations.pop(details["conversation"], None)
        if conversation is not None:
            self._loaded.close(conversation)
            del conversation
            give_memory_back()
        self._outbox.send({"id": request, "closed": {}})

    @property
    def _loaded(self) -> Engine:
        if self._engine is None:
            raise EngineError("not_loaded", "No engine is loaded.", "Load one first.")
        return self._engine

    def _all_stopped(self, request: int, waiting: dict[int, Question]) -> bool:
        return request in self._stops or all(question in self._stops for question in waiting)

    def _step(self, request: int, step: Progress | Loaded | Opened) -> None:
        match step:
            case Progress():
                self._outbox.send({"id": request, "progress": to_json(step)})
            case Loaded():
                self._outbox.send({"id": request, "loaded": {"info": to_json(step.info)}})
            case Opened():
                self._outbox.send({"id": request, "opened": {"size": to_json(step.size)}})

    def _end_unless(self, request: int, ended: bool) -> None:
        if not ended:
            self._outbox.send({"id": request, "stopped": {}})

    def _fail(self, request: int, code: str, reason: str, remedy: str) -> None:
        failed = {"code": code, "reason": reason, "remedy": remedy}
        self._outbox.send({"id": request, "failed": failed})


_NOT_OPEN = ("not_open", "The photo is not open in the engine.", "Open it again.")
_CUT_SHORT = ("engine_fault", "The engine ended its answer too early.", "Ask again.")


def fault_words(error: Exception) -> tuple[str, str]:
    """Reason and remedy for an error that nobody foresaw."""
    return (
        f"The engine met a fault of its own ({type(error).__name__}).",
        "Ask again; if it happens again, report it with the log.",
    )


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory is short: Python's, numpy's or OpenCV's."""
    if isinstance(error, MemoryError):
        return True
    return type(error).__module__.startswith("cv2") and "memory" in str(error).lower()


def read_requests(stream: BinaryIO, requests: queue.SimpleQueue[Message], stops: Stops) -> None:
    """Queue requests, take stops at once, and end the process with its input."""
    for line in stream:
        try:
            message = decode(line)
        except ValueError:
            log.error("a line that is no message was ignored: %.200r", line)
            continue
        if "stop" in message:
            stops.add(message["stop"])
        else:
            requests.put(message)
    os._exit(0)


def private_stdout() -> BinaryIO:
    """The real stdout for the protocol alone; whatever else prints lands on stderr."""
    ours = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(ours, "wb")


def yield_memory_first() -> None:
    """On Linux, be the process that the kernel ends when memory is short, not the window."""
    try:
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
    except OSError:
        log.debug("this system has no oom_score_adj")


def give_memory_back() -> None:
    """Free what a closed photo held in cycles; on Linux, return it to the system, too."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def die_with_parent() -> None:
    """On Linux, end with the window even while stopped, where end of input is not read."""
    if sys.platform == "linux":
        parent, set_parent_death_signal = os.getppid(), 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def main(make_engine: Callable[[EngineChoice], Engine] = create) -> None:
    """Serve until the input ends. `make_engine` gives the engine that a load request chooses."""
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    outbox = Outbox(private_stdout())
    faulthandler.enable(file=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the application's to handle
    yield_memory_first()
    die_with_parent()
    requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
    stops, heart = Stops(), Heart(outbox)
    host = Host(outbox, stops, make_engine=make_engine)
    reader = threading.Thread(
        target=read_requests, args=(sys.stdin.buffer, requests, stops), name="reader", daemon=True
    )
    reader.start()
    heart.start()
    while True:
        message = requests.get()
        heart.work(True)
        try:
            host.serve(message)
        except OutOfMemoryError:
            host.fail_for_memory(message)
            os._exit(EXIT_OUT_OF_MEMORY)
        heart.work(False)


if __name__ == "__main__":
    main()
