"""What is kept of engines: in settings, in a session's document, in a choice that was typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from checkpoint_files import checkpoint, write

from app.domain import session_json
from app.domain.choosing import named_choice
from app.domain.engines import Pace, turned_to
from app.domain.session import Answer, Framing, Progress, Session
from app.domain.settings import MOST_SERVERS, Settings, Theme, decoded, encoded
from engine.checkpoints.store import Store
from engine.choice import BUILTIN, EngineChoice, EngineName, Wording
from engine.contract import EngineError
from engine.vocabulary import CRITIQUE_TASKS, Box, Critique, Crop, EngineInfo, Origin, Size, Task

SERVER = EngineChoice(engine=EngineName.REMOTE, url="http://studio:8000/v1", model="a")
CROP = Crop(Box(0.1, 0.1, 0.9, 0.9))
OWN = Crop(Box(0.2, 0.2, 0.6, 0.6), origin=Origin.PHOTOGRAPHER)


def told(**changes: object) -> Session:
    """A session in which the built-in engine has said everything."""
    session = Session(
        Path("a.jpg"),
        Size(600, 400),
        Critique("One."),
        framing=Framing((CROP, OWN), 1),
        answers=(Answer(3, Task.ASK, "why", body="so", progress=Progress.DONE),),
        engine=EngineInfo("Built-in engine", "1"),
    )
    for task in CRITIQUE_TASKS:
        session = session.with_progress(task, Progress.DONE)
    return replace(session, **changes)


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def test_settings_of_an_earlier_venus_still_load() -> None:
    earlier = {
        "theme": "light",
        "guide": "golden",
        "evidence": False,
        "language": "de",
        "tightness": "tighter",
    }
    settings = decoded(earlier)
    assert settings.theme is Theme.LIGHT
    assert settings.engine == BUILTIN
    assert settings.servers == ()
    assert settings.offer_model


def test_the_engine_and_the_servers_are_kept() -> None:
    settings = Settings(engine=SERVER, servers=(SERVER,), paces=(Pace("builtin", 1.5),))
    assert decoded(json.loads(json.dumps(encoded(settings)))) == settings


def test_the_server_that_answered_last_is_the_first_and_few_are_kept() -> None:
    settings = Settings()
    for number in range(MOST_SERVERS + 3):
        settings = settings.with_server(replace(SERVER, model=f"m{number}"))
    settings = settings.with_server(replace(SERVER, model="m5", seed=3))
    models = [choice.model for choice in settings.servers]
    assert models[0] == "m5"
    assert models.count("m5") == 1
    assert len(models) == MOST_SERVERS


# ── what each engine said ────────────────────────────────────────────────────────────────────────


def test_there_and_back_nothing_is_lost() -> None:
    session = told()
    away = turned_to(session, "venus /models/a")
    assert away.critique == Critique()
    assert away.unfinished == CRITIQUE_TASKS
    assert (away.answers, away.engine) == ((), None)
    assert away.framing == Framing((OWN,), 0)
    back = turned_to(away, "builtin")
    assert back == replace(session, others=())


def test_an_engine_that_said_nothing_leaves_nothing_behind() -> None:
    fresh = Session(Path("a.jpg"), Size(600, 400))
    assert turned_to(turned_to(fresh, "other"), "builtin") == fresh


def test_what_was_cut_off_is_asked_again() -> None:
    session = told().with_progress(Task.ANALYSIS, Progress.STOPPED)
    back = turned_to(turned_to(session, "other"), "builtin")
    assert back.unfinished == (Task.ANALYSIS,)


def test_a_document_keeps_what_every_engine_said() -> None:
    session = turned_to(told(), "remote x")
    session = replace(session, critique=Critique("Two."))
    session = session.with_progress(Task.IMPRESSION, Progress.DONE)
    fresh = Session(session.photo, session.size)
    again = session_json.restored(fresh, session_json.encoded(session))
    assert (again.by, again.critique.impression) == ("remote x", "Two.")
    first = turned_to(again, "builtin")
    assert first.critique == Critique("One.")
    assert first.answers[0].body == "so"
    assert CROP in first.framing.crops


def test_a_document_of_an_earlier_venus_is_the_built_in_engines() -> None:
    data = json.loads(session_json.encoded(told()))
    for name in ("by", "others"):
        del data[name]
    again = session_json.restored(Session(Path("a.jpg"), Size(600, 400)), json.dumps(data))
    assert again.by == "builtin"
    assert again.critique == Critique("One.")


# ── what was typed ───────────────────────────────────────────────────────────────────────────────


def test_an_engine_is_named_by_word_address_name_or_folder(tmp_path: Path) -> None:
    folder, root = tmp_path / "Venus-Q-Stage2", tmp_path / "store"
    folder.mkdir()
    write(folder, checkpoint(size=3000))
    assert named_choice("builtin", root=root) == BUILTIN
    assert named_choice("http://studio:8000", model="a", root=root) == SERVER
    by_folder = named_choice(str(folder), root=root)
    assert by_folder == EngineChoice(engine=EngineName.VENUS, checkpoint=str(folder))
    added = Store(root).add(folder)
    by_name = named_choice(added.name, root=root)
    assert by_name == replace(by_folder, wording=Wording.RELEASE)
    assert named_choice(str(folder), root=root) == by_name


@pytest.mark.parametrize(
    ("text", "model", "code", "words"),
    [
        ("nothing", "", "unknown_engine", "nothing is no engine"),
        ("http://", "", "bad_address", "address of the server"),
        ("builtin", "a", "model_without_server", "no server"),
    ],
)
def test_what_is_none_is_refused_with_the_way_out(
    text: str, model: str, code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(EngineError) as refused:
        named_choice(text, model=model, root=tmp_path)
    assert refused.value.code == code
    assert words in refused.value.reason
    assert refused.value.remedy


def test_a_checkpoint_whose_folder_has_gone_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder, checkpoint(size=3000))
    Store(tmp_path / "store").add(folder)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(EngineError, match="is not there"):
        named_choice("mine", root=tmp_path / "store")


def test_an_adapter_finds_its_base_beside_it_or_among_the_checkpoints(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    base, adapter = tmp_path / "base", tmp_path / "adapter"
    for place, files in (
        (base, checkpoint(size=3000)),
        (
            adapter,
            {
                "adapter_config.json": b'{"base_model_name_or_path": "../base"}',
                "adapter_model.safetensors": checkpoint(size=300)[
                    "model-00001-of-00002.safetensors"
                ],
            },
        ),
    ):
        place.mkdir()
        write(place, files)
    store.add(adapter)
    assert named_choice("adapter", root=store.root).base == str(base)
