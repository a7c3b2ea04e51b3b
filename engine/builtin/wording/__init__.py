"""The built-in engine's words in each language: English sentences are the keys of the others.

Sentences are whole, with named places: `say("Set exposure compensation to {ev}.", ev="+1.3")`.
Numbers are written by the same `say`, so that each language has its own decimal sign.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from string import Formatter
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """How a language is written: the module here with its table, MESSAGES (none for English), its
    decimal sign, its percentages, and what stands between two sentences.
    """

    table: str | None = None
    decimal: str = "."
    percentage: str = "{}%"
    between: str = " "


LANGUAGES: Final[Mapping[str, Language]] = {}
"""The languages beside English, by their codes."""

_ENGLISH: Final = Language()


@dataclass(frozen=True, slots=True)
class Say:
    """Puts an English sentence with named places into the photographer's language."""

    language: Language
    table: gettext.NullTranslations

    def __call__(self, message: str, /, **values: str | int) -> str:
        return self.table.gettext(message).format(**values)

    def number(self, value: float, *, digits: int = 1, sign: bool = False) -> str:
        """A number without its sign, or with it, the minus a real one; nothing is "+0.0"."""
        rounded = round(value, digits) + 0.0
        written = f"{abs(rounded):.{digits}f}".replace(".", self.language.decimal)
        if not sign:
            return written
        return f"−{written}" if rounded < 0 else f"+{written}"

    def percent(self, share: float, *, digits: int = 0) -> str:
        """A share as a percentage: 0.345 is "34.5%" with one digit."""
        return self.language.percentage.format(self.number(100 * share, digits=digits))

    def joined(self, sentences: Iterable[str]) -> str:
        """Sentences as one paragraph."""
        return self.language.between.join(sentences)


class TableTranslations(gettext.NullTranslations):
    """Translations from a mapping instead of a compiled file; unknown sentences stay English."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        return self._messages.get(message) or super().gettext(message)


@cache
def wording(language: str) -> Say:
    """The words for a language code such as "de", "de_AT" or "zh-Hans"; English for any other."""
    best = _best(language)
    return Say(LANGUAGES.get(best, _ENGLISH), translations_for(best))


def translations_for(language: str) -> gettext.NullTranslations:
    """The table of a known language code; English for any other."""
    table = LANGUAGES.get(language, _ENGLISH).table
    if table is None:
        return gettext.NullTranslations()
    return TableTranslations(import_module(table).MESSAGES)


def _best(language: str) -> str:
    """The code itself, or the language without its region, or a region of it, or English."""
    code = language.replace("-", "_")
    plain = code.partition("_")[0]
    near = (known for known in LANGUAGES if known.partition("_")[0] == plain)
    return next((each for each in (code, plain) if each in LANGUAGES), next(near, "en"))


def places(message: str) -> frozenset[str]:
    """The names of the places in a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(message) if name)
