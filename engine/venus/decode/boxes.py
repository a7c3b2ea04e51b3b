"""Boxes drawn from a model at temperature 1 under a grammar, many rows at a time on one prefix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.dialogue.grammar import START, BoxGrammar, State
from engine.dialogue.notation import Notation
from engine.stop import Stop
from engine.venus.decode.figures import Figures
from engine.venus.decode.prefix import Sight
from engine.venus.decode.vocabulary import Vocabulary
from engine.venus.family import Processor
from engine.vocabulary import Box, Size


@dataclass(frozen=True, slots=True)
class Drawn:
    """One row's box, None where the tokens of the vocabulary led nowhere, and its tokens."""

    box: Box | None
    tokens: int


class _Row:
    """How far one row has come."""

    def __init__(self, grammar: BoxGrammar, state: State) -> None:
        self.tokens = 0
        self.box: Box | None = None
        self.lost = False
        self._grammar = grammar
        self._state = state

    @property
    def done(self) -> bool:
        return self.lost or self.box is not None

    def mask(self, texts: tuple[str, ...]) -> np.ndarray:
        """Which tokens may come next; a row that is done takes the first, which is not read."""
        if not self.done:
            allowed = self._grammar.allowed(self._state, texts)
            if allowed.any():
                return allowed
            self.lost = True
        return np.arange(len(texts)) == 0

    def take(self, text: str) -> None:
        """Go on with a token; the box is there once the rest can be written in one way only."""
        following = None if self.done else self._grammar.advance(self._state, text)
        if following is None:
            return
        self._state = following
        self.tokens += 1
        end = self._grammar.advance(following, self._grammar.forced(following))
        self.box = None if end is None else self._grammar.box(end)


def draw_boxes(
    sight: Sight,
    processor: Processor,
    vocabulary: Vocabulary,
    prompt: Sequence[int],
    *,
    notation: Notation,
    grammar: BoxGrammar,
    rows: int,
    generator: torch.Generator | None = None,
    stop: Stop,
    figures: Figures | None = None,
) -> list[Drawn] | None:
    """As many boxes as fit side by side, `rows` at most; None when stopped, asked once a token.

    Every token is drawn from the model's distribution over the tokens that the grammar allows.
    What the notation begins with is not drawn but joins the prefix.
    """
    opening = grammar.forced(START)
    begun = grammar.advance(START, opening)
    longest = _longest(notation, sight.pixels.seen)
    first = sight.logits(prompt, processor.encode(opening), room=1, stop=stop)
    if first is None or begun is None:
        return None
    tokens = vocabulary.box_tokens(notation, first.shape[-1])
    if not tokens.ids:
        return []
    written = [_Row(grammar, begun) for _ in range(sight.widest(rows, longest))]
    cache = sight.fork(len(written), longest)
    ids = torch.tensor(tokens.ids, device=first.device)
    logits = first.expand(len(written), -1)
    for step in range(longest):
        chosen = _draw(logits[:, ids], written, tokens.texts, generator)
        if figures is not None:
            figures.came(sum(not row.done for row in written))
        for row, choice in zip(written, chosen, strict=True):
            row.take(tokens.texts[choice])
        if all(row.done for row in written):
            break
        if stop():
            return None
        logits = sight.row_logits(ids[chosen, None], cache, written=step)[:, -1]
    return [Drawn(row.box, row.tokens) for row in written]


def _longest(notation: Notation, seen: Size) -> int:
    """Tokens that a row takes at most: one for each character of the widest numbers and what
    stands between them, and one that ends the last number.
    """
    numbers = [notation.number(units) for units in notation.units(seen)]
    return 4 * max(map(len, numbers)) + sum(map(len, notation.separators)) + 1


def _draw(
    scores: Tensor, rows: Sequence[_Row], texts: tuple[str, ...], generator: torch.Generator | None
) -> list[int]:
    """The place among the box tokens that each row takes, from scores (rows, box tokens)."""
    masks = torch.from_numpy(np.stack([row.mask(texts) for row in rows]))
    # On the CPU: the few scores must come there anyway, and a seed means the same everywhere.
    weights = scores.float().cpu().masked_fill(~masks, float("-inf")).softmax(-1)
    return torch.multinomial(weights, 1, generator=generator)[:, 0].tolist()
