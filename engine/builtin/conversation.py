"""One photo opened with the built-in engine: its copies, what was measured, what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.builtin.composition.compose import compose
from engine.builtin.crops.cropper import Hints, Proposal, is_request, proposals
from engine.builtin.crops.scene import Scene, scene
from engine.builtin.look import Look, look
from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation, observe, sorted_by_weight
from engine.builtin.pictures import REDUCED_SIDE, Pictures
from engine.photo import PhotoFile, open_photo
from engine.vocabulary import FindingKind, Question, Size, Task

_HORIZON_SURE: Final = 0.7
"""How clear an edge must run through the whole photo to count as its horizon, 0..1. By eye, over
the 14 photos of flms_dev that have one this clear in the middle, 13 were horizons or shores."""
_HORIZON_LEAN: Final = 4.0
"""In degrees: a line that leans more is no horizon."""


class Conversation:
    """What the engine knows of one photo; each thing is measured once, when it is first needed.

    The full-resolution copy is decoded in a thread from the beginning, while the reduced one is
    looked at; `close` waits for it.
    """

    def __init__(self, file: PhotoFile) -> None:
        self.size: Size = file.info.size
        self._file = file
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="full-size")
        self._first: Future[NDArray[np.uint8]] | None = None
        self.pictures = Pictures(
            size=file.info.size,
            read_rgb=lambda long_side: file.rgb(long_side=long_side),
            read_native=self._native,
        )
        self.measured = Measured(self.pictures)

    def read_reduced(self) -> None:
        """Read the reduced copy; PhotoError if the file is damaged."""
        _ = self.pictures.reduced

    def start_full_size(self) -> None:
        """Begin to decode the photo at full size, in the background."""
        if self._first is None and max(self.size.width, self.size.height) > REDUCED_SIDE:
            self._first = self._pool.submit(self._file.native_rgb, stop=lambda: self._closed)

    def _native(self) -> NDArray[np.uint8]:
        if self._first is not None:
            future, self._first = self._first, None
            return future.result()
        return self._file.native_rgb()

    def close(self) -> None:
        """Let everything go, once the background thread has ended."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._first = None
        self.pictures.release()

    @cached_property
    def scene(self) -> Scene:
        return scene(self.pictures.reduced, self.size)

    @cached_property
    def look(self) -> Look:
        return look(self.measured)

    def measurements(self) -> Iterator[Callable[[], object]]:
        """All measurements, one step each, so that work can stop between two of them."""
        measured = self.measured
        yield lambda: (measured.tilt, measured.skyline)
        yield lambda: self.pictures.native
        yield lambda: measured.focus
        yield lambda: measured.noise
        yield lambda: measured.clipping
        yield lambda: self.observations

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """All observations; the full-size copies are let go afterwards."""
        technical = observe(self.measured)
        self.pictures.release()
        composed = compose(self.scene, self.measured.skyline)
        return sorted_by_weight((*technical, *composed))

    @cached_property
    def own_first(self) -> Proposal:
        """What the engine proposes first when nothing special is asked."""
        return self.first_crop(Question(id=0, task=Task.CROP))

    def first_crop(self, question: Question) -> Proposal:
        """The first proposal, which needs the reduced copy only; raises pool.NoSuchCrop."""
        return self._proposals(replace(question, count=1), Hints())[0]

    def crops(self, question: Question) -> tuple[Proposal, ...]:
        """All proposals, which need the observations unless something special is asked; raises
        pool.NoSuchCrop.
        """
        return self._proposals(question, Hints() if is_request(question) else self.hints)

    @cached_property
    def hints(self) -> Hints:
        """What was observed that asks for a crop of its own."""
        sky = self.measured.skyline
        level = sky.best >= _HORIZON_SURE and abs(sky.angle) <= _HORIZON_LEAN
        tilt = _observed(self.observations, FindingKind.TILTED_HORIZON)
        distraction = _observed(self.observations, FindingKind.EDGE_DISTRACTION)
        return Hints(
            tilt=tilt.value if tilt else None,
            horizon=(sky.line.y1 + sky.line.y2) / 2 if level else None,
            distraction=distraction.where.boxes[0] if distraction else None,
        )

    def _proposals(self, question: Question, hints: Hints) -> tuple[Proposal, ...]:
        found, stand = self.scene.posterior, self.scene.stand
        return proposals(found, self.size, question, stand=stand, hints=hints)


def open_conversation(path: Path) -> Conversation:
    """Read the file and its header. Raises PhotoError."""
    return Conversation(open_photo(path))


def _observed(seen: tuple[Observation, ...], kind: FindingKind) -> Observation | None:
    """The fault of this kind, where it is grave enough to act on."""
    grave = (each for each in seen if each.kind is kind and each.severity >= WORTH_MENTIONING)
    return next(grave, None)
