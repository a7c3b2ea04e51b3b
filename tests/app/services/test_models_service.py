"""Models are listed, downloaded, checked and removed, from a real store and a hub on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from checkpoint_files import checkpoint, write
from desk import until
from pytestqt.qtbot import QtBot
from small_hub import SmallHub, only_here, small_hub

from app.services.models import Models
from app.services.shelf import Job, Model, Presence, Shelf
from app.services.status import Notice, Severity
from engine.checkpoints.catalogue import Entry, find
from engine.choice import EngineName, Wording

NAME = "venus-q-stage2"
OTHER = "qwen3-vl-8b"
SHARD = "model-00001-of-00002.safetensors"


@pytest.fixture
def entries() -> tuple[Entry, ...]:
    return find(NAME), find(OTHER)


@pytest.fixture
def hub(
    entries: tuple[Entry, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[SmallHub]:
    repos = {entry.repo: checkpoint() for entry in entries}
    with only_here(monkeypatch, tmp_path), small_hub(repos) as hub:
        yield hub


@pytest.fixture
def make(
    qtbot: QtBot, hub: SmallHub, entries: tuple[Entry, ...], tmp_path: Path
) -> Iterator[Callable[[], Models]]:
    made: list[Models] = []

    def make() -> Models:
        models = Models(
            root=tmp_path / "store",
            endpoint=hub.address,
            entries=entries,
            graphics=lambda: True,
        )
        made.append(models)
        models.refresh()
        until(qtbot, lambda: bool(models.shelf.models))
        return models

    yield make
    for models in made:
        models.close()


@pytest.fixture
def models(make: Callable[[], Models]) -> Models:
    return make()


def of(models: Models, name: str = NAME) -> Model:
    return next(model for model in models.shelf.models if model.name == name)


def idle(models: Models) -> bool:
    return not models.transfers


def became(models: Models, presence: Presence, name: str = NAME) -> Callable[[], bool]:
    return lambda: idle(models) and of(models, name).presence is presence


class Ear:
    def __init__(self, models: Models) -> None:
        self.shelves: list[Shelf] = []
        self.notices: list[Notice] = []
        models.changed.connect(self.shelves.append)
        models.noticed.connect(self.notices.append)

    def transfers(self, name: str = NAME) -> list:
        works = [m.work for s in self.shelves for m in s.models if m.name == name and m.work]
        return [work.transfer for work in works if work.transfer is not None]


def test_the_catalogue_is_there_before_anything_is(
    models: Models, entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    assert [model.name for model in models.shelf.models] == [NAME, OTHER]
    first = of(models)
    assert (first.presence, first.size, first.done) == (Presence.ABSENT, entries[0].size, 0)
    assert first.downloadable
    assert [size for _plan, size in first.memory] == sorted(size for _plan, size in first.memory)
    assert models.shelf.folder == tmp_path / "store"
    assert models.shelf.free
    assert models.shelf.offer == first


def test_a_download_tells_how_far_it_is_and_ends_ready_to_use(
    qtbot: QtBot, models: Models, tmp_path: Path
) -> None:
    ear = Ear(models)
    models.download(NAME)
    assert of(models).work is not None
    until(qtbot, became(models, Presence.READY))
    assert ear.transfers()
    (notice,) = ear.notices
    assert notice == Notice(
        "Venus-Q, stage 2 is downloaded and checked.", "Choose it in the engine menu."
    )
    model = of(models)
    assert model.choice is not None
    assert model.choice.engine is EngineName.VENUS
    assert Path(model.choice.checkpoint) == tmp_path / "store" / NAME
    assert model.choice.wording is Wording.RELEASE
    assert model.said == notice
    assert not model.downloadable
    assert models.shelf.offer is None


def test_a_stopped_download_goes_on_where_it_stopped(
    qtbot: QtBot, models: Models, hub: SmallHub
) -> None:
    hub.wrong.stall_after = 100_000
    ear = Ear(models)
    models.download(NAME)
    until(qtbot, lambda: any(each.done > 50_000 for each in ear.transfers()))
    models.stop(NAME)
    assert of(models).work is not None
    assert of(models).work.stopping  # pyright: ignore[reportOptionalMemberAccess]
    until(qtbot, became(models, Presence.PARTIAL))
    assert 0 < of(models).done < of(models).size
    assert ear.notices == []
    hub.wrong.stall_after = None
    hub.over.set()
    before = len(hub.sent)
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))
    starts = [start for name, start, _count in hub.sent[before:] if name == SHARD]
    assert starts == [100_000]


def test_a_refused_download_says_why_and_can_be_tried_again(
    qtbot: QtBot, models: Models, hub: SmallHub
) -> None:
    hub.wrong.gate = 403
    ear = Ear(models)
    models.download(NAME)
    until(qtbot, lambda: bool(ear.notices))
    (notice,) = ear.notices
    assert notice.severity is Severity.WARNING
    assert notice.text.startswith("Venus-Q, stage 2 could not be downloaded.")
    assert notice.remedy
    until(qtbot, lambda: idle(models))
    assert of(models).said == notice
    hub.wrong.gate = None
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))


def test_closing_in_the_middle_leaves_no_thread_and_the_next_start_goes_on(
    qtbot: QtBot, make: Callable[[], Models], hub: SmallHub
) -> None:
    hub.wrong.stall_after = 100_000
    models = make()
    ear = Ear(models)
    models.download(NAME)
    until(qtbot, lambda: any(each.done > 50_000 for each in ear.transfers()))
    models.close()
    hub.over.set()
    until(qtbot, lambda: not any(t.name == "venus-download" for t in threading.enumerate()))
    again = make()
    assert of(again).presence is Presence.PARTIAL
    assert of(again).done > 0


def test_two_models_are_fetched_side_by_side_and_one_never_twice(
    qtbot: QtBot, models: Models, hub: SmallHub
) -> None:
    models.download(NAME)
    models.download(NAME)
    models.verify(NAME)
    models.download(OTHER)
    assert [model.work.job for model in models.transfers if model.work] == [Job.DOWNLOAD] * 2
    until(qtbot, became(models, Presence.READY))
    until(qtbot, became(models, Presence.READY, OTHER))
    assert [name for name, _start, _count in hub.sent].count(SHARD) == 2


def test_a_check_finds_a_changed_byte_and_says_in_which_file(
    qtbot: QtBot, models: Models, tmp_path: Path
) -> None:
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))
    models.verify(NAME)
    until(qtbot, lambda: idle(models))
    said = of(models).said
    assert said is not None
    assert said.text == "Every byte of its 6 files is as it was published."
    file = tmp_path / "store" / NAME / SHARD
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    models.verify(NAME)
    until(qtbot, lambda: idle(models))
    said = of(models).said
    assert said is not None
    assert said.severity is Severity.WARNING
    assert SHARD in said.text


def test_what_has_lost_a_file_is_mended_by_fetching_no_other_weights(
    qtbot: QtBot, models: Models, hub: SmallHub, tmp_path: Path
) -> None:
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))
    (tmp_path / "store" / NAME / SHARD).unlink()
    models.refresh()
    until(qtbot, became(models, Presence.BROKEN))
    assert SHARD in of(models).reason
    assert of(models).downloadable
    before = len(hub.sent)
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))
    sent = [name for name, _start, _count in hub.sent[before:]]
    assert [name for name in sent if name.endswith(".safetensors")] == [SHARD]


def test_removing_deletes_a_download(qtbot: QtBot, models: Models, tmp_path: Path) -> None:
    models.download(NAME)
    until(qtbot, became(models, Presence.READY))
    models.remove(NAME)
    until(qtbot, became(models, Presence.ABSENT))
    assert not (tmp_path / "store" / NAME).exists()


def test_a_folder_is_used_where_it_lies_and_only_forgotten(
    qtbot: QtBot, models: Models, tmp_path: Path
) -> None:
    folder = tmp_path / "My model"
    folder.mkdir()
    write(folder, checkpoint())
    files = sorted(folder.rglob("*"))
    models.add(folder)
    until(qtbot, lambda: len(models.shelf.models) == 3)
    added = models.shelf.models[-1]
    assert (added.title, added.added, added.presence) == ("My model", True, Presence.READY)
    assert added.choice is not None
    assert Path(added.choice.checkpoint) == folder
    assert not added.downloadable
    models.remove(added.name)
    until(qtbot, lambda: len(models.shelf.models) == 2)
    assert sorted(folder.rglob("*")) == files


def test_other_prompts_are_kept_and_are_part_of_the_choice(
    qtbot: QtBot, make: Callable[[], Models], tmp_path: Path
) -> None:
    models, folder = make(), tmp_path / "mine"
    folder.mkdir()
    write(folder, checkpoint())
    models.add(folder)
    until(qtbot, lambda: len(models.shelf.models) == 3)
    models.set_wording("mine", Wording.PAPER)
    until(qtbot, lambda: of(models, "mine").wording is Wording.PAPER)
    choice = of(make(), "mine").choice
    assert choice is not None
    assert choice.wording is Wording.PAPER


def test_a_folder_without_a_model_is_refused_in_words(
    qtbot: QtBot, models: Models, tmp_path: Path
) -> None:
    ear = Ear(models)
    models.add(tmp_path)
    until(qtbot, lambda: bool(ear.notices))
    assert "config.json" in ear.notices[0].text
    assert ear.notices[0].severity is Severity.WARNING


def test_a_machine_without_a_graphics_card_is_offered_nothing(
    qtbot: QtBot, tmp_path: Path, entries: tuple[Entry, ...]
) -> None:
    models = Models(root=tmp_path / "none", entries=entries, graphics=lambda: False)
    models.refresh()
    until(qtbot, lambda: bool(models.shelf.models))
    assert models.shelf.offer is None
    models.close()
