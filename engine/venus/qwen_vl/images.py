"""Where images stand among the tokens, and their features put in the place of embeddings."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.venus.qwen_vl.configuration import VisionConfig


def images_per_row(input_ids: Tensor, *, vision: VisionConfig) -> list[int]:
    """How many image spans each row (rows, tokens) holds. Waits for the device."""
    return (input_ids == vision.image_start_id).sum(-1).tolist()


def put_images(
    embeddings: Tensor, input_ids: Tensor, features: Tensor | None, *, vision: VisionConfig
) -> Tensor:
    """Embeddings (rows, tokens, hidden) with the inside of every image span replaced by features.

    `features` is (images, image tokens, hidden), one for each span, in reading order. Without
    features, nothing is replaced: an image tag that the model itself writes stays a word.

    Raises ValueError when there are more or fewer spans than images, or a span is cut off.
    """
    if features is None:
        return embeddings
    rows, starts = torch.nonzero(input_ids == vision.image_start_id, as_tuple=True)
    if len(starts) != len(features):
        raise ValueError(f"the text has {len(starts)} image spans, but {len(features)} images came")
    if len(starts) == 0:
        return embeddings
    ends = starts + vision.n_queries + 1
    if int(ends.max()) >= input_ids.shape[1] or bool(
        (input_ids[rows, ends] != vision.image_end_id).any()
    ):
        raise ValueError(
            f"an image span is not whole: {vision.n_queries} tokens and the closing tag must"
            " follow its opening tag"
        )
    inside = starts[:, None] + torch.arange(1, vision.n_queries + 1, device=starts.device)
    return embeddings.index_put((rows[:, None], inside), features.to(embeddings))
