"""Prompts and pixels equal those of the upstream processors, on three photos."""

import json
from types import SimpleNamespace

import pytest
import torch
import transformers
from PIL import Image
from tiny_checkpoints import MAKERS
from transformers import AutoTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.minicpmv4_6.image_processing_pil_minicpmv4_6 import (
    MiniCPMV4_6ImageProcessorPil,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from engine.dialogue.speaker import Turn

UPSTREAM = {
    "llava": (
        "LlavaProcessor",
        CLIPImageProcessorPil,
        {
            "patch_size": 14,
            "vision_feature_select_strategy": "default",
            "num_additional_image_tokens": 1,
        },
    ),
    "internvl": ("InternVLProcessor", GotOcr2ImageProcessorPil, {"image_seq_length": 4}),
    "qwen2_5_vl": ("Qwen2_5_VLProcessor", Qwen2VLImageProcessorPil, {}),
    "qwen3_vl": ("Qwen3VLProcessor", Qwen2VLImageProcessorPil, {}),
    "minicpm_v": ("MiniCPMV4_6Processor", MiniCPMV4_6ImageProcessorPil, {}),
    "minicpm_v_4_7": ("MiniCPMV4_7Processor", MiniCPMV4_6ImageProcessorPil, {}),
}
UPSTREAM = {name: entry for name, entry in UPSTREAM.items() if name in MAKERS}
HISTORY = [Turn("Hi the photo", "It is a photo. (1,2),(3,4)"), Turn("And?", "No.\nYes  no.")]


def upstream_processor(name, folder):
    """The upstream class with its own image processor and tokenizer.

    Its video processor needs torchvision: a stand-in tells the few settings that are read of it.
    """
    class_name, image_class, settings = UPSTREAM[name]
    upstream_class = getattr(transformers, class_name)
    if name != "llava":
        videos = SimpleNamespace(slice_mode=True, downsample_mode="16x")
        settings = {**settings, "video_processor": videos}
    unchecked = {"check_argument_for_proper_class": lambda self, name, value: type(value)}
    return type(class_name, (upstream_class,), unchecked)(
        image_processor=image_class.from_pretrained(folder),
        tokenizer=AutoTokenizer.from_pretrained(folder),
        chat_template=json.loads((folder / "chat_template.json").read_text())["chat_template"],
        **settings,
    )


def messages(turns):
    told = []
    for index, text in enumerate(turns):
        content = [{"type": "text", "text": text}]
        if index == 0:
            content.insert(0, {"type": "image"})
        told.append({"role": ("user", "assistant")[index % 2], "content": content})
    return told


@pytest.mark.parametrize("name", UPSTREAM)
@pytest.mark.parametrize("history", [[], HISTORY], ids=["first", "third"])
def test_ids_and_pixels_equal_the_upstream_processors(name, history, opened, rgb):
    checkpoint = opened(name)
    upstream = upstream_processor(name, checkpoint.folder)
    turns = [text for turn in history for text in (turn.question, turn.answer)]
    told = messages([*turns, "Crop the photo?"])
    text = upstream.apply_chat_template(told, add_generation_prompt=True, tokenize=False)
    wanted = upstream(images=[Image.fromarray(rgb)], text=[text], return_tensors="pt")

    pixels = checkpoint.processor.pixels(rgb)
    ids = checkpoint.processor.prompt(history, "Crop the photo?", pixels)
    assert ids == wanted["input_ids"][0].tolist()
    shared = set(pixels.inputs) & set(wanted)
    assert "pixel_values" in shared
    for key in shared:
        assert torch.equal(pixels.inputs[key], wanted[key]), key
    assert ids.count(checkpoint.model.config.image_token_id) == pixels.tokens


@pytest.mark.parametrize("name", UPSTREAM)
def test_without_a_photo(name, opened):
    checkpoint = opened(name)
    upstream = upstream_processor(name, checkpoint.folder)
    told = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    text = upstream.apply_chat_template(told, add_generation_prompt=True, tokenize=False)
    assert checkpoint.processor.prompt([], "Hi", None) == upstream.tokenizer(text)["input_ids"]


def test_seen_and_frame(opened, landscape):
    """Boxes in pixels count the resized photo; a photo that is cut reaches out of its picture."""
    seen = opened("qwen2_5_vl").processor.pixels(landscape).seen
    assert (seen.width % 28, seen.height % 28) == (0, 0)
    assert seen.width > seen.height
    cut = opened("llava").processor.pixels(landscape).frame
    assert cut == pytest.approx((-0.25, 0, 1.25, 1))
