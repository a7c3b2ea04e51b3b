"""Qwen2.5-VL: the photo at its own aspect ratio, positions in time, height and width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor
from transformers import (
    PreTrainedModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from engine.dialogue.notation import QWEN2_5_VL
from engine.venus.families import templates
from engine.venus.families.reading import read_images, read_words
from engine.venus.families.upstream import (
    Rules,
    UpstreamFamily,
    UpstreamProcessor,
    UpstreamRunner,
    with_token_types,
)
from engine.venus.family import Encoded, Parts, Pixels, Processor, Rgb, Runner, Source
from engine.vocabulary import Size

PHOTO_TAG: Final = "<|image_pad|>"
IMAGES: Final = {"Qwen2VLImageProcessor": Qwen2VLImageProcessorPil}
BOX_TAGS: Final = (
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
)
RULES: Final[Rules] = (
    (r"^visual\.", "model.visual."),
    (r"^model\.(?!language_model\.|visual\.)", "model.language_model."),
)


class GridProcessor(UpstreamProcessor):
    """A photo as a grid of patches, scaled to a number of pixels the checkpoint allows."""

    def pixels(self, rgb: Rgb) -> Pixels:
        made = self.processed(rgb)
        _, down, across = made["image_grid_thw"][0].tolist()
        patch = self.images.patch_size
        tokens = down * across // self.images.merge_size**2
        return Pixels(made, tokens, Size(across * patch, down * patch))

    def span(self, pixels: Pixels) -> str:
        return PHOTO_TAG * pixels.tokens


class GridRunner(UpstreamRunner):
    """Every token stands in time, height and width; a photo spans as many as its longer side."""

    tower = "visual"

    def see(self, inputs: Mapping[str, Tensor]) -> Encoded:
        merge = self._inner.config.vision_config.spatial_merge_size
        _, down, across = inputs["image_grid_thw"][0].tolist()
        rows, columns = down // merge, across // merge
        return replace(
            super().see(inputs),
            grid=(rows, columns),
            shift=max(rows, columns) - rows * columns,
        )

    def positions(self, ids: Tensor, image: Tensor, encoded: Encoded) -> Tensor:
        """(3, rows, tokens): the photo's own tokens by their place in its grid."""
        rows, columns = encoded.grid or (0, 0)
        down = torch.arange(rows, device=ids.device).repeat_interleave(columns)
        across = torch.arange(columns, device=ids.device).repeat(rows)
        inside = torch.stack([torch.zeros_like(down), down, across])
        places = torch.arange(ids.shape[1], device=ids.device)
        found = places.expand(3, len(ids), -1).clone()
        for row, begin in enumerate(image.int().argmax(-1).tolist()):
            end = begin + rows * columns
            found[:, row, begin:end] = inside + begin
            found[:, row, end:] += encoded.shift
        return found

    def later_positions(self, ids: Tensor, encoded: Encoded | None, start: int) -> Tensor:
        return super().later_positions(ids, encoded, start).expand(3, -1, -1)


class Qwen2_5VL(UpstreamFamily):  # noqa: N801  (its name)
    """Qwen2.5-VL."""

    name = "qwen2_5_vl"
    title = "Qwen2.5-VL"
    model_types = ("qwen2_5_vl",)
    rules = RULES

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        return Qwen2_5_VLForConditionalGeneration

    def config(self, folder: Path, raw: Mapping[str, Any]) -> Any:
        return Qwen2_5_VLConfig.from_dict(dict(raw))

    def parts(self, config: Any) -> Parts:
        return replace(
            super().parts(config), vision=("model.visual",), connector=("model.visual.merger",)
        )

    def processor(self, source: Source) -> Processor:
        words = read_words(
            source.folders,
            photo_tag=PHOTO_TAG,
            box_tags=BOX_TAGS,
            known_template=templates.QWEN2_5_VL,
            eos=source.generation.eos_token_id,
        )
        return GridProcessor(words, read_images(source.folders, IMAGES), QWEN2_5_VL)

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        return with_token_types(super().forward_inputs(config, ids, pixels), config, ids)

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        return GridRunner(model)
