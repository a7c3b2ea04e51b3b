import bitsandbytes.functional as bnb
import pytest
import torch
from tiny_plans import Tiny
from torch import nn

from engine.venus.decode.cache import tensors_of
from engine.venus.quantise.holding import (
    LARGEST_MATRIX,
    Held,
    Part,
    int8_bytes,
    nf4_bytes,
    packable,
    row_chunks,
)
from engine.venus.quantise.int8 import Int8Linear
from engine.venus.quantise.sizes import Sizes, every_tensor, part_of


@pytest.mark.parametrize(
    ("rows", "columns"), [(128, 64), (64, 64), (3, 7), (100, 30), (257, 96), (4096, 1664), (1, 1)]
)
def test_the_bytes_of_nf4_are_those_that_bitsandbytes_makes(rows: int, columns: int):
    packed, state = bnb.quantize_4bit(
        torch.randn(rows, columns), blocksize=64, compress_statistics=True, quant_type="nf4"
    )
    parts = (packed, state.absmax, state.state2.absmax, state.offset)
    assert sum(each.nbytes for each in parts) == nf4_bytes(rows, columns, packed=False)


@pytest.mark.parametrize(("rows", "columns"), [(32, 64), (33, 64), (7, 5)])
def test_the_bytes_of_8_bits_are_those_of_the_layer(rows: int, columns: int):
    layer = Int8Linear(nn.Linear(columns, rows, bias=False, device="meta"))
    layer.fill(torch.randn(rows, columns), torch.device("cpu"))
    assert sum(each.nbytes for each in layer.raw().values()) == int8_bytes(rows, columns)


def test_only_large_matrices_are_split_and_no_row_is_lost():
    assert row_chunks(11008, 4096) == [11008]
    chunks = row_chunks(151936, 4096)
    assert sum(chunks) == 151936
    assert all(rows * 4096 <= LARGEST_MATRIX and rows % 64 == 0 for rows in chunks)
    assert row_chunks(100, LARGEST_MATRIX) == [64, 36]


def test_what_does_not_divide_evenly_is_not_packed():
    assert packable(4096, 1664)
    assert not packable(92553, 4096)
    assert not packable(1280, 3420)
    # Where it cannot be packed, its scales stay nested.
    assert nf4_bytes(92553, 64, packed=True) == nf4_bytes(92553, 64, packed=False)
    assert nf4_bytes(64, 64, packed=True) == 64 * 64 // 2 + 64 * 2


def test_widths_without_a_fixed_number_of_bytes_say_so():
    assert (Held.BF16.number_bytes, Held.FP32.number_bytes) == (2, 4)
    with pytest.raises(ValueError, match="nf4"):
        _ = Held.NF4.number_bytes


def test_the_sizes_of_every_family_add_up_to_its_model(tiny: Tiny):
    model = tiny.family.build(tiny.source.config)
    assert tiny.sizes.numbers == sum(each.numel() for each in model.parameters())
    assert all(tiny.sizes.parts[part].all_numbers > 0 for part in Part)
    assert tiny.sizes.parts[Part.CONNECTOR].matrices == ()
    assert tiny.sizes.parts[Part.EMBEDDINGS].matrices == ()
    assert len(tiny.sizes.parts[Part.VISION].blocks) >= 2


@pytest.mark.parametrize("compute", [Held.FP32, Held.BF16])
def test_the_cache_of_every_family_is_as_large_as_foretold(tiny: Tiny, compute: Held):
    model = tiny.load(tiny.plan(compute=compute)).model
    with torch.inference_mode():
        cache = model(input_ids=torch.tensor([[3, 4, 5]])).past_key_values
    held = sum(each.nbytes for each in tensors_of(cache))
    sizes = tiny.sizes
    token = sizes.cache_numbers * compute.number_bytes
    assert token > 0
    assert held == 3 * token + sizes.state_bytes(compute)


def test_names_belong_to_the_longest_part_that_they_lie_in(qwen: Tiny):
    parts = qwen.family.parts(qwen.source.config)
    assert part_of("transformer.visual.attn_pool.kv_proj.weight", parts) is Part.CONNECTOR
    assert part_of("transformer.visual.proj", parts) is Part.VISION
    assert part_of("transformer.visual_other.weight", parts) is Part.LANGUAGE
    model = qwen.family.build(qwen.source.config)
    assert {part_of(name, parts) for name, *_ in every_tensor(model)} == set(Part)


def test_the_released_model_has_the_sizes_that_are_known_of_it(venus_q: Sizes):
    billions = {part: size.all_numbers / 1e9 for part, size in venus_q.parts.items()}
    assert billions[Part.LANGUAGE] == pytest.approx(6.48, abs=0.01)
    # The facts count a part of the resampler's surroundings to the rest: 1.84 + 0.09.
    assert billions[Part.VISION] + billions[Part.CONNECTOR] == pytest.approx(1.93, abs=0.01)
    assert billions[Part.EMBEDDINGS] == billions[Part.HEAD] == pytest.approx(0.62, abs=0.01)
    assert 2 * venus_q.cache_numbers == 512 * 1024
    # 19.3 GB on disk in bf16.
    assert 2 * venus_q.numbers == pytest.approx(19.3e9, rel=0.01)
