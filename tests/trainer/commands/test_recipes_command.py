from pathlib import Path

import pytest

from trainer import cli
from trainer.commands.command import CommandError
from trainer.commands.recipes import open_recipe, with_settings
from trainer.recipe import Lora, Method, Part, RecipeError, names, read


def test_all_recipes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recipes"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{name} " in listed and read(name).title in listed for name in names())


def test_one_recipe_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recipes", "release-1"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["optimiser.learning_rate"] == "1e-05"
    assert lines["lora.rank"] == "64"
    assert lines["parts"] == "language"
    assert lines["normalisation"] == "microbatch_mean"


def test_an_unknown_recipe_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recipes", "other"]) == 2
    assert "there is no recipe other" in capsys.readouterr().err


def test_any_field_can_be_changed() -> None:
    changed = with_settings(
        read("paper-1"),
        [
            "optimiser.learning_rate=2e-4",
            "epochs=1",
            "method=lora",
            "lora.rank=8",
            'parts=["language"]',
            "data.bad_crops=false",
            "title=Mine = yours",
        ],
    )
    assert changed.optimiser.learning_rate == 2e-4
    assert changed.optimiser.weight_decay == read("paper-1").optimiser.weight_decay
    assert changed.epochs == 1
    assert changed.method is Method.LORA
    assert changed.lora == Lora(rank=8)
    assert changed.parts == (Part.LANGUAGE,)
    assert not changed.data.bad_crops
    assert changed.title == "Mine = yours"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("epochs", "is no setting"),
        ("other=1", "other"),
        ("optimiser.other=1", "other"),
        ("other.epochs=1", "is no field"),
        ("epochs.other=1", "is no field"),
        ("epochs=many", "epochs"),
        ("lora.rank=8", "belongs to the methods"),
    ],
)
def test_what_cannot_be_set_is_told(setting: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        with_settings(read("paper-1"), [setting])
    with pytest.raises(CommandError, match=words):
        open_recipe("paper-1", [setting])


def test_a_recipe_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text((Path(cli.__file__).parent / "stages" / "paper-1.toml").read_text())
    assert open_recipe(str(file), ["seed=7"]).seed == 7
