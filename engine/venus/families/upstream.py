"""What the families that transformers itself implements have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from PIL import Image
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.cache_utils import Cache
from transformers.modeling_layers import GradientCheckpointingLayer

from engine.dialogue.notation import Notation
from engine.dialogue.speaker import Turn
from engine.stop import Stop
from engine.venus.families.building import build
from engine.venus.families.reading import (
    checkpoint_folders,
    passed_over,
    read_generation,
    refuse_quantised,
)
from engine.venus.families.running import (
    cut,
    home,
    joined_inputs,
    place_features,
    until_stopped,
)
from engine.venus.families.words import Words
from engine.venus.family import Encoded, Inputs, Parts, Pixels, Processor, Rgb, Runner, Source
from engine.venus.qwen_vl.adapter import Adapter, is_adapter, read_adapter
from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.loading import COMPUTED, read_json
from engine.venus.qwen_vl.weights import find_weights

Rules = tuple[tuple[str, str], ...]
"""Patterns of names in checkpoints, and what takes their place in the model of today."""


class UpstreamProcessor:
    """A checkpoint's words, and its pictures by transformers' own code without torchvision."""

    def __init__(self, words: Words, images: Any, notation: Notation) -> None:
        self.words: Final = words
        self.images: Final = images
        self.notation = notation
        self.stop_ids = words.stop_ids

    def pixels(self, rgb: Rgb) -> Pixels:
        raise NotImplementedError

    def span(self, pixels: Pixels) -> str:
        """What stands in a prompt for the photo."""
        raise NotImplementedError

    def processed(self, rgb: Rgb, **options: Any) -> dict[str, Tensor]:
        """What the image processor makes of one photo, numbers as tensors."""
        made = self.images(images=Image.fromarray(rgb), return_tensors="pt", **options)
        return {name: torch.as_tensor(value) for name, value in made.items()}

    def prompt(self, history: Sequence[Turn], question: str, pixels: Pixels | None) -> list[int]:
        return self.words.prompt(history, question, self._span(pixels))

    def training(
        self, history: Sequence[Turn], pixels: Pixels | None
    ) -> tuple[list[int], list[bool]]:
        return self.words.training(history, self._span(pixels))

    def encode(self, text: str) -> list[int]:
        return self.words.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        return self.words.decode(ids)

    def _span(self, pixels: Pixels | None) -> str | None:
        return None if pixels is None else self.span(pixels)


class UpstreamRunner:
    """A transformers model in three steps: the tower, the embeddings, the language model."""

    tower: ClassVar[str] = "vision_tower"
    recurrent = False

    def __init__(self, model: PreTrainedModel) -> None:
        self.model: PreTrainedModel = model
        inner: Any = model.get_submodule("model")
        self._inner: Final = inner
        self._language: Final[Any] = inner.language_model
        self._tower: Final[nn.Module] = inner.get_submodule(self.tower)
        self._head: Final[nn.Module] = model.get_submodule("lm_head")
        self._image_id: Final = int(inner.config.image_token_id)

    @property
    def frozen_context(self) -> int | None:
        return None

    def see(self, inputs: Mapping[str, Tensor]) -> Encoded:
        """A photo's features from what the tower takes, on its device."""
        out = self._inner.get_image_features(**inputs, return_dict=True)
        return Encoded(flat_features(out.pooler_output))

    @torch.inference_mode()
    def encode_image(self, pixels: Pixels, stop: Stop) -> Encoded | None:
        device, dtype = home(self._tower)
        inputs = {
            name: value.to(device, dtype if value.is_floating_point() else None)
            for name, value in pixels.inputs.items()
        }
        blocks = [
            block
            for block in self._tower.modules()
            if isinstance(block, GradientCheckpointingLayer)
        ]
        return until_stopped(lambda: self.see(inputs), blocks, stop)

    @torch.inference_mode()
    def inputs(self, ids: Tensor, encoded: Encoded | None, *, start: int = 0) -> Inputs:
        embed = self._language.get_input_embeddings()
        device, _ = home(embed)
        ids = ids.to(device)
        embeddings = embed(ids)
        if encoded is None or start > 0:
            return Inputs(embeddings, self.later_positions(ids, encoded, start))
        image = ids == self._image_id
        return Inputs(
            place_features(embeddings, image, encoded.features),
            self.positions(ids, image, encoded),
            image,
            tuple(each.to(embeddings).repeat(len(ids), 1) for each in encoded.deeper),
        )

    def positions(self, ids: Tensor, image: Tensor, encoded: Encoded) -> Tensor:
        """Where the tokens of a whole prompt with a photo stand."""
        return self.later_positions(ids, encoded, 0)

    def later_positions(self, ids: Tensor, encoded: Encoded | None, start: int) -> Tensor:
        """Where tokens without a photo stand, `start` tokens into a sequence."""
        begin = start + (encoded.shift if encoded is not None else 0)
        return torch.arange(begin, begin + ids.shape[1], device=ids.device).expand(len(ids), -1)

    def part(self, inputs: Inputs, start: int, end: int) -> Inputs:
        return cut(inputs, start, end)

    def extras(self, inputs: Inputs) -> dict[str, Any]:
        """What else a family's language model takes."""
        return {}

    @torch.inference_mode()
    def logits(self, inputs: Inputs, cache: Cache, *, total: int, last_only: bool = True) -> Tensor:
        out = self._language(
            inputs_embeds=inputs.embeddings,
            position_ids=inputs.positions,
            past_key_values=cache,
            use_cache=True,
            **self.extras(inputs),
        )
        states = out.last_hidden_state
        return self._head(states[:, -1:] if last_only else states).float()


def with_token_types(inputs: dict[str, Tensor], config: Any, ids: Tensor) -> dict[str, Tensor]:
    """`inputs`, and which of the ids are the photo's (1): without them Qwen2.5-VL places a photo's
    tokens in one line and says nothing, and its successors refuse.
    """
    return inputs | {"mm_token_type_ids": (ids == config.image_token_id).int()}


def flat_features(pooled: Tensor | Sequence[Tensor]) -> Tensor:
    """(image tokens, hidden) of what towers return: a tensor by tiles, or a list of them."""
    parts = [pooled] if isinstance(pooled, Tensor) else list(pooled)
    return torch.cat([part.reshape(-1, part.shape[-1]) for part in parts])


class UpstreamFamily:
    """A family whose model and image processor are transformers' own."""

    name: str
    title: str
    model_types: ClassVar[tuple[str, ...]]
    rules: ClassVar[Rules] = ()

    def recognises(self, config: Mapping[str, Any]) -> bool:
        return config.get("model_type") in self.model_types

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        raise NotImplementedError

    def config(self, folder: Path, raw: Mapping[str, Any]) -> Any:
        """The config of a folder, its nested ones complete."""
        raise NotImplementedError

    def read(self, folder: Path, *, base: Path | None = None) -> Source:
        folders = checkpoint_folders(folder, base)
        described = next((each for each in folders if (each / "config.json").is_file()), None)
        if described is None:
            raise CheckpointError(f"{folders[-1]} has no config.json: not a checkpoint")
        raw = read_json(described / "config.json")
        refuse_quantised(described, raw)
        notes = passed_over(folders)
        try:
            config = self.config(described, raw)
        except CheckpointError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CheckpointError(f"{described / 'config.json'} cannot be used: {error}") from error
        for part in (config, config.get_text_config()):
            part.use_cache = True
        find_weights(folders[-1])
        generation = read_generation(folders, notes)
        return Source(folder, tuple(folders), config, generation, tuple(notes))

    def parts(self, config: Any) -> Parts:
        return Parts(
            language=("model.language_model",),
            vision=("model.vision_tower",),
            connector=("model.multi_modal_projector",),
            embeddings=("model.language_model.embed_tokens",),
            head=("lm_head",),
        )

    def build(self, config: Any) -> PreTrainedModel:
        return build(self.model_class(config), config)

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        model_class = self.model_class(source.config)
        known = set(self.build(source.config).state_dict())
        passed = [re.compile(each) for each in model_class._keys_to_ignore_on_load_unexpected or ()]
        adapter = self._adapter(source, known)
        for raw_name, tensor in self.stored(source):
            name = renamed(raw_name, self.rules, known)
            if name not in known and (
                name.endswith((*COMPUTED, ".position_ids"))
                or any(each.search(name) for each in passed)
            ):
                continue
            yield name, tensor if adapter is None else adapter.merged(name, tensor)

    def stored(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        """Names and tensors as they are on disk."""
        return find_weights(source.folders[-1]).tensors()

    def _adapter(self, source: Source, known: set[str]) -> Adapter | None:
        if not is_adapter(source.folders[0]):
            return None
        read = read_adapter(source.folders[0])
        adapter = replace(
            read,
            pairs={renamed(name, self.rules, known): pair for name, pair in read.pairs.items()},
            whole={renamed(name, self.rules, known): each for name, each in read.whole.items()},
        )
        if strange := sorted(adapter.names - known):
            raise CheckpointError(f"the adapter changes what the model lacks: {', '.join(strange)}")
        return adapter

    def processor(self, source: Source) -> Processor:
        raise NotImplementedError

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        return joined_inputs(pixels)

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        raise NotImplementedError


def renamed(name: str, rules: Rules, known: set[str]) -> str:
    """A name of a checkpoint as the model of today has it; unchanged where that has it already."""
    for pattern, replacement in rules:
        if name in known:
            break
        name = re.sub(pattern, replacement, name)
    return name
