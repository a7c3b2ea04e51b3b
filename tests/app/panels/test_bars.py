"""Notices, an engine in trouble, and the line at the foot."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.panels import notice_bar
from app.panels.message_page import MessagePage
from app.panels.notice_bar import EngineBar, NoticeBar
from app.panels.status_line import StatusLine
from app.services.shelf import Job, Model, Shelf, Work
from app.services.status import EngineStatus, Notice, Phase, Severity
from engine.checkpoints.progress import Phase as Fetch
from engine.checkpoints.progress import Transfer
from engine.vocabulary import EngineInfo

INFO = EngineInfo("Built-in engine", "1")


def texts(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_a_notice_says_what_happened_and_the_way_out(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    assert not bar.isVisible()
    bar.show_notice(Notice("<i>It</i> failed.", "Try another.", Severity.ERROR))
    assert bar.isVisible()
    assert texts(bar) == "<i>It</i> failed. Try another."
    bar.findChildren(QToolButton)[0].click()
    assert not bar.isVisible()


def test_news_goes_by_itself_and_trouble_stays(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_bar, "INFO_MS", 20)
    news, trouble = NoticeBar(), NoticeBar()
    for bar, severity in ((trouble, Severity.ERROR), (news, Severity.INFO)):
        qtbot.addWidget(bar)
        bar.show_notice(Notice("Words.", severity=severity))
    qtbot.waitUntil(lambda: not news.isVisible())
    assert trouble.isVisible()


def test_trouble_after_news_is_not_taken_away_with_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_bar, "INFO_MS", 20)
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.show_notice(Notice("News."))
    bar.show_notice(Notice("Trouble.", severity=Severity.ERROR))
    qtbot.wait(60)
    assert bar.isVisible()


@pytest.mark.parametrize(
    ("severity", "stays"),
    ((Severity.INFO, False), (Severity.ERROR, False), (Severity.WARNING, True)),
)
def test_only_a_warning_outlasts_its_photo(qtbot: QtBot, severity: Severity, stays: bool) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.show_notice(Notice("Words.", severity=severity))
    bar.leave_photo()
    assert bar.isVisible() is stays


@pytest.mark.parametrize("phase", Phase)
def test_a_restart_is_offered_to_a_silent_and_a_crashed_engine_only(
    qtbot: QtBot, phase: Phase
) -> None:
    bar = EngineBar()
    qtbot.addWidget(bar)
    bar.show_status(EngineStatus(phase, "Something happened.", INFO))
    assert bar.isVisible() is (phase in (Phase.SILENT, Phase.CRASHED))
    if bar.isVisible():
        assert "Something happened." in texts(bar)
        with qtbot.waitSignal(bar.restart_asked):
            bar.findChildren(QPushButton)[0].click()


@pytest.mark.parametrize("phase", Phase)
def test_the_line_shows_work_and_a_stop_for_it(qtbot: QtBot, phase: Phase) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(900, 32)
    line.show()
    line.show_status(EngineStatus(phase, "", INFO))
    working = (Phase.OPENING, Phase.ANSWERING, Phase.SILENT)
    stop = next(b for b in line.findChildren(QToolButton) if b.accessibleName().startswith("Stop"))
    (progress,) = line.findChildren(QProgressBar)
    assert stop.isVisible() is (phase in working)
    assert progress.isVisible() is (phase in (*working, Phase.STARTING))
    assert "Built-in engine · cpu" in texts(line)


def test_the_engines_own_words_go_before_ours(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(900, 32)
    line.show()
    line.show_status(EngineStatus(Phase.OPENING, "Measuring focus", INFO))
    assert "Measuring focus" in texts(line)
    line.show_status(EngineStatus(Phase.OPENING, "", INFO))
    assert "Reading the photo…" in texts(line)


def test_the_page_for_an_unreadable_photo_tells_reason_and_way_out(qtbot: QtBot) -> None:
    page = MessagePage()
    qtbot.addWidget(page)
    page.resize(800, 600)
    page.show()
    page.show_notice(Notice("x.jpg cannot be shown.", "Choose another.", Severity.ERROR))
    assert "x.jpg cannot be shown." in texts(page)
    assert "Choose another." in texts(page)
    another, back = page.findChildren(QPushButton)
    with qtbot.waitSignal(page.open_asked):
        another.click()
    with qtbot.waitSignal(page.start_asked):
        back.click()


# ── the foot ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def line(qtbot: QtBot) -> StatusLine:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1200, 32)
    line.show()
    return line


def test_the_foot_shows_what_is_known_of_the_engine_and_no_more(line: StatusLine) -> None:
    line.show_status(EngineStatus(Phase.READY, "", INFO))
    assert texts(line).strip() == "Built-in engine · cpu Ready"
    large = EngineInfo("Venus-Q", "1", 0, "cuda:0", 7 << 30, "In 4 bits.", ("It guesses.",))
    line.show_status(EngineStatus(Phase.READY, "", large, speed=23.44))
    assert texts(line).strip() == "Venus-Q · cuda:0 · 7.0\u00a0GiB · 23.4 tokens/s Ready"
    tip = next(label.toolTip() for label in line.findChildren(QLabel) if label.toolTip())
    assert "In 4 bits." in tip
    assert "It guesses." in tip
    line.show_status(EngineStatus(Phase.OFF))
    assert texts(line).strip() == ""


def test_progress_fills_where_it_is_known_and_moves_where_it_is_not(line: StatusLine) -> None:
    (bar,) = line.findChildren(QProgressBar)
    line.show_status(EngineStatus(Phase.OPENING, "Measuring", INFO, 0.25))
    assert bar.value() * 4 == bar.maximum()
    line.show_status(EngineStatus(Phase.ANSWERING, "", INFO))
    assert (bar.minimum(), bar.maximum()) == (0, 0)


def test_a_long_state_gives_way_and_its_tip_has_the_whole(line: StatusLine) -> None:
    words = "reading " * 60
    line.show_status(EngineStatus(Phase.OPENING, words, INFO))
    (state,) = (label for label in line.findChildren(QLabel) if label.text().startswith("reading"))
    assert state.text().endswith("…")
    assert words.strip() in state.toolTip()
    assert state.accessibleName() == words
    assert line.width() == 1200


def test_downloads_are_told_at_the_foot_and_lead_to_the_models(
    qtbot: QtBot, line: StatusLine
) -> None:
    transfer = Transfer(phase=Fetch.FETCHING, done=34, total=100)
    one = Model(name="a", title="A", work=Work(Job.DOWNLOAD, transfer))
    two = Model(name="b", title="B", work=Work(Job.VERIFY))
    button = next(b for b in line.findChildren(QToolButton) if not b.icon().cacheKey())
    line.show_shelf(Shelf((one,)))
    assert button.text() == "Downloading 34 %"
    line.show_shelf(Shelf((one, two)))
    assert button.text() == "Downloading 34 % and 1 more"
    assert button.accessibleName() == "Downloading 34 % and 1 more: A"
    assert "A, B" in button.toolTip()
    with qtbot.waitSignal(line.models_asked):
        button.click()
    line.show_shelf(Shelf((Model(name="a", title="A"),)))
    assert not button.isVisible()
