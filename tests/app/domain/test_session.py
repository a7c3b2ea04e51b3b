"""Sessions, framings and their history as values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import session_json
from app.domain.history import History
from app.domain.session import (
    Answer,
    Framing,
    Progress,
    Session,
    answered,
    begun,
    critiqued,
    halted,
)
from engine.vocabulary import (
    WHOLE,
    Box,
    Crop,
    Failed,
    Finished,
    Origin,
    Part,
    Purpose,
    Size,
    Task,
    Text,
)

ENGINE_1 = Crop(WHOLE, score=0.9)
ENGINE_2 = Crop(Box(0.1, 0.1, 0.9, 0.9), purpose=Purpose.TIGHTER)
OWN = Crop(Box(0.2, 0.2, 0.6, 0.6), 3.0, Origin.PHOTOGRAPHER, Purpose.OWN)
SESSION = Session(Path("a.jpg"), Size(600, 400))


def test_texts_land_under_their_headings() -> None:
    session = critiqued(SESSION, Task.IMPRESSION, Text("One. "))
    session = critiqued(session, Task.IMPRESSION, Text("Two."))
    session = critiqued(session, Task.GUIDANCE, Text("Step left.", Part.TAKING))
    session = critiqued(session, Task.GUIDANCE, Text("Crop.", Part.AFTERWARDS))
    assert session.critique.impression == "One. Two."
    assert (session.critique.taking, session.critique.afterwards) == ("Step left.", "Crop.")


def test_a_task_that_begins_again_forgets_what_it_said() -> None:
    session = critiqued(SESSION, Task.ANALYSIS, Text("Half a sent"))
    session = critiqued(session, Task.IMPRESSION, Text("Kept."))
    session = begun(session, Task.ANALYSIS)
    assert (session.critique.analysis, session.critique.impression) == ("", "Kept.")
    assert session.progress_of(Task.ANALYSIS) is Progress.RUNNING


def test_finished_and_failed_end_a_task() -> None:
    session = critiqued(begun(SESSION, Task.CROP), Task.CROP, Finished(0.1))
    assert Task.CROP not in session.unfinished
    failed = Failed("x", "reason", "remedy")
    session = critiqued(begun(session, Task.ANALYSIS), Task.ANALYSIS, failed)
    assert session.progress_of(Task.ANALYSIS) is Progress.FAILED
    assert session.failure == failed


def test_a_halt_leaves_what_is_done() -> None:
    session = critiqued(begun(SESSION, Task.CROP), Task.CROP, Finished(0.1))
    session = begun(session, Task.ANALYSIS)
    session = replace(session, answers=(Answer(1, Task.ASK),))
    session = halted(session)
    assert session.progress_of(Task.CROP) is Progress.DONE
    assert session.progress_of(Task.ANALYSIS) is Progress.STOPPED
    assert session.progress_of(Task.GUIDANCE) is Progress.WAITING
    assert session.answers[0].progress is Progress.STOPPED


def test_answers_keep_both_sides_apart() -> None:
    session = replace(SESSION, answers=(Answer(5, Task.WHY, crop=OWN), Answer(6, Task.ASK)))
    session = answered(session, 5, Text("Keeps 80 %.", Part.FOR))
    session = answered(session, 5, Text("Cuts left.", Part.AGAINST))
    session = answered(session, 5, Finished(0.1))
    first, second = session.answers
    assert (first.arguments_for, first.arguments_against) == ("Keeps 80 %.", "Cuts left.")
    assert (first.progress, second.progress) == (Progress.DONE, Progress.RUNNING)


def test_framing_changes() -> None:
    framing = Framing().with_current(OWN)
    assert framing.current_crop == OWN
    framing = framing.adding(ENGINE_1)
    assert framing.current == 1
    framing = framing.without_current()
    assert framing == Framing((OWN,), 0)
    assert framing.without_current() == Framing()
    with pytest.raises(IndexError):
        framing.choosing(1)


def test_engine_crops_never_displace_the_photographers() -> None:
    framing = Framing((ENGINE_1, OWN), 1).with_engine_crops((ENGINE_2,))
    assert framing.crops == (ENGINE_2, OWN)
    assert framing.current_crop == OWN
    assert Framing().with_engine_crops((ENGINE_1, ENGINE_2)).current == 0


def test_history_goes_back_and_forth() -> None:
    a, b, c = Framing(), Framing((OWN,), 0), Framing((ENGINE_1,), 0)
    history = History().recorded(a).recorded(b)
    now, history = history.undone(c)
    assert now == b
    now, history = history.undone(now)
    assert now == a
    assert history.undone(now)[0] == a
    now, history = history.redone(now)
    assert now == b
    assert history.recorded(b).later == ()


def test_undo_does_not_lose_crops_that_arrived_since() -> None:
    history = History().recorded(Framing((OWN,), 0)).with_engine_crops((ENGINE_1,))
    now, _ = history.undone(Framing())
    assert set(now.crops) == {ENGINE_1, OWN}


@pytest.fixture
def worked_on() -> Session:
    session = critiqued(begun(SESSION, Task.ANALYSIS), Task.ANALYSIS, Text("Said."))
    session = critiqued(session, Task.ANALYSIS, Finished(0.1))
    answers = (
        Answer(3, Task.WHY, crop=OWN, arguments_for="x", progress=Progress.DONE),
        Answer(4, Task.ASK, "still open?"),
    )
    return replace(session, framing=Framing((ENGINE_1, OWN), 1), answers=answers)


def test_the_document_keeps_what_was_finished(worked_on: Session) -> None:
    text = session_json.encoded(worked_on)
    restored = session_json.restored(SESSION, text)
    assert restored.framing == worked_on.framing
    assert restored.critique == worked_on.critique
    assert restored.answers == (replace(worked_on.answers[0], id=-1),)
    assert Task.ANALYSIS not in restored.unfinished
    assert Task.CROP in restored.unfinished


def test_a_changed_file_keeps_its_crops_only(worked_on: Session) -> None:
    text = session_json.encoded(worked_on)
    restored = session_json.restored(SESSION, text, framing_only=True)
    assert restored == replace(SESSION, framing=worked_on.framing)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 99}', '{"version": 1, "size": 3}'])
def test_an_unreadable_document_is_no_document(text: str) -> None:
    assert session_json.restored(SESSION, text) == SESSION


def test_a_document_of_another_size_is_no_document(worked_on: Session) -> None:
    other = Session(SESSION.photo, Size(400, 600))
    assert session_json.restored(other, session_json.encoded(worked_on)) == other
