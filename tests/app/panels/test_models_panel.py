"""The Models panel: every state of a model in words, and the wishes that its buttons send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QProgressBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.panels.model_card import ModelCard
from app.panels.models_panel import ModelsPanel
from app.services.shelf import Job, Model, Presence, Shelf, Work
from app.services.status import EngineStatus, Notice, Severity
from engine.checkpoints.progress import Phase, Transfer
from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording

CHOICE = EngineChoice(engine=EngineName.VENUS, checkpoint="/models/venus")
ABSENT = Model(
    name="venus",
    title="Venus & Co",
    family="qwen_vl",
    stage="guidance",
    about="It looks.",
    licence="Apache 2.0",
    page="https://example.org/venus",
    size=19_300_000_000,
    memory=((MemoryPlan.NF4, 7 << 30), (MemoryPlan.BF16, 19 << 30)),
)
PARTIAL = replace(ABSENT, presence=Presence.PARTIAL, done=4_200_000_000)
READY = replace(
    ABSENT,
    presence=Presence.READY,
    done=ABSENT.size,
    choice=CHOICE,
    folder=Path("/models/venus"),
)
BROKEN = replace(READY, presence=Presence.BROKEN, reason="a.safetensors has gone.")
ADDED = replace(READY, added=True, size=0, folder=Path("/home/ada/mine"))
FETCHING = Transfer(
    phase=Phase.FETCHING, done=6_000_000_000, total=18_000_000_000, speed=50e6, file="a.bin"
)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ModelsPanel]:
    panel = ModelsPanel()
    qtbot.addWidget(panel)
    panel.show()
    yield panel


def show(panel: ModelsPanel, *models: Model) -> ModelCard:
    """Show these models; the first one's card."""
    panel.show_shelf(Shelf(models, Path("/store"), 412_000_000_000))
    QApplication.processEvents()
    return panel.findChildren(ModelCard)[0]


def texts(widget: QWidget) -> str:
    labels = (label for label in widget.findChildren(QLabel) if label.isVisible())
    return "\n".join(label.text() for label in labels).replace("\u00a0", " ")


def buttons(card: ModelCard) -> list[str]:
    return [b.text() for b in card.findChildren(QAbstractButton) if b.isVisible()]


def press(card: ModelCard, text: str) -> None:
    button = next(b for b in card.findChildren(QAbstractButton) if b.text() == text)
    assert button.isVisible()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def test_a_model_says_what_it_is_and_what_it_needs(panel: ModelsPanel) -> None:
    words = texts(show(panel, ABSENT))
    for part in (
        "Venus & Co",
        "Not installed",
        "It looks.",
        "Qwen-VL · trained for guidance · download 19.3 GB",
        "Licence: Apache 2.0",
        "Memory, about: 4 bits 7.0 GiB · 16 bits 19.0 GiB",
    ):
        assert part in words
    assert "Downloads go to /store, where 412 GB are free." in texts(panel)


@pytest.mark.parametrize(
    ("model", "badge", "offered"),
    [
        (ABSENT, "Not installed", ["Download", "Its page"]),
        (PARTIAL, "Partly downloaded", ["Go on with the download", "Remove…", "Its page"]),
        (READY, "Installed", ["Use", "Check", "Remove…", "Its page"]),
        (ADDED, "Your folder", ["Use", "Check", "Remove…", "Its page"]),
        (
            BROKEN,
            "Not whole",
            ["Download what is missing", "Check", "Remove…", "Its page"],
        ),
        (replace(ABSENT, work=Work(Job.DOWNLOAD)), "Downloading", ["Stop"]),
        (replace(READY, work=Work(Job.VERIFY, FETCHING)), "Being checked", ["Stop"]),
        (replace(READY, work=Work(Job.REMOVE)), "Being removed", []),
    ],
)
def test_each_state_has_its_word_and_its_buttons(
    panel: ModelsPanel, model: Model, badge: str, offered: list[str]
) -> None:
    card = show(panel, model)
    assert badge in texts(card)
    assert buttons(card) == offered


def test_a_download_shows_bytes_speed_and_the_time_that_is_left(panel: ModelsPanel) -> None:
    card = show(panel, replace(ABSENT, work=Work(Job.DOWNLOAD, FETCHING)))
    words = "Downloading a.bin · 6.0 GB of 18.0 GB · 50.0 MB a second · 4 min left"
    assert words in texts(card)
    (bar,) = card.findChildren(QProgressBar)
    assert bar.value() / bar.maximum() == pytest.approx(1 / 3, abs=0.01)
    assert bar.accessibleName().replace("\u00a0", " ") == words


def test_nothing_is_promised_while_nothing_is_known(panel: ModelsPanel) -> None:
    card = show(panel, replace(ABSENT, work=Work(Job.DOWNLOAD, Transfer(phase=Phase.ASKING))))
    (bar,) = card.findChildren(QProgressBar)
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    assert "Asking for the list of files" in texts(card)
    assert "left" not in texts(card)


def test_the_buttons_send_their_wishes(qtbot: QtBot, panel: ModelsPanel) -> None:
    for model, text, signal in (
        (ABSENT, "Download", panel.download_asked),
        (PARTIAL, "Go on with the download", panel.download_asked),
        (READY, "Check", panel.verify_asked),
        (replace(ABSENT, work=Work(Job.DOWNLOAD)), "Stop", panel.stop_asked),
    ):
        card = show(panel, model)
        with qtbot.waitSignal(signal) as told:
            press(card, text)
        assert told.args == ["venus"]
    card = show(panel, READY)
    with qtbot.waitSignal(panel.use_asked) as told:
        press(card, "Use")
    assert told.args == [CHOICE]


def test_removing_asks_first_and_says_what_it_frees(qtbot: QtBot, panel: ModelsPanel) -> None:
    card = show(panel, READY)
    with qtbot.assertNotEmitted(panel.remove_asked):
        press(card, "Remove…")
    assert "Delete this download? That frees 19.3 GB." in texts(card)
    assert buttons(card) == ["Delete", "Keep"]
    press(card, "Keep")
    assert buttons(card) == ["Use", "Check", "Remove…", "Its page"]
    press(card, "Remove…")
    with qtbot.waitSignal(panel.remove_asked) as told:
        press(card, "Delete")
    assert told.args == ["venus"]


def test_a_folder_is_forgotten_and_its_files_stay(panel: ModelsPanel) -> None:
    card = show(panel, ADDED)
    press(card, "Remove…")
    assert "Its files stay where they are: /home/ada/mine" in texts(card)
    assert buttons(card) == ["Forget", "Keep"]


def test_the_model_in_use_cannot_be_removed(panel: ModelsPanel) -> None:
    card = show(panel, READY)
    panel.show_status(EngineStatus(choice=CHOICE))
    assert "In use" in texts(card)
    assert "Use" not in buttons(card)
    remove = next(b for b in card.findChildren(QAbstractButton) if b.text() == "Remove…")
    assert not remove.isEnabled()
    assert remove.toolTip()
    panel.show_status(EngineStatus())
    assert remove.isEnabled()
    assert "Use" in buttons(card)


def test_the_prompts_of_a_model_can_be_changed_while_it_is_not_in_use(
    qtbot: QtBot, panel: ModelsPanel
) -> None:
    card = show(panel, replace(READY, wording=Wording.RELEASE))
    (prompts,) = card.findChildren(QComboBox)
    assert prompts.accessibleName() == "Prompts for Venus & Co"
    assert prompts.currentData() == Wording.RELEASE
    with qtbot.waitSignal(panel.wording_asked) as told:
        prompts.setFocus()
        QTest.keyClick(prompts, Qt.Key.Key_Down)
    assert told.args == ["venus", Wording.PAPER]
    panel.show_status(EngineStatus(choice=CHOICE))
    assert not prompts.isEnabled()
    assert not show(panel, ABSENT).findChildren(QComboBox)[0].isVisible()


def test_how_a_job_ended_stays_on_the_card(panel: ModelsPanel) -> None:
    said = Notice("Venus could not be downloaded.", "Try again.", Severity.WARNING)
    card = show(panel, replace(PARTIAL, said=said))
    assert "Venus could not be downloaded. Try again." in texts(card)
    assert "a.safetensors has gone." in texts(show(panel, BROKEN))


def test_the_keyboard_stays_on_the_card_when_a_button_goes(panel: ModelsPanel) -> None:
    card = show(panel, ABSENT, replace(ABSENT, name="other", title="Other"))
    press(card, "Download")
    show(
        panel,
        replace(ABSENT, work=Work(Job.DOWNLOAD)),
        replace(ABSENT, name="other", title="Other"),
    )
    focused = panel.focusWidget()
    assert isinstance(focused, QAbstractButton)
    assert focused.text() == "Stop"
    assert card.isAncestorOf(focused)


def test_cards_come_and_go_with_the_models(panel: ModelsPanel, qtbot: QtBot) -> None:
    other = replace(ABSENT, name="other", title="Other")
    first = show(panel, ABSENT, other)
    assert len(panel.findChildren(ModelCard)) == 2
    assert show(panel, ABSENT) is first
    qtbot.waitUntil(lambda: len(panel.findChildren(ModelCard)) == 1)


def test_a_folder_is_chosen_in_a_dialog_and_trouble_with_it_is_told(
    qtbot: QtBot, panel: ModelsPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    button = next(b for b in panel.findChildren(QAbstractButton) if b.text() == "Use a folder…")
    with qtbot.waitSignal(panel.folder_chosen) as told:
        button.click()
    assert told.args == [tmp_path]
    panel.show_notice(Notice("It has no config.json.", "Name another.", Severity.WARNING))
    assert "It has no config.json. Name another." in texts(panel)
    panel.show_notice(Notice("All is well."))
    assert "All is well." not in texts(panel)


def test_missing_libraries_are_told_before_a_download(panel: ModelsPanel) -> None:
    shelf = Shelf((ABSENT,), libraries=False)
    panel.show_shelf(shelf)
    assert "pip install 'venus-photo[model]'" in texts(panel)
    panel.show_shelf(replace(shelf, libraries=True))
    assert "pip install" not in texts(panel)


def test_every_button_says_which_model_it_is_about(panel: ModelsPanel) -> None:
    card = show(panel, READY)
    names = [b.accessibleName() for b in card.findChildren(QAbstractButton) if b.isVisible()]
    assert names == [
        "Use: Venus & Co",
        "Check: Venus & Co",
        "Remove…: Venus & Co",
        "Its page: Venus & Co",
    ]
    assert card.accessibleName() == "Venus & Co, Installed"


def test_the_wheel_scrolls_the_panel_and_changes_no_prompts(
    qtbot: QtBot, panel: ModelsPanel
) -> None:
    card = show(panel, READY)
    (prompts,) = card.findChildren(QComboBox)
    middle = QPointF(prompts.rect().center())
    wheel = QWheelEvent(
        middle,
        prompts.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.assertNotEmitted(panel.wording_asked):
        QApplication.sendEvent(prompts, wheel)
    assert prompts.currentData() == Wording.AUTO


@pytest.mark.parametrize("width", (420, 1200))
@pytest.mark.parametrize("model", (READY, BROKEN))
def test_nothing_is_cut_in_a_narrow_panel(panel: ModelsPanel, model: Model, width: int) -> None:
    card = show(panel, model)
    panel.resize(width, 500)
    QApplication.processEvents()
    for child in card.findChildren(QWidget):
        if child.isVisible() and child.parentWidget() is card:
            assert card.rect().contains(child.geometry()), child.accessibleName()
            if isinstance(child, QAbstractButton):
                assert child.width() >= child.sizeHint().width()
