from pathlib import Path

import pytest
import tiny_training as tiny
import torch
from two_processes import REFUSED, start


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """The weights after a run of two processes that nothing disturbed."""
    folder = prepared(tmp_path_factory.mktemp("whole"))
    return trained(folder)


def prepared(folder: Path) -> Path:
    tiny.samples(folder / "photos")
    tiny.make("qwen_vl", folder / "checkpoint")
    return folder


def trained(folder: Path, *, stop_at: int = -1) -> dict[str, torch.Tensor]:
    ended = start("run", str(folder), str(stop_at))
    assert ended.returncode == 0, ended.stderr
    both = [torch.load(folder / f"weights-{rank}.pt") for rank in range(2)]
    assert all(torch.equal(both[0][name], both[1][name]) for name in both[0])
    return both[0]


@pytest.mark.parametrize("stop_at", [3, 4, 9])
def test_two_processes_go_on_bit_for_bit_when_one_of_them_was_told_to_stop(
    tmp_path: Path, whole: dict[str, torch.Tensor], stop_at: int
) -> None:
    """Inside a window, at a step, and inside the second epoch; dropout draws on each rank."""
    folder = prepared(tmp_path)
    stopped = trained(folder, stop_at=stop_at)
    assert any(not torch.equal(stopped[name], whole[name]) for name in whole)
    again = trained(folder)
    assert all(torch.equal(again[name], whole[name]) for name in whole)


def test_another_number_of_processes_is_refused_in_words(tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    trained(folder, stop_at=4)
    ended = start("run", str(folder), "-1", processes=1)
    assert ended.returncode != 0
    assert f"exitcode  : {REFUSED}" in ended.stderr
    assert "written by 2 processes, and this run has 1" in ended.stdout
