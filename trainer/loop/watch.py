"""Shows a run while it goes: a bar or a line a step, TensorBoard, and a record to read later."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from trainer.loop.record import FIGURES, Measurement, Told, line_of, rewind
from trainer.loop.run import Event, Measured, Saved, Stepped

TENSORBOARD: Final = "tensorboard"
"""The folder that `tensorboard --logdir` is given."""
_RECENT: Final = 20
"""Steps that the time left is told from."""


class Watch:
    """For the first process alone. Whatever a run told after its step `done` is told anew."""

    def __init__(
        self,
        out: Path,
        *,
        done: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._stream: Final = stream or sys.stderr
        self._clock: Final = clock
        self._step = done
        self._bar: tqdm | None = None
        self._times: deque[float] = deque([clock()], maxlen=_RECENT + 1)
        rewind(out / FIGURES, done)
        self._record: Final = (out / FIGURES).open("a", encoding="utf-8")
        self._board: Final = SummaryWriter(str(out / TENSORBOARD), purge_step=done + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        self._board.close()
        self._record.close()

    def show(self, event: Event, answers: Sequence[Told] = ()) -> None:
        """Tell an event; `answers` belong to a measurement."""
        match event:
            case Stepped():
                self._stepped(event)
            case Measured():
                self._measured(event, answers)
            case Saved():
                self._say(f"Saved {event.folder}")

    def _stepped(self, event: Stepped) -> None:
        self._step = event.step
        self._times.append(self._clock())
        pace = event.tokens / max(event.seconds, 1e-9)
        self._write(event)
        scalars = {
            "training/loss": event.loss,
            "training/learning_rate": event.rate,
            "training/gradient_norm": event.norm,
            "training/tokens_per_second": pace,
        }
        self._scalars(scalars, event.step)
        figures = f"loss {event.loss:.4f}, rate {event.rate:.2e}, {pace:.0f} tokens/s"
        if not self._stream.isatty():
            left = tqdm.format_interval(self._left(event))
            self._say(
                f"Step {event.step} of {event.of}, epoch {event.epoch}: {figures}, {left} left"
            )
            return
        if self._bar is None:
            self._bar = tqdm(
                total=event.of, initial=event.step - 1, file=self._stream, dynamic_ncols=True
            )
        self._bar.set_description(f"Epoch {event.epoch}", refresh=False)
        self._bar.set_postfix_str(figures, refresh=False)
        self._bar.update(event.step - self._bar.n)

    def _measured(self, event: Measured, answers: Sequence[Told]) -> None:
        # A measurement is no part of a step's time.
        self._times.clear()
        self._times.append(self._clock())
        if not event.figures:
            return
        self._write(
            Measurement(
                epoch=event.epoch,
                step=self._step,
                figures=dict(event.figures),
                answers=tuple(answers),
            )
        )
        self._scalars(
            {f"held-out/{name}": each for name, each in event.figures.items()}, self._step
        )
        told = ", ".join(f"{name} {value:.4f}" for name, value in event.figures.items())
        when = f"after epoch {event.epoch}" if event.epoch else "before the first step"
        self._say(f"Held out, {when}: {told}")

    def _left(self, event: Stepped) -> float:
        """Seconds to the last step, by the latest ones."""
        spent = self._times[-1] - self._times[0]
        return spent / max(1, len(self._times) - 1) * (event.of - event.step)

    def _scalars(self, values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            self._board.add_scalar(name, value, step)

    def _write(self, told: Stepped | Measurement) -> None:
        self._record.write(line_of(told))
        self._record.flush()

    def _say(self, words: str) -> None:
        """A line that does not tear the bar."""
        tqdm.write(words, file=self._stream)
