"""A tiny real checkpoint as teacher: with a photo, without one, and stopped by its bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import photos
from tiny_checkpoints import make

from engine.contract import EngineError
from engine.dialogue.speaker import Turn
from engine.remote import errands
from engine.stop import never
from trainer.endpoints.asking import Asked, Heard, Sampling, Shown, request_sum
from trainer.endpoints.local import Local, checkpoint_sum


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Local:
    found = Local(make("qwen_vl", tmp_path_factory.mktemp("models") / "tiny"))
    found.load(never)
    return found


def heard(local: Local, asked: Asked) -> Heard:
    return errands.run(local.ask(asked), never)


def test_a_local_model_answers_about_a_photo_alike_each_time_and_within_its_bound(
    local: Local, tmp_path: Path
) -> None:
    photos(tmp_path, ["a.jpg"])
    asked = Asked(
        words="What is here?",
        history=(Turn("Look.", "Yes."),),
        shown=Shown.of(tmp_path / "a.jpg"),
        sampling=Sampling(most_tokens=5),
    )
    first = heard(local, asked)
    assert 0 < first.answer_tokens <= 6
    assert heard(local, asked) == first
    assert local.at_most == 1


def test_a_question_without_a_photo_is_answered_too(local: Local) -> None:
    assert heard(local, Asked(words="Judge.", sampling=Sampling(most_tokens=3))).answer_tokens > 0


def test_a_checkpoints_sum_follows_its_files(tmp_path: Path) -> None:
    folder = make("qwen_vl", tmp_path / "one")
    before = checkpoint_sum(folder)
    assert checkpoint_sum(folder) == before
    config = folder / "config.json"
    config.write_text(config.read_text() + "\n")
    assert checkpoint_sum(folder) != before
    one, other = Local(folder).identity, Local(folder, seed=1).identity
    assert request_sum(one, Asked(words="?")) != request_sum(other, Asked(words="?"))


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="holds no model's weights"):
        Local(tmp_path)
