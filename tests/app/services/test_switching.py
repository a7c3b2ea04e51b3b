"""One engine takes another's place: when it is loaded, and not before; each keeps what it said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import scripted_engine
from desk import desk, save, scene, until
from pytestqt.qtbot import QtBot

from app.domain.engines import SLOW_SECONDS, Pace, key_of, turned_to, with_pace
from app.domain.session import Progress
from app.domain.settings import Tightness
from app.services.session_controller import SessionController
from app.services.status import EngineStatus, Notice, Phase, Severity
from engine.choice import BUILTIN, EngineChoice, EngineName
from engine.vocabulary import Box, Crop, Task

DRAWN = Crop(Box(0.2, 0.2, 0.7, 0.8))


def server(model: str) -> EngineChoice:
    return EngineChoice(engine=EngineName.REMOTE, url="http://there/v1", model=model)


def checkpoint(folder: str, model: str = "") -> EngineChoice:
    return EngineChoice(engine=EngineName.VENUS, checkpoint=folder, model=model)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "IMG_1.png", scene())


@pytest.fixture
def controller(qtbot: QtBot, tmp_path: Path) -> Iterator[SessionController]:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as controller:
        yield controller


@pytest.fixture
def shown(qtbot: QtBot, controller: SessionController, photo: Path) -> SessionController:
    controller.open_path(photo)
    until(qtbot, lambda: critiqued(controller))
    return controller


class Ear:
    """What the controller has told."""

    def __init__(self, controller: SessionController) -> None:
        self.notices: list[Notice] = []
        self.statuses: list[EngineStatus] = []
        controller.noticed.connect(self.notices.append)
        controller.engine_changed.connect(self.statuses.append)


def critiqued(controller: SessionController) -> bool:
    return controller.session is not None and not controller.session.unfinished


def in_use(controller: SessionController, choice: EngineChoice) -> bool:
    return controller.engine.choice == choice and controller.engine.arriving is None


def impression(controller: SessionController) -> str:
    return "" if controller.session is None else controller.session.critique.impression


def at_rest(controller: SessionController) -> bool:
    return controller.engine.phase is Phase.READY and critiqued(controller)


# ── loading ──────────────────────────────────────────────────────────────────────────────────────


def test_an_engine_is_used_once_it_is_loaded_and_the_photo_is_critiqued_by_it(
    qtbot: QtBot, shown: SessionController
) -> None:
    ear = Ear(shown)
    shown.use_engine(server("slow"))
    assert shown.engine.choice == BUILTIN
    until(qtbot, lambda: in_use(shown, server("slow")))
    told = [s.arriving for s in ear.statuses if s.arriving is not None]
    assert ("half", 0.5) in {(each.text, each.fraction) for each in told}
    until(qtbot, lambda: critiqued(shown))
    assert shown.session is not None
    assert shown.session.engine is not None
    assert shown.session.engine.name == "scripted slow"
    assert impression(shown) == "impression told"
    assert shown.settings.engine == server("slow")
    assert shown.settings.servers == (server("slow"),)


def test_an_engine_that_cannot_be_loaded_leaves_the_one_in_use_and_says_why(
    qtbot: QtBot, shown: SessionController
) -> None:
    ear = Ear(shown)
    before = shown.session
    shown.use_engine(server("broken"))
    until(qtbot, lambda: bool(ear.notices))
    (notice,) = ear.notices
    assert notice.severity is Severity.WARNING
    assert notice.text.startswith("broken at there could not be loaded, Built-in engine stays.")
    assert "It cannot be loaded." in notice.text
    assert notice.remedy == "Mend it."
    assert in_use(shown, BUILTIN)
    assert shown.session == before
    assert shown.settings.engine == BUILTIN
    assert shown.settings.servers == ()
    shown.ask("hello")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "hello"))


def test_an_engine_on_its_way_can_be_called_off(qtbot: QtBot, shown: SessionController) -> None:
    ear = Ear(shown)
    shown.use_engine(server("slow"))
    until(qtbot, lambda: any(s.arriving and s.arriving.text for s in ear.statuses))
    shown.cancel_engine()
    assert in_use(shown, BUILTIN)
    qtbot.wait(500)
    assert in_use(shown, BUILTIN)
    assert ear.notices == []
    assert shown.settings.engine == BUILTIN


def test_the_last_choice_counts(qtbot: QtBot, shown: SessionController) -> None:
    shown.use_engine(server("slow"))
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")))
    qtbot.wait(400)
    assert in_use(shown, server("quick"))


def test_choosing_the_engine_in_use_calls_off_the_one_on_its_way(
    qtbot: QtBot, shown: SessionController
) -> None:
    shown.use_engine(server("slow"))
    shown.use_engine(BUILTIN)
    assert in_use(shown, BUILTIN)
    assert shown.settings.engine == BUILTIN


def test_two_local_models_never_share_the_memory(qtbot: QtBot, shown: SessionController) -> None:
    shown.use_engine(checkpoint("/models/a"))
    until(qtbot, lambda: in_use(shown, checkpoint("/models/a")))
    until(qtbot, lambda: critiqued(shown))
    ear = Ear(shown)
    shown.use_engine(checkpoint("/models/b", "broken"))
    assert shown.engine.choice == BUILTIN
    assert shown.engine.arriving is not None
    until(qtbot, lambda: bool(ear.notices))
    assert in_use(shown, BUILTIN)
    assert "Built-in engine stays" in ear.notices[0].text


def test_what_runs_is_asked_of_the_new_engine(qtbot: QtBot, shown: SessionController) -> None:
    shown.ask("count 100000")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body))
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")) and critiqued(shown))
    assert shown.session is not None
    assert shown.session.answers == ()
    (told,) = shown.session.others
    assert told.answers[0].progress is Progress.STOPPED


# ── each keeps what it said ──────────────────────────────────────────────────────────────────────


def test_a_critique_belongs_to_its_engine_and_is_there_again(
    qtbot: QtBot, shown: SessionController
) -> None:
    assert shown.session is not None
    shown.change_crop(DRAWN)
    shown.ask("hello")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "hello"))
    until(qtbot, lambda: at_rest(shown))
    first = shown.session
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")) and critiqued(shown))
    second = shown.session
    assert second is not None
    assert first is not None
    assert second.by == key_of(server("quick"))
    assert second.answers == ()
    assert second.framing.crops[-1].box == DRAWN.box
    shown.use_engine(BUILTIN)
    until(qtbot, lambda: in_use(shown, BUILTIN))
    back = shown.session
    assert back is not None
    assert back.critique == first.critique
    assert back.answers == first.answers
    assert back.framing.crops == first.framing.crops
    assert back.unfinished == ()


def test_what_each_engine_said_is_there_at_the_next_start(
    qtbot: QtBot, tmp_path: Path, photo: Path
) -> None:
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as first:
        first.start()
        first.open_path(photo)
        until(qtbot, lambda: critiqued(first))
        first.use_engine(server("slow"))
        until(qtbot, lambda: in_use(first, server("slow")) and critiqued(first))
    with desk(tmp_path, command=scripted_engine.COMMAND, in_view_ms=30) as second:
        second.start()
        assert second.engine.arriving is not None
        second.open_path(photo)
        until(qtbot, lambda: critiqued(second))
        assert second.session is not None
        assert second.session.by == "builtin"
        until(qtbot, lambda: in_use(second, server("slow")))
        assert second.session is not None
        assert second.session.by == key_of(server("slow"))
        assert second.session.unfinished == ()


def test_an_engine_that_is_away_at_the_start_is_tried_again_at_the_next(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with desk(tmp_path, command=scripted_engine.COMMAND) as first:
        first.set_settings(replace(first.settings, engine=server("broken")))
    with desk(tmp_path, command=scripted_engine.COMMAND) as second:
        ear = Ear(second)
        second.start()
        until(qtbot, lambda: bool(ear.notices))
        assert in_use(second, BUILTIN)
        assert second.settings.engine == server("broken")


def test_the_photographers_crops_stay_whoever_answers(shown: SessionController) -> None:
    assert shown.session is not None
    shown.change_crop(DRAWN)
    turned = turned_to(shown.session, "other")
    assert [crop.box for crop in turned.framing.crops] == [DRAWN.box]
    assert turned_to(turned, "builtin") == replace(shown.session, others=())


# ── slow engines answer on request ───────────────────────────────────────────────────────────────


def paced(controller: SessionController, choice: EngineChoice, seconds: float) -> None:
    paces = with_pace(controller.settings.paces, choice, seconds)
    controller.set_settings(replace(controller.settings, paces=paces))


def test_a_slow_engine_waits_to_be_asked(qtbot: QtBot, shown: SessionController) -> None:
    paced(shown, server("quick"), SLOW_SECONDS + 1)
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")))
    assert shown.engine.on_request
    qtbot.wait(300)
    assert impression(shown) == ""
    shown.ask("hello")
    until(qtbot, lambda: bool(shown.session and shown.session.answers[-1].body == "hello"))
    qtbot.wait(300)
    assert impression(shown) == ""
    shown.critique()
    until(qtbot, lambda: critiqued(shown))
    assert impression(shown) == "impression told"


def test_an_engine_known_to_be_quick_answers_by_itself(
    qtbot: QtBot, shown: SessionController
) -> None:
    paced(shown, server("quick"), 2)
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")) and critiqued(shown))
    assert not shown.engine.on_request


def test_how_long_a_critique_took_is_remembered(qtbot: QtBot, shown: SessionController) -> None:
    assert shown.settings.paces == ()
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")) and bool(shown.settings.paces))
    (pace,) = shown.settings.paces
    assert pace.engine == key_of(server("quick"))
    assert pace.seconds < SLOW_SECONDS
    assert not shown.engine.on_request


def test_only_the_latest_pace_of_an_engine_counts() -> None:
    paces = with_pace(with_pace((), server("a"), 3), server("b"), 4)
    assert with_pace(paces, server("a"), 12.34) == (
        Pace(key_of(server("a")), 12.3),
        Pace(key_of(server("b")), 4),
    )


def test_keys_tell_engines_apart() -> None:
    choices = (
        BUILTIN,
        server("a"),
        server("b"),
        checkpoint("/models/a"),
        checkpoint("/models/b"),
        replace(checkpoint("/models/a"), base="/models/c"),
    )
    assert len({key_of(choice) for choice in choices}) == len(choices)
    assert key_of(replace(checkpoint("/models/a"), device="cuda:1", seed=7)) == key_of(
        checkpoint("/models/a")
    )


def test_a_put_off_critique_of_a_slow_engine_goes_on_after_the_click(
    qtbot: QtBot, shown: SessionController
) -> None:
    paced(shown, server("quick"), SLOW_SECONDS + 1)
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")))
    shown.critique()
    shown.ask("hello")
    assert shown.session is not None
    assert Task.IMPRESSION in shown.session.waiting
    until(qtbot, lambda: critiqued(shown))


def test_a_changed_setting_asks_a_slow_engine_again_where_it_has_answered(
    qtbot: QtBot, shown: SessionController
) -> None:
    paced(shown, server("quick"), SLOW_SECONDS + 1)
    shown.use_engine(server("quick"))
    until(qtbot, lambda: in_use(shown, server("quick")))
    shown.set_settings(replace(shown.settings, tightness=Tightness.TIGHTER))
    qtbot.wait(200)
    assert impression(shown) == ""
    shown.critique()
    until(qtbot, lambda: critiqued(shown))
    paced(shown, server("quick"), SLOW_SECONDS + 1)
    shown.set_settings(replace(shown.settings, tightness=Tightness.TIGHTEST))
    until(qtbot, lambda: critiqued(shown))
    assert shown.session is not None
    assert shown.session.framing.engine_crops[0].score == pytest.approx(0.3)


# ── what the status tells ────────────────────────────────────────────────────────────────────────


def test_the_speed_of_the_last_answer_is_told_where_tokens_are_counted(
    qtbot: QtBot, shown: SessionController
) -> None:
    assert shown.engine.speed is None
    shown.use_engine(server("wordy"))
    until(qtbot, lambda: in_use(shown, server("wordy")) and at_rest(shown))
    assert shown.engine.speed == pytest.approx(20)
    assert shown.engine.info is not None
    assert shown.engine.info.memory == 7 << 30
