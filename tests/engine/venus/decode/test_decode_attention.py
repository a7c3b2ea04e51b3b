"""Prefix and suffix apart give what torch's own attention gives over both joined."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.venus.decode.attention import NAME, Prefix, attend_apart, share_prefixes


def parts(rows: int, heads: int, key_heads: int, tokens: int) -> tuple[Tensor, Prefix, Tensor]:
    """Queries, a prefix of 11, and keys (values: the same, squared) of suffixes of 5."""
    torch.manual_seed(rows * 100 + heads + tokens)
    query = torch.randn(rows, heads, tokens, 8)
    prefix = Prefix(torch.randn(1, key_heads, 11, 8), torch.randn(1, key_heads, 11, 8))
    return query, prefix, torch.randn(rows, key_heads, 5, 8)


def joined(query: Tensor, prefix: Prefix, key: Tensor, mask: Tensor | None) -> Tensor:
    rows, groups = len(query), query.shape[1] // key.shape[1]
    keys, values = (
        torch.cat((shared.expand(rows, -1, -1, -1), own), dim=2).repeat_interleave(groups, dim=1)
        for shared, own in ((prefix.keys, key), (prefix.values, key.square()))
    )
    return functional.scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=0.3)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("heads", "key_heads"), [(4, 4), (6, 2), (4, 1)])
@pytest.mark.parametrize("tokens", [1, 5])
@pytest.mark.parametrize("kind", ["none", "boolean", "added"])
def test_equals_attention_over_both_joined(
    rows: int, heads: int, key_heads: int, tokens: int, kind: str
) -> None:
    query, prefix, key = parts(rows, heads, key_heads, tokens)
    mask = torch.ones(1, 1, tokens, 16, dtype=torch.bool).tril(16 - tokens)
    if kind == "added":
        mask = torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))
    mask = None if kind == "none" else mask

    found = attend_apart(query, key, key.square(), prefix=prefix, mask=mask, scaling=0.3)

    torch.testing.assert_close(found, joined(query, prefix, key, mask), atol=2e-6, rtol=1e-5)


def test_half_precision_loses_no_more_than_its_rounding() -> None:
    query, prefix, key = (
        each.bfloat16() if isinstance(each, Tensor) else Prefix(*(x.bfloat16() for x in each))
        for each in parts(3, 4, 4, 1)
    )
    found = attend_apart(query, key, key.square(), prefix=prefix, mask=None, scaling=0.3)
    wide = Prefix(prefix.keys.float(), prefix.values.float())
    expected = attend_apart(
        query.float(), key.float(), key.square().float(), prefix=wide, mask=None, scaling=0.3
    )
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, atol=0.03, rtol=0.02)


def test_only_the_language_model_is_changed(tiny) -> None:
    share_prefixes(tiny.model)
    attending = {
        module.config._attn_implementation
        for module in tiny.model.modules()
        if hasattr(module, "layer_index")
    }
    assert attending == {NAME}


def test_a_model_that_could_not_find_the_prefix_is_refused(tiny) -> None:
    with pytest.raises(ValueError, match="could share a prefix"):
        share_prefixes(tiny.model.transformer.visual)
