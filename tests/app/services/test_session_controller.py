"""The owner of the state: photos, gestures, questions and what is kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import scripted_engine
from desk import desk, save, scene, until
from pytestqt.qtbot import QtBot

from app.domain.session import Progress
from app.domain.settings import Guide, Language, Tightness
from app.files.export import ExportFormat
from app.services.session_controller import SessionController
from app.services.status import Notice, Severity
from engine.geometry import fits
from engine.vocabulary import (
    Box,
    Crop,
    Finding,
    FindingKind,
    Line,
    Measurement,
    Origin,
    Purpose,
    Task,
    Where,
)

DRAWN = Crop(Box(0.2, 0.2, 0.7, 0.8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in (1, 2, 10):
        save(photos / f"IMG_{number}.png", scene(seed=number))
    return photos


@pytest.fixture
def controller(qtbot: QtBot, tmp_path: Path) -> Iterator[SessionController]:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as controller:
        yield controller


def critiqued(controller: SessionController) -> bool:
    return controller.session is not None and not controller.session.unfinished


@pytest.fixture
def shown(qtbot: QtBot, controller: SessionController, folder: Path) -> SessionController:
    controller.open_path(folder)
    until(qtbot, lambda: critiqued(controller))
    return controller


def tilt(degrees: float) -> Finding:
    return Finding(
        FindingKind.TILTED_HORIZON,
        0.5,
        Where(line=Line(0, 0.5, 1, 0.55)),
        Measurement(degrees, "deg", "…"),
        "",
        "",
    )


def test_a_folder_shows_its_first_photo_and_goes_on(
    qtbot: QtBot, shown: SessionController, folder: Path
) -> None:
    assert shown.place is not None
    assert (shown.place.index, shown.place.count) == (0, 3)
    shown.show_next()
    shown.show_next()
    shown.show_next()
    until(qtbot, lambda: shown.session is not None)
    assert shown.session is not None
    assert shown.session.photo == folder / "IMG_10.png"
    shown.show_previous()
    until(qtbot, lambda: shown.session is not None and shown.session.photo.stem == "IMG_2")


def test_the_critique_comes_by_itself(shown: SessionController) -> None:
    assert shown.session is not None
    assert shown.session.critique.impression == "impression told"
    assert shown.session.framing.crops == (scripted_engine.CROP,)
    assert shown.session.framing.current == 0
    assert shown.session.engine is not None


def test_a_photo_passed_quickly_is_not_asked_about(
    qtbot: QtBot, controller: SessionController, folder: Path
) -> None:
    sessions = []
    controller.session_changed.connect(sessions.append)
    controller.open_path(folder / "IMG_1.png")
    until(qtbot, lambda: controller.session is not None)
    controller.show_next()
    until(qtbot, lambda: critiqued(controller))
    about_first = [s for s in sessions if s is not None and s.photo.stem == "IMG_1"]
    assert about_first
    assert all(s.critique.impression == "" for s in about_first)


def test_a_gesture_is_one_step_of_undo(shown: SessionController) -> None:
    history: list[tuple[bool, bool]] = []
    shown.history_changed.connect(lambda undo, redo: history.append((undo, redo)))
    assert shown.session is not None
    before = shown.session.framing
    shown.begin_gesture()
    for step in range(20):
        shown.show_crop(replace(DRAWN, box=Box(0.1 + step / 100, 0.1, 0.6, 0.6)))
    shown.end_gesture()
    current = shown.session.framing.current_crop
    assert current is not None
    assert current.box.left == pytest.approx(0.29)
    assert (current.origin, current.purpose) == (Origin.PHOTOGRAPHER, Purpose.OWN)
    shown.undo()
    assert shown.session.framing == before
    shown.redo()
    assert shown.session.framing.current_crop == current
    assert history == [(True, False), (False, True), (True, False)]


def test_a_gesture_that_ends_where_it_began_changes_nothing(shown: SessionController) -> None:
    assert shown.session is not None
    before = shown.session.framing
    crop = before.current_crop
    assert crop is not None
    history: list[tuple[bool, bool]] = []
    shown.history_changed.connect(lambda *flags: history.append(flags))
    shown.begin_gesture()
    shown.show_crop(DRAWN)
    moved = shown.session.framing.current_crop
    assert moved is not None
    assert moved.origin is Origin.PHOTOGRAPHER
    shown.show_crop(replace(crop, box=replace(crop.box, left=crop.box.left - 1e-16)))
    shown.end_gesture()
    assert shown.session.framing == before
    assert history == [(False, False)]


def test_a_cancelled_gesture_leaves_no_trace(shown: SessionController) -> None:
    assert shown.session is not None
    before = shown.session.framing
    shown.begin_gesture()
    shown.show_crop(DRAWN)
    shown.cancel_gesture()
    shown.end_gesture()
    assert shown.session.framing == before
    shown.undo()
    assert shown.session.framing == before


def test_drawing_choosing_and_deleting(shown: SessionController) -> None:
    shown.add_crop(DRAWN)
    assert shown.session is not None
    assert shown.session.framing.current == 1
    shown.next_crop()
    assert shown.session.framing.current == 0
    shown.previous_crop()
    shown.delete_crop()
    assert len(shown.session.framing.crops) == 1
    shown.undo()
    assert len(shown.session.framing.crops) == 2


def test_turning_there_and_back_gives_the_crop_back(shown: SessionController) -> None:
    shown.add_crop(Crop(Box(0, 0, 1, 1)))
    for angle in (2.0, 8.0, 15.0):
        shown.set_angle(angle)
        assert shown.session is not None
        crop = shown.session.framing.current_crop
        assert crop is not None
        assert crop.angle == angle
        assert fits(crop.box, angle, shown.session.size)
    shown.set_angle(0.0)
    crop = shown.session.framing.current_crop
    assert crop is not None
    assert tuple(crop.box) == pytest.approx((0, 0, 1, 1), abs=1e-6)


def test_straighten_turns_against_the_tilt(shown: SessionController) -> None:
    shown.straighten(tilt(3.24))
    assert shown.session is not None
    crop = shown.session.framing.current_crop
    assert crop is not None
    assert crop.angle == pytest.approx(-3.2)


def test_why_is_about_the_crop_as_it_stands(qtbot: QtBot, shown: SessionController) -> None:
    shown.change_crop(DRAWN)
    shown.ask_why()
    shown.change_crop(replace(DRAWN, box=Box(0, 0, 0.5, 0.5)))
    until(qtbot, lambda: shown.session is not None and not running(shown))
    assert shown.session is not None
    answer = shown.session.answers[-1]
    assert answer.crop is not None
    assert answer.crop.box == DRAWN.box
    assert answer.arguments_for == "area 0.300"
    assert answer.arguments_against == "none"


def running(controller: SessionController) -> bool:
    assert controller.session is not None
    return any(a.progress is Progress.RUNNING for a in controller.session.answers)


def test_a_click_goes_before_the_critique_which_resumes(
    qtbot: QtBot, controller: SessionController, folder: Path
) -> None:
    controller.open_path(folder)
    until(qtbot, lambda: controller.session is not None)
    controller.critique()
    controller.ask("hello")
    assert controller.session is not None
    assert Task.IMPRESSION in controller.session.waiting
    until(qtbot, lambda: critiqued(controller))
    assert controller.session.answers[0].body == "hello"
    assert controller.session.critique.analysis == "analysis told"


def test_stop_is_the_photographers_word(qtbot: QtBot, shown: SessionController) -> None:
    shown.ask("count 100000")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body))
    shown.stop()
    assert shown.session is not None
    answer = shown.session.answers[-1]
    assert answer.progress is Progress.STOPPED
    qtbot.wait(200)
    assert shown.session.answers[-1] == answer
    shown.ask("next")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "next"))


def test_a_stopped_question_can_be_put_again(qtbot: QtBot, shown: SessionController) -> None:
    shown.ask("count 700")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body))
    shown.stop()
    assert shown.session is not None
    shown.ask_again(shown.session.answers[-1])
    until(qtbot, lambda: not running(shown))
    (answer,) = shown.session.answers
    assert answer.progress is Progress.DONE
    assert answer.body.split()[-1] == "699"


def test_stale_answers_are_dropped(qtbot: QtBot, shown: SessionController, folder: Path) -> None:
    shown.ask("count 100000")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body))
    shown.show_next()
    until(qtbot, lambda: critiqued(shown))
    assert shown.session is not None
    assert shown.session.photo.stem == "IMG_2"
    assert shown.session.answers == ()


def test_another_language_asks_for_the_whole_critique_again(
    qtbot: QtBot, shown: SessionController
) -> None:
    shown.change_crop(DRAWN)
    shown.set_settings(replace(shown.settings, language=Language.GERMAN))
    until(qtbot, lambda: critiqued(shown))
    assert shown.session is not None
    assert shown.session.critique.analysis == "analysis told in de"
    current = shown.session.framing.current_crop
    assert current is not None
    assert current.box == DRAWN.box


def test_tighter_crops_are_asked_for_alone(qtbot: QtBot, shown: SessionController) -> None:
    shown.set_settings(replace(shown.settings, tightness=Tightness.TIGHTER))
    assert shown.session is not None
    assert shown.session.progress_of(Task.IMPRESSION) is Progress.DONE
    until(qtbot, lambda: critiqued(shown))
    (crop,) = shown.session.framing.crops
    assert crop.score == pytest.approx(0.55)


@pytest.mark.parametrize("words", ["crash", "hungry"])
def test_a_lost_engine_keeps_the_session(
    qtbot: QtBot, shown: SessionController, words: str
) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    shown.change_crop(DRAWN)
    shown.ask(words)
    until(qtbot, lambda: any(n.severity is Severity.ERROR for n in notices))
    assert shown.session is not None
    assert shown.session.answers[-1].progress is Progress.FAILED
    assert shown.session.answers[-1].failure is not None
    assert shown.session.critique.impression == "impression told"
    shown.ask("next")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "next"))


def test_a_frozen_engine_restarts_on_a_word(qtbot: QtBot, shown: SessionController) -> None:
    shown.ask("freeze")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body))
    shown.restart_engine()
    shown.ask("next")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "next"))


def test_everything_is_there_again_at_the_next_start(
    qtbot: QtBot, tmp_path: Path, folder: Path
) -> None:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as first:
        first.open_path(folder)
        until(qtbot, lambda: critiqued(first))
        first.change_crop(DRAWN)
        first.set_angle(2.5)
        first.ask_why()
        until(qtbot, lambda: not running(first))
        first.set_settings(replace(first.settings, guide=Guide.GOLDEN))
        before = first.session
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as second:
        assert second.settings.guide is Guide.GOLDEN
        assert second.recent == (folder / "IMG_1.png",)
        second.open_path(folder / "IMG_1.png")
        until(qtbot, lambda: second.session is not None)
        assert before is not None
        assert second.session is not None
        assert second.session.critique == before.critique
        (kept_answer,) = second.session.answers
        assert replace(kept_answer, id=before.answers[0].id) == before.answers[0]
        crop, kept = before.framing.current_crop, second.session.framing.current_crop
        assert crop is not None
        assert kept is not None
        assert kept.angle == crop.angle
        assert tuple(kept.box) == pytest.approx(tuple(crop.box), abs=1e-6)


def test_a_broken_photo_is_told_and_the_next_one_opens(
    qtbot: QtBot, shown: SessionController, folder: Path
) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    broken = folder / "IMG_3.png"
    broken.write_bytes((folder / "IMG_2.png").read_bytes()[:5000])
    shown.open_path(broken)
    until(qtbot, lambda: bool(notices))
    assert "IMG_3.png" in notices[0].text
    assert notices[0].remedy
    assert shown.session is None
    shown.show_next()
    until(qtbot, lambda: critiqued(shown))


def test_export_writes_the_current_crop(
    qtbot: QtBot, shown: SessionController, tmp_path: Path
) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    shown.change_crop(DRAWN)
    shown.export(tmp_path / "out.png", ExportFormat.PNG)
    until(qtbot, lambda: bool(notices))
    assert notices[0].severity is Severity.INFO
    assert "300 × 240" in notices[0].text
    assert (tmp_path / "out.png").exists()


def test_a_failed_export_names_the_file_that_hinders(
    qtbot: QtBot, shown: SessionController, tmp_path: Path
) -> None:
    assert shown.session is not None
    shown.session.photo.unlink()
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    shown.export(tmp_path / "out.png", ExportFormat.PNG)
    until(qtbot, lambda: bool(notices))
    assert notices[0].severity is Severity.ERROR
    assert shown.session.photo.name in notices[0].text
    assert not (tmp_path / "out.png").exists()


def test_a_photo_that_changed_on_the_disk_is_not_exported(
    qtbot: QtBot, shown: SessionController, folder: Path, tmp_path: Path
) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    save(folder / "IMG_1.png", scene(seed=99, width=300, height=300))
    shown.export(tmp_path / "out.png", ExportFormat.PNG)
    assert notices[0].severity is Severity.ERROR
    assert "IMG_1.png has changed" in notices[0].text
    assert not (tmp_path / "out.png").exists()


def test_an_engine_crop_stays_as_it_was_proposed(shown: SessionController) -> None:
    shown.change_crop(DRAWN)
    assert shown.session is not None
    proposed, own = shown.session.framing.crops
    assert proposed == scripted_engine.CROP
    assert own.box == DRAWN.box
    assert shown.session.framing.current == 1
    shown.change_crop(replace(DRAWN, angle=1.0))
    assert len(shown.session.framing.crops) == 2


def test_closing_the_window_ends_the_engine(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as controller:
        controller.open_path(folder)
        until(qtbot, lambda: critiqued(controller))
        controller.ask("pid")
        until(qtbot, lambda: bool(controller.session and controller.session.answers[-1].body))
        assert controller.session is not None
        pid = int(controller.session.answers[-1].body)
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
