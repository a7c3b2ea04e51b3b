"""The built-in engine's words in each language: English sentences are the keys of the others.

Sentences are whole, with named places for numbers: `say("It keeps {share} of the frame.", ...)`.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from string import Formatter
from typing import Final, Protocol

LANGUAGES: Final[Mapping[str, str]] = {}
"""Language code to the module here that holds its table, MESSAGES; English needs none."""


class Say(Protocol):
    """Puts an English sentence with named places into the photographer's language."""

    def __call__(self, message: str, /, **values: str | int) -> str: ...


class TableTranslations(gettext.NullTranslations):
    """Translations from a mapping instead of a compiled file; unknown sentences stay English."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        return self._messages.get(message) or super().gettext(message)


def wording(language: str) -> Say:
    """The words for a language code such as "de", "de_AT" or "zh-CN"; English for any other."""
    return _say(_best(language))


@cache
def _say(language: str) -> Say:
    translations = translations_for(language)

    def say(message: str, /, **values: str | int) -> str:
        return translations.gettext(message).format(**values)

    return say


def translations_for(language: str) -> gettext.NullTranslations:
    """The table of a known language code; English for any other."""
    if language not in LANGUAGES:
        return gettext.NullTranslations()
    return TableTranslations(import_module(LANGUAGES[language]).MESSAGES)


def _best(language: str) -> str:
    """The code itself, or the language without its region, or a region of it, or English."""
    code = language.replace("-", "_")
    plain = code.partition("_")[0]
    near = (known for known in LANGUAGES if known.partition("_")[0] == plain)
    return next((each for each in (code, plain) if each in LANGUAGES), next(near, "en"))


def places(message: str) -> frozenset[str]:
    """The names of the places in a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(message) if name)
