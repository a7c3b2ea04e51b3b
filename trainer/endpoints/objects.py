"""Reads the one JSON object that an answer was asked to be: all of it, or a reason why not."""

from __future__ import annotations

import json
import re
from typing import Final, TypeVar

from engine.wire import WireError, from_json
from trainer.endpoints.asking import Heard

T = TypeVar("T")

_FENCED: Final = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n```\Z", re.DOTALL | re.IGNORECASE)


class MalformedError(ValueError):
    """An answer is not in the form that was asked for; the message says in what way."""


def read_object(kind: type[T], heard: Heard) -> T:
    """The value of type `kind` that an answer writes, with or without a fence around it.

    MalformedError for words beside the object, keys that were not asked for or are missing, wrong
    types, and an answer that was cut off: nothing is mended and nothing guessed.
    """
    if heard.cut:
        raise MalformedError("it was cut off before its end")
    text = heard.text.strip()
    if not text:
        raise MalformedError("it is empty")
    if (fenced := _FENCED.match(text)) is not None:
        text = fenced[1]
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError("it is not one JSON object") from error
    if not isinstance(data, dict):
        raise MalformedError("it is JSON, but no object")
    try:
        return from_json(kind, data)
    except WireError as error:
        raise MalformedError(str(error)) from error
