"""InternVL 2.5 and 3 in the layout of the hub's `internvl` models (their names end in -hf)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from transformers import InternVLConfig, InternVLForConditionalGeneration, PreTrainedModel
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

from engine.dialogue.notation import INTERNVL
from engine.venus.families import templates
from engine.venus.families.llava import RULES
from engine.venus.families.reading import read_images, read_words
from engine.venus.families.upstream import (
    UpstreamFamily,
    UpstreamProcessor,
    UpstreamRunner,
)
from engine.venus.family import Pixels, Processor, Rgb, Runner, Source
from engine.vocabulary import Size

PHOTO_TAG: Final = "<IMG_CONTEXT>"
IMAGES: Final = {"GotOcr2ImageProcessor": GotOcr2ImageProcessorPil}
BOX_TAGS: Final = ("<ref>", "</ref>", "<box>", "</box>")


class InternVLProcessor(UpstreamProcessor):
    """The photo in up to twelve tiles and a small copy of the whole."""

    tokens_of_a_tile: int

    def pixels(self, rgb: Rgb) -> Pixels:
        made = self.processed(rgb, crop_to_patches=True)
        tiles = made["pixel_values"]
        height, width = tiles.shape[-2:]
        tokens = len(tiles) * self.tokens_of_a_tile
        return Pixels({"pixel_values": tiles}, tokens, Size(width, height))

    def span(self, pixels: Pixels) -> str:
        return f"<img>{PHOTO_TAG * pixels.tokens}</img>"


class InternVL(UpstreamFamily):
    """InternVL 2.5 and 3."""

    name = "internvl"
    title = "InternVL 2.5 and 3"
    model_types = ("internvl",)
    rules = RULES

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        return InternVLForConditionalGeneration

    def config(self, folder: Path, raw: Mapping[str, Any]) -> InternVLConfig:
        return InternVLConfig.from_dict(dict(raw))

    def processor(self, source: Source) -> Processor:
        words = read_words(
            source.folders,
            photo_tag=PHOTO_TAG,
            box_tags=BOX_TAGS,
            known_template=templates.INTERNVL,
            eos=source.generation.eos_token_id,
        )
        processor = InternVLProcessor(words, read_images(source.folders, IMAGES), INTERNVL)
        processor.tokens_of_a_tile = source.config.image_seq_length
        return processor

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        return UpstreamRunner(model)
