"""The desk by its keys: deciding, editing, rejecting, scoring, undoing, going on."""

from __future__ import annotations

from pathlib import Path

import pytest
from at_desk import CTRL, Seat, actions, decisions, records_at, seat
from desk import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot
from reviews import BOX, guidance, rationale

from app.review.desk import Mode
from engine.review.decisions import Action
from engine.review.records import Draft

Key = Qt.Key


def test_accepting_is_on_the_disk_at_once(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_A)
    assert actions(file) == [("A.png", "accept")]
    assert ada.shows("You: accepted")


def test_the_records_and_the_photos_are_never_written(ada: Seat, file: Path) -> None:
    mine = [file, *(file.parent / "photos").iterdir()]
    before = [each.read_bytes() for each in mine]
    ada.press(Key.Key_A, Key.Key_N, Key.Key_E)
    ada.write("Other words.")
    ada.press(Key.Key_Return, modifier=CTRL)
    assert [each.read_bytes() for each in mine] == before
    assert sorted(each.name for each in file.parent.iterdir()) == [
        "photos",
        "records.jsonl",
        "records.reviews",
    ]


def test_editing_accepts_with_other_words(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("Hard light from the left.")
    ada.press(Key.Key_Return, modifier=CTRL)
    (word,) = decisions(file)
    assert word.action is Action.EDIT
    assert word.draft == Draft(
        impression="Pleasing.", analysis="Hard light from the left.", guidance="Step closer."
    )
    assert ada.window.words.form.analysis.text() == "Hard light from the left."
    assert ada.window.photo.hasFocus()


def test_letters_are_text_in_a_field_and_keys_outside(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("An area near no pole")
    assert ada.place == 0
    assert actions(file) == []
    ada.press(Key.Key_Escape)
    ada.press(Key.Key_N)
    assert ada.place == 1


def test_a_key_that_is_held_decides_once(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_A, Key.Key_A, Key.Key_A)
    assert actions(file) == [("A.png", "accept")]


def test_accepting_an_edited_record_keeps_the_edit(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("Mine.")
    ada.press(Key.Key_Return, modifier=CTRL)
    ada.press(Key.Key_A)
    assert actions(file) == [("A.png", "edit")]
    ada.press(Key.Key_E)
    ada.press(Key.Key_R, modifier=CTRL)
    ada.press(Key.Key_Return, modifier=CTRL)
    assert actions(file) == [("A.png", "edit"), ("A.png", "accept")]
    assert ada.window.words.form.analysis.text() == "Soft light."
    ada.press(Key.Key_E)
    assert ada.window.words.form.analysis.field.toPlainText() == "Soft light."


def test_words_that_were_begun_outlive_a_decision_without_them(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("Half a tho")
    ada.press(Key.Key_Escape, Key.Key_A)
    assert actions(file) == [("A.png", "accept")]
    ada.press(Key.Key_U, Key.Key_E)
    assert ada.window.words.form.analysis.field.toPlainText() == "Half a tho"


def test_every_part_of_the_draft_can_be_written(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("One.")
    ada.press(Key.Key_Tab)
    ada.write("Two.")
    ada.window.words.form.impression.field.setFocus()
    ada.write("Three.")
    ada.press(Key.Key_Return, modifier=CTRL)
    (word,) = decisions(file)
    assert word.draft == Draft(impression="Three.", analysis="One.", guidance="Two.")


def test_an_edit_that_changes_nothing_is_an_acceptance(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.press(Key.Key_Return, modifier=CTRL)
    assert actions(file) == [("A.png", "accept")]


def test_an_edit_without_words_is_refused_in_words(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    for part in (ada.window.words.form.impression, ada.window.words.form.guidance):
        part.field.setFocus()
        part.field.selectAll()
        QTest.keyClick(part.field, Key.Key_Delete)
    ada.window.words.form.analysis.field.setFocus()
    ada.write(" ")
    ada.press(Key.Key_Return, modifier=CTRL)
    assert actions(file) == []
    assert ada.shows("An edit needs words.", ada.window.notice_bar)


def test_the_edit_can_begin_anew_with_the_records_words(ada: Seat) -> None:
    ada.press(Key.Key_E)
    ada.write("No.")
    ada.press(Key.Key_R, modifier=CTRL)
    assert ada.window.words.form.analysis.field.toPlainText() == "Soft light."


def test_unfinished_words_wait_where_they_were_typed(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_E)
    ada.write("Half a tho")
    ada.press(Key.Key_Escape, Key.Key_N)
    assert ada.window.words.form.analysis.text() == "Soft light."
    ada.press(Key.Key_P)
    assert ada.shows("You have begun other words")
    ada.press(Key.Key_E)
    assert ada.window.words.form.analysis.field.toPlainText() == "Half a tho"
    assert actions(file) == []


def test_rejecting_needs_a_reason(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_R)
    assert ada.window.foot.reason.hasFocus()
    ada.press(Key.Key_Return)
    assert actions(file) == []
    assert ada.shows("A rejection needs its reason.", ada.window.notice_bar)
    ada.write("Too vague")
    ada.press(Key.Key_Return)
    (word,) = decisions(file)
    assert (word.action, word.note) == (Action.REJECT, "Too vague")
    assert ada.shows("You: rejected: Too vague")


def test_a_rejection_can_be_thought_over(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_R)
    ada.write("Hm")
    ada.press(Key.Key_Escape)
    assert ada.controller.desk.mode is Mode.READING
    assert actions(file) == []
    ada.press(Key.Key_R)
    assert ada.window.foot.reason.text() == "Hm"


@pytest.mark.parametrize(
    ("keys", "place"),
    (
        ((Key.Key_N,), 1),
        ((Key.Key_Right, Key.Key_Right), 2),
        ((Key.Key_PageDown, Key.Key_PageDown, Key.Key_PageDown), 2),
        ((Key.Key_N, Key.Key_P), 0),
        ((Key.Key_P,), 0),
        ((Key.Key_A, Key.Key_O), 1),
        ((Key.Key_N, Key.Key_A, Key.Key_N, Key.Key_A, Key.Key_O), 0),
    ),
)
def test_keys_lead_through_the_records(ada: Seat, keys: tuple[Key, ...], place: int) -> None:
    ada.press(*keys)
    assert ada.place == place
    assert ada.shows(f"Record {place + 1} of 3", ada.window.head)


def test_the_end_of_the_work_is_told(ada: Seat) -> None:
    ada.press(Key.Key_A, Key.Key_N, Key.Key_A, Key.Key_N, Key.Key_A, Key.Key_O)
    assert ada.shows("You have decided about every record", ada.window.notice_bar)
    assert ada.shows("You (ada): 3 of 3", ada.window.head)


def test_undo_takes_the_last_decision_back_and_goes_to_it(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_A, Key.Key_N, Key.Key_A, Key.Key_N)
    ada.press(Key.Key_Z, modifier=CTRL)
    assert ada.place == 1
    assert ada.controller.desk.mine is None
    ada.press(Key.Key_U)
    assert ada.place == 0
    assert ada.shows("You (ada): 0 of 3", ada.window.head)
    assert [action for _, action in actions(file)] == ["accept", "accept", "open", "open"]
    assert not ada.window.actions_.undo.isEnabled()


def test_undo_brings_the_word_before_back(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_A, Key.Key_R)
    ada.write("no")
    ada.press(Key.Key_Return)
    ada.press(Key.Key_Z, modifier=CTRL)
    assert ada.shows("You: accepted")
    assert [action for _, action in actions(file)] == ["accept", "reject", "accept"]


def test_what_an_undone_edit_said_is_not_lost(ada: Seat) -> None:
    ada.press(Key.Key_E)
    ada.write("Long thoughts.")
    ada.press(Key.Key_Return, modifier=CTRL)
    ada.press(Key.Key_Z, modifier=CTRL)
    assert ada.window.words.form.analysis.text() == "Soft light."
    ada.press(Key.Key_E)
    assert ada.window.words.form.analysis.field.toPlainText() == "Long thoughts."


def test_a_score_joins_the_decision(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_S)
    ada.write("7,5")
    ada.press(Key.Key_Return)
    assert decisions(file) == ()
    ada.press(Key.Key_A)
    assert decisions(file)[-1].score == 7.5
    ada.press(Key.Key_S)
    ada.write("8")
    ada.press(Key.Key_PageDown)  # without Return: it belongs to the record that is left
    assert ada.place == 1
    assert [(each.action, each.score) for each in decisions(file)] == [
        (Action.ACCEPT, 7.5),
        (Action.ACCEPT, 8.0),
    ]
    assert ada.window.words.score.text() == ""


def test_a_score_takes_no_letters(ada: Seat, file: Path) -> None:
    ada.press(Key.Key_S)
    ada.write("good")
    assert ada.window.words.score.text() == ""
    ada.press(Key.Key_Return)
    assert ada.window.photo.hasFocus()


def test_a_rationale_shows_its_crop_and_its_words(qtbot: QtBot, tmp_path: Path) -> None:
    file = records_at(tmp_path, rationale("A.png", better=False), guidance("B.png"))
    with seat(qtbot, file) as ada:
        until(qtbot, lambda: ada.window.photo.picture is not None)
        form = ada.window.words.form
        assert ada.shows("The marked crop is said to harm the photo.")
        assert (form.rationale.text(), form.analysis.isVisible()) == ("It balances.", False)
        pane = ada.window.photo
        image = pane.grab().toImage()
        camera = pane._lens.camera

        def light(x: float, y: float) -> int:
            at = camera.to_screen((x * 120, y * 80))
            return image.pixelColor(round(at[0]), round(at[1])).lightness()

        middle = (BOX.left + BOX.right) / 2
        assert light(middle, BOX.top + 0.1) > light(middle, BOX.top - 0.1) + 40
        ada.press(Key.Key_E)
        assert form.rationale.field.hasFocus()
        ada.write("It cuts the ball.")
        ada.press(Key.Key_Return, modifier=CTRL)
        assert decisions(file)[-1].draft == Draft(rationale="It cuts the ball.")
        ada.press(Key.Key_N)
        assert form.analysis.isVisible()
        assert not form.rationale.isVisible()


def test_buttons_show_their_keys_and_do_the_same(ada: Seat, file: Path) -> None:
    texts = [each.text() for each in ada.window.foot.findChildren(QAbstractButton)]
    assert "Accept  A" in texts
    assert "Reject  R" in texts
    assert "Accept with these words  Ctrl+Return" in texts
    buttons = ada.window.foot.findChildren(QAbstractButton)
    accept = next(each for each in buttons if each.text() == "Accept  A")
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    assert actions(file) == [("A.png", "accept")]
