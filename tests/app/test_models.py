"""`venus models` on the command line, with a hub on loopback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from checkpoint_files import checkpoint, write
from small_hub import SmallHub, only_here, small_hub

from app.cli import main
from app.models_text import Bar
from engine.checkpoints.progress import Phase, Transfer
from engine.checkpoints.store import Store

NAME = "venus-q-stage2"
SHARD = "model-00001-of-00002.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SmallHub]:
    with (
        only_here(monkeypatch, tmp_path),
        small_hub({"popo28/Venus-Q-Stage2": checkpoint()}) as hub,
    ):
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("VENUS_CHECKPOINTS", str(tmp_path / "store"))
    return Store()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "my-model", checkpoint())


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["models", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come true")


def test_the_list_shows_what_there_is_to_download(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = printed(capsys, "list")
    assert status == 0
    assert "nothing yet: the built-in engine needs no model" in out
    assert "venus-q-stage2  19.3 GB" in out
    assert "estimates" in out
    assert "Licence: Apache 2.0." in out
    assert max(len(line) for line in out.splitlines()[1:]) <= 88


def test_the_list_is_json_too(capsys: pytest.CaptureFixture[str], model: Path) -> None:
    assert main(["models", "add", str(model)]) == 0
    capsys.readouterr()
    status, out, _ = printed(capsys, "list", "--json")
    (value,) = objects(out)
    assert status == 0
    (added,) = value["checkpoints"]
    assert (added["name"], added["folder"], added["state"]) == ("my-model", str(model), "ready")
    assert value["catalogue"][0]["estimated_size"] == 19_313_870_336
    assert set(value["catalogue"][0]["estimated_memory"]) == {"nf4", "int8", "bf16"}


def test_a_model_is_downloaded_listed_verified_and_removed(
    capsys: pytest.CaptureFixture[str], hub: SmallHub, store: Store
) -> None:
    status, out, err = printed(capsys, "download", NAME)
    assert status == 0
    assert "ready" in out
    assert "Licence: " in err
    assert "https://huggingface.co/popo28/Venus-Q-Stage2" in err

    status, out, _ = printed(capsys, "list")
    head, _, rest = out.partition("To download")
    assert f"{NAME}  ready" in head
    assert NAME not in rest

    status, out, _ = printed(capsys, "verify", NAME)
    assert status == 0
    assert "every byte is as the hub promised" in out

    status, out, err = printed(capsys, "remove", NAME)
    assert status == 1  # nobody is there to be asked
    assert "--yes" in err
    assert printed(capsys, "remove", NAME, "--yes")[0] == 0
    assert store.checkpoints() == ()


def test_damage_is_told(capsys: pytest.CaptureFixture[str], hub: SmallHub, store: Store) -> None:
    assert printed(capsys, "download", NAME)[0] == 0
    (store.root / NAME / SHARD).write_bytes(b"cut")
    status, out, _ = printed(capsys, "verify", NAME)
    assert status == 1
    assert out.startswith(f"{SHARD}: ")
    status, out, _ = printed(capsys, "verify", NAME, "--json")
    assert status == 1
    last = objects(out)[-1]
    assert last["whole"] is False
    assert last["verdict"]["problems"][0]["file"] == SHARD
    status, out, _ = printed(capsys, "list")
    assert f"{NAME}  incomplete" in out


def test_a_download_is_json_too(capsys: pytest.CaptureFixture[str], hub: SmallHub) -> None:
    status, out, err = printed(capsys, "download", NAME, "--json")
    *progress, last = objects(out)
    assert (status, err) == (0, "")
    assert last["checkpoint"]["state"] == "ready"
    assert all(0 <= line["progress"]["fraction"] <= 1 for line in progress)


def test_errors_are_told_and_are_json_too(
    capsys: pytest.CaptureFixture[str], hub: SmallHub
) -> None:
    hub.wrong.gate = 403
    status, _, err = printed(capsys, "download", NAME)
    assert status == 1
    assert "hf auth login" in err.splitlines()[-1]
    status, out, _ = printed(capsys, "download", NAME, "--json")
    assert status == 1
    assert objects(out)[-1]["error"]["code"] == "gated"
    status, _, err = printed(capsys, "download", "venus-9")
    assert status == 1
    assert "It has venus-q-stage2" in err


def test_an_added_folder_is_only_forgotten(
    capsys: pytest.CaptureFixture[str], model: Path, store: Store
) -> None:
    status, out, _ = printed(capsys, "add", str(model), "--name", "studio", "--wording", "paper")
    assert status == 0
    assert "known as studio: qwen_vl" in out
    assert store.find("studio").wording == "paper"
    status, out, _ = printed(capsys, "verify", "studio")
    assert status == 0
    assert "as far as the files themselves can tell" in out
    status, out, _ = printed(capsys, "remove", "studio")
    assert status == 0
    assert (model / SHARD).exists()


def test_an_adapter_says_which_base_it_lacks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, hub: SmallHub, store: Store
) -> None:
    base = b'{"base_model_name_or_path": "popo28/Venus-Q-Stage2"}'
    files = {"adapter_config.json": base, "adapter_model.bin": b"\x80"}
    status, out, _ = printed(capsys, "add", str(write(tmp_path / "lora", files)))
    assert status == 0
    assert "which is not on this machine" in out
    assert printed(capsys, "download", NAME)[0] == 0
    assert store.base_of(store.find("lora")) == store.root / NAME


def test_what_is_no_checkpoint_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = printed(capsys, "add", str(tmp_path))
    assert status == 1
    assert "has no config.json" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_and_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], hub: SmallHub, store: Store
) -> None:
    hub.wrong.stall_after = 120_000
    program = [sys.executable, "-m", "app", "models", "download", NAME]
    with subprocess.Popen(program, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        until(lambda: sum(each.done for each in store.partials()) > 120_000)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == b""
    assert f"`venus models download {NAME}` goes on from there." in err.decode()
    assert b"Traceback" not in err
    status, text, _ = printed(capsys, "list")
    assert status == 0
    assert "% here" in text

    hub.wrong.stall_after = None
    hub.sent.clear()
    assert printed(capsys, "download", NAME)[0] == 0
    assert [start > 0 for name, start, _ in hub.sent if name == SHARD] == [True]


def test_the_command_loads_neither_qt_nor_torch_nor_the_network(model: Path) -> None:
    program = f"""
import sys
from app.cli import main
assert main(["models", "list"]) == 0
assert main(["models", "add", {str(model)!r}]) == 0
found = {{"PySide6", "torch", "transformers", "huggingface_hub"}} & set(sys.modules)
assert not found, found
"""
    subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=120, stdout=subprocess.DEVNULL
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def step(done: int, phase: Phase = Phase.FETCHING, speed: float = 2e6) -> Transfer:
    return Transfer(phase=phase, done=done, total=100_000_000, file="a", speed=speed)


def test_on_a_terminal_one_line_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    bar = Bar(out)
    bar.show(step(50_000_000))
    bar.show(step(50_000_000, speed=0))
    bar.end()
    bar.end()
    first, second = out.getvalue().removesuffix("\n").split("\r")[1:]
    assert " 50%  Downloading a: 50.0 MB of 100.0 MB, 2.0 MB/s, 25 s left" in first
    assert len(second) == len(first)  # what was longer is covered
    assert "\n" not in first + second


def test_a_narrow_terminal_is_not_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    Bar(out).show(step(1))
    assert len(out.getvalue()) == 40  # the return, and one column left free


def test_without_a_terminal_a_line_stands_for_each_tenth() -> None:
    out = io.StringIO()
    bar = Bar(out)
    for percent in range(101):
        bar.show(step(percent * 1_000_000))
    bar.show(step(100_000_000, Phase.WAITING))
    bar.show(step(100_000_000, Phase.WAITING))
    bar.end()
    assert len(out.getvalue().splitlines()) == 12
