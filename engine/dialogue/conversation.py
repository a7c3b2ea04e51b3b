"""A photo that is open with a language model, and the answers to questions about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from engine.contract import Answered
from engine.dialogue.answers import answer
from engine.dialogue.plans import Plan
from engine.dialogue.speaker import Speaker
from engine.dialogue.talk import Memory
from engine.stop import Stop
from engine.vocabulary import Question

OWN_PROMPTS: Final = "prompts.toml"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One photo, who speaks about it, and what has been said."""

    speaker: Speaker
    memory: Memory = field(default_factory=Memory)


def converse(
    conversation: Conversation, questions: Sequence[Question], plan: Plan, stop: Stop
) -> Iterator[Answered]:
    """One question after the other; what fails on the way is the end of its question alone."""
    for question in questions:
        events = answer(
            question,
            speaker=conversation.speaker,
            plan=plan,
            memory=conversation.memory,
            stop=stop,
        )
        for event in events:
            yield Answered(question.id, event)
        if stop():
            return


def own_prompts() -> Path | None:
    """The photographer's own prompts, if there is such a file among Venus's settings."""
    file = user_config_path("venus", appauthor=False) / OWN_PROMPTS
    return file if file.is_file() else None
