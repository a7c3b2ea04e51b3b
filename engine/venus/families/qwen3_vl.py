"""Qwen3-VL: as Qwen2.5-VL, and the tower's middle layers speak to the first layers of language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import PreTrainedModel, Qwen3VLConfig, Qwen3VLForConditionalGeneration

from engine.dialogue.notation import QWEN3_VL
from engine.venus.families import templates
from engine.venus.families.qwen2_5_vl import (
    BOX_TAGS,
    IMAGES,
    PHOTO_TAG,
    RULES,
    GridProcessor,
    GridRunner,
)
from engine.venus.families.reading import read_images, read_words
from engine.venus.families.upstream import (
    UpstreamFamily,
    flat_features,
    with_token_types,
)
from engine.venus.family import Encoded, Inputs, Parts, Pixels, Processor, Runner, Source


class DeepRunner(GridRunner):
    """Adds the tower's middle layers (DeepStack) at the photo's tokens."""

    def see(self, inputs: Mapping[str, Tensor]) -> Encoded:
        seen: list[tuple[Tensor, ...]] = []

        def keep(_module: object, _args: object, out: Any) -> None:
            seen.append(tuple(flat_features(each) for each in out.deepstack_features))

        hook = self._tower.register_forward_hook(keep)
        try:
            encoded = super().see(inputs)
        finally:
            hook.remove()
        return replace(encoded, deeper=seen[-1])

    def extras(self, inputs: Inputs) -> dict[str, Any]:
        if inputs.image is None or not inputs.deeper:
            return {}
        return {
            "visual_pos_masks": inputs.image,
            "deepstack_visual_embeds": list(inputs.deeper),
        }


class Qwen3VL(UpstreamFamily):
    """Qwen3-VL, dense."""

    name = "qwen3_vl"
    title = "Qwen3-VL"
    model_types = ("qwen3_vl",)
    rules = RULES

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        return Qwen3VLForConditionalGeneration

    def config(self, folder: Path, raw: Mapping[str, Any]) -> Any:
        return Qwen3VLConfig.from_dict(dict(raw))

    def parts(self, config: Any) -> Parts:
        return replace(
            super().parts(config),
            vision=("model.visual",),
            connector=("model.visual.merger", "model.visual.deepstack_merger_list"),
        )

    def processor(self, source: Source) -> Processor:
        words = read_words(
            source.folders,
            photo_tag=PHOTO_TAG,
            box_tags=BOX_TAGS,
            known_template=templates.QWEN3_VL,
            eos=source.generation.eos_token_id,
        )
        return GridProcessor(words, read_images(source.folders, IMAGES), QWEN3_VL)

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        return with_token_types(super().forward_inputs(config, ids, pixels), config, ids)

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        return DeepRunner(model)
