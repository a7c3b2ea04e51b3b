"""A server, a photo with a past, and no keyring but our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from drawer import Drawer, own_drawer
from openai_server import OpenAIServer
from PIL import Image


@pytest.fixture(autouse=True)
def drawer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Drawer]:
    """An empty keyring in place of the system's, no key or proxy in the environment, and no
    prompts of one's own.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with own_drawer(monkeypatch) as ours:
        yield ours


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """1500 × 1000, dark on one side, with a place, a maker and a comment in its metadata."""
    path = tmp_path / "harbour.jpg"
    exif = Image.Exif()
    exif[0x010F] = "Maker SECRET-MAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    picture = Image.linear_gradient("L").rotate(90).resize((1500, 1000)).convert("RGB")
    picture.save(path, exif=exif, comment=b"SECRET-COMMENT")
    return path
