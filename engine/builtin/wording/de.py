"""German: all sentences of the built-in engine, by their English ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.builtin.wording import de_critique, de_observations

MESSAGES: Final[Mapping[str, str]] = {
    **de_observations.MESSAGES,
    **de_critique.MESSAGES,
}
