"""A hub, a store and a network of their own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checkpoint_files import checkpoint
from small_hub import SmallHub, small_hub

from engine.checkpoints.catalogue import Entry, find
from engine.checkpoints.store import Store


@pytest.fixture
def entry() -> Entry:
    return find("venus-q-stage2")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def hub(entry: Entry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SmallHub]:
    from huggingface_hub import constants
    from huggingface_hub.utils import close_session

    # Neither a proxy nor a token of this machine has a place here.
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HF_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    with small_hub({entry.repo: checkpoint()}) as hub:
        yield hub
    close_session()
