"""A small Qwen-VL with the original's numbers, and a tokenizer made in place."""

import base64
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from engine.venus.qwen_vl.loading import load_model, open_checkpoint
from engine.venus.qwen_vl.model import QwenVLForCausalLM
from engine.venus.qwen_vl.tokenizer import QwenTokenizer

HERE = Path(__file__).parent
SHARED = HERE.parents[4] / "shared" / "reference" / "qwen_vl"


@pytest.fixture(scope="session")
def amini() -> Path:
    return HERE / "fixtures" / "Amini"


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    if not SHARED.is_dir():
        pytest.skip("../shared/reference/qwen_vl is not here")
    return SHARED


@pytest.fixture
def model(amini: Path) -> QwenVLForCausalLM:
    return load_model(open_checkpoint(amini))


@pytest.fixture(scope="session")
def ranks_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rank file with every byte and a few words, in qwen.tiktoken's form."""
    tokens = [bytes([value]) for value in range(256)]
    for word in (b"user", b"assistant", b"system", b" the", b"Hi"):
        for end in range(2, len(word) + 1):
            if word[:end] not in tokens:
                tokens.append(word[:end])
    lines = [
        base64.b64encode(token) + b" " + str(rank).encode() for rank, token in enumerate(tokens)
    ]
    file = tmp_path_factory.mktemp("ranks") / "qwen.tiktoken"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


@pytest.fixture(scope="session")
def tokenizer(ranks_file: Path) -> QwenTokenizer:
    return QwenTokenizer(ranks_file)


@pytest.fixture(scope="session")
def real_tokenizer(shared_reference: Path) -> QwenTokenizer:
    return QwenTokenizer(shared_reference / "qwen.tiktoken")
