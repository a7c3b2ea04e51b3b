import bitsandbytes
import pytest
import torch
from torch import Tensor, nn

from engine.venus.quantise import int8, nf4
from engine.venus.quantise.holding import packable
from engine.venus.quantise.int8 import Int8Linear
from engine.venus.quantise.memory import FourBit, four_bits
from engine.venus.quantise.nf4 import Codes, Nf4Linear, Nf4Rows, four_bit

CPU = torch.device("cpu")
HERE_PACKED = four_bits("cpu")[0] is FourBit.PACKED
needs_avx512 = pytest.mark.skipif(not HERE_PACKED, reason="this CPU has no AVX-512 BF16")


@pytest.fixture
def weight() -> Tensor:
    return torch.randn(96, 128, generator=torch.manual_seed(1)) * 0.05


@pytest.fixture
def states() -> Tensor:
    return torch.randn(2, 5, 128, generator=torch.manual_seed(2))


def made(weight: Tensor, *, packed: bool = False, compute: torch.dtype = torch.float32):
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    layer = four_bit(linear, compute=compute, packed=packed, codes=Codes())
    layer.fill(weight, CPU)
    return layer


def test_nf4_is_what_bitsandbytes_itself_makes(weight: Tensor, states: Tensor):
    theirs = bitsandbytes.nn.Linear4bit(128, 96, bias=False, quant_type="nf4")
    theirs.weight = bitsandbytes.nn.Params4bit(weight, requires_grad=False, quant_type="nf4")
    theirs.to(CPU).eval()
    theirs.support_avx512bf16_for_cpu = False
    ours = made(weight)
    with torch.inference_mode():
        assert torch.equal(ours(states), theirs(states))
    assert torch.equal(ours.weight.data, theirs.weight.data)
    assert isinstance(ours, bitsandbytes.nn.Linear4bit)


def test_steps_of_rounding_change_nothing(weight: Tensor, monkeypatch: pytest.MonkeyPatch):
    whole = made(weight).raw()
    monkeypatch.setattr(nf4, "FILLED_NUMBERS", 64 * 128)
    assert all(torch.equal(each, whole[name]) for name, each in made(weight).raw().items())


def test_nf4_is_near_and_not_equal(weight: Tensor, states: Tensor):
    exact = states @ weight.T
    error = (made(weight)(states) - exact).detach()
    assert 0.01 < error.norm() / exact.norm() < 0.15


def test_8_bits_are_nearer_than_4(weight: Tensor, states: Tensor):
    layer = Int8Linear(nn.Linear(128, 96, bias=False, device="meta"))
    layer.fill(weight, CPU)
    exact = states @ weight.T
    error = layer(states) - exact
    assert 0 < error.norm() / exact.norm() < 0.01


def test_8_bits_survive_a_row_of_zeros_and_steps_of_any_size(
    weight: Tensor, states: Tensor, monkeypatch: pytest.MonkeyPatch
):
    weight[7] = 0
    layer = Int8Linear(nn.Linear(128, 96, bias=False, device="meta"))
    layer.fill(weight, CPU)
    whole = layer(states)
    assert torch.all(whole[..., 7] == 0)
    monkeypatch.setattr(int8, "CACHE_NUMBERS", 10 * 128)
    monkeypatch.setattr(int8, "FILLED_NUMBERS", 7 * 128)
    again = Int8Linear(nn.Linear(128, 96, bias=False, device="meta"))
    again.fill(weight, CPU)
    assert torch.equal(layer.weight, again.weight)
    torch.testing.assert_close(again(states), whole)


@pytest.mark.parametrize("kind", ["nf4", "int8"])
def test_a_bias_is_added(kind: str, weight: Tensor, states: Tensor):
    linear = nn.Linear(128, 96, device="meta")
    layer = (
        Int8Linear(linear)
        if kind == "int8"
        else four_bit(linear, compute=torch.float32, packed=False, codes=Codes())
    )
    layer.fill(weight, CPU)
    layer.bias = nn.Parameter(torch.zeros(96), requires_grad=False)
    without = layer(states)
    bias = torch.arange(96.0)
    layer.bias = nn.Parameter(bias, requires_grad=False)
    torch.testing.assert_close(layer(states), without + bias)


def test_a_matrix_in_several_is_the_matrix(
    weight: Tensor, states: Tensor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.venus.quantise.holding.LARGEST_MATRIX", 64 * 128)
    rows = made(weight)
    assert isinstance(rows, Nf4Rows)
    assert rows.rows == [64, 32]
    halves = [made(part) for part in weight.split([64, 32])]
    with torch.inference_mode():
        assert torch.equal(rows(states), torch.cat([half(states) for half in halves], -1))


@pytest.mark.parametrize(
    "packed", [False, pytest.param(True, marks=needs_avx512)], ids=["nested", "packed"]
)
@pytest.mark.parametrize("shape", [(96, 128), (96, 100), (33, 128), (5, 6)])
def test_what_is_taken_out_goes_in_again(packed: bool, shape: tuple[int, int]):
    weight = torch.randn(shape, generator=torch.manual_seed(3))
    layer = made(weight, packed=packed, compute=torch.bfloat16)
    linear = nn.Linear(shape[1], shape[0], bias=False, device="meta")
    other = four_bit(linear, compute=torch.bfloat16, packed=packed, codes=Codes())
    other.restore({name: each.clone() for name, each in layer.raw().items()}, CPU)
    states = torch.randn(3, shape[1]).bfloat16()
    with torch.inference_mode():
        assert torch.equal(layer(states), other(states))
    assert ("packed" in layer.raw()) == (packed and packable(*shape))


def test_a_layer_is_not_restored_from_anothers_tensors(weight: Tensor):
    layer = made(weight)
    with pytest.raises(KeyError):
        layer.restore({"absmax": torch.zeros(3)}, CPU)


@needs_avx512
def test_running_changes_nothing_of_what_is_packed(weight: Tensor, states: Tensor):
    layer = made(weight, packed=True, compute=torch.bfloat16)
    assert isinstance(layer, Nf4Linear)
    before = {name: each.clone() for name, each in layer.raw().items()}
    with torch.inference_mode():
        packed = layer(states.bfloat16())
        plain = made(weight, compute=torch.bfloat16)(states.bfloat16())
    torch.testing.assert_close(packed, plain, atol=0.02, rtol=0.05)
    after = layer.raw()
    assert before.keys() == after.keys() == {"packed", "absmax"}
    assert all(torch.equal(before[name], after[name]) for name in before)
