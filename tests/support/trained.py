"""A tiny model of any family, loaded, trained for a few steps and asked, as the commands do it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import tiny_training as tiny
from accelerate import Accelerator
from peft import PeftModel
from tiny_checkpoints import make
from transformers import PreTrainedModel

from engine.photo import open_photo
from engine.venus.speaker import LocalSpeaker, Voice
from trainer.data.sample import Sample
from trainer.loop.arguments import arguments_of
from trainer.loop.evaluate import Evaluation
from trainer.loop.learning import let_learn
from trainer.loop.loading import Loaded, load_for
from trainer.loop.run import Job
from trainer.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Ready:
    """A job that can be trained, with what it was loaded from."""

    job: Job
    loaded: Loaded

    @property
    def bare(self) -> PreTrainedModel:
        """The model itself, adapters in its layers."""
        model = self.job.model
        found = model.get_base_model() if isinstance(model, PeftModel) else model
        assert isinstance(found, PreTrainedModel)
        return found


def ready(folder: Path, recipe: Recipe, *, family: str = "qwen_vl") -> Ready:
    """A job over the tiny samples with a checkpoint of `family` in `folder`/checkpoint."""
    checkpoint = folder / "checkpoint"
    if not checkpoint.is_dir():
        make(family, checkpoint)
        _be_brief(checkpoint / "generation_config.json")
    loaded = load_for(recipe, checkpoint, "cpu")
    learner, _ = let_learn(loaded.model, loaded.parts, recipe)
    job = Job(
        recipe=recipe,
        model=learner,
        processor=loaded.processor,
        arguments=arguments_of(loaded.family, loaded.source.config),
        padding=0,
        samples=tiny.samples(folder / "photos"),
        root=folder / "photos",
        out=folder / "run",
        measure=tiny.no_figures,
        accelerator=Accelerator(cpu=True),
    )
    return Ready(job, loaded)


def _be_brief(file: Path) -> None:
    """Random models do not come to an end by themselves, and the likeliest is often a newline."""
    drawn = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "max_new_tokens": 24}
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **drawn}), "utf-8")


def evaluation(made: Ready, held_out: tuple[Sample, ...], **options: object) -> Evaluation:
    settings: dict[str, object] = {"stop": lambda: False, "most_words": 12, **options}
    return Evaluation(
        held_out,
        recipe=made.job.recipe,
        family=made.loaded.family,
        processor=made.job.processor,
        arguments=made.job.arguments,
        root=made.job.root,
        accelerator=made.job.accelerator,
        **settings,  # pyright: ignore[reportArgumentType]
    )


def answer(made: Ready, photo: Path, question: str) -> str:
    """What the model says now, as its checkpoint asks to draw."""
    made.bare.eval()
    voice = Voice(
        runner=made.loaded.family.runner(made.bare, made.job.processor),
        processor=made.job.processor,
        generation=made.loaded.source.generation,
        notation=made.job.processor.notation,
    )
    opened = open_photo(photo)
    speaker = LocalSpeaker(voice, opened.rgb(long_side=1024), opened.info.size)
    said = speaker.say((), question, stop=lambda: False)
    return "".join(each.text for each in said)
