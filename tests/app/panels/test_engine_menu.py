"""The engine menu lists what there is, ticks what is in use, and passes on what is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from app.panels.engine_menu import EngineMenu
from app.services.shelf import Model, Presence, Shelf
from app.services.status import Arriving, EngineStatus
from engine.choice import BUILTIN, EngineChoice, EngineName

VENUS = EngineChoice(engine=EngineName.VENUS, checkpoint="/models/venus")
SERVER = EngineChoice(engine=EngineName.REMOTE, url="http://studio:8000/v1", model="a & b")
SHELF = Shelf(
    (
        Model(name="venus", title="Venus-Q", presence=Presence.READY, choice=VENUS),
        Model(name="other", title="Other", presence=Presence.PARTIAL),
        Model(name="gone", title="Gone", presence=Presence.BROKEN),
    ),
    Path("/store"),
)


@pytest.fixture
def menu(qtbot: QtBot) -> Iterator[EngineMenu]:
    menu = EngineMenu()
    qtbot.addWidget(menu)
    yield menu


def titles(menu: EngineMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def action(menu: EngineMenu, text: str) -> QAction:
    return next(each for each in menu.actions() if each.text() == text)


def test_it_begins_with_the_built_in_engine_and_the_ways_to_more(menu: EngineMenu) -> None:
    assert titles(menu) == ["Built-in engine", "Models…", "Connect to a server…"]
    assert action(menu, "Built-in engine").isChecked()


def test_models_that_are_whole_and_known_servers_are_listed_by_name(menu: EngineMenu) -> None:
    menu.show_shelf(SHELF)
    menu.show_servers((SERVER,))
    assert titles(menu) == [
        "Built-in engine",
        "Venus-Q",
        "a && b at studio:8000",
        "Models…",
        "Connect to a server…",
    ]
    menu.show_servers(())
    menu.show_shelf(Shelf())
    assert titles(menu) == ["Built-in engine", "Models…", "Connect to a server…"]


def test_the_tick_is_with_the_engine_in_use_and_not_with_the_wish(
    qtbot: QtBot, menu: EngineMenu
) -> None:
    menu.show_shelf(SHELF)
    with qtbot.waitSignal(menu.chosen) as told:
        action(menu, "Venus-Q").trigger()
    assert told.args == [VENUS]
    assert action(menu, "Built-in engine").isChecked()
    assert not action(menu, "Venus-Q").isChecked()
    menu.show_status(EngineStatus(choice=VENUS))
    assert action(menu, "Venus-Q").isChecked()
    assert not action(menu, "Built-in engine").isChecked()


def test_an_engine_on_its_way_can_be_called_off(qtbot: QtBot, menu: EngineMenu) -> None:
    menu.show_status(EngineStatus(arriving=Arriving(SERVER, "half", 0.5)))
    with qtbot.waitSignal(menu.cancel_asked):
        action(menu, "Cancel loading a & b at studio:8000").trigger()
    menu.show_status(EngineStatus())
    assert not any("Cancel" in title for title in titles(menu))


def test_an_engine_in_use_that_nobody_lists_is_there_all_the_same(menu: EngineMenu) -> None:
    for choice, title in ((VENUS, "venus"), (SERVER, "a && b at studio:8000")):
        menu.show_status(EngineStatus(choice=choice))
        assert action(menu, title).isChecked()
    menu.show_status(EngineStatus(choice=BUILTIN))
    assert titles(menu) == ["Built-in engine", "Models…", "Connect to a server…"]


def test_the_ways_to_more_lead_there(qtbot: QtBot, menu: EngineMenu) -> None:
    for text, signal in (
        ("Models…", menu.models_asked),
        ("Connect to a server…", menu.server_asked),
    ):
        with qtbot.waitSignal(signal):
            action(menu, text).trigger()
