"""Spreads work over photos on two processes of low priority: a bench shares its machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final, TypeVar

import cv2

Item = TypeVar("Item")
Result = TypeVar("Result")

PROCESSES: Final = 2
"""The bars are set for machines with two cores."""


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], *, processes: int = PROCESSES
) -> Iterator[Result]:
    """The results of `work`, a function of a module, in the order of the items."""
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_quietly
    ) as pool:
        yield from pool.map(work, items)


def _quietly() -> None:
    """One thread each, after everybody else."""
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(10)
