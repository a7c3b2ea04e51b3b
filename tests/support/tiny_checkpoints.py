"""Whole checkpoints of every family, tiny and random, made in place without any download."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from tiny_tokenizers import llama_tokenizer, qwen_tokenizer, write_ranks
from transformers import (
    InternVLConfig,
    InternVLForConditionalGeneration,
    LlavaConfig,
    LlavaForConditionalGeneration,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.minicpmv4_6.image_processing_pil_minicpmv4_6 import (
    MiniCPMV4_6ImageProcessorPil,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from engine.venus.families import templates
from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.loading import save_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import FILE_NAME, QwenTokenizer

SPREAD: Final = 0.1
"""Of random weights: wide enough that tokens differ in their logits."""


def make(family_name: str, folder: Path, *, seed: int = 0) -> Path:
    """Write a checkpoint of a family into `folder`, the same for the same seed, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        MAKERS[family_name](folder)
    return folder


def _qwen_vl(folder: Path) -> None:
    write_ranks(folder / FILE_NAME)
    tokenizer = QwenTokenizer(folder / FILE_NAME, image_tokens=16)
    config = QwenVLConfig(
        vocab_size=len(tokenizer) + 4,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        kv_channels=32,
        intermediate_size=128,
        initializer_range=SPREAD,
        visual={
            "heads": 2,
            "image_size": 56,
            "image_start_id": tokenizer.image_start_id,
            "layers": 2,
            "mlp_ratio": 2.0,
            "n_queries": 16,
            "output_dim": 64,
            "patch_size": 14,
            "width": 32,
        },
    )
    save_checkpoint(QwenVLForCausalLM(config), folder, tokenizer=tokenizer)


# ── what transformers itself implements ──────────────────────────────────────────────────────────

CLIP: Final = {
    "model_type": "clip_vision_model",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "image_size": 56,
    "patch_size": 14,
    "initializer_range": SPREAD,
}
LANGUAGE: Final = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": SPREAD,
    "use_cache": False,
}
"""`use_cache` off is a trace that trainers leave; every loader must switch it on."""


def _llava(folder: Path) -> None:
    tokenizer = llama_tokenizer(["<image>", "<pad>"])
    config = LlavaConfig(
        vision_config=dict(CLIP),
        text_config={"model_type": "llama", "vocab_size": len(tokenizer), **LANGUAGE},
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
    )
    images = CLIPImageProcessorPil(
        size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}
    )
    _write(folder, LlavaForConditionalGeneration(config), tokenizer, images, templates.LLAVA)


def _internvl(folder: Path) -> None:
    named = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    more = ["<|im_start|>", "<|im_end|>", "<ref>", "</ref>", "<box>", "</box>", *named.values()]
    tokenizer = qwen_tokenizer(more, extra_special_tokens=named)
    config = InternVLConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "image_size": [56, 56],
            "patch_size": [14, 14],
            "initializer_range": SPREAD,
        },
        text_config={"model_type": "qwen2", "vocab_size": len(tokenizer), **LANGUAGE},
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=4,
    )
    images = GotOcr2ImageProcessorPil(size={"height": 56, "width": 56}, max_patches=6)
    model = InternVLForConditionalGeneration(config)
    _write(folder, model, tokenizer, images, templates.INTERNVL, end="<|im_end|>")


_QWEN_TAGS: Final = (
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)


def _qwen_ids(tokenizer: Any) -> dict[str, Any]:
    tags = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    return {name: tokenizer.convert_tokens_to_ids(tag) for name, tag in tags.items()}


def _qwen2_5_vl(folder: Path) -> None:
    tokenizer = qwen_tokenizer(_QWEN_TAGS)
    config = Qwen2_5_VLConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "depth": 3,
            "num_heads": 2,
            "out_hidden_size": 64,
            "fullatt_block_indexes": [1],
            "window_size": 56,
            "initializer_range": SPREAD,
        },
        text_config={
            "vocab_size": len(tokenizer),
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [2, 3, 3],
            },
            **LANGUAGE,
        },
        **_qwen_ids(tokenizer),
    )
    images = Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 112 * 112})
    model = Qwen2_5_VLForConditionalGeneration(config)
    _write(folder, model, tokenizer, images, templates.QWEN2_5_VL, end="<|im_end|>")


def _qwen3_vl(folder: Path) -> None:
    tokenizer = qwen_tokenizer(_QWEN_TAGS)
    config = Qwen3VLConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "depth": 3,
            "num_heads": 2,
            "out_hidden_size": 64,
            "patch_size": 16,
            "num_position_embeddings": 16,
            "deepstack_visual_indexes": [0, 1],
            "initializer_range": SPREAD,
        },
        text_config={
            "vocab_size": len(tokenizer),
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "mrope_section": [2, 3, 3],
                "mrope_interleaved": True,
            },
            **LANGUAGE,
        },
        tie_word_embeddings=True,
        **_qwen_ids(tokenizer),
    )
    images = Qwen2VLImageProcessorPil(
        size={"shortest_edge": 64 * 64, "longest_edge": 128 * 128},
        patch_size=16,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )
    model = Qwen3VLForConditionalGeneration(config)
    _write(folder, model, tokenizer, images, templates.QWEN3_VL, end="<|im_end|>")


def _minicpm_v(folder: Path, version: str) -> None:
    named = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "image_start_token": "<image>",
        "image_end_token": "</image>",
        "slice_start_token": "<slice>",
        "slice_end_token": "</slice>",
        "image_id_start_token": "<image_id>",
        "image_id_end_token": "</image_id>",
    }
    more = ["<|im_start|>", "<|im_end|>", "<ref>", "</ref>", "<box>", "</box>"]
    tokenizer = qwen_tokenizer([*more, *named.values()], extra_special_tokens=named)
    ids = {name: tokenizer.convert_tokens_to_ids(tag) for name, tag in named.items()}
    settings: dict[str, Any] = {
        "vision_config": {
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "image_size": 112,
            "patch_size": 14,
            "initializer_range": SPREAD,
        },
        "text_config": {
            "model_type": "qwen3_5_text",
            "vocab_size": len(tokenizer),
            "head_dim": 16,
            "linear_key_head_dim": 8,
            "linear_value_head_dim": 8,
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 4,
            "layer_types": ["linear_attention", "full_attention"],
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10000.0,
                "partial_rotary_factor": 1.0,
                "mrope_section": [2, 3, 3],
                "mrope_interleaved": True,
            },
            **LANGUAGE,
        },
        "insert_layer_id": 1,
        "image_token_id": ids["image_token"],
        "video_token_id": ids["video_token"],
    }
    if version == "4_7":
        settings |= {
            "image_start_id": ids["image_start_token"],
            "image_end_id": ids["image_end_token"],
            "slice_start_id": ids["slice_start_token"],
            "slice_end_id": ids["slice_end_token"],
            "newline_id": tokenizer.encode("\n")[0],
        }
    config = getattr(transformers, f"MiniCPMV{version}Config")(**settings)
    model = getattr(transformers, f"MiniCPMV{version}ForConditionalGeneration")(config)
    _spread(model)
    images = MiniCPMV4_6ImageProcessorPil(scale_resolution=112, max_slice_nums=4)
    _write(folder, model, tokenizer, images, templates.chatml("<|image_pad|>\\n"), end="<|im_end|>")


def _spread(model: torch.nn.Module) -> None:
    """Weights that its makers begin too small or too large to tell one token from another."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=SPREAD)


def _write(
    folder: Path, model: Any, tokenizer: Any, images: Any, template: str, *, end: str = "</s>"
) -> None:
    """The files of a checkpoint, those of the processor as the hub's checkpoints have them."""
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": template}), "utf-8")
    # An image processor's `save_pretrained` writes the name of its class without torchvision,
    # which no checkpoint on the hub has.
    settings = images.to_dict()
    settings["image_processor_type"] = settings["image_processor_type"].removesuffix("Pil")
    (folder / "preprocessor_config.json").write_text(json.dumps(settings), "utf-8")
    generation = {"eos_token_id": tokenizer.convert_tokens_to_ids(end), "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation), "utf-8")


MAKERS: Final[dict[str, Callable[[Path], None]]] = {
    "qwen_vl": _qwen_vl,
    "llava": _llava,
    "internvl": _internvl,
    "qwen2_5_vl": _qwen2_5_vl,
    "qwen3_vl": _qwen3_vl,
    "minicpm_v": partial(_minicpm_v, version="4_6"),
}
"""How each family's checkpoint is made, by the family's name (MiniCPM-V 4.7 apart)."""
if hasattr(transformers, "MiniCPMV4_7Config"):
    MAKERS["minicpm_v_4_7"] = partial(_minicpm_v, version="4_7")
