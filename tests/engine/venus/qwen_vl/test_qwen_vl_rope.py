"""Where tokens stand: alphas, positions, angles."""

from math import log

import pytest
import torch

from engine.venus.qwen_vl.rope import (
    logn_factors,
    ntk_alpha,
    positions_from_mask,
    rotary_angles,
    rotate,
)


@pytest.mark.parametrize(
    ("length", "alpha"),
    [(1, 1), (1024, 1), (2048, 1), (2049, 3), (4096, 3), (4097, 7), (8192, 7), (8193, 15)],
)
def test_the_stretch_doubles_with_the_context(length, alpha):
    assert ntk_alpha(length, seq_length=2048) == alpha


def test_positions_skip_padding():
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]])
    assert positions_from_mask(mask).tolist() == [[0, 0, 0, 1, 2], [0, 1, 2, 2, 2]]


def test_the_query_grows_only_beyond_the_trained_context():
    factors = logn_factors(torch.tensor([[0, 2047, 2048, 8191]]), seq_length=2048)
    assert factors.shape == (1, 1, 4, 1)
    wanted = [1, 1, log(2049) / log(2048), log(8192) / log(2048)]
    assert torch.allclose(factors.flatten(), torch.tensor(wanted))


def test_rotation_keeps_length_and_knows_only_distance():
    states = torch.randn(1, 1, 2, 8, generator=torch.Generator().manual_seed(1))
    products = []
    for start in (0, 7, 100):
        place = torch.tensor([[start, start + 5]])
        cosines, sines = rotary_angles(place, dim=8, base=10000, alphas=(3.0,))
        turned = rotate(states, cosines, sines)
        assert torch.allclose(turned.norm(dim=-1), states.norm(dim=-1), atol=1e-5)
        products.append((turned[0, 0, 0] * turned[0, 0, 1]).sum())
    assert torch.allclose(torch.stack(products), products[0], atol=1e-4)


def test_each_row_has_its_own_stretch():
    place = torch.arange(6)[None].expand(2, -1)
    both, _ = rotary_angles(place, dim=8, base=10000, alphas=(1.0, 7.0))
    for row, alpha in enumerate((1.0, 7.0)):
        alone, _ = rotary_angles(place[:1], dim=8, base=10000, alphas=(alpha,))
        assert torch.equal(both[row], alone[0])
    with pytest.raises(ValueError, match="3 NTK alphas do not fit 2 rows"):
        rotary_angles(place, dim=8, base=10000, alphas=(1.0, 3.0, 7.0))
