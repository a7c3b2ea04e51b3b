"""What the name of a model on a server tells of it: how it writes boxes, what it was trained on."""

from __future__ import annotations

import re
from typing import Final

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

_NOTATIONS: Final = tuple(
    (re.compile(pattern), notation)
    for pattern, notation in (
        (r"venus", QWEN_VL),
        (r"qwen-?3", QWEN3_VL),
        (r"qwen-?2[.-]?5-?(vl|omni)", QWEN2_5_VL),
        (r"qwen-?2?-?vl", QWEN_VL),
        (r"intern-?vl", INTERNVL),
        (r"minicpm-?[vo]", MINICPM),
        (r"llava-?v?1[.-]5", LLAVA),
    )
)


def notation_of(model: str) -> Notation:
    """How a model of this name writes boxes; PLAIN where the name says nothing."""
    plain = model.lower().replace("_", "-")
    return next((notation for name, notation in _NOTATIONS if name.search(plain)), PLAIN)


def wording_of(model: str, wanted: Wording) -> Wording:
    """The prompts for a model: those wanted, or else what its name tells."""
    if wanted is not Wording.AUTO:
        return wanted
    return Wording.RELEASE if "venus" in model.lower() else Wording.BASE
