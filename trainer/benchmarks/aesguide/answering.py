"""What an engine says about each photo: its own words, kept one file a photo, several at a time
where it is a server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from engine.choice import EngineChoice, EngineName
from engine.contract import Engine, EngineError, Opened
from engine.dialogue.answers import SAMPLES
from engine.dialogue.conversation import Conversation
from engine.dialogue.talk import Stopped, Talk
from engine.photo import PhotoError
from engine.photo import Stopped as ReadingStopped
from engine.saving import write_whole
from engine.stop import Stop
from engine.vocabulary import EngineInfo, Failed, Finished, Question, Task, Text
from engine.wire import WireError, from_json, to_json
from trainer.benchmarks.aesguide.folder import Case
from trainer.benchmarks.asking import Worded
from trainer.endpoints.local import checkpoint_sum

PATIENCE: Final = 5
"""So many photos one after the other without an answer, and the engine is given up."""

_LOOK_SECONDS: Final = 0.1
"""How often a wait for answers looks whether to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an engine said about a photo, and how long it took, opening included."""

    photo: str
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Missed:
    """A photo without an answer, and why, in words; it is asked about again by the next run."""

    photo: str
    reason: str


class Speaking:
    """A loaded engine, and the folder that keeps what it said."""

    def __init__(
        self, engine: Engine, info: EngineInfo, choice: EngineChoice, folder: Path
    ) -> None:
        self._engine = engine
        self._remote = choice.engine is EngineName.REMOTE
        self._folder = folder
        self._identity = _identity(engine, info, choice)

    def answers(
        self, cases: Sequence[Case], *, at_once: int, stop: Stop
    ) -> Iterator[Answer | Missed]:
        """One value a case as they come; fewer once `stop` is true. Only servers are asked about
        several photos at a time. EngineError where `PATIENCE` photos in a row got no answer.
        """
        failures = 0
        for each in self._side_by_side(cases, at_once if self._remote else 1, stop):
            if isinstance(each, EngineError):
                failures += 1
                if failures >= PATIENCE:
                    raise each
                continue
            if isinstance(each, Answer):
                failures = 0
            yield each

    def _side_by_side(
        self, cases: Sequence[Case], at_once: int, stop: Stop
    ) -> Iterator[Answer | Missed | EngineError]:
        given_up = False

        def over() -> bool:
            return given_up or stop()

        waiting = iter(cases)
        running: dict[Future[Answer | Missed | EngineError | None], Case] = {}
        with ThreadPoolExecutor(at_once, thread_name_prefix="answers") as pool:
            try:
                while not stop():
                    while len(running) < at_once and (case := next(waiting, None)) is not None:
                        running[pool.submit(self._answer, case, over)] = case
                    if not running:
                        return
                    done, _ = wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                    for future in done:
                        case = running.pop(future)
                        found = future.result()
                        if isinstance(found, EngineError):
                            yield Missed(case.name, f"{found.reason} {found.remedy}".strip())
                        if found is not None:
                            yield found
            finally:
                given_up = True

    def _answer(self, case: Case, stop: Stop) -> Answer | Missed | EngineError | None:
        """None where it was stopped."""
        file = self._folder / f"{self._key(case)}.json"
        try:
            return from_json(Answer, json.loads(file.read_text("utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, WireError):
            return Missed(case.name, f"{file} is damaged. Remove it, and the engine is asked anew.")
        try:
            answer = _asked(self._engine, case, stop)
        except PhotoError as error:
            return Missed(case.name, f"{error.reason} {error.remedy}".strip())
        except EngineError as error:
            return error
        except (Stopped, ReadingStopped):
            return None
        if answer is not None:
            told = json.dumps(to_json(answer), ensure_ascii=False)
            write_whole(file, told.encode("utf-8"))
        return answer

    def _key(self, case: Case) -> str:
        told = json.dumps([self._identity, case.name, case.digest], sort_keys=True)
        return hashlib.sha256(told.encode("ascii")).hexdigest()


def _asked(engine: Engine, case: Case, stop: Stop) -> Answer | None:
    """The engine's answer; None where it was stopped. EngineError, PhotoError, Stopped."""
    started = perf_counter()
    steps = engine.open(case.photo, stop)
    opened = next((step for step in steps if isinstance(step, Opened)), None)
    if opened is None:
        return None
    try:
        if isinstance(engine, Worded) and isinstance(opened.conversation, Conversation):
            text = _own_words(engine, opened.conversation, stop)
        else:
            text = _told(engine, opened.conversation, stop)
    finally:
        engine.close(opened.conversation)
    if text is None or stop():
        return None
    if not text.strip():
        raise EngineError("no_answer", "The engine said nothing.", "")
    return Answer(photo=case.name, text=text.strip(), seconds=perf_counter() - started)


def _own_words(engine: Worded, conversation: Conversation, stop: Stop) -> str:
    """A model's plain answers to the questions of its plan, nothing parted or put right."""
    plan = engine.prompts
    talk = Talk(
        Question(id=1, task=Task.ANALYSIS),
        speaker=conversation.speaker,
        plan=plan,
        memory=conversation.memory,
        stop=stop,
        samples=SAMPLES,
    )
    names = ("analysis",) if plan.joined else ("analysis", "guidance")
    return "\n\n".join("".join(talk.told(name)).strip() for name in names)


def _told(engine: Engine, conversation: Any, stop: Stop) -> str | None:
    """The texts of an engine that has no plan, part by part; None where it was stopped."""
    questions = (Question(id=1, task=Task.ANALYSIS), Question(id=2, task=Task.GUIDANCE))
    parts: dict[tuple[int, str], str] = {}
    ended = 0
    for answered in engine.ask(conversation, questions, stop):
        match answered.event:
            case Text(text, part):
                place = (answered.question, part.value)
                parts[place] = parts.get(place, "") + text
            case Failed(code, reason, remedy):
                raise EngineError(code, reason, remedy)
            case Finished():
                ended += 1
            case _:
                pass
    if ended < len(questions):
        return None
    order = sorted(parts, key=lambda place: place[0])
    return "\n\n".join(parts[place].strip() for place in order if parts[place].strip())


def _identity(engine: Engine, info: EngineInfo, choice: EngineChoice) -> dict[str, Any]:
    """What an answer depends on beside the photo."""
    found: dict[str, Any] = {
        "engine": info.name,
        "version": info.version,
        "choice": to_json(choice),
        "prompts": to_json(engine.prompts) if isinstance(engine, Worded) else None,
    }
    if choice.checkpoint:
        found["checkpoint"] = checkpoint_sum(Path(choice.checkpoint))
    return found
