"""Engines by choice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.builtin.engine import BuiltinEngine
from engine.choice import BUILTIN, EngineChoice, EngineName
from engine.contract import EngineError
from engine.registry import create, named
from engine.remote.engine import RemoteEngine


def test_each_choice_makes_its_engine() -> None:
    assert isinstance(create(BUILTIN), BuiltinEngine)
    assert isinstance(create(EngineChoice(engine=EngineName.REMOTE)), RemoteEngine)


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_without_the_models_libraries_the_remedy_is_named(missing: str) -> None:
    """In a process of its own: what is imported once stays."""
    code = (
        "import sys\n"
        f"sys.modules[{missing!r}] = None\n"
        "from engine.choice import EngineChoice, EngineName\n"
        "from engine.contract import EngineError\n"
        "from engine.registry import create\n"
        "try:\n"
        "    create(EngineChoice(engine=EngineName.VENUS))\n"
        "except EngineError as error:\n"
        "    print(error.code, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("model_libraries")
    assert missing in run.stdout
    assert "pip install 'venus-photo[model]'" in run.stdout


def test_a_name_alone_is_a_choice_and_an_unknown_one_is_told() -> None:
    assert named("builtin") == BUILTIN
    with pytest.raises(EngineError) as caught:
        named("other")
    assert caught.value.code == "unknown_engine"
    assert "builtin" in caught.value.remedy
