"""Two reviewers on one file, a kill in between, broken lines, a file that changes underneath."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from at_desk import CTRL, actions, decisions, records_at, seat
from desk import until
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from reviews import decided, guidance

from app.review.controller import ReviewController
from app.services.image_loader import ImageLoader
from engine.review.decisions import Action, add, folder_of, log_of
from engine.review.records import Draft, ReviewError, read_records, write_records

Key = Qt.Key

KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.review.controller import ReviewController
from app.services.image_loader import ImageLoader
from engine.review.records import Draft
application = QApplication([])
controller = ReviewController(Path(sys.argv[1]), "ada", ImageLoader())
controller.start()
controller.accept()
controller.next()
controller.begin_edit()
controller.type_draft(Draft(impression="Pleasing.", analysis="Half", guidance="Step closer."))
while not list(Path(sys.argv[1]).with_suffix(".reviews").glob("*.unfinished.json")):
    application.processEvents()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_each_sees_the_other_only_after_deciding(qtbot: QtBot, file: Path) -> None:
    with seat(qtbot, file, "ada") as ada, seat(qtbot, file, "ben") as ben:
        ben.press(Key.Key_R)
        ben.write("too dark")
        ben.press(Key.Key_Return)
        ada.controller.listen()
        assert ada.shows("ben: 1 of 3", ada.window.head)
        assert not ada.shows("too dark")
        assert not ada.shows("The checking model")
        ada.press(Key.Key_A)
        assert ada.shows("ben: rejected: too dark")
        assert ada.shows("The checking model: accepted: seen")
        ben.controller.listen()
        assert ben.shows("ada: accepted")
        ada.press(Key.Key_Z, modifier=CTRL)
        assert not ada.shows("too dark")
    assert actions(file, "ben") == [("A.png", "reject")]
    assert actions(file, "ada") == [("A.png", "accept"), ("A.png", "open")]


def test_the_desk_hears_of_the_others_by_itself(qtbot: QtBot, file: Path) -> None:
    with seat(qtbot, file) as ada:
        add(file, decided(read_records(file).records[2], "ben", Action.ACCEPT))
        until(qtbot, lambda: ada.shows("ben: 1 of 3", ada.window.head))


def test_listening_does_not_disturb_an_edit(qtbot: QtBot, file: Path) -> None:
    with seat(qtbot, file) as ada:
        ada.press(Key.Key_N, Key.Key_E)
        ada.write("I am writ")
        add(file, decided(read_records(file).records[0], "ben", Action.ACCEPT))
        ada.controller.listen()
        ada.press(Key.Key_End)
        field = ada.window.words.form.analysis.field
        field.insertPlainText("ing")
        ada.press(Key.Key_Return, modifier=CTRL)
        assert decisions(file)[-1].draft == Draft(
            impression="Pleasing.", analysis="I am writing", guidance="Step closer."
        )


def test_agreement_is_shown_once_both_have_decided_enough(qtbot: QtBot, tmp_path: Path) -> None:
    drafts = tuple(guidance(f"{number}.png") for number in range(12))
    file = records_at(tmp_path, *drafts)
    for number, each in enumerate(drafts):
        action = Action.ACCEPT if number % 2 else Action.REJECT
        add(file, decided(each, "ben", action, score=float(number)))
    with seat(qtbot, file) as ada:
        panel = ada.window.words.agreement
        for number in range(9):
            _judge(ada, number)
        until(qtbot, lambda: ada.shows("after 10 records that both judged, now 9", panel))
        assert not ada.shows("κ", panel)
        _judge(ada, 9)
        # By hand: ada accepts 1, 3, 5, 7, 8, 9; they differ on 8 alone.
        # 9 of 10 the same; chance (5 × 6 + 5 × 4) / 100 = 0.5; κ = (0.9 − 0.5) / 0.5.
        until(qtbot, lambda: ada.shows("With ben: the same on 9 of 10, Cohen's κ 0.80", panel))
        assert ada.shows("scores of 10: Spearman 1.00, Kendall 1.00", panel)


def _judge(ada, number: int) -> None:
    ada.press(Key.Key_S)
    ada.write(str(number))
    ada.press(Key.Key_Return)
    if number % 2 or number == 8:
        ada.press(Key.Key_A)
    else:
        ada.press(Key.Key_R)
        ada.write("no")
        ada.press(Key.Key_Return)
    ada.press(Key.Key_N)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_kill_costs_nothing(qtbot: QtBot, file: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with seat(qtbot, file) as ada:
        assert ada.place == 1
        assert ada.shows("You (ada): 1 of 3", ada.window.head)
        ada.press(Key.Key_E)
        assert ada.window.words.form.analysis.field.toPlainText() == "Half"
        ada.press(Key.Key_Escape)
        ada.press(Key.Key_Z, modifier=CTRL)
        assert ada.place == 0
        assert actions(file)[-1] == ("A.png", "open")


def test_broken_lines_are_told_and_kept(qtbot: QtBot, file: Path) -> None:
    first = read_records(file).records[0]
    add(file, decided(first, "ada", Action.ACCEPT))
    log = log_of(file, "ada")
    with log.open("ab") as out:
        out.write(b'{"record": "torn')
    before = log.read_bytes()
    with seat(qtbot, file) as ada:
        assert ada.shows("line 2, is no decision", ada.window.notice_bar)
        assert ada.place == 1
        ada.press(Key.Key_A)
    assert log.read_bytes().startswith(before + b"\n")
    assert actions(file) == [("A.png", "accept"), ("B.png", "accept")]


def test_unfinished_words_that_are_broken_are_told_and_put_aside(qtbot: QtBot, file: Path) -> None:
    place = folder_of(file) / "ada.unfinished.json"
    place.parent.mkdir()
    place.write_text("{torn", "utf-8")
    with seat(qtbot, file) as ada:
        assert ada.shows("has no unfinished words", ada.window.notice_bar)
    assert (folder_of(file) / "ada.unfinished.broken").read_text("utf-8") == "{torn"


def test_a_new_draft_asks_for_a_new_word(qtbot: QtBot, file: Path) -> None:
    with seat(qtbot, file) as ada:
        ada.press(Key.Key_A, Key.Key_N)
        found = read_records(file)
        first, *others = found.records
        changed = replace(first, draft=replace(first.draft, analysis="Hard light."))
        write_records(file, (*others, changed), root=found.root)
        ada.controller.listen()
        assert ada.controller.desk.record == others[0]
        assert ada.shows("You (ada): 0 of 3", ada.window.head)
        assert not ada.window.actions_.undo.isEnabled()


def test_a_file_that_breaks_underneath_is_told_and_the_desk_goes_on(
    qtbot: QtBot, file: Path
) -> None:
    with seat(qtbot, file) as ada:
        file.write_text("no records", "utf-8")
        ada.controller.listen()
        assert ada.shows("is no file of review records", ada.window.notice_bar)
        ada.press(Key.Key_A)
    assert log_of(file, "ada").is_file()


def test_a_decision_that_cannot_be_kept_is_not_shown_as_kept(qtbot: QtBot, file: Path) -> None:
    folder_of(file).write_text("a file where the folder should be", "utf-8")
    with seat(qtbot, file) as ada:
        ada.press(Key.Key_A)
        assert ada.controller.desk.mine is None
        assert ada.shows("Nothing can be written into", ada.window.notice_bar)
        folder_of(file).unlink()
        ada.press(Key.Key_A)
        assert ada.shows("You: accepted")


def test_a_file_without_records_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    write_records(file, (), root=tmp_path)
    with pytest.raises(ReviewError, match="has no records"):
        ReviewController(file, "ada", ImageLoader())
