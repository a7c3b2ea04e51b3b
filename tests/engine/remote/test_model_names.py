"""What names of models tell, as servers list them."""

from __future__ import annotations

import pytest

from engine.choice import Wording
from engine.dialogue.notation import (
    INTERNVL,
    LLAVA,
    MINICPM,
    PLAIN,
    QWEN2_5_VL,
    QWEN3_VL,
    QWEN_VL,
    Notation,
)
from engine.remote.model_names import notation_of, wording_of


@pytest.mark.parametrize(
    ("model", "notation"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct-AWQ", QWEN2_5_VL),
        ("qwen2.5vl:7b", QWEN2_5_VL),
        ("qwen2_5-vl-3b", QWEN2_5_VL),
        ("Qwen/Qwen3-VL-30B-A3B-Instruct-FP8", QWEN3_VL),
        ("qwen3-vl:8b", QWEN3_VL),
        ("Qwen/Qwen2-VL-2B", QWEN_VL),
        ("Qwen/Qwen-VL-Chat", QWEN_VL),
        ("venus-q-4bit", QWEN_VL),
        ("OpenGVLab/InternVL3-8B", INTERNVL),
        ("openbmb/MiniCPM-V-4_5", MINICPM),
        ("llava-hf/llava-1.5-7b-hf", LLAVA),
        ("liuhaotian/llava-v1.5-13b", LLAVA),
        ("llava:latest", PLAIN),
        ("/models/gemma-3-4b-it.gguf", PLAIN),
        ("gpt-5", PLAIN),
    ],
)
def test_how_a_model_writes_boxes(model: str, notation: Notation) -> None:
    assert notation_of(model) is notation


def test_the_wording_wanted_goes_before_the_name() -> None:
    assert wording_of("Venus-Q", Wording.AUTO) is Wording.RELEASE
    assert wording_of("qwen3-vl:8b", Wording.AUTO) is Wording.BASE
    assert wording_of("Venus-Q", Wording.PAPER) is Wording.PAPER
