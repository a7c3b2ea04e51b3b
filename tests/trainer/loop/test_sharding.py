"""A model that lies in parts on two processes learns what it learns on one."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_training as tiny
import torch
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils import DeepSpeedPlugin, FullyShardedDataParallelPlugin
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env
from tiny_checkpoints import MAKERS, make
from torch.distributed.fsdp import MixedPrecisionPolicy
from two_processes import ADAPTERS, sharded, start

import trainer
from engine.venus.families.qwen_vl import QwenVL
from engine.venus.families.registry import recognise
from engine.venus.qwen_vl.configuration import QwenVLConfig
from trainer.loop.learning import let_learn
from trainer.loop.loading import load_for
from trainer.loop.place import PlaceError, parted, processes, require_possible
from trainer.loop.run import train
from trainer.loop.sharding import accelerator_for, blocks, set_right
from trainer.loop.state import ResumeError, checkpoints, read_progress, require_same
from trainer.recipe import Method, Part, read

CONFIGS = Path(trainer.__file__).parent / "configs"
RELATIVE = 1e-5
STEPS = 6
TAKEN_BEFORE_THE_STOP = 3


LAUNCHES = (
    ("accelerate", f"accelerate{ADAPTERS}"),
    ("zero", f"zero{ADAPTERS}", "zero in bf16"),
)
"""The ways in which a model lies on two processes, and which of them one launch can show."""
EXACT = [mode for launch in LAUNCHES for mode in launch if mode != "zero in bf16"]

Found = dict[str, Any]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """What was learnt in each way, on two processes and on one."""
    folder = tmp_path_factory.mktemp("sharded")
    tiny.samples(folder / "photos")
    make("qwen_vl", folder / "checkpoint")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sharded(str(folder), "alone", f"alone{ADAPTERS}")
    torch.set_num_threads(threads)
    for modes in LAUNCHES:
        ended = start("sharded", str(folder), *modes)
        assert ended.returncode == 0, ended.stderr
    return {file.stem: torch.load(file) for file in folder.glob("*.pt")}


@pytest.fixture(params=EXACT)
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def together(found: dict[str, Found], mode: str) -> Found:
    return found[mode]


@pytest.fixture
def alone(found: dict[str, Found], mode: str) -> Found:
    return found[f"alone{ADAPTERS}" if mode.endswith(ADAPTERS) else "alone"]


def test_every_weight_lies_on_both_processes(together: Found) -> None:
    """Not DDP, which accelerate turns to on a CPU without a word."""
    (kind,) = set(together["parameters"].values())
    assert kind in ("DTensor", "part in torch.float32")


def test_loss_and_every_gradient_are_those_of_one_process(alone: Found, together: Found) -> None:
    assert set(alone["parameters"].values()) == {"Parameter"}
    assert together["loss"] == pytest.approx(alone["loss"], rel=RELATIVE)
    assert together["norm"] == pytest.approx(alone["norm"], rel=RELATIVE)
    assert together["gradients"].keys() == alone["gradients"].keys()
    for name, wanted in alone["gradients"].items():
        # The outer half of an adapter begins at zero, and the inner one has no gradient then.
        assert float(wanted.norm()) > 0 or "lora_A" in name, name
        apart = (together["gradients"][name] - wanted).norm()
        assert float(apart) <= RELATIVE * float(wanted.norm()), name


@pytest.mark.parametrize("mode", [each for each in EXACT if not each.startswith("zero")])
def test_a_step_of_sgd_takes_the_weights_to_the_same_place(alone: Found, together: Found) -> None:
    assert together["after_sgd"].keys() == alone["after_sgd"].keys()
    for name, wanted in alone["after_sgd"].items():
        assert torch.allclose(together["after_sgd"][name], wanted, rtol=0, atol=1e-5), name


def test_adamw_follows_the_same_curve(alone: Found, together: Found) -> None:
    """Its first steps divide rounding by rounding: weights may differ where gradients are none."""
    assert len(alone["losses"]) == len(together["losses"]) == STEPS
    assert alone["losses"][-1] < alone["losses"][0]
    assert together["losses"] == pytest.approx(alone["losses"], rel=1e-4)


def test_a_sharded_run_goes_on_bit_for_bit(together: Found) -> None:
    assert together["rest"] == together["losses"][TAKEN_BEFORE_THE_STOP:]
    assert together["resumed"].keys() == together["weights"].keys()
    for name, wanted in together["weights"].items():
        assert torch.equal(together["resumed"][name], wanted), name


def test_zero_computes_in_bf16_and_keeps_fp32(found: dict[str, Found]) -> None:
    alone, mixed = found["alone"], found["zero in bf16"]
    assert set(mixed["parameters"].values()) == {"part in torch.float32"}
    assert {each.dtype for each in mixed["gradients"].values()} == {torch.float32}
    assert mixed["loss"] == pytest.approx(alone["loss"], rel=1e-2)
    assert mixed["loss"] != pytest.approx(alone["loss"], rel=RELATIVE)
    assert mixed["losses"] == pytest.approx(alone["losses"], rel=2e-2)
    assert mixed["rest"] == mixed["losses"][TAKEN_BEFORE_THE_STOP:]


@pytest.mark.parametrize("family_name", list(MAKERS))
def test_accelerate_shards_exactly_the_blocks_of_every_family(
    family_name: str, tmp_path: Path
) -> None:
    """Its default names classes that some of these models do not have, and then it gives up."""
    folder = make(family_name, tmp_path / "checkpoint")
    family = recognise(folder)
    source = family.read(folder)
    model, parts = family.build(source.config), family.parts(source.config)
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2, auto_wrap_policy="transformer_based_wrap"
    )
    set_right(plugin, model, parts, mixed=True)
    chooses = fsdp2_prepare_auto_wrap_policy(plugin, model)
    assert chooses is not None
    units = {id(each) for each in model.modules() if chooses(each)}
    assert units == {id(each) for each in blocks(model, parts)}
    assert len(units) >= model.config.get_text_config().num_hidden_layers + 2
    found = plugin.mixed_precision_policy
    assert isinstance(found, MixedPrecisionPolicy)
    assert (found.param_dtype, found.reduce_dtype) == (torch.bfloat16, torch.float32)


def test_blocks_are_found_behind_adapters(tmp_path: Path) -> None:
    make("qwen_vl", tmp_path)
    recipe = tiny.recipe(method=Method.LORA, parts=(Part.LANGUAGE,))
    found = load_for(recipe, tmp_path, "cpu")
    plain = blocks(found.model, found.parts)
    learner, _ = let_learn(found.model, found.parts, recipe)
    assert [id(each) for each in blocks(learner, found.parts)] == [id(each) for each in plain]


@pytest.mark.parametrize(("name", "machines"), [("fsdp-1x8", 1), ("fsdp-2x8", 2)])
def test_a_shipped_config_launches_fsdp_as_it_says(
    name: str, machines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through accelerate's own launcher, up to the processes that it would start."""
    asked = launch_command_parser().parse_args(
        ["--config_file", str(CONFIGS / f"{name}.yaml"), "train.py"]
    )
    read, _, _ = _validate_launch_command(asked)
    assert read.use_fsdp
    assert (read.num_machines, read.num_processes) == (machines, 8 * machines)
    for variable, value in prepare_multi_gpu_env(read).items():
        if variable.startswith(("FSDP_", "ACCELERATE_")):
            monkeypatch.setenv(variable, value)
    assert os.environ["ACCELERATE_MIXED_PRECISION"] == "bf16"
    assert os.environ["ACCELERATE_USE_FSDP"] == "true"
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2 and plugin.reshard_after_forward is True
    assert not plugin.activation_checkpointing and plugin.cpu_ram_efficient_loading
    model = QwenVL().build(QwenVLConfig())
    plugin.set_mixed_precision("bf16")
    assert plugin.mixed_precision_policy.reduce_dtype is torch.bfloat16  # what is set right
    set_right(plugin, model, QwenVL().parts(model.config), mixed=True)
    plugin.set_auto_wrap_policy(model)
    assert plugin.mixed_precision_policy.reduce_dtype is torch.float32
    chooses = fsdp2_prepare_auto_wrap_policy(plugin, model)
    assert chooses is not None and sum(map(chooses, model.modules())) == 32 + 48


def test_the_shipped_config_launches_zero_3_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = launch_command_parser().parse_args(
        ["--config_file", str(CONFIGS / "zero3-1x8.yaml"), "train.py"]
    )
    read, defaults, _ = _validate_launch_command(asked)
    read.deepspeed_fields_from_accelerate_config = ",".join(defaults.deepspeed_config)
    assert read.use_deepspeed
    assert (read.num_machines, read.num_processes) == (1, 8)
    _, environment = prepare_deepspeed_cmd_env(read)
    for variable, value in environment.items():
        if variable.startswith("ACCELERATE_"):
            monkeypatch.setenv(variable, value)
    assert os.environ["ACCELERATE_MIXED_PRECISION"] == "bf16"
    assert os.environ["ACCELERATE_USE_DEEPSPEED"] == "true"
    assert parted()
    plugin = DeepSpeedPlugin()
    assert plugin.zero_stage == 3 and not plugin.zero3_init_flag
    assert plugin.deepspeed_config["zero_optimization"]["offload_param"]["device"] == "none"


def test_parts_without_a_card_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(PlaceError, match="whole copy"):
        processes()


@pytest.mark.parametrize("variable", ["ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"])
def test_weights_in_4_bits_are_not_parted(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    require_possible(read("qlora-2"))
    monkeypatch.setenv(variable, "true")
    require_possible(read("paper-2"))
    with pytest.raises(PlaceError, match="torchrun"):
        require_possible(read("qlora-2"))


def test_another_strategys_checkpoint_is_refused_in_words(tmp_path: Path) -> None:
    asked = iter(range(100))
    for _ in train(tiny.job(tmp_path, tiny.recipe()), stop=lambda: next(asked) >= 2):
        pass
    (kept,) = checkpoints(tmp_path / "run")
    there = read_progress(kept)
    with pytest.raises(ResumeError, match="written by PyTorch, and this run is on DeepSpeed"):
        require_same(there, replace(there, strategy="DeepSpeed"), kept)


@pytest.mark.parametrize("family_name", list(MAKERS))
def test_a_hollow_model_has_everything_but_values(family_name: str, tmp_path: Path) -> None:
    make(family_name, tmp_path)
    recipe = tiny.recipe(parts=tiny.LANGUAGE)
    kinds: list[dict[str, object]] = []
    for hollow in (False, True):
        found = load_for(recipe, tmp_path, "cpu", frozen=torch.bfloat16, hollow=hollow)
        learner, learning = let_learn(found.model, found.parts, recipe)
        named = dict(learner.named_parameters())
        kinds.append({name: (each.shape, each.dtype) for name, each in named.items()})
        kinds[-1] |= {"buffers": {name: each.sum() for name, each in learner.named_buffers()}}
        kinds[-1] |= {"learns": learning}
        assert {each.device.type for each in named.values()} == {"cpu"}
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(("family_name", "idle"), [("llava", True), ("qwen_vl", False)])
def test_ddp_is_told_of_weights_that_have_no_part_in_the_loss(
    tmp_path: Path, family_name: str, idle: bool
) -> None:
    """LLaVA's tower has a last layer that nobody looks at: DDP would wait for its gradients."""
    make(family_name, tmp_path)
    for recipe in (tiny.recipe(), tiny.recipe(parts=tiny.LANGUAGE)):
        found = load_for(recipe, tmp_path, "cpu")
        learner, _ = let_learn(found.model, found.parts, recipe)
        handler = accelerator_for(learner, found.parts, cpu=True).ddp_handler
        assert handler is not None
        assert handler.find_unused_parameters == (idle and Part.VISION in recipe.parts)
