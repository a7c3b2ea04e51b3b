"""Engines by choice."""

from __future__ import annotations

import pytest

from engine.builtin.engine import BuiltinEngine
from engine.choice import BUILTIN, EngineChoice, EngineName
from engine.contract import EngineError
from engine.registry import create, named
from engine.remote.engine import RemoteEngine


def test_each_choice_makes_its_engine() -> None:
    assert isinstance(create(BUILTIN), BuiltinEngine)
    assert isinstance(create(EngineChoice(engine=EngineName.REMOTE)), RemoteEngine)


def test_a_name_alone_is_a_choice_and_an_unknown_one_is_told() -> None:
    assert named("builtin") == BUILTIN
    with pytest.raises(EngineError) as caught:
        named("other")
    assert caught.value.code == "unknown_engine"
    assert "builtin" in caught.value.remedy
