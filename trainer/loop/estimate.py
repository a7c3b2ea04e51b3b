"""What a recipe will take of each card, told before anything is loaded. Pure: no weight is read."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.venus.family import Family
from engine.venus.quantise.expect import PATCHES
from engine.venus.quantise.holding import Held
from engine.venus.quantise.holding import Part as HeldPart
from engine.venus.quantise.plan import CONTEXT, GIB, SLACK
from engine.venus.quantise.sizes import Sizes, measure
from trainer.loop import zero
from trainer.loop.learning import let_learn
from trainer.recipe import Batch, Method, Part, Recipe

GB: Final = 10**9
LEARNT_BYTES: Final = 16
"""Of a number that learns: itself, its gradient and AdamW's two moments, all in fp32."""
LOGIT_BYTES: Final = 14
"""Of one logit: bf16, fp32, its logarithm, and the gradient of that."""
BETWEEN: Final = 1.5
"""What a block keeps beside what goes in and out of its matrices: norms, turns, products."""
CARDS: Final = (8, 12, 16, 24, 32, 40, 48, 80, 141)
"""GiB of the cards that there are."""
WAYS_OUT: Final = 3


class TooLargeError(Exception):
    """A recipe does not fit the cards; the message says by how much, and what would fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """A recipe for a model on cards.

    `learnt` and `layers` are the numbers that learn and the blocks of the language model,
    `photo_tokens` those that every sample has. `sharded`: each of the `ranks` keeps a part of the
    weights instead of a copy, under DeepSpeed with `by_zero`.
    """

    recipe: Recipe
    sizes: Sizes
    learnt: int
    layers: int
    photo_tokens: int
    ranks: int = 1
    sharded: bool = False
    by_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Bytes on each card. `learnt` and `frozen` are held all the time, and so are the `kept`
    activations once a forward is through; then `logits` at the head or one `block` at a time come
    on top, each with the weights that are gathered for it. `besides` is the driver's.
    """

    learnt: int
    frozen: int
    kept: int
    logits: int
    block: int
    besides: int

    @property
    def total(self) -> int:
        return self.learnt + self.frozen + self.kept + max(self.logits, self.block) + self.besides


def undertaking(
    recipe: Recipe,
    family: Family,
    config: Any,
    *,
    photo_tokens: int,
    ranks: int,
    sharded: bool,
    by_zero: bool = False,
) -> Undertaking:
    """Measured on a model that is only described, on the meta device."""
    learner, _ = let_learn(
        family.build(deepcopy(config)),
        family.parts(config),
        # In 4 bits there is nothing to describe; adapters are the same on wide weights.
        replace(recipe, method=Method.LORA) if recipe.method is Method.QLORA else recipe,
    )
    return Undertaking(
        recipe=recipe,
        sizes=measure(family, config),
        learnt=sum(each.numel() for each in learner.parameters() if each.requires_grad),
        layers=config.get_text_config().num_hidden_layers,
        photo_tokens=photo_tokens,
        ranks=ranks,
        sharded=sharded,
        by_zero=by_zero,
    )


def estimate(of: Undertaking) -> Estimate:
    """With samples of full length, all of it learnt but the photo: on the safe side."""
    recipe, sizes = of.recipe, of.sizes
    shares = of.ranks if of.sharded else 1
    learnt = (zero.LEARNT_BYTES if of.by_zero else LEARNT_BYTES) * of.learnt
    if not of.sharded:
        # Computing in bf16 keeps a narrow copy; joining gradients over ranks, one of these.
        learnt += of.learnt * (2 + (4 if of.ranks > 1 else 0))
    tokens = recipe.batch.per_device * recipe.data.max_length
    patches = recipe.batch.per_device * of.photo_tokens * PATCHES
    language = _per_token(sizes, HeldPart.LANGUAGE)
    vision = _per_token(sizes, HeldPart.VISION)
    blocks = len(sizes.parts[HeldPart.VISION].blocks)
    one_block = max(tokens * language // of.layers, patches * vision // max(blocks, 1))
    seen = _learns_to_see(recipe)
    if recipe.checkpointing:
        kept = tokens * of.layers * sizes.hidden * 4
        kept += patches * blocks * _width(sizes, HeldPart.VISION) * 4 if seen else 0
    else:
        kept = tokens * language + (patches * vision if seen else 0)
    logits = recipe.batch.per_device * (recipe.data.max_length - of.photo_tokens)
    return Estimate(
        learnt=learnt // shares,
        frozen=_frozen(of) // shares,
        kept=kept,
        logits=logits * sizes.vocabulary * LOGIT_BYTES + _gathered_head(of),
        block=one_block + _gathered_block(of),
        besides=CONTEXT
        + SLACK
        + (GIB if of.ranks > 1 else 0)
        + (zero.BESIDES if of.by_zero else 0),
    )


def require_fits(of: Undertaking, card: int) -> Estimate:
    """The estimate, or TooLargeError where a card of so many bytes does not hold it."""
    found = estimate(of)
    if found.total <= card:
        return found
    where = f"each of {of.ranks} cards" if of.ranks > 1 else "the card"
    ways = list(_ways_out(of, card))[:WAYS_OUT]
    told = f" What would fit: {'; or '.join(ways)}." if ways else " No card that there is holds it."
    raise TooLargeError(
        f"“{of.recipe.title}” takes about {_gb(found.total)} on {where}, and there are"
        f" {_gb(card)}: {words(found)}.{told}"
    )


def words(found: Estimate) -> str:
    """What an estimate is made of, for people."""
    parts = (
        (found.learnt, "for what learns (weights, gradients and moments)"),
        (found.frozen, "for frozen weights"),
        (found.kept, "for activations that wait for the way back"),
        (max(found.logits, found.block), "for the step under way"),
    )
    return ", ".join(f"{_gb(size)} {what}" for size, what in parts if size)


def smallest_card(of: Undertaking) -> int | None:
    """GiB of the smallest card that there is and that holds it."""
    return next((size for size in CARDS if estimate(of).total <= size * GIB), None)


def _ways_out(of: Undertaking, card: int) -> Iterator[str]:
    if larger := smallest_card(of):
        cards = f"{of.ranks} cards" if of.ranks > 1 else "a card"
        yield f"{cards} of {larger} GB"
    batch = of.recipe.batch
    for few in range(batch.per_device - 1, 0, -1):
        if batch.per_device % few == 0:
            turns = batch.accumulation * batch.per_device // few
            smaller = Batch(devices=batch.devices, per_device=few, accumulation=turns)
            if estimate(replace(of, recipe=replace(of.recipe, batch=smaller))).total <= card:
                yield f"per_device = {few} and accumulation = {turns} in the recipe"
                break
    if of.sharded:
        for more in (2, 4, 8):
            ranks = of.ranks * more
            if batch.total % (ranks * batch.per_device):
                break
            if estimate(replace(of, ranks=ranks)).total <= card:
                yield f"{ranks} cards of this size"
                break
    if of.recipe.method is not Method.QLORA:
        yield "the recipe qlora-2, which trains adapters alone, on one card of 24 GB"


def _frozen(of: Undertaking) -> int:
    """Frozen weights in bf16; for QLoRA the language model in 4 bits."""
    sizes, recipe = of.sizes, of.recipe
    if recipe.method is Method.FULL:
        return 2 * (sizes.numbers - of.learnt)
    if recipe.method is Method.LORA:
        return 2 * sizes.numbers
    language = sizes.parts[HeldPart.LANGUAGE]
    rest = sizes.numbers - language.all_numbers
    return language.size(Held.NF4, compute=Held.BF16) + 2 * rest


def _per_token(sizes: Sizes, part: HeldPart) -> int:
    """Bytes that all blocks of a part keep of one token."""
    through = sum((rows + columns) * count for rows, columns, count in sizes.parts[part].matrices)
    return int(BETWEEN * 2 * through)


def _width(sizes: Sizes, part: HeldPart) -> int:
    """The width of what goes from block to block."""
    return min((columns for _, columns, _ in sizes.parts[part].matrices), default=0)


def _gathered_block(of: Undertaking) -> int:
    """The block that runs and the next in bf16, and its gradient in bf16 and fp32; ZeRO gathers
    in fp32.
    """
    if not of.sharded:
        return 0
    numbers = of.sizes.parts[HeldPart.LANGUAGE].all_numbers // of.layers
    return numbers * (4 + 4 + 4 if of.by_zero else 2 + 2 + 2 + 4)


def _gathered_head(of: Undertaking) -> int:
    if not of.sharded:
        return 0
    numbers = of.sizes.parts[HeldPart.HEAD].all_numbers
    return numbers * (4 + 2 + 4 if of.by_zero else 2 + 2 + 4)


def _learns_to_see(recipe: Recipe) -> bool:
    return Part.VISION in recipe.parts or Part.CONNECTOR in recipe.parts


def _gb(size: int) -> str:
    return f"{size / GB:.1f} GB"
