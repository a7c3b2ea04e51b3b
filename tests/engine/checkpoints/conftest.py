"""A hub, a store and a network of their own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checkpoint_files import checkpoint
from small_hub import SmallHub, only_here, small_hub

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
    with only_here(monkeypatch, tmp_path), small_hub({entry.repo: checkpoint()}) as hub:
        yield hub
