"""LLaVA-1.5, 7B and 13B, in the layout of the hub's `llava` models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from transformers import LlavaConfig, LlavaForConditionalGeneration, PreTrainedModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

from engine.dialogue.notation import LLAVA
from engine.venus.families import templates
from engine.venus.families.reading import read_images, read_words
from engine.venus.families.upstream import (
    Rules,
    UpstreamFamily,
    UpstreamProcessor,
    UpstreamRunner,
)
from engine.venus.family import Pixels, Processor, Rgb, Runner, Source
from engine.venus.qwen_vl.errors import CheckpointError
from engine.vocabulary import Size

PHOTO_TAG: Final = "<image>"
IMAGES: Final = {
    "CLIPImageProcessor": CLIPImageProcessorPil,
    "LlavaImageProcessor": LlavaImageProcessorPil,
}
RULES: Final[Rules] = (
    (r"^language_model\.model\.", "model.language_model."),
    (r"^language_model\.lm_head\.", "lm_head."),
    (r"^(vision_tower|multi_modal_projector)\.", r"model.\1."),
    (r"^model\.vision_tower\.vision_model\.", "model.vision_tower."),
)


class LlavaProcessor(UpstreamProcessor):
    """One square of the photo: its middle, or all of it padded, as the checkpoint says."""

    tokens: int

    def pixels(self, rgb: Rgb) -> Pixels:
        made = self.processed(rgb)
        height, width = made["pixel_values"].shape[-2:]
        frame = (0.0, 0.0, 1.0, 1.0)
        if getattr(self.images, "do_pad", False):
            frame = _padded(rgb.shape[1], rgb.shape[0])
        elif self.images.do_center_crop:
            frame = _cropped(rgb.shape[1], rgb.shape[0], self.images)
        return Pixels(made, self.tokens, Size(width, height), frame)

    def span(self, pixels: Pixels) -> str:
        return PHOTO_TAG * pixels.tokens


class Llava(UpstreamFamily):
    """LLaVA-1.5."""

    name = "llava"
    title = "LLaVA-1.5"
    model_types = ("llava",)
    rules = RULES

    def recognises(self, config: Mapping[str, Any]) -> bool:
        return super().recognises(config) and isinstance(config.get("vision_config"), Mapping)

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        return LlavaForConditionalGeneration

    def config(self, folder: Path, raw: Mapping[str, Any]) -> LlavaConfig:
        config = LlavaConfig.from_dict(dict(raw))
        parts: tuple[Any, Any] = (config.vision_config, config.text_config)
        kinds = tuple(part.model_type for part in parts)
        if kinds != ("clip_vision_model", "llama"):
            raise CheckpointError(
                f"{folder} is a `llava` with the tower {kinds[0]} and the language model"
                f" {kinds[1]}: only LLaVA-1.5, with clip_vision_model and llama, is known here"
            )
        return config

    def processor(self, source: Source) -> Processor:
        words = read_words(
            source.folders,
            photo_tag=PHOTO_TAG,
            known_template=templates.LLAVA,
            eos=source.generation.eos_token_id,
        )
        processor = LlavaProcessor(words, read_images(source.folders, IMAGES), LLAVA)
        processor.tokens = image_tokens(source.config)
        return processor

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        return UpstreamRunner(model)


def image_tokens(config: LlavaConfig) -> int:
    """How many tokens a photo becomes: its patches, and the class where that is kept."""
    vision: Any = config.vision_config
    patches = (vision.image_size // vision.patch_size) ** 2
    return patches + (config.vision_feature_select_strategy == "full")


def _padded(width: int, height: int) -> tuple[float, float, float, float]:
    side = max(width, height)
    left, top = (side - width) // 2 / side, (side - height) // 2 / side
    return left, top, left + width / side, top + height / side


def _cropped(width: int, height: int, images: Any) -> tuple[float, float, float, float]:
    """The photo around the square that is cut out of its middle."""
    short = images.size["shortest_edge"]
    scale = short / min(width, height)
    across = width * scale / images.crop_size["width"]
    down = height * scale / images.crop_size["height"]
    return (1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2
