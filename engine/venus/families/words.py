"""A conversation in the words of a checkpoint's own chat template, and which of them are learned.

The template is rendered once with a mark in the place of everything that was said. So it is known
what the template wrote and what a person or the model said, wherever the template puts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import TemplateError
from transformers import AutoTokenizer

from engine.dialogue.speaker import Turn
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import read_json

_MARK: Final = re.compile("\ue000(\\d+)\ue001")
END_TAGS: Final = ("<|im_end|>", "<|endoftext|>", "</s>")
"""Special tokens that end an answer in every family that has them."""


class Piece(NamedTuple):
    """A few words of a conversation, and whether training learns them."""

    text: str
    learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A checkpoint's tokenizer and chat template.

    `photo_tag` is what the template writes where a photo belongs; `box_tags` are the special
    tokens that may stand in what is said. Every other special token in there is only text.
    """

    tokenizer: Any
    template: str
    photo_tag: str
    box_tags: frozenset[str]
    stop_ids: frozenset[int]

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
        count = len(said) if answered else len(said) - 1
        rendered = self._render(count, with_photo=photo is not None, answered=answered)
        pieces: list[Piece] = []
        for place, part in enumerate(_MARK.split(rendered)):
            if place % 2:
                index = int(part)
                pieces.append(Piece(self._harmless(said[index]), learned=index % 2 == 1))
            elif answered and pieces and pieces[-1].learned:
                pieces += self._ended(part)
            else:
                pieces.append(Piece(part, learned=False))
        return self._with_photo(pieces, photo) if photo is not None else pieces

    def _render(self, count: int, *, with_photo: bool, answered: bool) -> str:
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
        begin = self.tokenizer.bos_token
        encoded = self.tokenizer(
            text,
            # A template that writes the first token itself needs no second one.
            add_special_tokens=not (begin and text.startswith(begin)),
            return_offsets_mapping=True,
        )
        learned_at = [piece.learned for piece in pieces for _ in piece.text]
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
        }
        if not any(tag in text for tag in tags):
            return text
        longest_first = sorted((tag for tag in tags if tag), key=len, reverse=True)
        pattern = "|".join(re.escape(tag) for tag in longest_first)
        return re.sub(pattern, lambda tag: f"{tag[0][0]} {tag[0][1:]}", text)


def _first_of(text: str, start: int, end: int) -> int:
    """Where a token's own characters begin: a space before a word belongs to the word."""
    while start < end - 1 and text[start].isspace():
        start += 1
    return start


def read_words(
    folders: Sequence[Path],
    *,
    photo_tag: str | None,
    box_tags: Sequence[str] = (),
    known_template: str | None,
    eos: int | Sequence[int] | None,
    prepare: Callable[[Any], None] | None = None,
) -> Words:
    """The words of a checkpoint, of the first of its folders that has them.

    Without a `photo_tag` it is the tokenizer's own `image_token`. `known_template` serves where
    the files have none; `eos` is the generation config's; `prepare` may complete the tokenizer.
    Raises CheckpointError with what is missing.
    """
    folder = next((each for each in folders if _has_tokenizer(each)), None)
    if folder is None:
        raise CheckpointError(
            f"{folders[-1]} has no tokenizer (tokenizer.json, vocab.json or tokenizer.model):"
            " copy it from the family's original checkpoint"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise CheckpointError(f"the tokenizer in {folder} cannot be read: {error}") from error
    if prepare is not None:
        prepare(tokenizer)
    template = _template(folders, tokenizer) or known_template
    if template is None:
        raise CheckpointError(
            f"{folder} has no chat template (chat_template.jinja): copy it from the family's"
            " original checkpoint"
        )
    vocabulary = tokenizer.get_vocab()
    photo_tag = photo_tag or getattr(tokenizer, "image_token", None)
    if photo_tag is None or photo_tag not in vocabulary:
        raise CheckpointError(
            f"the tokenizer in {folder} does not know {photo_tag or 'image_token'}"
        )
    stops = {eos} if isinstance(eos, int) else set(eos or ())
    stops |= {vocabulary[tag] for tag in (*END_TAGS, tokenizer.eos_token) if tag in vocabulary}
    return Words(
        tokenizer=tokenizer,
        template=template,
        photo_tag=photo_tag,
        box_tags=frozenset(tag for tag in box_tags if tag in vocabulary),
        stop_ids=frozenset(stops),
    )


def _has_tokenizer(folder: Path) -> bool:
    names = ("tokenizer.json", "tokenizer.model", "vocab.json")
    return any((folder / name).is_file() for name in names)


def _template(folders: Sequence[Path], tokenizer: Any) -> str | None:
    """The checkpoint's chat template: of its processor first, then of its tokenizer."""
    for folder in folders:
        if (folder / "chat_template.jinja").is_file():
            return (folder / "chat_template.jinja").read_text("utf-8")
        for name in ("chat_template.json", "processor_config.json"):
            if (folder / name).is_file() and "chat_template" in (found := read_json(folder / name)):
                return str(found["chat_template"])
    own = tokenizer.chat_template
    return own.get("default") if isinstance(own, dict) else own
