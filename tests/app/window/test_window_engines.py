"""Engines in the window: the menu, the foot, the request to a slow engine, models, servers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import scripted_engine
from at_window import critiqued, shows
from checkpoint_files import checkpoint, write
from desk import desk, until
from drawer import Drawer, own_drawer
from openai_server import OpenAIServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QProgressBar
from pytestqt.qtbot import QtBot

from app.domain.engines import SLOW_SECONDS, with_pace
from app.panels.model_card import ModelCard
from app.panels.models_panel import ModelsPanel
from app.panels.server_dialog import ServerDialog
from app.services.models import Models
from app.services.session_controller import SessionController
from app.window import MainWindow
from engine.choice import BUILTIN, EngineChoice, EngineName

KEY = "sk-very-secret"


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    with own_drawer(monkeypatch) as drawer:
        yield drawer


def server(model: str) -> EngineChoice:
    return EngineChoice(engine=EngineName.REMOTE, url="http://there/v1", model=model)


def knows(controller: SessionController, *choices: EngineChoice) -> None:
    controller.set_settings(replace(controller.settings, servers=choices))


def choose(window: MainWindow, text: str) -> None:
    """Open the engine menu as a person does, and take the entry of this text."""
    menu = window.toolbar.engine.menu()
    menu.popup(window.toolbar.engine.mapToGlobal(window.toolbar.engine.rect().bottomLeft()))
    action = next(each for each in menu.actions() if each.text() == text)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def ticked(window: MainWindow) -> list[str]:
    return [a.text() for a in window.toolbar.engine.menu().actions() if a.isChecked()]


def button(part, text: str) -> QAbstractButton:
    return next(b for b in part.findChildren(QAbstractButton) if b.text() == text)


def in_use(controller: SessionController, choice: EngineChoice) -> bool:
    return controller.engine.choice == choice and controller.engine.arriving is None


def test_the_menu_changes_the_engine_and_the_foot_shows_it(
    qtbot: QtBot, answered: MainWindow, controller: SessionController
) -> None:
    knows(controller, server("wordy"))
    choose(answered, "wordy at there")
    until(qtbot, lambda: in_use(controller, server("wordy")) and critiqued(controller))
    until(qtbot, lambda: shows(answered.status_line, "tokens/s"))
    assert shows(answered.status_line, "scripted wordy · cuda:0 · 7.0\u00a0GiB · 20.0 tokens/s")
    assert ticked(answered) == ["wordy at there"]
    assert shows(answered.notice_bar, "scripted wordy is in use. All in 4 bits. It guesses.")
    choose(answered, "Built-in engine")
    until(qtbot, lambda: in_use(controller, BUILTIN))
    assert shows(answered.side.critique, "impression told")
    assert not shows(answered.status_line, "tokens/s")


def test_loading_is_shown_and_can_be_called_off_at_the_foot(
    qtbot: QtBot, answered: MainWindow, controller: SessionController
) -> None:
    knows(controller, server("slow"))
    choose(answered, "slow at there")
    until(qtbot, lambda: shows(answered.status_line, "Loading slow at there: half"))
    (bar,) = answered.status_line.findChildren(QProgressBar)
    assert bar.isVisible()
    assert bar.value() * 2 == bar.maximum()
    cancel = button(answered.status_line, "Cancel")
    cancel.setFocus()
    QTest.keyClick(cancel, Qt.Key.Key_Space)
    assert in_use(controller, BUILTIN)
    assert not cancel.isVisible()
    assert not bar.isVisible()
    assert ticked(answered) == ["Built-in engine"]


def test_an_engine_that_cannot_be_loaded_is_told_and_the_critique_stays(
    qtbot: QtBot, answered: MainWindow, controller: SessionController
) -> None:
    knows(controller, server("broken"))
    choose(answered, "broken at there")
    until(qtbot, answered.notice_bar.isVisible)
    assert shows(answered.notice_bar, "broken at there could not be loaded")
    assert shows(answered.notice_bar, "Mend it.")
    assert shows(answered.side.critique, "impression told")
    assert ticked(answered) == ["Built-in engine"]


def test_a_slow_engine_is_asked_by_a_button(
    qtbot: QtBot, answered: MainWindow, controller: SessionController
) -> None:
    settings = controller.settings
    paces = with_pace(settings.paces, server("quick"), SLOW_SECONDS + 32)
    controller.set_settings(replace(settings, paces=paces, servers=(server("quick"),)))
    choose(answered, "quick at there")
    until(qtbot, lambda: in_use(controller, server("quick")))
    critique = answered.side.critique
    assert shows(critique, "quick at there has not looked at this photo yet.")
    assert shows(critique, "Its last critique took 42 s.")
    assert not shows(critique, "Impression")
    ask = button(critique, "Ask quick for a critique")
    ask.setFocus()
    QTest.keyClick(ask, Qt.Key.Key_Space)
    until(qtbot, lambda: critiqued(controller))
    assert shows(critique, "impression told")
    assert not ask.isVisible()


def test_a_server_is_connected_by_its_dialog_and_no_key_reaches_a_file(
    qtbot: QtBot,
    drawer: Drawer,
    answered: MainWindow,
    controller: SessionController,
    tmp_path: Path,
) -> None:
    choose(answered, "Connect to a server…")
    (dialog,) = answered.findChildren(ServerDialog)
    url, model = dialog.findChildren(QComboBox)
    url.setCurrentText("http://there/v1")
    model.setCurrentText("quick")
    key = next(e for e in dialog.findChildren(QLineEdit) if "Key" in e.accessibleName())
    key.setText(KEY)
    button(dialog, "Connect").click()
    until(qtbot, lambda: in_use(controller, server("quick")) and critiqued(controller))
    assert drawer.kept == {("venus", "http://there/v1"): KEY}
    assert controller.settings.servers == (server("quick"),)
    with sqlite3.connect(tmp_path / "sessions.sqlite3") as database:
        assert KEY not in "".join(database.iterdump())
    database.close()


def test_the_real_remote_engine_answers_in_the_same_panels(
    qtbot: QtBot, drawer: Drawer, tmp_path: Path, folder: Path
) -> None:
    with OpenAIServer() as there, desk(tmp_path / "real", in_view_ms=30) as controller:
        window = MainWindow(controller)
        qtbot.addWidget(window)
        window.show()
        controller.open_path(folder)
        until(qtbot, lambda: critiqued(controller))
        controller.use_engine(
            EngineChoice(engine=EngineName.REMOTE, url=there.url, model="tiny-vl")
        )
        until(qtbot, lambda: shows(window.side.critique, "Good light."), seconds=30)
        assert there.chats
        assert controller.session is not None
        assert controller.session.by.startswith("remote ")
        window.close()


def test_a_real_model_answers_in_the_same_panels(
    qtbot: QtBot, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the libraries of the Venus engine are not installed")
    from tiny_checkpoints import make

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    checkpoint = make("qwen_vl", tmp_path / "tiny")
    with desk(tmp_path / "real", in_view_ms=30) as controller:
        window = MainWindow(controller)
        qtbot.addWidget(window)
        window.show()
        controller.open_path(folder)
        until(qtbot, lambda: critiqued(controller))
        controller.models.add(checkpoint)
        until(qtbot, lambda: bool(controller.models.shelf.ready))
        choose(window, "tiny")
        until(qtbot, lambda: controller.engine.choice != BUILTIN, seconds=120)
        until(qtbot, lambda: controller.engine.speed is not None, seconds=120)
        assert controller.session is not None
        assert controller.session.critique.analysis
        assert shows(window.status_line, "tokens/s")
        window.close()


# ── models ───────────────────────────────────────────────────────────────────────────────────────


def test_the_models_panel_comes_by_the_menu_and_is_one(
    qtbot: QtBot, window: MainWindow, controller: SessionController
) -> None:
    for _ in range(2):
        choose(window, "Models…")
        until(qtbot, lambda: bool(controller.models.shelf.models))
    (panel,) = window.findChildren(ModelsPanel)
    assert panel.isVisible()
    assert len(panel.findChildren(ModelCard)) == len(controller.models.shelf.models)


def test_a_folder_becomes_an_engine_of_the_menu(
    qtbot: QtBot, answered: MainWindow, controller: SessionController, tmp_path: Path
) -> None:
    folder = tmp_path / "My model"
    folder.mkdir()
    write(folder, checkpoint(size=3000))
    controller.models.add(folder)
    until(qtbot, lambda: any(m.added for m in controller.models.shelf.models))
    choose(answered, "My model")
    choice = controller.models.shelf.ready[0].choice
    assert choice is not None
    until(qtbot, lambda: in_use(controller, choice) and critiqued(controller))
    assert controller.settings.engine == choice
    answered.engine_desk.show_models()
    (panel,) = answered.findChildren(ModelsPanel)
    card = panel.findChildren(ModelCard)[-1]
    assert shows(card, "In use")


# ── the offer ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def offered(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window of a fresh machine with a graphics card."""
    models = Models(root=tmp_path / "none", graphics=lambda: True)
    with desk(tmp_path, command=scripted_engine.COMMAND, models=models) as controller:
        window = MainWindow(controller)
        qtbot.addWidget(window)
        window.show()
        controller.start()
        until(qtbot, lambda: bool(controller.models.shelf.models))
        QApplication.processEvents()
        yield window
        window.close()


def test_a_machine_that_could_run_a_model_is_offered_one_with_its_size(
    qtbot: QtBot, offered: MainWindow
) -> None:
    offer = offered.start_page.offer
    assert offer.isVisible()
    assert shows(offer, "Venus-Q, stage 2")
    assert shows(offer, "a download of 19.3\u00a0GB")
    assert shows(offer, "of graphics memory")
    button(offer, "Look at the models…").click()
    (panel,) = offered.findChildren(ModelsPanel)
    assert panel.isVisible()


def test_an_offer_that_was_declined_never_comes_back(
    qtbot: QtBot, offered: MainWindow, tmp_path: Path
) -> None:
    button(offered.start_page.offer, "No, thank you").click()
    assert not offered.start_page.offer.isVisible()
    models = Models(root=tmp_path / "none", graphics=lambda: True)
    with desk(tmp_path, command=scripted_engine.COMMAND, models=models) as controller:
        window = MainWindow(controller)
        qtbot.addWidget(window)
        window.show()
        controller.start()
        until(qtbot, lambda: bool(controller.models.shelf.models))
        assert controller.models.shelf.offer is not None
        assert not window.start_page.offer.isVisible()
        window.close()
