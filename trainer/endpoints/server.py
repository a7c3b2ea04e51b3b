"""An OpenAI-compatible server as an endpoint: every answer streamed, so that silence is noticed."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final

from engine.remote import chat, errands
from engine.remote.address import parse
from engine.remote.client import Client, Patience
from engine.remote.engine import chosen
from engine.remote.errors import Correspondent
from engine.remote.keys import key_for
from engine.remote.thoughts import spoken_whole
from engine.stop import Stop
from trainer.endpoints.asking import Asked, Heard
from trainer.endpoints.pictures import jpeg

PATIENCE: Final = Patience()


class Server:
    """One model on one server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def name(self) -> str:
        about = self._client.about
        return f"{about.model} at {about.address.place}"

    @property
    def identity(self) -> Mapping[str, Any]:
        about = self._client.about
        return {"server": about.address.url, "model": about.model}

    @property
    def at_most(self) -> int | None:
        """As many requests at a time as are wanted."""
        return None

    async def ask(self, asked: Asked) -> Heard:
        """A streamed answer; a reasoning model's thoughts are counted and left out."""
        picture = None
        if asked.shown is not None:
            file = await asyncio.to_thread(jpeg, asked.shown)
            picture = f"data:image/jpeg;base64,{base64.b64encode(file).decode('ascii')}"
        sampling, openai = asked.sampling, self._client.about.address.openai
        body: dict[str, Any] = {
            "messages": chat.messages(picture, asked.history, asked.words),
            "seed": sampling.seed,
            **chat.limited(sampling.most_tokens, openai=openai),
        }
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.top_p is not None:
            body["top_p"] = sampling.top_p
        pieces: list[str] = []
        tokens, used, read, cut = 0, None, None, False
        async for piece in self._client.stream(body):
            pieces.append(piece.text)
            tokens += piece.tokens
            used = piece.used if piece.used is not None else used
            read = piece.read if piece.read is not None else read
            cut = cut or piece.cut
        text = spoken_whole("".join(pieces))
        return Heard(text, used if used is not None else tokens, read, cut)


def open_server(
    url: str, model: str, *, stop: Stop, patience: Patience = PATIENCE, ask: bool = True
) -> Server:
    """The server with its key, and its only model where none is named; without `ask` nobody is
    asked for it. EngineError, engine.photo.Stopped.
    """
    address = parse(url)
    key = errands.run(asyncio.to_thread(key_for, address), stop) if ask else None
    client = Client(Correspondent(address=address, model=model, key=key), patience)
    if not model and ask:
        client = client.of(chosen(errands.run(client.models(), stop), client.about).name)
    return Server(client)
