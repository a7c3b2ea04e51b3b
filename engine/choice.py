"""Which engine to load, with what it needs: the value in a load request and in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EngineName(StrEnum):
    """The engines that there are."""

    BUILTIN = "builtin"
    VENUS = "venus"
    REMOTE = "remote"


class MemoryPlan(StrEnum):
    """How a local checkpoint's weights are held. AUTO: the best that fits the free memory."""

    AUTO = "auto"
    NF4 = "nf4"
    INT8 = "int8"
    BF16 = "bf16"
    FP32 = "fp32"


class Wording(StrEnum):
    """The prompts that a checkpoint was trained on. AUTO: as the catalogue or its family says."""

    AUTO = "auto"
    RELEASE = "release"
    PAPER = "paper"
    BASE = "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """An engine and its options; those of the other engines are left at their defaults.

    `checkpoint` is a folder of this machine and `base` the one that an adapter there belongs to
    (Venus); `url` is the base of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1,
    and `model` a name there (remote). The key for a server is never part of it: the engine takes
    it from the keyring or the environment.
    """

    engine: EngineName = EngineName.BUILTIN
    checkpoint: str = ""
    base: str = ""
    memory: MemoryPlan = MemoryPlan.AUTO
    device: str = ""
    wording: Wording = Wording.AUTO
    url: str = ""
    model: str = ""
    seed: int = 0


BUILTIN = EngineChoice()
