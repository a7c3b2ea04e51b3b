"""Tiny checkpoints of every family, and full sizes without any weight."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
from tiny_checkpoints import MAKERS
from tiny_plans import Tiny

from engine.venus.quantise.sizes import Sizes, measure


@pytest.fixture(scope="session")
def tiny_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tiny]:
    """The tiny checkpoint of a family by its name, made once."""
    made: dict[str, Tiny] = {}

    def of(name: str) -> Tiny:
        if name not in made:
            made[name] = Tiny.made(name, tmp_path_factory.mktemp("tiny") / name)
        return made[name]

    return of


@pytest.fixture(params=list(MAKERS))
def tiny(request: pytest.FixtureRequest, tiny_of: Callable[[str], Tiny]) -> Tiny:
    """Every family in turn."""
    return tiny_of(request.param)


@pytest.fixture
def qwen(tiny_of: Callable[[str], Tiny]) -> Tiny:
    return tiny_of("qwen_vl")


@pytest.fixture(scope="session")
def venus_q() -> Sizes:
    """The released model's sizes."""
    from engine.venus.families.qwen_vl import QwenVL
    from engine.venus.qwen_vl.configuration import QwenVLConfig

    return measure(QwenVL(), QwenVLConfig())
