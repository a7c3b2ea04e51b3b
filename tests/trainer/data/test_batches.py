from collections import Counter
from itertools import chain

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.venus.family import Pixels
from engine.vocabulary import Size
from trainer.data.batches import Layout, collate, steps
from trainer.data.encode import IGNORED, Example

layouts = st.builds(
    Layout, ranks=st.integers(1, 3), per_device=st.integers(1, 4), accumulation=st.integers(1, 3)
)
lengths = st.lists(st.integers(1, 500), min_size=1, max_size=200)


@given(lengths, layouts, st.integers(0, 9), st.integers(0, 9))
def test_every_sample_comes_and_every_step_is_whole(
    sizes: list[int], layout: Layout, seed: int, epoch: int
) -> None:
    planned = steps(sizes, layout, seed=seed, epoch=epoch)
    taken = Counter(
        index for step in planned for rank in step.windows for index in chain.from_iterable(rank)
    )
    assert set(taken) == set(range(len(sizes)))
    assert taken.total() == len(planned) * layout.step
    assert taken.total() - len(sizes) < layout.step
    for step in planned:
        assert len(step.windows) == layout.ranks
        for rank in step.windows:
            assert [len(each) for each in rank] == [layout.per_device] * layout.accumulation


@given(lengths, layouts)
def test_the_order_follows_from_seed_and_epoch_alone(sizes: list[int], layout: Layout) -> None:
    assert steps(sizes, layout, seed=1, epoch=2) == steps(sizes, layout, seed=1, epoch=2)


def test_another_epoch_has_another_order() -> None:
    layout = Layout(ranks=1, per_device=2, accumulation=2)
    sizes = list(range(1, 101))
    assert steps(sizes, layout, seed=1, epoch=1) != steps(sizes, layout, seed=1, epoch=2)
    assert steps(sizes, layout, seed=1, epoch=1) != steps(sizes, layout, seed=2, epoch=1)


def test_samples_of_like_length_come_together() -> None:
    layout = Layout(ranks=2, per_device=4, accumulation=2)
    sizes = [1 + (number * 7919) % 997 for number in range(1600)]

    def padded(batches: list[tuple[int, ...]]) -> int:
        return sum(len(batch) * max(sizes[index] for index in batch) for batch in batches)

    planned = steps(sizes, layout, seed=0, epoch=0)
    grouped = [batch for step in planned for rank in step.windows for batch in rank]
    at_random = [tuple(range(start, start + 4)) for start in range(0, 1600, 4)]
    wasted = padded(grouped) - sum(sizes)
    assert wasted < 0.25 * (padded(at_random) - sum(sizes))


def example(name: str, ids: list[int], labels: list[int]) -> Example:
    return Example(name, tuple(ids), tuple(labels), Pixels({}, 0, Size(1, 1)))


def test_rows_are_padded_on_the_right_and_padding_is_never_learnt() -> None:
    batch = collate(
        [
            example("a", [5, 6, 7], [IGNORED, 6, 7]),
            example("b", [5], [5]),
        ],
        padding=9,
    )
    assert batch.samples == ("a", "b")
    assert batch.ids.tolist() == [[5, 6, 7], [5, 9, 9]]
    assert batch.labels.tolist() == [[IGNORED, 6, 7], [5, IGNORED, IGNORED]]
    assert batch.attention.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch.ids.dtype == torch.int64
    assert (batch.tokens, batch.learnt) == (4, 2)
