import tomllib
from pathlib import Path

import pytest

from trainer.recipe import FOLDER, Method, Part, RecipeError, names, read


@pytest.mark.parametrize("name", names())
def test_each_recipe_that_comes_along_steps_over_128_samples(name: str) -> None:
    assert read(name).batch.total == 128


@pytest.mark.parametrize(
    ("name", "method", "rate", "parts"),
    [
        ("paper-1", Method.FULL, 1e-5, {Part.LANGUAGE, Part.EMBEDDINGS, Part.HEAD}),
        ("paper-2", Method.FULL, 1e-6, set(Part)),
        ("release-1", Method.LORA, 1e-5, {Part.LANGUAGE}),
        ("release-2", Method.FULL, 1e-6, set(Part)),
    ],
)
def test_the_stages_are_those_of_the_authors(
    name: str, method: Method, rate: float, parts: set[Part]
) -> None:
    recipe = read(name)
    assert recipe.method is method
    assert recipe.optimiser.learning_rate == rate
    assert set(recipe.parts) == parts
    assert (recipe.epochs, recipe.data.max_length, recipe.optimiser.warmup) == (3, 2048, 0.01)


def test_the_release_has_no_bad_crops_and_the_paper_has() -> None:
    assert read("paper-2").data.bad_crops
    assert not read("release-2").data.bad_crops


def edited(folder: Path, old: str, new: str) -> str:
    text = (FOLDER / "release-1.toml").read_text("utf-8")
    assert old in text
    file = folder / "own.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("learning_rate", "learn_rate", "learn_rate"),
        ('method = "lora"', 'method = "magic"', "magic"),
        ('method = "lora"', 'method = "full"', "lora"),
        ("epochs = 3", 'epochs = "3"', "epochs"),
        ("stage = 1", "stage = = 1", "not readable TOML"),
    ],
)
def test_a_recipe_with_a_mistake_is_refused_with_its_file_and_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    file = edited(tmp_path, old, new)
    with pytest.raises(RecipeError) as refused:
        read(file)
    assert "own.toml" in str(refused.value)
    assert reason in str(refused.value)


def test_an_unknown_recipe_names_those_that_there_are() -> None:
    with pytest.raises(RecipeError, match="paper-1, paper-2"):
        read("paper-3")


def test_every_table_is_plain_toml() -> None:
    for name in names():
        assert tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
