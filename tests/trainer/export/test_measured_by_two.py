"""A run on two processes is measured and written as the same run on one."""

from pathlib import Path

import measured_by_two
import pytest

from engine.venus.families.registry import recognise


@pytest.mark.parametrize(
    ("mode", "family"),
    [
        ("copies", "qwen_vl"),
        ("parts", "qwen_vl"),
        # The last layer of its tower has no part in the loss.
        ("parts", "llava"),
        ("zero", "qwen_vl"),
        # Its head is its embeddings.
        ("zero", "internvl"),
    ],
)
def test_two_processes_measure_and_write_what_one_does(
    tmp_path: Path, mode: str, family: str
) -> None:
    alone = measured_by_two.measured("alone", tmp_path, family)["told"]
    both = measured_by_two.start(mode, tmp_path, family)["told"]
    assert [set(each["figures"]) for each in alone] == [{"loss", "crop_iou", "crops_read"}] * 2
    for one, other in zip(alone, both, strict=True):
        assert other["figures"] == pytest.approx(one["figures"], rel=1e-4)
        # The first process keeps its own share of the answers.
        assert len(other["said"]) == 4
        assert other["said"].items() <= one["said"].items()
    written = [
        dict(recognise(folder).tensors(recognise(folder).read(folder)))
        for folder in (tmp_path / "alone", tmp_path / mode)
    ]
    assert written[0].keys() == written[1].keys()
    apart = max(float((each - written[1][name]).abs().max()) for name, each in written[0].items())
    assert apart < 1e-4
