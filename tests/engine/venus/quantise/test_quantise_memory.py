import sys
from pathlib import Path

import psutil
import pytest
import torch

from engine.contract import EngineError
from engine.venus.quantise import memory
from engine.venus.quantise.holding import Held
from engine.venus.quantise.memory import FourBit, Room, allowed, rooms


def test_this_machine_has_a_room_of_its_own():
    here = rooms()[-1]
    assert here.device == "cpu"
    assert here.shared
    assert here.free == here.host_free
    assert 0 < here.free <= here.total
    assert here.total == pytest.approx(psutil.virtual_memory().total, rel=0.01)
    assert here.bandwidth > 0
    assert here.speed > 0
    assert here.compute in (Held.BF16, Held.FP32)
    # The whole test suite's environment has bitsandbytes.
    assert here.four_bit in (FourBit.UNPACKED, FourBit.PACKED)
    assert here.without == ""


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    monkeypatch.setattr(memory, "LIMITED", ((limit, used),))
    assert memory.host_free() == pytest.approx(psutil.virtual_memory().available, rel=0.2)
    limit.write_text("5000\n")
    used.write_text("1000\n")
    assert memory.host_free() == 4000


@pytest.mark.parametrize("device", ["cuda:97", "tpu", "mps:3"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(device: str):
    if device.startswith("mps") and torch.backends.mps.is_available():
        pytest.skip("this machine has an Apple GPU")
    with pytest.raises(EngineError, match="cpu") as refused:
        rooms(device)
    assert device in refused.value.reason


def test_a_room_is_shared_where_device_and_computer_have_one_memory():
    assert not Room(device="cuda:1", free=1, total=2, host_free=1).shared
    assert Room(device="mps", free=1, total=2, host_free=1).shared
    assert Room(device="cuda:1", free=1, total=2, host_free=1).kind == "cuda"


def test_without_bitsandbytes_the_reason_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes.functional", None)
    kind, reason = memory.four_bits("cpu")
    assert kind is FourBit.NONE
    assert "not installed" in reason


def test_a_bitsandbytes_that_fails_counts_as_none(monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr("bitsandbytes.functional.quantize_4bit", fails)
    kind, reason = memory.four_bits("cpu")
    assert kind is FourBit.NONE
    assert "no kernel image" in reason


def test_a_container_allows_what_its_limit_leaves():
    assert allowed("1000\n", "400\n", 5000) == 600
    assert allowed("max\n", "400\n", 5000) == 5000
    assert allowed("100\n", "400\n", 5000) == 0
