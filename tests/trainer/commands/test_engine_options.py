"""Options that name an engine, and how far its loading has come."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
from scripted_engine import ScriptedEngine

from engine.choice import BUILTIN, EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import EngineError
from trainer.commands.command import CommandError
from trainer.commands.engines import add_options, choice_of, load


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def chosen(*words: str) -> EngineChoice:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return choice_of(parser.parse_args(words))


def test_the_built_in_engine_needs_no_option() -> None:
    assert chosen() == BUILTIN


def test_an_address_is_a_server() -> None:
    made = chosen("--engine", "http://127.0.0.1:8000/v1", "--model", "venus", "--seed", "7")
    assert made == EngineChoice(
        engine=EngineName.REMOTE, url="http://127.0.0.1:8000/v1", model="venus", seed=7
    )


def test_a_folder_is_a_checkpoint(tmp_path: Path) -> None:
    words = ("--memory", "nf4", "--device", "cpu", "--wording", "paper", "--base", "b")
    assert chosen("--engine", str(tmp_path), *words) == EngineChoice(
        engine=EngineName.VENUS,
        checkpoint=str(tmp_path),
        base="b",
        memory=MemoryPlan.NF4,
        device="cpu",
        wording=Wording.PAPER,
    )


@pytest.mark.parametrize("name", ["other", "venus", "no/such/folder"])
def test_what_is_none_of_them_is_told(name: str) -> None:
    with pytest.raises(CommandError, match="checkpoint's folder"):
        chosen("--engine", name)


def test_loading_is_told_on_terminals_only() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        assert load(ScriptedEngine(BUILTIN), lambda: False, stream=stream).name == "scripted"
    assert "50% half" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert file.getvalue() == ""


def test_an_engine_that_was_stopped_is_not_loaded() -> None:
    with pytest.raises(EngineError, match="stopped while"):
        load(ScriptedEngine(BUILTIN), lambda: True, stream=io.StringIO())
