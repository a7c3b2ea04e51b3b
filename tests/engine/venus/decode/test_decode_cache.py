"""Rooms for keys and values: cut, grown, and looked into by others without a copy."""

import pytest
import torch
from torch import Tensor

from engine.venus.decode.cache import Trunk, tensors_of

LAYERS = 3


@torch.inference_mode()
def write(cache, tokens: int, *, rows: int = 1, seed: int = 0) -> list[tuple[Tensor, Tensor]]:
    """Write the same random states into every layer, as a model would."""
    torch.manual_seed(seed)
    states = torch.randn(rows, 2, tokens, 4)
    return [cache.update(states, -states, layer) for layer in range(LAYERS)]


def filled(tokens: int) -> Trunk:
    trunk = Trunk()
    trunk.reserve(tokens)
    write(trunk.cache, tokens)
    trunk.wrote(tokens)
    return trunk


def test_what_is_written_is_returned_in_order() -> None:
    trunk = filled(5)
    keys, values = write(trunk.cache, 2, seed=1)[0]
    assert keys.shape == (1, 2, 7, 4)
    assert torch.equal(values, -keys)
    assert trunk.cache.get_seq_length() == 7


def test_cutting_forgets_the_end_only() -> None:
    trunk = filled(5)
    first = write(trunk.cache, 2, seed=1)[0][0].clone()
    assert trunk.cut(4) == 4
    again = write(trunk.cache, 3, seed=2)[0][0]
    assert torch.equal(again[:, :, :4], first[:, :, :4])
    assert trunk.cache.get_seq_length() == 7


def test_growing_keeps_what_is_there_and_counts_its_bytes() -> None:
    trunk = filled(60)
    a_token = LAYERS * 2 * 2 * 4 * 4
    assert trunk.nbytes == 64 * a_token
    assert trunk.token_bytes == a_token
    assert trunk.missing(64) == 0
    assert trunk.missing(65) == 64
    before = write(trunk.cache, 1, seed=1)[0][0].clone()
    trunk.reserve(65)
    assert trunk.nbytes == 128 * a_token
    after = write(trunk.cache, 20, seed=2)[0][0]
    assert torch.equal(after[:, :, :61], before)


def test_a_full_room_says_so() -> None:
    trunk = filled(64)
    with pytest.raises(ValueError, match="room for 64 tokens, and 65"):
        write(trunk.cache, 1)


def test_a_fork_looks_into_the_trunk_and_holds_its_own_suffixes_only() -> None:
    trunk = filled(10)
    trunk.cache.noted = (3.0,)  # pyright: ignore[reportAttributeAccessIssue]
    fork = trunk.fork(7, 6)
    keys, _ = write(fork, 2, rows=7)[1]
    prefix = keys.venus_prefix
    assert prefix.keys.shape == (1, 2, 10, 4)
    assert prefix.keys.data_ptr() == trunk.cache.layers[1].keys.data_ptr()
    assert keys.shape == (7, 2, 2, 4)
    assert fork.get_seq_length() == 12
    assert fork.get_mask_sizes(3, 0) == (15, 0)
    assert sum(each.nbytes for each in tensors_of(fork)) == 7 * trunk.row_bytes(6)
    assert fork.noted == (3.0,)
    # The trunk goes on as before.
    assert trunk.cache.get_seq_length() == 10


def test_rows_have_room_for_what_was_asked() -> None:
    fork = filled(10).fork(2, 3)
    write(fork, 3, rows=2)
    with pytest.raises(ValueError, match="room for 3 tokens, and 4"):
        write(fork, 1, rows=2)
