import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from tiny_plans import HOSTED, IN_EIGHT_BITS, IN_FOUR_BITS, STREAMED, Tiny

from engine.contract import Progress
from engine.stop import never
from engine.venus.quantise.held import held
from engine.venus.quantise.holding import Held
from engine.venus.quantise.load import Ready, load
from engine.venus.quantise.memory import FourBit, four_bits
from engine.venus.quantise.plan import Plan
from engine.venus.quantise.saved import MANIFEST

HERE_PACKED = four_bits("cpu")[0] is FourBit.PACKED


def copies(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


def logits(ready: Ready) -> torch.Tensor:
    with torch.inference_mode():
        return ready.model(input_ids=torch.tensor([[5, 6, 7, 8]])).logits


def read_from(tiny: Tiny, plan: Plan, cache: Path) -> str:
    """What the first step of loading says: where the weights come from."""
    return next(iter(load(tiny.family, tiny.source, plan, stop=never, cache=cache))).text


@pytest.mark.parametrize("way", [IN_FOUR_BITS, IN_EIGHT_BITS, {"head": Held.INT8}])
def test_what_was_rounded_once_is_read_the_next_time(tiny: Tiny, way: dict, tmp_path: Path):
    plan = tiny.plan(**way)
    first = tiny.load(plan, tmp_path)
    assert len(copies(tmp_path)) == 1
    again = tiny.load(plan, tmp_path)
    assert read_from(tiny, plan, tmp_path).startswith("Reading rounded")
    assert torch.equal(logits(first), logits(again))
    parts = tiny.family.parts(tiny.source.config)
    assert held(first.model, parts) == held(again.model, parts)
    assert first.notes == again.notes == ()


@pytest.mark.skipif(not HERE_PACKED, reason="this CPU has no AVX-512 BF16")
def test_what_a_cpu_packs_is_kept_packed(qwen: Tiny, tmp_path: Path):
    plan = qwen.plan(packed=True, **IN_FOUR_BITS)
    first, again = qwen.load(plan, tmp_path), qwen.load(plan, tmp_path)
    assert read_from(qwen, plan, tmp_path).startswith("Reading rounded")
    assert torch.equal(logits(first), logits(again))
    # Another layout is another copy.
    qwen.load(qwen.plan(**IN_FOUR_BITS), tmp_path)
    assert len(copies(tmp_path)) == 2


def test_one_copy_serves_parts_in_other_places(qwen: Tiny, tmp_path: Path):
    first = qwen.load(qwen.plan(language=Held.NF4), tmp_path)
    away = qwen.plan(language=Held.NF4, embeddings=HOSTED, vision=STREAMED)
    assert read_from(qwen, away, tmp_path).startswith("Reading rounded")
    assert torch.equal(logits(first), logits(qwen.load(away, tmp_path)))


def test_whole_numbers_are_not_kept_twice(qwen: Tiny, tmp_path: Path):
    qwen.load(qwen.plan(), tmp_path)
    assert copies(tmp_path) == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("cut", "cannot be read"),
        ("flip", "damaged"),
        ("gone", "cannot be read"),
        ("manifest", "list of contents"),
        ("no manifest", "list of contents"),
        ("less", "missing"),
        ("other", "bitsandbytes"),
    ],
)
def test_a_broken_copy_is_noticed_and_made_anew(qwen: Tiny, tmp_path: Path, harm: str, told: str):
    plan = qwen.plan(**IN_FOUR_BITS)
    first = qwen.load(plan, tmp_path)
    (copy,) = copies(tmp_path)
    shard, manifest = next(copy.glob("*.safetensors")), copy / MANIFEST
    written = json.loads(manifest.read_text())
    match harm:
        case "cut":
            shard.write_bytes(shard.read_bytes()[:-100])
        case "flip":
            whole = bytearray(shard.read_bytes())
            whole[-5] ^= 1
            shard.write_bytes(whole)
        case "gone":
            shard.unlink()
        case "manifest":
            manifest.write_text("{")
        case "no manifest":
            manifest.unlink()
        case "less":
            manifest.write_text(json.dumps({**written, "shards": []}))
        case "other":
            manifest.write_text(json.dumps({**written, "bitsandbytes": "0.1"}))
    anew = qwen.load(plan, tmp_path)
    assert len(anew.notes) == 1
    assert told in anew.notes[0]
    assert "made anew" in anew.notes[0]
    assert torch.equal(logits(first), logits(anew))
    assert qwen.load(plan, tmp_path).notes == ()
    assert copies(tmp_path) == [copy]


def test_a_checkpoint_that_changed_is_rounded_anew(tmp_path: Path):
    tiny = Tiny.made("qwen_vl", tmp_path / "checkpoint")
    plan = tiny.plan(**IN_FOUR_BITS)
    cache = tmp_path / "cache"
    before = tiny.load(plan, cache)
    other = Tiny.made("qwen_vl", tmp_path / "other", seed=1)
    for file in (tmp_path / "other").iterdir():
        shutil.copy(file, tmp_path / "checkpoint" / file.name)
    after = tiny.load(plan, cache)
    assert "another checkpoint" in after.notes[0]
    assert not torch.equal(logits(before), logits(after))
    assert torch.equal(logits(after), logits(other.load(other.plan(**IN_FOUR_BITS))))


def test_two_copies_of_a_checkpoint_are_kept_the_last_used(qwen: Tiny, tmp_path: Path):
    ways = [qwen.plan(**IN_FOUR_BITS), qwen.plan(**IN_EIGHT_BITS), qwen.plan(head=Held.INT8)]
    for age, plan in enumerate(ways[:2]):
        qwen.load(plan, tmp_path)
        for copy in copies(tmp_path):
            os.utime(copy, (1000 * age, 1000 * age))
    # The older of the two is used now, so the other one is forgotten.
    qwen.load(ways[0], tmp_path)
    qwen.load(ways[2], tmp_path)
    assert len(copies(tmp_path)) == 2
    said = [read_from(qwen, plan, tmp_path) for plan in ways]
    assert [text.startswith("Reading rounded") for text in said] == [True, False, True]


def test_a_full_disk_is_no_obstacle(qwen: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Full:
        free = 1000

    monkeypatch.setattr("engine.venus.quantise.saved.shutil.disk_usage", lambda _: Full)
    ready = qwen.load(qwen.plan(**IN_FOUR_BITS), tmp_path)
    assert "not kept" in ready.notes[0]
    assert copies(tmp_path) == []
    assert logits(ready).isfinite().all()


def test_a_folder_that_cannot_be_made_is_no_obstacle(qwen: Tiny, tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    ready = qwen.load(qwen.plan(**IN_FOUR_BITS), tmp_path / "file" / "cache")
    assert "not kept" in ready.notes[0]
    assert logits(ready).isfinite().all()


def test_a_stop_while_keeping_leaves_nothing_behind(qwen: Tiny, tmp_path: Path):
    met: list[Progress | Ready] = []

    def stop() -> bool:
        return any(isinstance(each, Progress) and each.fraction > 0.79 for each in met)

    for step in load(
        qwen.family, qwen.source, qwen.plan(**IN_FOUR_BITS), stop=stop, cache=tmp_path
    ):
        met.append(step)
    assert not any(isinstance(step, Ready) for step in met)
    assert copies(tmp_path) == []
