"""The critique shows what has come, as it comes, and never obeys marks in an engine's text."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.session import Progress, Session
from app.panels.critique_panel import CritiquePanel
from app.panels.finding_row import Row
from engine.vocabulary import Critique, Task


def panel_with(qtbot: QtBot, session: Session | None) -> CritiquePanel:
    panel = CritiquePanel()
    qtbot.addWidget(panel)
    panel.show_session(session)
    panel.show()
    return panel


def shown_texts(panel: CritiquePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def rows(panel: CritiquePanel) -> list[Row]:
    QApplication.processEvents()  # a layout shows what is new in it
    return [row for row in panel.findChildren(Row) if row.isVisible()]


def button(panel: CritiquePanel, text: str) -> QPushButton:
    (found,) = (b for b in panel.findChildren(QPushButton) if b.text() == text and not b.isHidden())
    return found


def point_at(row: Row) -> None:
    place = QPointF(5, 5)
    QApplication.sendEvent(row, QEnterEvent(place, place, place))


def test_it_shows_every_part_in_reading_order(qtbot: QtBot, session: Session) -> None:
    texts = shown_texts(panel_with(qtbot, session))
    parts = ["Impression", "One.", "Analysis", "Two.", "Guidance", "Taking it", "Three."]
    parts += ["Afterwards", "Four.", "Too dark", "1 EV too dark", "Tilted horizon", "Sharp"]
    assert [text for text in texts if text in parts] == parts


def test_a_part_says_that_it_is_on_its_way_until_its_first_word(
    qtbot: QtBot, session: Session
) -> None:
    begun = replace(session, critique=Critique()).with_progress(Task.ANALYSIS, Progress.RUNNING)
    panel = panel_with(qtbot, begun)
    assert "Looking at the photo…" in shown_texts(panel)
    panel.show_session(replace(begun, critique=Critique(analysis="It")))
    assert "Looking at the photo…" not in shown_texts(panel)
    assert "It" in shown_texts(panel)


def test_marks_in_a_text_stay_marks(qtbot: QtBot, session: Session) -> None:
    marked = "<b>bold</b> <img src='file:///x.png'> &amp; [a](b)"
    panel = panel_with(qtbot, replace(session, critique=Critique(impression=marked)))
    label = next(label for label in panel.findChildren(QLabel) if label.text() == marked)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_tool_tip_of_a_finding_obeys_no_marks_either(qtbot: QtBot, session: Session) -> None:
    finding = replace(session.critique.findings[0], taking="<img src='x'>")
    panel = panel_with(qtbot, replace(session, critique=Critique(findings=(finding,))))
    assert "<img" not in rows(panel)[0].toolTip()
    assert "&lt;img" in rows(panel)[0].toolTip()


def test_pointing_at_a_finding_asks_for_its_evidence_and_leaving_takes_it_back(
    qtbot: QtBot, session: Session
) -> None:
    panel = panel_with(qtbot, session)
    row = rows(panel)[1]
    for other in rows(panel):  # wherever the pointer happens to rest
        QApplication.sendEvent(other, QEvent(QEvent.Type.Leave))
    asked: list[object] = []
    panel.evidence_wanted.connect(asked.append)
    point_at(row)
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    assert asked == [session.critique.findings[1].where, None]


def test_the_keyboard_reaches_the_evidence_too(qtbot: QtBot, session: Session) -> None:
    panel = panel_with(qtbot, session)
    asked: list[object] = []
    panel.evidence_wanted.connect(asked.append)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    rows(panel)[0].setFocus(Qt.FocusReason.TabFocusReason)
    rows(panel)[2].setFocus(Qt.FocusReason.TabFocusReason)
    assert asked == [
        session.critique.findings[0].where,
        None,
        session.critique.strengths[0].where,
    ]


def test_only_a_tilted_horizon_can_be_straightened(qtbot: QtBot, session: Session) -> None:
    panel = panel_with(qtbot, session)
    asked: list[object] = []
    panel.straighten_asked.connect(asked.append)
    button(panel, "Straighten").click()
    assert asked == [session.critique.findings[1]]


def test_rows_come_and_go_with_the_observations(qtbot: QtBot, session: Session) -> None:
    panel = panel_with(qtbot, session)
    critique = session.critique
    fewer = replace(critique, findings=critique.findings[1:], strengths=())
    panel.show_session(replace(session, critique=fewer))
    assert [row.observation for row in rows(panel)] == [critique.findings[1]]
    assert "Too dark" not in shown_texts(panel)
    panel.show_session(session)
    everything = [*critique.findings, *critique.strengths]
    assert [row.observation for row in rows(panel)] == everything


def test_a_stopped_critique_can_go_on_and_a_complete_one_cannot(
    qtbot: QtBot, session: Session
) -> None:
    panel = panel_with(qtbot, session)
    (go_on,) = (b for b in panel.findChildren(QPushButton) if b.text().startswith("Go on"))
    assert not go_on.isVisible()
    panel.show_session(session.with_progress(Task.GUIDANCE, Progress.STOPPED))
    assert go_on.isVisible()
    with qtbot.waitSignal(panel.resumed):
        go_on.click()
