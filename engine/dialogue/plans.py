"""What is said to a model for each task: three plans that come with Venus, and a file to edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from engine.choice import Wording
from engine.contract import EngineError
from engine.dialogue.notation import Notation
from engine.wire import WireError, from_json, to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question. `history` names the prompts that must have been answered before it and
    precede it as turns; `recalls` those that precede it if they have been. `guess`: the words that
    the model was trained on are not known.
    """

    words: str
    history: tuple[str, ...] = ()
    recalls: tuple[str, ...] = ()
    guess: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is said for each task. `joined`: the answer to `analysis` holds the guidance too."""

    title: str
    impression: Prompt
    analysis: Prompt
    guidance: Prompt
    crop: Prompt
    why_for: Prompt
    why_against: Prompt
    ask: Prompt
    joined: bool = False

    def prompt(self, name: str) -> Prompt:
        """The prompt of this name, one of `PROMPTS`."""
        found = getattr(self, name)
        assert isinstance(found, Prompt)
        return found


PROMPTS: Final = tuple(each.name for each in fields(Plan) if each.type == "Prompt")

_PLACES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(PROMPTS, frozenset({"language", "notation"})),
    "why_for": frozenset({"language", "notation", "box"}),
    "why_against": frozenset({"language", "notation", "box"}),
    "ask": frozenset({"language", "notation", "question"}),
}
_NEEDED: Final[Mapping[str, str]] = {"why_for": "box", "why_against": "box", "ask": "question"}
_BEFORE: Final[Mapping[str, tuple[str, ...]]] = {
    "impression": (),
    "analysis": ("impression",),
    "guidance": ("impression", "analysis"),
}
"""What may precede a prompt; the others may be preceded by these three."""

_PLACE: Final = re.compile(r"\{(\w+)\}")


def plan(wording: Wording, *, notation: Notation, own: Path | None = None) -> Plan:
    """The plan of a wording, which is not AUTO, for a model that writes boxes in a notation.

    `own` is a TOML file in the form of `plans.toml`: what it says of this wording replaces single
    entries. Raises EngineError `bad_prompts` where that file cannot be used.
    """
    if wording is Wording.AUTO:
        raise ValueError("whoever knows the checkpoint chooses its wording first")
    found = _plan(_shipped()[wording], "plans.toml")
    if own is not None:
        found = _replaced(found, wording, own)
    return _noted(found, notation)


def language_name(code: str) -> str:
    """The English name of a language for a prompt; an unknown code is named as one."""
    known = _LANGUAGES.get(code.replace("-", "_").partition("_")[0].lower())
    return known or f"the language with the code {code}"


_LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}


@cache
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads((files("engine.dialogue") / "plans.toml").read_text("utf-8"))


def _plan(table: Mapping[str, Any], place: str) -> Plan:
    found = from_json(Plan, table)
    for name in PROMPTS:
        _check(name, found.prompt(name), place)
    return found


def _check(name: str, prompt: Prompt, place: str) -> None:
    """WireError where a prompt asks for what is not there."""
    used = set(_PLACE.findall(prompt.words))
    if unknown := used - _PLACES[name]:
        known = ", ".join(f"{{{each}}}" for each in sorted(_PLACES[name]))
        raise WireError(f"{name}.words has {{{min(unknown)}}}; it may have {known}")
    needed = _NEEDED.get(name)
    if needed and needed not in used:
        raise WireError(f"{name}.words lacks {{{needed}}}")
    if not prompt.words.strip():
        raise WireError(f"{name}.words is empty")
    allowed = _BEFORE.get(name, ("impression", "analysis", "guidance"))
    if late := set(prompt.history + prompt.recalls) - set(allowed):
        names = " or ".join(allowed) or "nothing"
        raise WireError(f"{name} is preceded by {min(late)}; only {names} may precede it")


def _replaced(shipped: Plan, wording: Wording, own: Path) -> Plan:
    try:
        tables = tomllib.loads(own.read_text("utf-8"))
        if unknown := set(tables) - set(_shipped()):
            known = ", ".join(_shipped())
            raise WireError(f"it has a table {min(unknown)}, and plans are {known}")
        changes = tables.get(wording, {})
        if not isinstance(changes, dict):
            raise WireError(f"{wording} is no table")
        merged: dict[str, Any] = {each.name: getattr(shipped, each.name) for each in fields(Plan)}
        for name, value in changes.items():
            merged[name] = _merged(merged.get(name), value, name)
        found = Plan(**merged)
        for name in PROMPTS:
            _check(name, found.prompt(name), str(own))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, WireError, TypeError) as error:
        raise EngineError(
            "bad_prompts",
            f"The prompts in {own} cannot be used: {error}.",
            "Put that right, or choose no file of your own.",
        ) from error
    return found


def _merged(shipped: Any, value: Any, name: str) -> Any:
    """An entry of one's own over the shipped one: new words are no guess unless they say so."""
    if isinstance(shipped, Prompt) and isinstance(value, dict):
        given = {"guess": shipped.guess and "words" not in value, **value}
        return from_json(Prompt, {**to_json(shipped), **given})
    if shipped is None or isinstance(shipped, Prompt) or type(shipped) is not type(value):
        raise WireError(f"{name} is {value!r:.60}, which is not the expected type")
    return value


def _noted(found: Plan, notation: Notation) -> Plan:
    """The plan with the notation in words where it is asked for."""
    filled = {
        name: replace(
            found.prompt(name),
            words=found.prompt(name).words.replace("{notation}", notation.words),
        )
        for name in PROMPTS
    }
    return replace(found, **filled)
