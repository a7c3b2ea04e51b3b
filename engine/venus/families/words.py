"""A conversation in the words of a checkpoint's own chat template, and which of them are learned.

The template is rendered once with a mark in the place of everything that was said. So it is known
what the template wrote and what a person or the model said, wherever the template puts it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from jinja2 import TemplateError

from engine.dialogue.speaker import Turn
from engine.venus.qwen_vl.errors import CheckpointError

_MARK: Final = re.compile("\ue000(\\d+)\ue001")


class Piece(NamedTuple):
    """A few words of a conversation, and whether training learns them."""

    text: str
    learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A checkpoint's tokenizer and chat template.

    `photo_tag` is what the template writes where a photo belongs; `box_tags` are the special
    tokens that may stand in what is said. Every other special token in there is only text.
    With a `photo_id` the tag is no token: that id takes its place, and the text before and after
    it is encoded apart, as LLaVA's own code does.
    """

    tokenizer: Any
    template: str
    photo_tag: str
    box_tags: frozenset[str]
    stop_ids: frozenset[int]
    photo_id: int | None = None

    def prompt(self, history: Sequence[Turn], question: str, photo: str | None) -> list[int]:
        """Ids up to where the answer begins; `photo` takes the place of the first turn's tag."""
        pieces = self._pieces([*history, Turn(question, "")], photo, answered=False)
        return self._ids(pieces)[0]

    def training(self, history: Sequence[Turn], photo: str | None) -> tuple[list[int], list[bool]]:
        """A whole conversation; learned are the answers, each with the token that ends it."""
        return self._ids(self._pieces(history, photo, answered=True))

    def encode(self, text: str) -> list[int]:
        """The ids of a piece of an answer."""
        return list(self.tokenizer.encode(self._harmless(text), add_special_tokens=False))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids without special tokens other than those of boxes."""
        dropped = set(self.tokenizer.all_special_ids) - {
            self.tokenizer.convert_tokens_to_ids(tag) for tag in self.box_tags
        }
        kept = [token for token in ids if token not in dropped and token < len(self.tokenizer)]
        return self.tokenizer.decode(
            kept, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )

    def _pieces(self, turns: Sequence[Turn], photo: str | None, *, answered: bool) -> list[Piece]:
        """The conversation in order; what is not `answered` ends where the last answer begins."""
        said = [text for turn in turns for text in (turn.question, turn.answer)]
        asked = self._render(len(said) - 1, photo is not None, answered=False)
        # What the template writes before an answer that is still to come.
        opening = _MARK.split(asked)[-1]
        rendered = self._render(len(said), photo is not None, answered=True) if answered else asked
        pieces: list[Piece] = []
        for place, part in enumerate(_MARK.split(rendered)):
            if place % 2:
                index = int(part)
                pieces.append(Piece(self._harmless(said[index]), learned=index % 2 == 1))
            elif answered and pieces and pieces[-1].learned:
                pieces += self._ended(part)
            elif answered and place % 4 == 2 and part.startswith(opening):
                # A space that stands before every answer is the model's own to write.
                pieces.append(Piece(opening, learned=False))
                pieces.append(Piece(part.removeprefix(opening), learned=True))
            else:
                pieces.append(Piece(part, learned=False))
        return self._with_photo(pieces, photo) if photo is not None else pieces

    def _render(self, count: int, with_photo: bool, *, answered: bool) -> str:
        messages = []
        for index in range(count):
            content: list[dict[str, str]] = [{"type": "text", "text": f"\ue000{index}\ue001"}]
            if index == 0 and with_photo:
                content.insert(0, {"type": "image"})
            messages.append({"role": ("user", "assistant")[index % 2], "content": content})
        try:
            rendered = self.tokenizer.apply_chat_template(
                messages,
                chat_template=self.template,
                tokenize=False,
                add_generation_prompt=not answered,
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"the chat template of {self.tokenizer.name_or_path} cannot be used: {error}"
            ) from error
        if [int(index) for index in _MARK.findall(rendered)] != list(range(count)):
            raise CheckpointError(
                f"the chat template of {self.tokenizer.name_or_path} does not write every turn"
                " once, in order: use the one of the family's original checkpoint"
            )
        return rendered

    def _ended(self, part: str) -> list[Piece]:
        """What the template writes after an answer, the token that ends it apart.

        A template without one (LLaVA's in the hub's layout) would teach a model never to stop, so
        its own end of text is put there.
        """
        ends = [self.tokenizer.convert_ids_to_tokens(token) for token in sorted(self.stop_ids)]
        end = next((end for end in ends if part.startswith(end)), None)
        if end is None:
            return [Piece(self.tokenizer.eos_token, learned=True), Piece(part, learned=False)]
        return [Piece(end, learned=True), Piece(part.removeprefix(end), learned=False)]

    def _with_photo(self, pieces: list[Piece], photo: str) -> list[Piece]:
        tags = sum(piece.text.count(self.photo_tag) for piece in pieces)
        if tags != 1:
            raise CheckpointError(
                f"the chat template of {self.tokenizer.name_or_path} writes {tags} places for one"
                f" photo ({self.photo_tag}): use the one of the family's original checkpoint"
            )
        return [Piece(piece.text.replace(self.photo_tag, photo), piece.learned) for piece in pieces]

    def _ids(self, pieces: Sequence[Piece]) -> tuple[list[int], list[bool]]:
        """Ids of the whole text at once: byte pairs may reach over the ends of pieces."""
        text = "".join(piece.text for piece in pieces)
        learned_at = [piece.learned for piece in pieces for _ in piece.text]
        if self.photo_id is None or self.photo_tag not in text:
            return self._encoded(text, learned_at, first=True)
        begin, end = text.index(self.photo_tag), text.rindex(self.photo_tag) + len(self.photo_tag)
        before = self._encoded(text[:begin], learned_at[:begin], first=True)
        after = self._encoded(text[end:], learned_at[end:], first=False)
        tokens = (end - begin) // len(self.photo_tag)
        return (
            [*before[0], *[self.photo_id] * tokens, *after[0]],
            [*before[1], *[False] * tokens, *after[1]],
        )

    def _encoded(
        self, text: str, learned_at: Sequence[bool], *, first: bool
    ) -> tuple[list[int], list[bool]]:
        begin = self.tokenizer.bos_token
        encoded = self.tokenizer(
            text,
            # A template that writes the first token itself needs no second one.
            add_special_tokens=first and not (begin and text.startswith(begin)),
            return_offsets_mapping=True,
        )
        learned = [
            end > start and learned_at[_first_of(text, start, end)]
            for start, end in encoded["offset_mapping"]
        ]
        return list(encoded["input_ids"]), learned

    def _harmless(self, text: str) -> str:
        """The text with every special token but those of boxes broken by a space."""
        tags = {
            str(token)
            for token in self.tokenizer.added_tokens_decoder.values()
            if str(token) not in self.box_tags
        } | {self.photo_tag}
        if not any(tag in text for tag in tags):
            return text
        longest_first = sorted(tags, key=len, reverse=True)
        pattern = "|".join(re.escape(tag) for tag in longest_first)
        return re.sub(pattern, lambda tag: f"{tag[0][0]} {tag[0][1:]}", text)


def _first_of(text: str, start: int, end: int) -> int:
    """Where a token's own characters begin: a space before a word belongs to the word."""
    while start < end - 1 and text[start].isspace():
        start += 1
    return start
