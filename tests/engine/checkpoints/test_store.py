"""What is kept about the checkpoints of a machine."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoint_files import checkpoint, write

from engine.checkpoints.installed import State
from engine.checkpoints.record import Origin
from engine.checkpoints.store import Store, default_root
from engine.choice import Wording
from engine.contract import EngineError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "My Model", checkpoint())


def code_of(call: object, *values: object, **named: object) -> str:
    assert callable(call)
    with pytest.raises(EngineError) as caught:
        call(*values, **named)
    return caught.value.code


def test_an_empty_store_makes_nothing(store: Store) -> None:
    assert store.checkpoints() == ()
    assert store.partials() == ()
    assert not store.root.exists()


def test_an_added_folder_is_known_where_it_lies(store: Store, model: Path) -> None:
    before = sorted(model.iterdir())
    added = store.add(model)
    assert (added.name, added.title, added.folder) == ("my-model", "My Model", model)
    assert (added.state, added.record.origin) == (State.READY, Origin.ADDED)
    assert (added.record.family, added.wording) == ("qwen_vl", Wording.AUTO)
    assert Store(store.root).checkpoints() == (added,)
    assert sorted(model.iterdir()) == before


def test_a_copy_of_the_catalogues_gets_its_name_and_wording(store: Store, tmp_path: Path) -> None:
    added = store.add(write(tmp_path / "Venus-Q-Stage1", checkpoint()))
    assert (added.name, added.title) == ("venus-q-stage1", "Venus-Q, stage 1")
    assert added.wording is Wording.RELEASE


def test_a_folder_of_the_hubs_cache_is_called_after_its_repository(
    store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "models--studio--Our-Venus" / "snapshots" / "c0ffee"
    added = store.add(write(place, checkpoint()))
    assert (added.name, added.title) == ("our-venus", "Our-Venus")


def test_what_is_being_downloaded_is_not_removed(store: Store, model: Path) -> None:
    store.add(model)
    with store.lock("my-model"):
        assert code_of(store.remove, "my-model") == "busy"
    store.remove("my-model")


def test_what_a_crash_left_of_a_removal_goes_with_the_next(store: Store, model: Path) -> None:
    store.add(model)
    left = write(store.root / ".partial" / "older-0123456789ab.gone", checkpoint())
    assert store.partials() == ()
    store.remove("my-model")
    assert not left.exists()


def test_name_and_wording_can_be_chosen_and_the_wording_changed(store: Store, model: Path) -> None:
    added = store.add(model, name="studio", wording=Wording.PAPER)
    assert (added.name, added.wording) == ("studio", Wording.PAPER)
    assert store.set_wording("studio", Wording.BASE).wording is Wording.BASE
    assert Store(store.root).find("studio").wording is Wording.BASE


def test_names_do_not_meet(store: Store, model: Path, tmp_path: Path) -> None:
    twin = write(tmp_path / "deeper" / "My Model", checkpoint())
    store.add(model)
    assert store.add(twin).name == "my-model-2"
    assert code_of(store.add, model) == "already_added"
    other = write(tmp_path / "other", checkpoint())
    assert code_of(store.add, other, name="my-model") == "name_taken"
    assert code_of(store.add, other, name="../other") == "bad_name"


def test_what_is_no_checkpoint_is_not_added(store: Store, tmp_path: Path) -> None:
    assert code_of(store.add, tmp_path / "nowhere") == "no_folder"
    assert store.checkpoints() == ()


def test_a_folder_that_went_is_shown_and_comes_back(store: Store, model: Path) -> None:
    added = store.add(model)
    away = model.rename(model.with_name("away"))
    (shown,) = store.checkpoints()
    assert (shown.name, shown.state) == ("my-model", State.MISSING)
    assert str(model) in shown.reason
    away.rename(model)
    assert store.checkpoints() == (added,)
    (model / "config.json").unlink()
    assert store.find("my-model").state is State.MISSING


def test_removing_forgets_a_folder_and_leaves_its_files(store: Store, model: Path) -> None:
    store.add(model)
    store.remove("my-model")
    assert store.checkpoints() == ()
    assert (model / "config.json").exists()
    shutil.rmtree(model)


def test_a_missing_folder_can_be_removed(store: Store, model: Path) -> None:
    store.add(model)
    shutil.rmtree(model)
    store.remove("my-model")
    assert store.checkpoints() == ()


@pytest.mark.parametrize("name", ["nothing", "..", "../My Model", ".partial", ""])
def test_what_is_not_here_cannot_be_removed(store: Store, model: Path, name: str) -> None:
    store.add(model)
    assert code_of(store.remove, name) == "not_here"
    assert len(store.checkpoints()) == 1
    assert (model / "config.json").exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 99}', '{"version": 1}'])
def test_a_damaged_record_is_shown_and_can_be_removed(
    store: Store, model: Path, tmp_path: Path, damage: str
) -> None:
    store.add(model)
    store.add(write(tmp_path / "other", checkpoint()))
    (store.root / "my-model" / "venus.json").write_text(damage)
    first, second = store.checkpoints()
    assert (first.name, first.state) == ("my-model", State.UNREADABLE)
    assert "venus.json" in first.reason
    assert (second.name, second.state) == ("other", State.READY)
    assert code_of(store.set_wording, "my-model", Wording.BASE) == "unreadable"
    store.remove("my-model")
    assert [each.name for each in store.checkpoints()] == ["other"]


def test_a_record_with_a_number_for_a_text_is_damaged(store: Store, model: Path) -> None:
    store.add(model)
    file = store.root / "my-model" / "venus.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"folder": 7}))
    assert store.find("my-model").state is State.UNREADABLE


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path, model: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert code_of(Store(blocked / "store").add, model) == "write_failed"


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VENUS_CHECKPOINTS", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("VENUS_CHECKPOINTS")
    assert default_root().name == "checkpoints"


def test_listing_and_adding_open_no_connection(
    store: Store, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    store.add(model)
    assert [each.state for each in store.checkpoints()] == [State.READY]
    store.remove("my-model")


def test_listing_and_adding_load_no_network_library(tmp_path: Path, model: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from engine.checkpoints.catalogue import catalogue
from engine.checkpoints.store import Store
from engine.checkpoints.verify import verify
store = Store(Path({str(tmp_path / "other")!r}))
added = store.add(Path({str(model)!r}))
assert store.checkpoints() and catalogue()
list(verify(added, stop=lambda: False))
found = {{"huggingface_hub", "httpx", "httpx2", "requests", "torch", "PySide6"}} & set(sys.modules)
assert not found, found
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
