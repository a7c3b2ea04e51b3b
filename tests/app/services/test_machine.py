"""What is told of the machine, on machines that are made up."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from app.services.machine import has_graphics_card


@pytest.mark.skipif(sys.platform == "win32", reason="makes an executable as Unix knows them")
def test_the_driver_of_a_card_is_found_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert has_graphics_card()


@pytest.mark.parametrize(("kind", "found"), [("arm64", True), ("x86_64", False)])
def test_apples_own_processors_count(
    monkeypatch: pytest.MonkeyPatch, kind: str, found: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: kind)
    assert has_graphics_card() is found
