"""What the catalogue offers."""

from __future__ import annotations

import pytest

from engine.checkpoints.catalogue import PLANS, catalogue, find
from engine.checkpoints.recognise import FAMILIES
from engine.checkpoints.store import _plain
from engine.checkpoints.words import in_gb, in_gib, in_time
from engine.choice import MemoryPlan, Wording
from engine.contract import EngineError


def test_it_offers_the_authors_models_first() -> None:
    first, second = catalogue()[:2]
    assert (first.repo, second.repo) == ("popo28/Venus-Q-Stage2", "popo28/Venus-Q-Stage1")
    for entry in (first, second):
        assert entry.family == "qwen_vl"
        assert entry.wording is Wording.RELEASE
        assert "see its page" in entry.licence
        assert entry.size == 19_313_870_336  # what the index of Qwen-VL-Chat says


def test_every_entry_can_be_used() -> None:
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.name == _plain(entry.name)  # it becomes a folder
        assert entry.family in {"qwen_vl", *FAMILIES.values()}
        assert entry.repo.count("/") == 1
        assert entry.licence
        assert entry.about.endswith(".")
        assert 10e9 < entry.size < 30e9


def test_smaller_plans_need_less_memory_and_all_need_more_than_the_weights() -> None:
    for entry in catalogue():
        small, middle, large = (entry.memory(plan) for plan in PLANS)
        assert small < middle < large
        assert large > entry.size
    assert 7.0 < find("venus-q-stage2").memory(MemoryPlan.NF4) / 2**30 < 8.0


@pytest.mark.parametrize("name", ["venus-q-stage2", "popo28/Venus-Q-Stage2", "Venus-Q-Stage2"])
def test_an_entry_is_found_by_either_name(name: str) -> None:
    assert find(name).name == "venus-q-stage2"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(EngineError) as caught:
        find("venus-9")
    assert caught.value.code == "unknown_model"
    assert "venus-q-stage1" in caught.value.remedy


def test_sizes_read_well() -> None:
    assert in_gb(19_313_870_336) == "19.3 GB"
    assert in_gb(1_500) == "1.5 kB"
    assert in_gb(12) == "12 bytes"
    assert in_gib(8 * 2**30) == "8.0 GiB"
    assert [in_time(each) for each in (40, 720, 7500)] == ["40 s", "12 min", "2 h 5 min"]
