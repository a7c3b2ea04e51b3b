"""The server dialog asks a real server on loopback, and puts a key into the keyring alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import until
from drawer import Drawer, own_drawer
from openai_server import OpenAIServer, Status
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.panels.server_dialog import ServerDialog
from app.services.servers import Servers
from engine.choice import EngineChoice, EngineName

KEY = "sk-very-secret"


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawer]:
    with own_drawer(monkeypatch) as drawer:
        yield drawer


@pytest.fixture
def servers(qtbot: QtBot, drawer: Drawer) -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.close()


def opened(qtbot: QtBot, servers: Servers, known: tuple[EngineChoice, ...] = ()) -> ServerDialog:
    dialog = ServerDialog(servers, known)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def field(dialog: ServerDialog, name: str) -> QComboBox:
    return next(b for b in dialog.findChildren(QComboBox) if b.accessibleName() == name)


def fill(dialog: ServerDialog, *, url: str, key: str = "", model: str = "") -> None:
    field(dialog, "Address of the server").setCurrentText(url)
    field(dialog, "Model on the server").setCurrentText(model)
    line = next(
        each
        for each in dialog.findChildren(QLineEdit)
        if each.accessibleName() == "Key for the server"
    )
    assert line.echoMode() is QLineEdit.EchoMode.Password
    line.setText(key)


def press(dialog: ServerDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def says(dialog: ServerDialog, words: str) -> bool:
    return any(words in label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_a_test_lists_the_models_that_the_server_has(qtbot: QtBot, servers: Servers) -> None:
    with OpenAIServer(models=("tiny-vl", "large-vl")) as server:
        dialog = opened(qtbot, servers)
        fill(dialog, url=server.url.removesuffix("/v1"))
        press(dialog, "Test")
        until(qtbot, lambda: says(dialog, "It answers, and has 2 models."))
        models = field(dialog, "Model on the server")
        assert {models.itemText(i) for i in range(models.count())} == {"tiny-vl", "large-vl"}
        assert field(dialog, "Address of the server").currentText() == server.url


def test_a_model_that_is_not_there_is_told(qtbot: QtBot, servers: Servers) -> None:
    with OpenAIServer() as server:
        dialog = opened(qtbot, servers)
        fill(dialog, url=server.url, model="huge-vl")
        press(dialog, "Test")
        until(qtbot, lambda: says(dialog, "There is no huge-vl among them."))


def test_a_wrong_key_is_told_and_nothing_is_kept(
    qtbot: QtBot, servers: Servers, drawer: Drawer
) -> None:
    with OpenAIServer(key="right") as server:
        dialog = opened(qtbot, servers)
        fill(dialog, url=server.url, key="wrong")
        press(dialog, "Test")
        until(qtbot, lambda: says(dialog, "does not accept the key"))
        fill(dialog, url=server.url, key="right")
        press(dialog, "Test")
        until(qtbot, lambda: says(dialog, "It answers, and has one model."))
    assert drawer.kept == {}


def test_nobody_there_is_told_in_words_and_the_dialog_stays(qtbot: QtBot, servers: Servers) -> None:
    dialog = opened(qtbot, servers)
    for url, words in (
        ("http://127.0.0.1:9/v1", "Nothing answers at 127.0.0.1:9."),
        ("ftp://studio", "needs http:// or https://"),
    ):
        fill(dialog, url=url)
        press(dialog, "Test")
        until(qtbot, lambda words=words: says(dialog, words))
    assert dialog.isVisible()


def test_connecting_keeps_the_key_in_the_keyring_and_names_the_engine(
    qtbot: QtBot, servers: Servers, drawer: Drawer
) -> None:
    dialog = opened(qtbot, servers)
    fill(dialog, url="http://studio:8000", key=KEY, model="tiny-vl")
    with qtbot.waitSignal(dialog.use_asked) as told:
        press(dialog, "Connect")
    choice = EngineChoice(engine=EngineName.REMOTE, url="http://studio:8000/v1", model="tiny-vl")
    assert told.args == [choice]
    assert KEY not in repr(choice)
    assert drawer.kept == {("venus", "http://studio:8000/v1"): KEY}
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_a_key_that_is_none_is_refused_before_it_is_kept(
    qtbot: QtBot, servers: Servers, drawer: Drawer
) -> None:
    dialog = opened(qtbot, servers)
    fill(dialog, url="http://studio:8000", key="two words")
    press(dialog, "Connect")
    until(qtbot, lambda: says(dialog, "characters that no key has"))
    assert drawer.kept == {}
    assert dialog.isVisible()


def test_forgetting_a_server_takes_its_key_out_of_the_keyring(
    qtbot: QtBot, servers: Servers, drawer: Drawer
) -> None:
    known = EngineChoice(engine=EngineName.REMOTE, url="http://studio:8000/v1", model="a")
    drawer.kept["venus", known.url] = KEY
    dialog = opened(qtbot, servers, (known,))
    assert field(dialog, "Model on the server").currentText() == "a"
    with qtbot.waitSignal(dialog.forget_asked) as told:
        press(dialog, "Forget")
    assert told.args == [known.url]
    until(qtbot, lambda: drawer.kept == {})
    assert field(dialog, "Address of the server").currentText() == ""
    assert not next(b for b in dialog.findChildren(QPushButton) if b.text() == "Forget").isVisible()


def test_closing_drops_what_was_asked(qtbot: QtBot, servers: Servers) -> None:
    with OpenAIServer() as server:
        dialog = opened(qtbot, servers)
        fill(dialog, url=server.url)
        with qtbot.assertNotEmitted(servers.answered, wait=300):
            press(dialog, "Test")
            dialog.reject()


def test_it_says_that_photos_go_to_the_server(qtbot: QtBot, servers: Servers) -> None:
    assert says(opened(qtbot, servers), "are sent there")


def test_it_grows_with_what_the_server_says(qtbot: QtBot, servers: Servers) -> None:
    with OpenAIServer() as server:
        server.models_reply = Status(418, "many words " * 30)
        dialog = opened(qtbot, servers)
        fill(dialog, url=server.url)
        press(dialog, "Test")
        until(qtbot, lambda: says(dialog, "many words"))
    QApplication.processEvents()
    layout = dialog.layout()
    assert layout is not None
    assert dialog.height() >= layout.totalHeightForWidth(dialog.width())
