"""Simplified Chinese: all sentences of the built-in engine, by their English ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.wording import zh_critique, zh_observations

MESSAGES: Final[Mapping[str, str]] = {
    **zh_observations.MESSAGES,
    **zh_critique.MESSAGES,
}
