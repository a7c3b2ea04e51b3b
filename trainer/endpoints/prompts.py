"""Prompts in a TOML file, each with the places that are filled in, and the file's sum."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_PLACE = re.compile(r"\{([a-z_]+)\}")


class PromptsError(Exception):
    """A file of prompts cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts by their names, and the SHA-256 of the file that they stand in."""

    texts: Mapping[str, str]
    sum: str

    def fill(self, name: str, values: Mapping[str, str] | None = None) -> str:
        """A prompt with its places filled in one go: what is filled in is not looked at again."""
        known = values or {}
        return _PLACE.sub(lambda found: known.get(found[1], found[0]), self.texts[name]).strip()


def read_prompts(
    file: Path | None, wanted: Mapping[str, frozenset[str]], *, package: str, resource: str
) -> Prompts:
    """The prompts of a lab's own file, or those that come with Venus.

    `wanted` names them with the places that each has to have; a file must have exactly these.
    PromptsError says what is wrong.
    """
    try:
        data = file.read_bytes() if file else (files(package) / resource).read_bytes()
        table = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise PromptsError(f"{file} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PromptsError(f"{file} is no TOML file ({error}).") from error
    if table.keys() != wanted.keys():
        raise PromptsError(
            f"{file} has to hold exactly these prompts: {', '.join(wanted)}."
            f" It holds: {', '.join(table) or 'none'}."
        )
    for name, places in wanted.items():
        text = table[name]
        if not isinstance(text, str) or not text.strip():
            raise PromptsError(f"{file}: {name} is no text.")
        if missing := places - set(_PLACE.findall(text)):
            raise PromptsError(f"{file}: {name} lacks {{{'}, {'.join(sorted(missing))}}}.")
    return Prompts(table, hashlib.sha256(data).hexdigest())
