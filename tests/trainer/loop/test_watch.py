import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from engine.vocabulary import Box
from trainer.loop.record import FIGURES, Measurement, Told, read_record
from trainer.loop.run import Measured, Saved, Stepped
from trainer.loop.watch import TENSORBOARD, Watch

TOLD = Told(photo="a.png", question="Crop.", wanted="x", said="y", good=(Box(0, 0, 1, 1),))


def stepped(step: int, *, loss: float = 2.0) -> Stepped:
    return Stepped(
        step=step,
        of=10,
        epoch=1 + step // 6,
        loss=loss,
        rate=1e-5,
        norm=0.5,
        tokens=300,
        seconds=2.0,
    )


def every(seconds: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watch(out: Path, stream: io.StringIO, *, done: int = 0) -> Watch:
    ticks = every(3.0)
    return Watch(out, done=done, stream=stream, clock=lambda: next(ticks))


def test_lines_are_plain_where_there_is_no_terminal(tmp_path: Path) -> None:
    stream = io.StringIO()
    with watch(tmp_path, stream) as shown:
        shown.show(Measured(0, {"loss": 3.25}))
        shown.show(stepped(1))
        shown.show(stepped(2))
        shown.show(Saved(tmp_path / "step-2"))
        shown.show(Measured(1, {"loss": 1.5, "crop_iou": 0.75}))
    assert stream.getvalue().splitlines() == [
        "Held out, before the first step: loss 3.2500",
        "Step 1 of 10, epoch 1: loss 2.0000, rate 1.00e-05, 150 tokens/s, 00:27 left",
        "Step 2 of 10, epoch 1: loss 2.0000, rate 1.00e-05, 150 tokens/s, 00:24 left",
        f"Saved {tmp_path / 'step-2'}",
        "Held out, after epoch 1: loss 1.5000, crop_iou 0.7500",
    ]


def test_a_terminal_has_a_bar(tmp_path: Path) -> None:
    stream = Terminal()
    with watch(tmp_path, stream, done=5) as shown:
        shown.show(stepped(6))
        shown.show(Saved(tmp_path))
        shown.show(stepped(7))
    drawn = stream.getvalue()
    assert "Epoch 2" in drawn
    assert "7/10" in drawn
    assert "loss 2.0000, rate 1.00e-05, 150 tokens/s" in drawn
    assert f"Saved {tmp_path}\n" in drawn


def test_a_resumed_run_tells_the_steps_after_its_checkpoint_anew(tmp_path: Path) -> None:
    with watch(tmp_path, io.StringIO()) as shown:
        shown.show(Measured(0, {"loss": 3.0}), [TOLD])
        for step in range(1, 6):
            shown.show(stepped(step))
        shown.show(Measured(1, {"loss": 2.5}))
    with (tmp_path / FIGURES).open("a") as file:
        file.write('{"step": {"st')  # cut by a crash
    with watch(tmp_path, io.StringIO(), done=3) as shown:
        for step in range(4, 6):
            shown.show(stepped(step, loss=1.0))
    found = read_record(tmp_path / FIGURES)
    assert [each.step for each in found.steps] == [1, 2, 3, 4, 5]
    assert [each.loss for each in found.steps] == [2.0, 2.0, 2.0, 1.0, 1.0]
    assert found.measured == (Measurement(epoch=0, step=0, figures={"loss": 3.0}, answers=(TOLD,)),)
    assert found.steps[0] == stepped(1)


def test_a_measurement_that_was_stopped_is_not_told(tmp_path: Path) -> None:
    stream = io.StringIO()
    with watch(tmp_path, stream) as shown:
        shown.show(Measured(1, {}))
    assert stream.getvalue() == ""
    assert read_record(tmp_path / FIGURES).measured == ()


def test_tensorboard_reads_every_figure_once(tmp_path: Path) -> None:
    with watch(tmp_path, io.StringIO()) as shown:
        shown.show(Measured(0, {"loss": 3.0}))
        for step in range(1, 5):
            shown.show(stepped(step))
    with watch(tmp_path, io.StringIO(), done=2) as shown:
        shown.show(stepped(3, loss=1.0))
        shown.show(Measured(1, {"loss": 2.5}))
    board = EventAccumulator(str(tmp_path / TENSORBOARD))
    board.Reload()
    assert set(board.Tags()["scalars"]) == {
        "training/loss",
        "training/learning_rate",
        "training/gradient_norm",
        "training/tokens_per_second",
        "held-out/loss",
    }
    losses = [(each.step, each.value) for each in board.Scalars("training/loss")]
    assert losses == [(1, 2.0), (2, 2.0), (3, 1.0)]
    assert [each.step for each in board.Scalars("held-out/loss")] == [0, 3]
    assert board.Scalars("training/tokens_per_second")[0].value == pytest.approx(150)
