"""A model on a server, as an engine: a small picture of the photo goes along with each question."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.choice import EngineChoice, Wording
from engine.contract import Answered, EngineError, Loaded, Opened, Progress
from engine.dialogue.conversation import Conversation, converse, own_prompts
from engine.dialogue.notation import Notation
from engine.dialogue.plans import Plan, plan
from engine.photo import Stopped
from engine.remote import errands, errors
from engine.remote.address import Address, parse
from engine.remote.chat import Listed
from engine.remote.client import Client, Patience
from engine.remote.errors import Correspondent
from engine.remote.keys import Key, key_for
from engine.remote.model_names import notation_of, wording_of
from engine.remote.picture import LONG_SIDE, read_picture
from engine.remote.speaker import RemoteSpeaker
from engine.stop import Stop
from engine.vocabulary import EngineInfo, Question

DEFAULT_PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class _Model:
    """What a loaded engine answers with."""

    client: Client
    notation: Notation
    prompts: Plan
    follows_words: bool
    """It was not trained for our questions, but does what it is told."""


class RemoteEngine:
    """Asks the model that the choice names, or the only one that the server has."""

    def __init__(self, choice: EngineChoice, *, patience: Patience = DEFAULT_PATIENCE) -> None:
        self._choice = choice
        self._patience = patience
        self._model: _Model | None = None

    def load(self, stop: Stop) -> Iterator[Progress | Loaded]:
        """Find the key, ask the server for its models, and look for the one that is wanted."""
        address = parse(self._choice.url)
        yield Progress(0.0, f"Asking {address.place} for its models")
        try:
            key = errands.run(asyncio.to_thread(key_for, address), stop)
            about = Correspondent(address=address, model=self._choice.model, key=key)
            client = Client(about, self._patience)
            model = chosen(errands.run(client.models(), stop), about)
        except Stopped:
            return
        self._model = _understood(client.of(model.name), self._choice.wording)
        yield Loaded(
            EngineInfo(
                name=f"{model.name} at {address.place}",
                version="",
                seed=self._choice.seed,
                device=model.server or "server",
                plan=f"The model runs in a server at {address.place}.",
                notes=notes(address, key),
            )
        )

    def open(self, photo: Path, stop: Stop) -> Iterator[Progress | Opened]:
        """Read the photo and make what travels of it. Raises PhotoError."""
        model = self._loaded
        try:
            picture = read_picture(photo, stop)
        except Stopped:
            return
        speaker = RemoteSpeaker(
            model.client,
            picture,
            notation=model.notation,
            seed=self._choice.seed,
            told_ratio=model.follows_words,
        )
        yield Opened(Conversation(speaker), picture.photo)

    def ask(
        self, conversation: Conversation, questions: Sequence[Question], stop: Stop
    ) -> Iterator[Answered]:
        """One question after the other, as the model's plan words them."""
        yield from converse(conversation, questions, self._loaded.prompts, stop)

    def close(self, conversation: Conversation) -> None:
        """Nothing is held but the conversation itself."""

    @property
    def prompts(self) -> Plan:
        """How the loaded model is asked."""
        return self._loaded.prompts

    @property
    def _loaded(self) -> _Model:
        if self._model is None:
            raise EngineError(
                "not_loaded", "No server has been asked yet.", "Load the engine first."
            )
        return self._model


def _understood(client: Client, wanted: Wording) -> _Model:
    """How to talk with a model, as far as its name tells."""
    wording, notation = wording_of(client.about.model, wanted), notation_of(client.about.model)
    prompts = plan(wording, notation=notation, own=own_prompts())
    return _Model(client, notation, prompts, wording is Wording.BASE)


def chosen(models: Sequence[Listed], about: Correspondent) -> Listed:
    """The wanted model among those that there are; EngineError `model_unknown` names them all.

    Ollama lists a model with the tag that is meant where none is named.
    """
    names = [each.name for each in models]
    for wanted in (about.model, f"{about.model}:latest"):
        if wanted in names:
            return models[names.index(wanted)]
    if not about.model and len(models) == 1:
        return models[0]
    raise errors.model_unknown(about, names)


def notes(address: Address, key: Key | None) -> tuple[str, ...]:
    """What a person should know of the way that photos and key take."""
    if address.loopback:
        return ()
    goes = f"A copy of each photo, {LONG_SIDE} pixels long and without its metadata, goes to"
    if address.secure:
        return (f"{goes} {address.place}.",)
    open_way = f"{goes} {address.place} unencrypted: others on the network can read it."
    if key is None:
        return (open_way,)
    return (
        open_way,
        f"The key from {key.found} goes there unencrypted, too. Use an address with https://.",
    )
