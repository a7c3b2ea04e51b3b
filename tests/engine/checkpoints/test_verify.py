"""Whether damage is found and named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from checkpoint_files import NEEDED, checkpoint, safetensors, write
from small_hub import SmallHub

from engine.checkpoints.catalogue import Entry
from engine.checkpoints.download import download
from engine.checkpoints.installed import Installed
from engine.checkpoints.progress import Transfer
from engine.checkpoints.store import Store
from engine.checkpoints.verify import Verdict, verify
from engine.contract import EngineError

FIRST = "model-00001-of-00002.safetensors"
SECOND = "model-00002-of-00002.safetensors"


def verdict_on(installed: Installed) -> Verdict:
    *_, verdict = verify(installed, stop=lambda: False)
    assert isinstance(verdict, Verdict)
    return verdict


@pytest.fixture
def downloaded(entry: Entry, store: Store, hub: SmallHub) -> Installed:
    *_, installed = download(entry, store, stop=lambda: False, endpoint=hub.address)
    assert isinstance(installed, Installed)
    return installed


@pytest.fixture
def added(store: Store, tmp_path: Path) -> Installed:
    return store.add(write(tmp_path / "model", checkpoint()))


def test_a_whole_download_is_whole(downloaded: Installed) -> None:
    verdict = verdict_on(downloaded)
    assert verdict.is_whole
    assert verdict.by_bytes
    assert verdict.files == len(NEEDED)
    assert verdict.size == downloaded.record.size


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_one_changed_byte_anywhere_is_found(downloaded: Installed, name: str) -> None:
    file = downloaded.folder / name
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    named = {problem.file for problem in verdict_on(downloaded).problems}
    assert name in named


def test_lost_and_cut_files_are_found(downloaded: Installed, store: Store) -> None:
    (downloaded.folder / FIRST).unlink()
    (downloaded.folder / SECOND).write_bytes((downloaded.folder / SECOND).read_bytes()[:-1])
    verdict = verdict_on(store.find(downloaded.name))
    assert [problem.file for problem in verdict.problems] == [FIRST, SECOND]
    assert "not there" in verdict.problems[0].reason
    assert "bytes instead of" in verdict.problems[1].reason


def test_the_remedy_for_a_download_works(
    downloaded: Installed, entry: Entry, store: Store, hub: SmallHub
) -> None:
    file = downloaded.folder / FIRST
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    (problem,) = verdict_on(downloaded).problems
    assert "Delete this file and download" in problem.remedy
    file.unlink()
    *_, mended = download(entry, store, stop=lambda: False, endpoint=hub.address)
    assert isinstance(mended, Installed)
    assert verdict_on(mended).is_whole


def test_checking_stops_when_told_to(downloaded: Installed) -> None:
    steps = list(verify(downloaded, stop=lambda: True))
    assert all(isinstance(step, Transfer) for step in steps)


def test_checking_tells_how_far_it_is(downloaded: Installed) -> None:
    *steps, _ = verify(downloaded, stop=lambda: False)
    done = [step.done for step in steps if isinstance(step, Transfer)]
    assert done[0] == 0
    assert done == sorted(done)
    assert all(isinstance(s, Transfer) and s.total == downloaded.record.size for s in steps)


def test_an_added_folder_is_checked_by_its_files(added: Installed) -> None:
    verdict = verdict_on(added)
    assert verdict.is_whole
    assert not verdict.by_bytes
    assert verdict.files == 2


def problems(folder: Path, store: Store) -> dict[str, str]:
    (installed,) = store.checkpoints()
    assert installed.folder == folder
    return {problem.file: problem.reason for problem in verdict_on(installed).problems}


def test_a_shard_that_the_index_names_must_be_there(added: Installed, store: Store) -> None:
    (added.folder / SECOND).unlink()
    assert "expects 2 tensors" in problems(added.folder, store)[SECOND]


def test_a_shard_must_have_the_tensors_that_the_index_says(added: Installed, store: Store) -> None:
    (added.folder / SECOND).write_bytes(safetensors(["layer2.a", "other"], size=64))
    found = problems(added.folder, store)
    assert "layer2.b" in found[SECOND]


@pytest.mark.parametrize("length", [0, 4, 8, 40, 5_000])
def test_a_cut_shard_is_found(added: Installed, store: Store, length: int) -> None:
    file = added.folder / FIRST
    file.write_bytes(file.read_bytes()[:length])
    assert FIRST in problems(added.folder, store)


def test_a_shard_that_is_too_long_is_found(added: Installed, store: Store) -> None:
    file = added.folder / FIRST
    file.write_bytes(file.read_bytes() + b"more")
    assert "4 bytes more" in problems(added.folder, store)[FIRST]


@pytest.mark.parametrize("header", [b"[]", b"{", b'{"a": 1}', b'{"a": {"data_offsets": []}}'])
def test_a_header_that_is_none_is_found(added: Installed, store: Store, header: bytes) -> None:
    (added.folder / FIRST).write_bytes(len(header).to_bytes(8, "little") + header)
    assert problems(added.folder, store)[FIRST] == "Its header cannot be read."


@pytest.mark.parametrize("index", [b"{", b"{}", b'{"weight_map": 3}', b"[]"])
def test_an_index_that_is_none_is_found(added: Installed, store: Store, index: bytes) -> None:
    (added.folder / "model.safetensors.index.json").write_bytes(index)
    assert "model.safetensors.index.json" in problems(added.folder, store)


def bin_checkpoint(folder: Path, weights: bytes) -> Path:
    config = json.dumps({"model_type": "qwen", "visual": {}}).encode()
    return write(folder, {"config.json": config, "pytorch_model.bin": weights})


def test_torchs_own_files_are_checked_for_their_end(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("data.pkl", bytes(5000))
    whole = archive.read_bytes()
    folder = bin_checkpoint(tmp_path / "model", whole)
    store.add(folder)
    assert problems(folder, store) == {}
    for damaged in (whole[:-40], b""):
        (folder / "pytorch_model.bin").write_bytes(damaged)
        assert list(problems(folder, store)) == ["pytorch_model.bin"]
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02legacy")
    assert problems(folder, store) == {}


def test_a_folder_that_went_cannot_be_checked(added: Installed, store: Store) -> None:
    added.folder.rename(added.folder.with_name("away"))
    with pytest.raises(EngineError) as caught:
        verdict_on(store.find(added.name))
    assert caught.value.code == "missing"
