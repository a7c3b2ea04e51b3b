import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_plans import HOSTED, IN_EIGHT_BITS, IN_FOUR_BITS, PLENTY, STREAMED, Tiny, plan_for
from torch import Tensor, nn
from transformers import PreTrainedModel

from engine.contract import EngineError, Progress
from engine.stop import never
from engine.venus.families.qwen_vl import QwenVL
from engine.venus.family import Source
from engine.venus.quantise.held import by_part, held
from engine.venus.quantise.holding import Held, Part
from engine.venus.quantise.load import Ready, load
from engine.venus.quantise.memory import FourBit, four_bits
from engine.venus.quantise.plan import Plan
from engine.venus.quantise.sizes import Sizes
from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.errors import CheckpointError

HERE_PACKED = four_bits("cpu")[0] is FourBit.PACKED

WAYS: dict[str, dict[str, Any]] = {
    "4 bits": {**IN_FOUR_BITS},
    "4 bits in fp32": {**IN_FOUR_BITS, "compute": Held.FP32},
    "4 bits packed": {**IN_FOUR_BITS, "packed": True},
    "4 bits but the head": {"language": Held.NF4, "head": Held.INT8},
    "8 bits": {**IN_EIGHT_BITS},
    "bf16": {},
    "fp16": {"compute": Held.FP16},
    "fp32": {"compute": Held.FP32},
}


def counted(tiny: Tiny, model: nn.Module, plan: Plan) -> dict[Part, tuple[int, int]]:
    return by_part(held(model, tiny.family.parts(tiny.source.config)), plan.device)


def photo() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def said(model: PreTrainedModel) -> list[int]:
    with torch.inference_mode():
        out = model.generate(  # pyright: ignore[reportCallIssue]
            input_ids=torch.tensor([[5, 6, 7, 8]]),
            max_new_tokens=4,
            min_new_tokens=4,
            do_sample=False,
        )
    return out[0].tolist()


@pytest.mark.parametrize("way", WAYS)
def test_the_loaded_model_holds_what_the_plan_foretold(tiny: Tiny, way: str):
    if way == "4 bits packed" and not HERE_PACKED:
        pytest.skip("this CPU has no AVX-512 BF16")
    plan = tiny.plan(**WAYS[way])
    model = tiny.load(plan).model
    assert counted(tiny, model, plan) == plan.weights
    # Running changes nothing of it (bitsandbytes lays matrices out anew when first run).
    assert len(said(model)) == 8
    assert counted(tiny, model, plan) == plan.weights
    assert not model.training


def test_the_dtypes_are_the_plans(qwen: Tiny):
    plan = qwen.plan(**IN_FOUR_BITS)
    shares = held(qwen.load(plan).model, qwen.family.parts(qwen.source.config))
    of = {part: {share.dtype for share in shares if share.part is part} for part in Part}
    assert of[Part.CONNECTOR] == of[Part.EMBEDDINGS] == {"bfloat16"}
    assert "uint8" in of[Part.LANGUAGE] & of[Part.VISION] & of[Part.HEAD]
    assert "bfloat16" in of[Part.LANGUAGE] & of[Part.VISION]


@pytest.mark.parametrize("way", ["4 bits", "8 bits"])
def test_the_connector_is_never_rounded(tiny: Tiny, way: str):
    model = tiny.load(tiny.plan(**WAYS[way], connector=Held.NF4)).model
    for path in tiny.family.parts(tiny.source.config).connector:
        part = model.get_submodule(path)
        assert {each.dtype for each in part.parameters()} == {torch.bfloat16}
        assert {type(each) for each in part.modules() if isinstance(each, nn.Linear)} <= {nn.Linear}


def test_whole_numbers_give_what_the_family_itself_loads(tiny: Tiny):
    from engine.venus.families.building import load as load_plainly

    plain = load_plainly(tiny.family, tiny.source)
    ours = tiny.load(tiny.plan(compute=Held.FP32)).model
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.inference_mode():
        assert torch.equal(ours(input_ids=ids).logits, plain(input_ids=ids).logits)
    assert ours.generation_config is not None


def test_4_bits_stay_near_the_whole_model(tiny: Tiny):
    ids = torch.tensor([[5, 6, 7, 8, 9, 10]])
    with torch.inference_mode():
        whole, four, eight = (
            tiny.load(tiny.plan(compute=Held.FP32, **way)).model(input_ids=ids).logits
            for way in ({}, IN_FOUR_BITS, IN_EIGHT_BITS)
        )
    far = (four - whole).norm() / whole.norm()
    near = (eight - whole).norm() / whole.norm()
    assert 0 < near < far < 0.6
    assert near < 0.1


def test_parts_in_the_computers_memory_answer_alike(tiny: Tiny):
    plain = tiny.load(tiny.plan())
    away_plan = tiny.plan(embeddings=HOSTED, vision=STREAMED)
    away = tiny.load(away_plan)
    assert all(
        on_host > 0 for part, (_, on_host) in away_plan.weights.items() if part is Part.VISION
    )
    processor = tiny.family.processor(tiny.source)
    pixels = processor.pixels(photo())
    one, other = (
        tiny.family.runner(each.model, processor).encode_image(pixels, never)
        for each in (plain, away)
    )
    assert one is not None
    assert other is not None
    assert torch.equal(one.features, other.features)
    assert said(plain.model) == said(away.model)
    # As before it ran: what was lent has come back.
    assert counted(tiny, away.model, away_plan) == counted(tiny, plain.model, tiny.plan())


def test_what_is_lent_is_a_copy_and_only_while_it_runs(qwen: Tiny):
    model = qwen.load(qwen.plan(vision=STREAMED)).model
    blocks = list(model.get_submodule("transformer.visual.transformer.resblocks").children())
    own = [block.get_parameter("mlp.c_fc.weight").data_ptr() for block in blocks]
    met: list[list[bool]] = []

    def look(*_: object) -> None:
        now = [block.get_parameter("mlp.c_fc.weight").data_ptr() for block in blocks]
        met.append([one != other for one, other in zip(own, now, strict=True)])

    for block in blocks:
        block.get_submodule("mlp").register_forward_hook(look)
    with torch.inference_mode():
        model.get_submodule("transformer.visual")(torch.zeros(1, 3, 56, 56))
    assert met == [[True, False], [False, True]]
    assert own == [block.get_parameter("mlp.c_fc.weight").data_ptr() for block in blocks]


def test_parts_in_the_computers_memory_serve_another_device(qwen: Tiny):
    """The meta device is no CPU: a tensor that was forgotten on either side would be refused."""
    plan = qwen.plan(device="meta", embeddings=HOSTED, vision=STREAMED)
    model = qwen.load(plan).model
    with torch.inference_mode():
        words = model.get_submodule("transformer.wte")(torch.tensor([[1, 2]]))
        seen = model.get_submodule("transformer.visual")(torch.zeros(1, 3, 56, 56, device="meta"))
    assert (words.device.type, seen.device.type) == ("meta", "meta")
    assert counted(qwen, model, plan) == plan.weights


@dataclass
class Watched:
    """A family whose tensors are counted while they are alive."""

    family: Any
    most: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.family, name)

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        alive: list[weakref.ref[Tensor]] = []
        names = [name for name, _ in self.family.tensors(source)]
        shapes = {name: each.shape for name, each in self.family.tensors(source)}
        for name in names:
            # Made in place, so that nobody else holds it.
            tensor = torch.ones(shapes[name], dtype=torch.float64)
            alive.append(weakref.ref(tensor))
            yield name, tensor
            del tensor
            self.most = max(self.most, sum(each() is not None for each in alive))


def test_no_more_than_one_tensor_is_held_wide(qwen: Tiny):
    watched = Watched(qwen.family)
    list(load(watched, qwen.source, qwen.plan(**IN_EIGHT_BITS), stop=never))
    assert watched.most <= 1


def test_progress_goes_up_to_the_end_and_says_how_much(tiny: Tiny, tmp_path: Path):
    for cache in (None, tmp_path):
        steps = list(
            load(tiny.family, tiny.source, tiny.plan(**IN_FOUR_BITS), stop=never, cache=cache)
        )
        assert isinstance(steps[-1], Ready)
        fractions = [step.fraction for step in steps if isinstance(step, Progress)]
        assert len(fractions) > 10
        assert fractions == sorted(fractions)
        assert fractions[-1] == pytest.approx(1.0)
        assert all(" GB" in step.text for step in steps if isinstance(step, Progress))


@pytest.mark.parametrize("after", [0, 1, 7])
def test_stop_ends_it_between_two_tensors(qwen: Tiny, after: int, tmp_path: Path):
    steps = 0

    def stop() -> bool:
        return steps >= after

    met = []
    for step in load(
        qwen.family, qwen.source, qwen.plan(**IN_FOUR_BITS), stop=stop, cache=tmp_path
    ):
        met.append(step)
        steps += 1
    assert len(met) == after
    assert not any(isinstance(step, Ready) for step in met)
    assert list(tmp_path.iterdir()) == []


class Lacking:
    """A family whose checkpoint lacks one tensor and has a strange one."""

    def __init__(self, family: Any) -> None:
        self._family = family

    def __getattr__(self, name: str) -> Any:
        return getattr(self._family, name)

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        for name, tensor in self._family.tensors(source):
            if name == "lm_head.weight":
                yield "strange.weight", tensor
            elif name == "transformer.ln_f.weight":
                yield name, tensor[:3]
            else:
                yield name, tensor


def test_weights_that_do_not_fit_are_all_named(qwen: Tiny, tmp_path: Path):
    with pytest.raises(CheckpointError) as wrong:
        list(load(Lacking(qwen.family), qwen.source, qwen.plan(), stop=never, cache=tmp_path))
    for each in ("lm_head.weight", "strange.weight", "transformer.ln_f.weight"):
        assert each in str(wrong.value)


def test_the_end_of_memory_is_told_in_words(qwen: Tiny, monkeypatch: pytest.MonkeyPatch):
    def ends(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr("engine.venus.quantise.shell.Shell.take", ends)
    with pytest.raises(EngineError, match="Memory ended"):
        qwen.load(qwen.plan())


def test_another_error_is_not_mistaken_for_it(qwen: Tiny, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("illegal instruction")

    monkeypatch.setattr("engine.venus.quantise.shell.Shell.take", fails)
    with pytest.raises(RuntimeError, match="illegal"):
        qwen.load(qwen.plan())


class FullSize(QwenVL):
    """Venus-Q with tensors of the real shapes that nothing is ever written to."""

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        for name, each in self.build(source.config).state_dict().items():
            yield name, torch.empty(each.shape, dtype=torch.bfloat16)


FULL_WAYS = {
    "all on the card": {"embeddings": Held.BF16},
    "4 bits": {"language": Held.NF4},
    "an 8 GB card": {
        "language": Held.NF4,
        "head": Held.NF4,
        "embeddings": HOSTED,
        "vision": STREAMED,
    },
    "a small computer": {**IN_FOUR_BITS, "embeddings": HOSTED},
    "no bitsandbytes": {"language": Held.INT8, "head": Held.INT8, "embeddings": HOSTED},
}


@pytest.mark.parametrize("way", FULL_WAYS)
def test_at_full_size_a_card_holds_what_the_plan_foretold(qwen: Tiny, venus_q: Sizes, way: str):
    """The meta device stands in for the card: it has all shapes and dtypes, and no bytes."""
    config = QwenVLConfig()
    source = replace(qwen.source, config=config)
    plan = plan_for(venus_q, device="meta", **FULL_WAYS[way])
    ready = list(load(FullSize(), source, plan, stop=never))[-1]
    assert isinstance(ready, Ready)
    found = by_part(held(ready.model, FullSize().parts(config)), "meta")
    assert found == plan.weights
    assert plan.device_weights + plan.host_weights < PLENTY
