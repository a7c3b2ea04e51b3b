"""Downloads, from a hub on loopback that misbehaves."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from checkpoint_files import NEEDED, checkpoint
from small_hub import Misbehaviour, SmallHub

from engine.checkpoints.catalogue import Entry
from engine.checkpoints.download import download
from engine.checkpoints.installed import Installed, State
from engine.checkpoints.progress import Phase, Transfer
from engine.checkpoints.store import Store
from engine.choice import Wording
from engine.contract import EngineError

SHARD = "model-00001-of-00002.safetensors"
AT_ONCE = (0.0, 0.0, 0.0)


def fetch(
    entry: Entry,
    store: Store,
    hub: SmallHub,
    *,
    stop: Callable[[], bool] = lambda: False,
    free: Callable[[Path], int] = lambda _: 1 << 40,
) -> list[Transfer | Installed]:
    return list(download(entry, store, stop=stop, endpoint=hub.address, pauses=AT_ONCE, free=free))


def failure(entry: Entry, store: Store, hub: SmallHub, **how: Callable) -> EngineError:
    with pytest.raises(EngineError) as caught:
        fetch(entry, store, hub, **how)
    return caught.value


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def assert_whole(installed: Transfer | Installed, entry: Entry, hub: SmallHub) -> None:
    assert isinstance(installed, Installed)
    assert installed.state is State.READY
    there = {path.name: path.read_bytes() for path in installed.folder.iterdir()}
    del there["venus.json"]
    assert there == {name: hub.repos[entry.repo][name] for name in NEEDED}


def test_a_checkpoint_comes_whole_without_code_or_leftovers(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    *steps, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert isinstance(installed, Installed)
    assert installed.folder == store.root / entry.name
    assert installed.record.revision == hub.commit
    assert (installed.record.family, installed.record.model_type) == ("qwen_vl", "qwen")
    assert installed.wording is Wording.RELEASE
    assert store.checkpoints() == (installed,)
    assert store.partials() == ()
    assert all(isinstance(step, Transfer) for step in steps)


def test_only_what_was_asked_is_asked_and_nobody_is_counted(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    fetch(entry, store, hub)
    asked = [path for path in hub.requests if not path.startswith("/storage/")]
    files = {f"/{entry.repo}/resolve/{hub.commit}/{name}" for name in NEEDED}
    assert asked[0] == f"/api/models/{entry.repo}/revision/main"
    assert set(asked[1:]) == files
    assert len(asked) == 1 + len(files)
    (agent,) = hub.agents
    assert agent.startswith("venus/")
    assert "torch" not in agent
    assert hub.tokens == {""}


def test_dropped_connections_go_on_where_they_broke_off(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong.drop_after = [100_000, 70_001, 0, 50_000]
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    sizes = {name: len(data) for name, data in hub.repos[entry.repo].items()}
    assert {name: hub.bytes_sent(name) for name in NEEDED} == {name: sizes[name] for name in NEEDED}
    starts = [start for name, start, _ in hub.sent if name == SHARD]
    assert starts == [0, 100_000, 170_001, 170_001, 220_001]


def test_a_hub_that_cannot_go_on_is_heard_from_the_start(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong = Misbehaviour(drop_after=[100_000], ignores_ranges=True)
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert [start for name, start, _ in hub.sent if name == SHARD] == [0, 0]


def test_a_hub_that_never_gets_further_is_not_asked_for_ever(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong = Misbehaviour(drop_after=[100_000] * 50, ignores_ranges=True)
    assert failure(entry, store, hub).code == "unreachable"
    assert hub.bytes_sent(SHARD) == 100_000 * (1 + len(AT_ONCE))


def test_it_gives_up_after_attempts_that_bring_nothing_and_keeps_the_rest(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong.drop_after = [100_000] + [0] * 20
    error = failure(entry, store, hub)
    assert error.code == "unreachable"
    assert "kept" in error.remedy
    assert len(hub.wrong.drop_after) == 20 - len(AT_ONCE)  # as many attempts as pauses, then none
    (partial,) = store.partials()
    small = sum(len(hub.repos[entry.repo][name]) for name in NEEDED if "-of-" not in name)
    assert partial.done == small + 100_000
    assert partial.total == sum(len(hub.repos[entry.repo][name]) for name in NEEDED)
    assert store.checkpoints() == ()

    hub.wrong.drop_after.clear()
    hub.sent.clear()
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert [name for name, _, _ in hub.sent] == [SHARD, SHARD.replace("00001-", "00002-")]
    assert hub.sent[0][1] == 100_000


def test_stopping_ends_soon_though_the_hub_is_silent_and_the_rest_is_kept(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong.stall_after = 120_000
    part = store.partial_folder(entry.name) / f"{SHARD}.part"
    came = list(download(entry, store, stop=lambda: size_of(part) == 120_000, endpoint=hub.address))
    assert all(isinstance(step, Transfer) for step in came)  # no word after the wish to stop
    for thread in threading.enumerate():
        if thread.name == "venus-download":
            thread.join(20)  # woken: by itself it would wait for 30 s
            assert not thread.is_alive()
    assert part.read_bytes() == hub.repos[entry.repo][SHARD][:120_000]

    hub.wrong.stall_after = None
    hub.sent.clear()
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert (SHARD, 120_000) in [(name, start) for name, start, _ in hub.sent]


def test_a_generator_that_is_dropped_stops_too(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.stall_after = 1000
    steps = download(entry, store, stop=lambda: False, endpoint=hub.address)
    next(steps)
    hub.stalled.wait(30)
    steps.close()
    with store.lock(entry.name):  # it is free again
        pass


def test_progress_counts_bytes_over_all_files(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.stall_after = 120_000
    small = sum(len(hub.repos[entry.repo][name]) for name in NEEDED if "-of-" not in name)
    total = sum(len(hub.repos[entry.repo][name]) for name in NEEDED)
    came = [Transfer(phase=Phase.ASKING)]
    stop = lambda: came[-1].done == small + 120_000  # noqa: E731
    for step in download(entry, store, stop=stop, endpoint=hub.address):
        assert isinstance(step, Transfer)
        assert step.done >= came[-1].done
        came.append(step)
    last = came[-1]
    assert (last.phase, last.file, last.total) == (Phase.FETCHING, SHARD, total)
    assert last.fraction == (small + 120_000) / total


def test_a_wrong_sha256_is_refused_and_named(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.lies_about = {SHARD}
    error = failure(entry, store, hub)
    assert error.code == "wrong_sha256"
    assert SHARD in error.reason
    assert not (store.partial_folder(entry.name) / SHARD).exists()
    assert not (store.partial_folder(entry.name) / f"{SHARD}.part").exists()
    assert store.checkpoints() == ()


def test_a_small_file_is_checked_by_gits_digest(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.drop_after = [0] * 20
    failure(entry, store, hub)  # the small files are there, and the list
    hub.wrong.drop_after.clear()
    folder = store.partial_folder(entry.name)
    (folder / "config.json").rename(folder / "config.json.part")
    data = (folder / "config.json.part").read_bytes()
    (folder / "config.json.part").write_bytes(data.replace(b"qwen", b"gwen"))
    error = failure(entry, store, hub)
    assert error.code == "wrong_sha256"
    assert "config.json" in error.reason
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)


def test_a_full_disk_is_refused_before_the_start(entry: Entry, store: Store, hub: SmallHub) -> None:
    error = failure(entry, store, hub, free=lambda _: (256 << 20) + 100_000)
    assert error.code == "disk_full"
    assert "600.6 kB" in error.reason
    assert "500.6 kB" in error.remedy  # 0.1 MB of room is there beside what is spared
    assert hub.sent == []


def test_room_is_needed_only_for_what_is_lacking(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.drop_after = [299_000] + [0] * 20
    failure(entry, store, hub)
    hub.wrong.drop_after.clear()
    *_, installed = fetch(entry, store, hub, free=lambda _: (256 << 20) + 305_000)
    assert_whole(installed, entry, hub)


def test_what_changed_on_the_hub_meanwhile_is_fetched_anew(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.repos[entry.repo]["old.json"] = b"{}"
    hub.wrong.drop_after = [100_000] + [0] * 20
    failure(entry, store, hub)
    hub.wrong.drop_after.clear()
    hub.commit = "f00d" * 10
    hub.repos[entry.repo] |= {SHARD: checkpoint(size=200_000)[SHARD], "README.md": b"# Newer\n"}
    del hub.repos[entry.repo]["old.json"]
    hub.sent.clear()
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert isinstance(installed, Installed)
    assert installed.record.revision == hub.commit
    assert (SHARD, 0) in [(name, start) for name, start, _ in hub.sent]
    assert "config.json" not in [name for name, _, _ in hub.sent]


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_repository_says_what_to_do(
    entry: Entry, store: Store, hub: SmallHub, status: int
) -> None:
    hub.wrong.gate = status
    error = failure(entry, store, hub)
    assert error.code == "gated"
    assert entry.page in error.remedy
    assert "hf auth login" in error.remedy


def test_an_unknown_repository_says_where_to_look(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    error = failure(replace(entry, repo="nobody/nothing"), store, hub)
    assert error.code == "gated"  # the hub does not tell these two apart without a login
    assert "https://huggingface.co/nobody/nothing" in error.remedy


def test_a_file_that_has_gone_is_told(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.statuses = []
    hub.wrong.drop_after = [100_000, 0, 0, 0, 0, 0]
    failure(entry, store, hub)
    hub.wrong.drop_after.clear()
    hub.wrong.statuses = [404]
    assert failure(entry, store, hub).code == "not_found"


def test_an_overloaded_hub_is_asked_again(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.statuses = [503, 429]
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert hub.wrong.statuses == []


def test_a_hub_that_stays_overloaded_is_told(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.statuses = [503] * 20
    error = failure(entry, store, hub)
    assert error.code == "unreachable"
    assert "503" in error.reason


def test_a_login_page_is_no_hub(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.answers_pages = True
    assert failure(entry, store, hub).code == "no_hub"


def test_nobody_there_is_told(entry: Entry, store: Store, hub: SmallHub) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = failure(entry, store, replace(hub, address=address))
    assert error.code == "unreachable"
    assert "cannot be reached" in error.reason


def test_an_address_that_is_none_is_told(entry: Entry, store: Store, hub: SmallHub) -> None:
    assert failure(entry, store, replace(hub, address="hub.example")).code == "bad_endpoint"


def test_offline_mode_is_obeyed(
    entry: Entry, store: Store, hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    error = failure(entry, store, hub)
    assert error.code == "offline"
    assert "HF_HUB_OFFLINE" in error.reason
    assert hub.requests == []


def test_a_token_is_sent(
    entry: Entry, store: Store, hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(entry, store, hub)
    assert hub.tokens == {"Bearer hf_secret"}


def test_the_environment_names_the_hub(
    entry: Entry, store: Store, hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address + "/")
    *_, installed = download(entry, store, stop=lambda: False)
    assert_whole(installed, entry, hub)


def test_what_is_here_is_not_fetched_again(entry: Entry, store: Store, hub: SmallHub) -> None:
    fetch(entry, store, hub)
    assert failure(entry, store, hub).code == "already_here"


def test_two_downloads_do_not_meet(entry: Entry, store: Store, hub: SmallHub) -> None:
    with store.lock(entry.name):
        assert failure(entry, store, hub).code == "busy"


def test_a_download_that_lost_a_file_is_mended(entry: Entry, store: Store, hub: SmallHub) -> None:
    *_, installed = fetch(entry, store, hub)
    assert isinstance(installed, Installed)
    (installed.folder / SHARD).unlink()
    (installed.folder / "nf4").mkdir()  # what the engine may have put beside it
    (installed.folder / "notes.txt").write_text("mine")
    (broken,) = store.checkpoints()
    assert broken.state is State.INCOMPLETE
    assert SHARD in broken.reason
    hub.sent.clear()
    *_, mended = fetch(entry, store, hub)
    assert isinstance(mended, Installed)
    assert (mended.folder / "notes.txt").read_text() == "mine"
    (mended.folder / "notes.txt").unlink()
    (mended.folder / "nf4").rmdir()
    assert_whole(mended, entry, hub)
    assert [name for name, _, _ in hub.sent if "-of-" in name] == [SHARD]


def test_a_file_that_was_cut_since_is_only_brought_to_its_end(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    *_, installed = fetch(entry, store, hub)
    assert isinstance(installed, Installed)
    (installed.folder / SHARD).write_bytes(hub.repos[entry.repo][SHARD][:1234])
    hub.sent.clear()
    *_, mended = fetch(entry, store, hub)
    assert_whole(mended, entry, hub)
    assert [start for name, start, _ in hub.sent if name == SHARD] == [1234]


def test_a_part_that_is_too_long_is_fetched_anew(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.wrong.drop_after = [100_000] + [0] * 20
    failure(entry, store, hub)
    hub.wrong.drop_after.clear()
    (store.partial_folder(entry.name) / f"{SHARD}.part").write_bytes(bytes(400_000))
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)


def test_a_login_page_does_not_cost_what_has_come(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.wrong.drop_after = [100_000] + [0] * 20
    failure(entry, store, hub)
    hub.wrong.drop_after.clear()
    hub.wrong.files_are_pages = True
    assert failure(entry, store, hub).code == "no_hub"
    assert size_of(store.partial_folder(entry.name) / f"{SHARD}.part") == 100_000


def test_what_lies_in_the_way_is_not_touched(entry: Entry, store: Store, hub: SmallHub) -> None:
    (store.root / entry.name).mkdir(parents=True)
    error = failure(entry, store, hub)
    assert (error.code, hub.requests) == ("already_here", [])
    assert "in the way" in error.reason


def test_a_repository_without_a_checkpoint_is_told(
    entry: Entry, store: Store, hub: SmallHub
) -> None:
    hub.repos[entry.repo] = {"README.md": b"# Moved\n"}
    error = failure(entry, store, hub)
    assert error.code == "no_checkpoint"
    assert store.checkpoints() == ()


def test_no_name_leads_out_of_the_folder(entry: Entry, store: Store, hub: SmallHub) -> None:
    for name in ("../out.json", "..", "a\\..\\b.json", "C:x.json", "venus.json", "x.part"):
        hub.repos[entry.repo][name] = b"{}"
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
    assert sorted(path.name for path in store.root.iterdir()) == [".partial", entry.name]


def test_weights_are_fetched_once(entry: Entry, store: Store, hub: SmallHub) -> None:
    hub.repos[entry.repo] |= {"pytorch_model-00001-of-00001.bin": b"\x80", "model.gguf": b"x"}
    *_, installed = fetch(entry, store, hub)
    assert_whole(installed, entry, hub)
