"""Walks the path: each leg trained by the trainer's own loop, saved, and measured on unseen scenes.

Everything lies in one folder, so that a path that was interrupted is gone on with.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accelerate import Accelerator
from torch import nn

from engine.stop import Stop
from engine.venus.families.registry import recognise
from engine.vocabulary import Box
from engine.wire import from_json, to_json
from trainer.demo.legs import BEGIN, Amount, Leg, recipe_of, samples_of
from trainer.demo.measuring import Answer, Figures, answers, figures
from trainer.demo.model import SIDE, make_checkpoint, open_model, save_model
from trainer.demo.render import Rgb, render
from trainer.demo.scenes import Purpose, scene, scenes
from trainer.demo.threads import on_threads
from trainer.loop.arguments import arguments_of
from trainer.loop.learning import let_learn
from trainer.loop.run import Job, Stepped, train
from trainer.loop.state import checkpoints, read_progress

SHOWN: Final = 12
"""Answers that are kept of each leg, for the page."""


class DemoError(Exception):
    """The demo cannot go on in a folder; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to one scene, as it is kept."""

    scene: str
    score: str
    analysis: str
    crop: str
    box: Box | None
    overlap: float
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A leg that was walked to its end: seconds of the clock and of the processors together."""

    leg: str
    figures: Figures
    told: tuple[Told, ...]
    training_seconds: float
    training_cpu_seconds: float
    measuring_seconds: float
    measuring_cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """So many of the unseen scenes have been asked about after a leg."""

    leg: Leg
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Took:
    """One step of a leg was taken."""

    leg: Leg
    step: Stepped


Event = Took | Asked | Walked


CHECKPOINT: Final = "checkpoint"
"""The folder of a leg's result, which the application opens."""
_CURVE: Final = "curve.jsonl"
_WALKED: Final = "walked.json"
_RUN: Final = "run.json"


def walk(
    legs: Sequence[Leg], out: Path, amount: Amount, *, seed: int, stop: Stop
) -> Iterator[Event]:
    """Walk each leg in `out`; those that were walked before are only told.

    Ends early once `stop` is true: a leg in training keeps a checkpoint of its last step, and the
    next walk goes on from there. Raises DemoError for a folder of another run.
    """
    _claim(out, amount, seed)
    if not (out / BEGIN / "config.json").is_file():
        make_checkpoint(out / BEGIN, seed=seed)
    for leg in legs:
        known = walked(out, leg)
        if known is None:
            yield from _train(leg, out, amount, seed=seed, stop=stop)
            if stop():
                return
            known = yield from _measure(leg, out, amount, stop=stop)
            if known is None:
                return
        yield known


def walked(out: Path, leg: Leg) -> Walked | None:
    """What a finished leg left behind; None if it is not finished."""
    file = out / leg.name / _WALKED
    return from_json(Walked, json.loads(file.read_text("utf-8"))) if file.is_file() else None


def curve(out: Path, leg: Leg) -> list[Mapping[str, float]]:
    """The steps of a leg: `step`, `loss` (nats a token), `rate`, `tokens`, and the `seconds` and
    `cpu_seconds` since the leg began.
    """
    file = out / leg.name / _CURVE
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [json.loads(line) for line in lines]


def see(name: str) -> Rgb:
    """The picture of a scene as the model sees it."""
    return render(scene(name), SIDE)


def _claim(out: Path, amount: Amount, seed: int) -> None:
    """Say in the folder what is run there, or refuse another run's."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = {"seed": seed, **to_json(amount)}
    file = out / _RUN
    if file.is_file() and json.loads(file.read_text("utf-8")) != wanted:
        raise DemoError(
            f"{out} holds a demo of another seed or length: give another folder, or the same"
            " options to go on with it."
        )
    if not file.is_file() and any(out.iterdir()):
        raise DemoError(f"{out} is not empty and holds no demo: give another folder.")
    file.write_text(json.dumps(wanted), "utf-8")


def _train(leg: Leg, out: Path, amount: Amount, *, seed: int, stop: Stop) -> Iterator[Took]:
    """Train one leg by the trainer's loop and save what came of it."""
    start = out / BEGIN if leg.begins == BEGIN else out / leg.begins / CHECKPOINT
    recipe = recipe_of(leg, seed=seed)
    model, processor = open_model(start)
    family = recognise(start)
    learner, _ = let_learn(model, family.parts(model.config), recipe)
    job = Job(
        recipe=recipe,
        model=learner,
        processor=processor,
        arguments=arguments_of(family, model.config),
        padding=0,
        samples=samples_of(recipe, amount.steps(recipe.stage), seed=seed),
        root=out,
        out=out / leg.name / "steps",
        measure=_nothing,
        accelerator=Accelerator(cpu=True),
        see=see,
        # Captions of one length say much the same.
        grouped=False,
    )
    done = [read_progress(each).step for each in checkpoints(job.out)]
    lines = curve(out, leg)[: done[-1] if done else 0]
    before = (lines[-1]["seconds"], lines[-1]["cpu_seconds"]) if lines else (0.0, 0.0)
    clock, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
    job.out.mkdir(parents=True, exist_ok=True)
    with (out / leg.name / _CURVE).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        for event in train(job, stop=stop):
            if isinstance(event, Stepped):
                line = {
                    "step": event.step,
                    "loss": event.loss,
                    "rate": event.rate,
                    "tokens": event.tokens,
                    "seconds": time.perf_counter() - clock,
                    "cpu_seconds": time.process_time() - cpu,
                }
                file.write(json.dumps(line) + "\n")
                file.flush()
                yield Took(leg, event)
    if read_progress(checkpoints(job.out)[-1]).epoch == recipe.epochs:
        save_model(model, out / leg.name / CHECKPOINT, like=start)


def _measure(
    leg: Leg, out: Path, amount: Amount, *, stop: Stop
) -> Generator[Asked, None, Walked | None]:
    """Ask the leg's checkpoint about the unseen scenes; None if stopped."""
    clock, cpu = time.perf_counter(), time.process_time()
    unseen = scenes(Purpose.UNSEEN, amount.unseen)
    found: list[Answer] = []
    # One token of so small a model is no work to share.
    with on_threads(1):
        for answer in answers(out / leg.name / CHECKPOINT, unseen, stop):
            found.append(answer)
            yield Asked(leg, len(found), len(unseen))
    if len(found) < len(unseen):
        return None
    last = curve(out, leg)[-1]
    result = Walked(
        leg=leg.name,
        figures=figures(found),
        told=tuple(_told(each) for each in found[:SHOWN]),
        training_seconds=last["seconds"],
        training_cpu_seconds=last["cpu_seconds"],
        measuring_seconds=time.perf_counter() - clock,
        measuring_cpu_seconds=time.process_time() - cpu,
    )
    text = json.dumps(to_json(result), indent=2)
    (out / leg.name / _WALKED).write_text(text, "utf-8")
    return result


def _told(answer: Answer) -> Told:
    return Told(
        scene=answer.scene.name,
        score=answer.score,
        analysis=answer.analysis,
        crop=answer.crop,
        box=answer.box,
        overlap=answer.overlap,
        right=answer.right,
    )


def _nothing(_: nn.Module) -> Mapping[str, float]:
    """The legs are measured after their end, through the engine."""
    return {}
