"""`venus-trainer recipes`: which recipes there are, what one says, and single fields changed."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterable
from typing import Any

from engine.wire import WireError, from_json, to_json
from trainer.commands.command import CommandError, Parsers, fail
from trainer.page.facts import fields
from trainer.recipe import Recipe, RecipeError, names, read


def add(parsers: Parsers) -> None:
    """Make the command known."""
    recipes = parsers.add_parser("recipes", help="list the recipes, or show one")
    recipes.add_argument("recipe", nargs="?", help="a recipe's name, or a TOML file")
    recipes.set_defaults(run=_recipes)


def open_recipe(name: str, settings: Iterable[str] = ()) -> Recipe:
    """A recipe with the fields that `settings` ("optimiser.learning_rate=1e-4") change."""
    try:
        found = read(name)
        return with_settings(found, settings)
    except RecipeError as error:
        fail(error)


def with_settings(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """The recipe with fields changed by their dotted names, values as TOML writes them; words may
    go without quotes. RecipeError says what cannot be.
    """
    table = to_json(recipe)
    for each in settings:
        key, equals, text = each.partition("=")
        if not equals:
            raise RecipeError(f"{each} is no setting: write, for instance, epochs=1")
        *path, last = key.strip().split(".")
        place = table
        for name in path:
            if name in place and place[name] is None:
                place[name] = {}
            place = place.get(name)
            if not isinstance(place, dict):
                raise RecipeError(f"{key} is no field of a recipe")
        place[last] = _value(text.strip())
    try:
        return from_json(Recipe, table)
    except WireError as error:
        raise RecipeError(f"the recipe cannot be changed so: {error}") from error


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _recipes(options: argparse.Namespace) -> int:
    if options.recipe is not None:
        for name, value in fields(open_recipe(options.recipe)):
            print(f"{name:28} {value}")
        return 0
    for name in names():
        try:
            found = read(name)
        except RecipeError as error:
            raise CommandError(f"{error}.") from error
        print(
            f"{name:10} {found.title}\n{'':10} {found.method}, learning rate"
            f" {found.optimiser.learning_rate:g}, {found.batch.total} samples a step,"
            f" {found.epochs} epochs"
        )
    print("\nvenus-trainer recipes NAME shows all of one; a TOML file of your own serves as well.")
    return 0
