"""MiniCPM-V 4.6 and 4.7: the photo whole and in slices, before a language model with a memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from torch import Tensor
from transformers import AutoConfig, PreTrainedModel
from transformers.models.minicpmv4_6.image_processing_pil_minicpmv4_6 import (
    MiniCPMV4_6ImageProcessorPil,
)

from engine.dialogue.notation import MINICPM
from engine.dialogue.speaker import Turn
from engine.venus.families.internvl import BOX_TAGS
from engine.venus.families.reading import read_images, read_words
from engine.venus.families.upstream import (
    UpstreamFamily,
    UpstreamProcessor,
    UpstreamRunner,
    with_token_types,
)
from engine.venus.family import Encoded, Parts, Pixels, Processor, Rgb, Runner, Source
from engine.venus.qwen_vl.errors import CheckpointError
from engine.vocabulary import Size

IMAGES: Final = {"MiniCPMV4_6ImageProcessor": MiniCPMV4_6ImageProcessorPil}
CLASSES: Final = {
    "minicpmv4_6": "MiniCPMV4_6ForConditionalGeneration",
    "minicpmv4_7": "MiniCPMV4_7ForConditionalGeneration",
}
TAGS: Final = (
    "image_token",
    "image_start_token",
    "image_end_token",
    "slice_start_token",
    "slice_end_token",
    "image_id_start_token",
    "image_id_end_token",
)


class MiniCPMProcessor(UpstreamProcessor):
    """A small copy of the photo, then its slices row by row, each between tags of its own."""

    def pixels(self, rgb: Rgb) -> Pixels:
        made = self.processed(rgb)
        down, across = made["target_sizes"][0].tolist()
        patch = self.images.patch_size
        inputs = {name: made[name] for name in ("pixel_values", "target_sizes")}
        inputs["grids"] = made["grids"]
        tokens = sum(self._counts(inputs))
        return Pixels(inputs, tokens, Size(across * patch, down * patch))

    def span(self, pixels: Pixels) -> str:
        return self.span_of(pixels.inputs)

    def span_of(self, inputs: Mapping[str, Tensor]) -> str:
        """What stands in a prompt for a photo of these slices."""
        tags = {name: getattr(self.words.tokenizer, name) for name in TAGS}
        whole, *counts = (tags["image_token"] * count for count in self._counts(inputs))
        span = tags["image_start_token"] + whole + tags["image_end_token"]
        slices = [tags["slice_start_token"] + each + tags["slice_end_token"] for each in counts]
        columns = int(inputs["grids"].flatten()[1])
        rows = [
            "".join(slices[begin : begin + columns])
            for begin in range(0, len(slices), max(columns, 1))
        ]
        number = ""
        if self.images.use_image_id:
            number = tags["image_id_start_token"] + "0" + tags["image_id_end_token"]
        return number + span + "\n".join(rows)

    def prompt(self, history: Sequence[Turn], question: str, pixels: Pixels | None) -> list[int]:
        return super().prompt([_trimmed(turn) for turn in history], question.lstrip("\n"), pixels)

    def training(
        self, history: Sequence[Turn], pixels: Pixels | None
    ) -> tuple[list[int], list[bool]]:
        return super().training([_trimmed(turn) for turn in history], pixels)

    def _counts(self, inputs: Mapping[str, Tensor]) -> list[int]:
        merged = 4 if self.images.downsample_mode == "4x" else 16
        return [int(count) for count in inputs["target_sizes"].prod(-1) // merged]


def _trimmed(turn: Turn) -> Turn:
    # Newlines after a photo belong to its canvas: the question must begin behind them.
    return replace(turn, question=turn.question.lstrip("\n"))


class MiniCPMRunner(UpstreamRunner):
    """Version 4.6: every token stands behind the one before."""

    recurrent = True

    def see(self, inputs: Mapping[str, Tensor]) -> Encoded:
        """Slice by slice: older transformers cannot take slices of several sizes at once."""
        sizes = inputs["target_sizes"]
        pixels = inputs["pixel_values"]
        widths = (sizes.prod(-1) * pixels.shape[-2]).tolist()
        seen = [
            super(MiniCPMRunner, self).see({"pixel_values": piece, "target_sizes": size[None]})
            for piece, size in zip(pixels.split(widths, dim=-1), sizes, strict=True)
        ]
        return Encoded(torch.cat([each.features for each in seen]))


@dataclass(frozen=True, slots=True)
class OnCanvas(Encoded):
    """`canvas` is (3, tokens): where the photo's tokens and their tags stand, the first at 0."""

    canvas: Tensor | None = None


class CanvasRunner(MiniCPMRunner):
    """Version 4.7: the photo and its slices lie on one canvas of rows and columns."""

    def __init__(self, model: PreTrainedModel, processor: MiniCPMProcessor) -> None:
        super().__init__(model)
        self._processor = processor

    def see(self, inputs: Mapping[str, Tensor]) -> Encoded:
        """The canvas is measured on a short prompt: it is the same in every other."""
        seen = super().see(inputs)
        short = self._processor.words.prompt([], "?", self._processor.span_of(inputs))
        ids = torch.tensor([short])
        image = ids == self._image_id
        positions, deltas = self._inner.get_rope_index(
            ids, mm_token_type_ids=image.int(), target_sizes=inputs["target_sizes"].cpu()
        )
        begin = int(image[0].int().argmax()) - 1
        plain = torch.arange(len(short)) + deltas[0]
        behind = (positions[:, 0] != plain).any(0).nonzero().max() + 1
        return OnCanvas(
            features=seen.features,
            shift=int(deltas[0]),
            canvas=positions[:, 0, begin:behind] - begin,
        )

    def positions(self, ids: Tensor, image: Tensor, encoded: Encoded) -> Tensor:
        canvas = encoded.canvas if isinstance(encoded, OnCanvas) else None
        if canvas is None:
            return super().positions(ids, image, encoded)
        places = torch.arange(ids.shape[1], device=ids.device)
        found = places.expand(3, len(ids), -1).clone()
        for row, first in enumerate(image.int().argmax(-1).tolist()):
            begin, end = first - 1, first - 1 + canvas.shape[1]
            found[:, row, begin:end] = canvas.to(ids.device) + begin
            found[:, row, end:] += encoded.shift
        return found

    def later_positions(self, ids: Tensor, encoded: Encoded | None, start: int) -> Tensor:
        return super().later_positions(ids, encoded, start).expand(3, -1, -1)


class MiniCPMV(UpstreamFamily):
    """MiniCPM-V, the versions that transformers knows."""

    name = "minicpm_v"
    title = "MiniCPM-V 4.6 and 4.7"
    model_types = tuple(CLASSES)

    def model_class(self, config: Any) -> type[PreTrainedModel]:
        return getattr(transformers, CLASSES[config.model_type])

    def config(self, folder: Path, raw: Mapping[str, Any]) -> Any:
        if not hasattr(transformers, CLASSES[raw["model_type"]]):
            raise CheckpointError(
                f"{folder} is a {raw['model_type']}, which transformers {transformers.__version__}"
                " does not know yet: install a newer one (pip install -U transformers)"
            )
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)

    def parts(self, config: Any) -> Parts:
        return replace(
            super().parts(config),
            connector=("model.merger", "model.vision_tower.vit_merger"),
        )

    def processor(self, source: Source) -> Processor:
        images = read_images(source.folders, IMAGES)
        words = read_words(
            source.folders,
            photo_tag=None,
            box_tags=BOX_TAGS,
            known_template=None,
            eos=source.generation.eos_token_id,
        )
        missing = [name for name in TAGS if not getattr(words.tokenizer, name, None)]
        if missing:
            raise CheckpointError(
                f"the tokenizer of {source.folder} does not name {', '.join(missing)}: copy"
                " tokenizer_config.json from the original checkpoint"
            )
        return MiniCPMProcessor(words, images, MINICPM)

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        """The slices of all photos in one row, as the tower packs them."""
        inputs = {
            "pixel_values": torch.cat([each.inputs["pixel_values"] for each in pixels], dim=-1),
            "target_sizes": torch.cat([each.inputs["target_sizes"] for each in pixels]),
        }
        return with_token_types(inputs, config, ids)

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner:
        if model.config.model_type == "minicpmv4_7" and isinstance(processor, MiniCPMProcessor):
            return CanvasRunner(model, processor)
        return MiniCPMRunner(model)
