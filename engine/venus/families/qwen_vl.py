"""Qwen-VL-Chat, the family of the released Venus-Q: our own port, see `engine.venus.qwen_vl`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import torch
from PIL import Image
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from engine.dialogue.notation import QWEN_VL
from engine.dialogue.speaker import Turn
from engine.stop import Stop
from engine.venus.families.building import build
from engine.venus.families.running import (
    cut,
    home,
    joined_inputs,
    place_features,
    until_stopped,
)
from engine.venus.family import Encoded, Inputs, Parts, Pixels, Processor, Rgb, Source
from engine.venus.qwen_vl.chat import (
    SYSTEM,
    WINDOW,
    Piece,
    answer_opening,
    joined,
    message,
    stop_ids,
)
from engine.venus.qwen_vl.configuration import QwenVLConfig, is_qwen_vl
from engine.venus.qwen_vl.image_processor import ImageProcessor
from engine.venus.qwen_vl.loading import COMPUTED, Checkpoint, open_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.rope import ntk_alpha
from engine.venus.qwen_vl.tokenizer import QwenTokenizer, Tags
from engine.vocabulary import Size

NOTATION: Final = QWEN_VL


class QwenVLProcessor:
    """Qwen-VL's words and pictures. The photo's span names no file: the model never sees a name."""

    def __init__(self, tokenizer: QwenTokenizer, images: ImageProcessor) -> None:
        self.tokenizer: Final = tokenizer
        self.notation = NOTATION
        self.stop_ids = frozenset(stop_ids(tokenizer))
        self._images: Final = images

    def pixels(self, rgb: Rgb) -> Pixels:
        """Stretched to the model's square."""
        values = torch.from_numpy(self._images([Image.fromarray(rgb)]))
        side = self._images.image_size
        return Pixels({"pixel_values": values}, self.tokenizer.image_tokens, Size(side, side))

    def prompt(self, history: Sequence[Turn], question: str, pixels: Pixels | None) -> list[int]:
        """The newest turns that fit the window, then the question; the photo in the first kept."""
        opening = joined(self._message("system", self._words(SYSTEM)))
        asked = [*history, Turn(question, "")]
        said = self._turns(asked, pixels)
        # The newline after the opening does not count, as in the original.
        while len(asked) > 1 and len(opening) - 1 + _length(said[:-2]) >= WINDOW:
            asked = asked[1:]
            said = self._turns(asked, pixels)
        return [
            *opening,
            *(token for pieces in said[:-1] for token in joined(pieces)),
            *joined(answer_opening(self.tokenizer)),
        ]

    def training(
        self, history: Sequence[Turn], pixels: Pixels | None
    ) -> tuple[list[int], list[bool]]:
        """What the original's fine-tuning learned: answers, the tags of every message, newlines."""
        system = self._message("system", self._words(SYSTEM))
        turns = self._turns(history, pixels, tags=Tags.LEARNED)
        pieces = [*system, *(piece for said in turns for piece in said)]
        learned = [piece.learned for piece in pieces for _ in piece.ids]
        return joined(pieces), learned

    def _turns(
        self, history: Sequence[Turn], pixels: Pixels | None, *, tags: Tags = Tags.BOXES
    ) -> list[list[Piece]]:
        """Two messages for each turn."""
        said: list[list[Piece]] = []
        for place, turn in enumerate(history):
            words = self._words(turn.question, tags)
            if pixels is not None and place == 0:
                words = [
                    *self._words("Picture 1: "),
                    *self.tokenizer.image_span(""),
                    *self._words("\n" + turn.question, tags),
                ]
            said.append(self._message("user", words))
            said.append(self._message("assistant", self._words(turn.answer, tags)))
        return said

    def _message(self, role: str, words: list[int]) -> list[Piece]:
        return [*message(self.tokenizer, role, words), Piece(self._words("\n"), learned=True)]

    def _words(self, text: str, tags: Tags = Tags.BOXES) -> list[int]:
        return self.tokenizer.encode(text, tags=tags)

    def encode(self, text: str) -> list[int]:
        """The ids of a piece of an answer, the tags of boxes as the tokens that they are."""
        return self._words(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, tags of boxes kept; those of pictures go: an answer shows none."""
        tokenizer = self.tokenizer
        tags = {tokenizer.image_start_id, tokenizer.image_end_id, tokenizer.image_pad_id}
        return tokenizer.decode([each for each in ids if each not in tags], special=False)


class QwenVLRunner:
    """Qwen-VL run by the piece. Dynamic NTK is frozen with the cache that it began with."""

    recurrent = False

    def __init__(self, model: QwenVLForCausalLM) -> None:
        self.model: PreTrainedModel = model
        self._whole: Final = model
        self._config: Final = model.config

    @property
    def frozen_context(self) -> int | None:
        """All caches up to this many tokens have the same alpha."""
        return self._config.seq_length if self._config.use_dynamic_ntk else None

    @torch.inference_mode()
    def encode_image(self, pixels: Pixels, stop: Stop) -> Encoded | None:
        tower = self._whole.transformer.visual
        device, dtype = home(tower)
        values = pixels.inputs["pixel_values"].to(device, dtype)
        blocks = [*tower.transformer.resblocks, tower.attn_pool]
        features = until_stopped(lambda: tower(values), blocks, stop)
        return None if features is None else Encoded(features[0])

    @torch.inference_mode()
    def inputs(self, ids: Tensor, encoded: Encoded | None, *, start: int = 0) -> Inputs:
        device, _ = home(self._whole.transformer.wte)
        ids = ids.to(device)
        embeddings = self._whole.transformer.wte(ids)
        positions = torch.arange(start, start + ids.shape[1], device=device).expand(len(ids), -1)
        if encoded is None or start > 0:
            return Inputs(embeddings, positions)
        image = ids == self._config.vision.image_pad_id
        return Inputs(place_features(embeddings, image, encoded.features), positions, image)

    def part(self, inputs: Inputs, start: int, end: int) -> Inputs:
        return cut(inputs, start, end)

    @torch.inference_mode()
    def logits(self, inputs: Inputs, cache: Cache, *, total: int, last_only: bool = True) -> Tensor:
        alphas = getattr(cache, "ntk_alphas", None)
        if alphas is None or int(cache.get_seq_length()) == 0:
            alphas = (1.0,)
            if self._config.use_dynamic_ntk:
                alphas = (ntk_alpha(total, seq_length=self._config.seq_length),)
        out = self._whole(
            inputs_embeds=inputs.embeddings,
            position_ids=inputs.positions,
            past_key_values=cache,
            ntk_alphas=alphas,
            use_cache=True,
            logits_to_keep=1 if last_only else 0,
        )
        return out.logits.float()


class QwenVL:
    """Qwen-VL-Chat and what was trained from it."""

    name = "qwen_vl"
    title = "Qwen-VL-Chat"

    def recognises(self, config: Mapping[str, Any]) -> bool:
        return is_qwen_vl(dict(config))

    def read(self, folder: Path, *, base: Path | None = None) -> Source:
        checkpoint = open_checkpoint(folder, base=base)
        folders = dict.fromkeys((folder, checkpoint.weights.shards[0].parent))
        return Source(
            folder=folder,
            folders=tuple(folders),
            config=checkpoint.config,
            generation=checkpoint.generation_config,
            notes=checkpoint.notes,
        )

    def parts(self, config: Any) -> Parts:
        """The connector, Qwen-VL's resampler, lies in the tower."""
        return Parts(
            language=("transformer.h", "transformer.ln_f"),
            vision=("transformer.visual",),
            connector=("transformer.visual.attn_pool",),
            embeddings=("transformer.wte",),
            head=("lm_head",),
        )

    def build(self, config: QwenVLConfig) -> PreTrainedModel:
        return build(QwenVLForCausalLM, config)

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        checkpoint = _checkpoint(source)
        adapter = checkpoint.adapter
        for name, tensor in checkpoint.weights.tensors():
            if not name.endswith(COMPUTED):
                yield name, tensor if adapter is None else adapter.merged(name, tensor)

    def processor(self, source: Source) -> Processor:
        checkpoint = _checkpoint(source)
        return QwenVLProcessor(checkpoint.tokenizer(), checkpoint.image_processor())

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        return joined_inputs(pixels)

    def runner(self, model: PreTrainedModel, processor: Processor) -> QwenVLRunner:
        return QwenVLRunner(cast(QwenVLForCausalLM, model))


def _length(said: Sequence[Sequence[Piece]]) -> int:
    return sum(len(piece.ids) for pieces in said for piece in pieces)


def _checkpoint(source: Source) -> Checkpoint:
    base = source.folders[-1] if len(source.folders) > 1 else None
    return replace(open_checkpoint(source.folder, base=base), config=source.config)
