r"""The authors' training JSON: a list of conversations whose first words name the picture.

    [{"id": …, "conversations": [{"from": "user", "value": "Picture 1: <img>a.png</img>\nWhy …"},
                                 {"from": "assistant", "value": "…"}, …]}, …]

The words are kept as they are, boxes in them too: they are what was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from engine.dialogue.speaker import Turn
from trainer.data.problem import DataError, Fault, Problem
from trainer.data.reading import read_json
from trainer.data.sample import Exchange, Sample

_PICTURE: Final = re.compile(r"\A\s*Picture 1:\s*<img>(?P<path>[^<]+)</img>\s*\n?")
_TAG: Final = "<img>"


def read_release(file: Path) -> tuple[list[Sample], list[Problem]]:
    """The samples of a file, and what could not become one. DataError if it is no such list."""
    entries = read_json(file)
    if not isinstance(entries, list):
        raise DataError(f"{file} holds no list of conversations: it is not the authors' format")
    samples: list[Sample] = []
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        try:
            samples.append(_sample(entry, number))
        except ValueError as error:
            problems.append(Problem(_place(entry, number), Fault.MALFORMED, str(error)))
    return samples, problems


def release_entry(sample_id: str, photo: str, turns: Iterable[Turn]) -> dict[str, Any]:
    """A conversation as the authors' file holds it."""
    said: list[dict[str, str]] = []
    for turn in turns:
        asked = turn.question if said else f"Picture 1: <img>{photo}</img>\n{turn.question}"
        said += [{"from": "user", "value": asked}, {"from": "assistant", "value": turn.answer}]
    return {"id": sample_id, "conversations": said}


def _place(entry: Any, number: int) -> str:
    named = entry.get("id") if isinstance(entry, Mapping) else None
    return f"entry {number}" if named is None else f"entry {number} ({named})"


def _sample(entry: Any, number: int) -> Sample:
    said = entry.get("conversations") if isinstance(entry, Mapping) else None
    if not isinstance(said, list) or not said:
        raise ValueError("it has no list of conversations")
    roles = [each.get("from") if isinstance(each, Mapping) else None for each in said]
    if roles != ["user", "assistant"] * (len(said) // 2):
        raise ValueError(f"user and assistant do not take turns: {roles}")
    words = [each.get("value") for each in said]
    if not all(isinstance(each, str) for each in words):
        raise ValueError("a message has no words under `value`")
    picture = _PICTURE.match(words[0])
    if picture is None:
        raise ValueError("the first message does not begin with `Picture 1: <img>…</img>`")
    words[0] = words[0][picture.end() :]
    if any(_TAG in each for each in words):
        raise ValueError("it has more than one picture")
    exchanges = tuple(
        Exchange(question=asked, answer=answered)
        for asked, answered in zip(words[::2], words[1::2], strict=True)
    )
    return Sample(
        id=str(entry.get("id", number)),
        photo=picture["path"].strip(),
        task="release",
        exchanges=exchanges,
    )
