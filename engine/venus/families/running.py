"""What every runner does alike: place features, cut for chunks, stop in the vision tower."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.stop import Stop
from engine.venus.family import Inputs, Pixels

Result = TypeVar("Result")


class _StoppedError(Exception):
    """Leaves a tower in the middle of its blocks; never seen outside of `until_stopped`."""


def until_stopped(
    work: Callable[[], Result], blocks: Iterable[nn.Module], stop: Stop
) -> Result | None:
    """What `work` returns; None once `stop` is true, asked before every one of `blocks` runs."""

    def ask(*_: object) -> None:
        if stop():
            raise _StoppedError

    # First among the hooks of a block: no weights are fetched for a block that will not run.
    hooks = [block.register_forward_pre_hook(ask, prepend=True) for block in blocks]
    try:
        return work()
    except _StoppedError:
        return None
    finally:
        for hook in hooks:
            hook.remove()


def place_features(embeddings: Tensor, image: Tensor, features: Tensor) -> Tensor:
    """Embeddings (rows, tokens, hidden) with `features` (image tokens, hidden) in every row where
    `image` (rows, tokens) is true. Raises ValueError where a row has more or fewer places.
    """
    counts = image.sum(-1)
    if bool((counts != len(features)).any()):
        raise ValueError(
            f"the prompt has {counts.tolist()} image tokens, the photo became {len(features)}"
        )
    everywhere = features.to(embeddings).expand(len(embeddings), -1, -1)
    return embeddings.masked_scatter(image[..., None], everywhere)


def joined_inputs(pixels: Sequence[Pixels]) -> dict[str, Tensor]:
    """The tensors of several photos, by name, one photo after the other along their first axis."""
    names = pixels[0].inputs.keys()
    return {name: torch.cat([each.inputs[name] for each in pixels]) for name in names}


def cut(inputs: Inputs, start: int, end: int) -> Inputs:
    """The tokens from start to end; what deeper layers get is cut with them."""
    image = inputs.image
    deeper = inputs.deeper
    if image is not None and deeper:
        inside = torch.zeros_like(image)
        inside[:, start:end] = image[:, start:end]
        deeper = tuple(each[inside[image]] for each in deeper)
    return Inputs(
        embeddings=inputs.embeddings[:, start:end],
        positions=inputs.positions[..., start:end],
        image=None if image is None else image[:, start:end],
        deeper=deeper,
    )


def home(module: nn.Module) -> tuple[torch.device, torch.dtype]:
    """The device and the floating dtype that a module's inputs want.

    Where a loader keeps a module's weights elsewhere and fetches them for each run (accelerate's
    hooks), it is the device that it fetches them to.
    """
    weights = [weight for weight in module.parameters() if weight.is_floating_point()]
    hook = getattr(module, "_hf_hook", None)
    device = getattr(hook, "execution_device", None)
    return torch.device(weights[0].device if device is None else device), weights[0].dtype
