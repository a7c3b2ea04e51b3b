"""Which tokens of a vocabulary can take part in a written box, and what each of them writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.dialogue.notation import Notation
from engine.venus.family import Processor

_DIGITS = re.compile(r"[0-9]+")
_FRACTIONS = re.compile(r"[0-9]*\.?[0-9]+|[0-9]*\.")


@dataclass(frozen=True, slots=True)
class BoxTokens:
    """Tokens by id and what they write, both in the same order; no token writes nothing."""

    ids: tuple[int, ...]
    texts: tuple[str, ...]


class Vocabulary:
    """What every token of a checkpoint writes; asked of its processor once, when first needed."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._texts: tuple[str, ...] = ()
        self._found: dict[str, BoxTokens] = {}

    def box_tokens(self, notation: Notation, size: int) -> BoxTokens:
        """The tokens of a notation among the first `size` ids: its characters and digits only,
        standing as they do in it.
        """
        if len(self._texts) != size:
            self._texts = tuple(self._processor.decode([token]) for token in range(size))
            self._found = {}
        if notation.name not in self._found:
            self._found[notation.name] = self._box_tokens(notation)
        return self._found[notation.name]

    def _box_tokens(self, notation: Notation) -> BoxTokens:
        # Alone, a token may lose the space that it begins with: what it writes is read after
        # another one.
        anchor = self._processor.encode("(")
        known = len(self._processor.decode(anchor))
        numbers = _FRACTIONS if notation.decimals else _DIGITS
        literals = (notation.before, *notation.separators, notation.after)
        found: dict[int, str] = {}
        for token, alone in enumerate(self._texts):
            if _fits(alone.strip(), numbers, literals):
                text = self._processor.decode([*anchor, token])[known:]
                if text and _fits(text, numbers, literals):
                    found[token] = text
        return BoxTokens(tuple(found), tuple(found.values()))


def _fits(text: str, numbers: re.Pattern[str], literals: Sequence[str]) -> bool:
    """Whether a text can stand in a box: between its numbers there are parts of the literals."""
    between = numbers.split(text)
    return all(any(part in literal for literal in literals) for part in between)
