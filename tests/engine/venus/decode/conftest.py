"""Tiny checkpoints of the families, loaded in fp32, and a photo for them."""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pytest
import tiny_checkpoints
import transformers
from tiny_runs import Tiny, load_tiny

from engine.venus.family import Rgb


@pytest.fixture(scope="session", params=sorted(tiny_checkpoints.MAKERS))
def any_tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Every family in turn."""
    if request.param == "minicpm_v_4_7" and not hasattr(transformers, "MiniCPMV4_7Config"):
        pytest.skip(f"transformers {transformers.__version__} does not have MiniCPM-V 4.7")
    return load_tiny(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Qwen-VL."""
    return load_tiny("qwen_vl", tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Qwen-VL whose positions are stretched beyond 96 tokens."""
    found = load_tiny("qwen_vl", tmp_path_factory.mktemp("narrow"))
    found.model.config.seq_length = 96
    return found


@pytest.fixture(scope="session")
def rgb() -> Rgb:
    """A photo of 120 × 80 with something everywhere."""
    return np.random.default_rng(7).integers(0, 256, (80, 120, 3), dtype=np.uint8)
