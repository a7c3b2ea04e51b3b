"""Trained, written, added to the store, opened by the engine: the same answers as in memory."""

import json
from pathlib import Path

import pytest
import tiny_training as tiny
import trained
from peft import PeftModel

from engine.checkpoints.store import Store
from engine.choice import EngineChoice, EngineName, MemoryPlan, Wording
from engine.contract import Opened
from engine.stop import never
from engine.venus.engine import VenusEngine
from engine.venus.families.llava_original import LlavaOriginal
from engine.venus.families.registry import recognise
from engine.vocabulary import Failed, Question, Task, Text
from trainer.export import checkpoint
from trainer.export.checkpoint import ExportError, require_writable, write
from trainer.loop.run import train
from trainer.loop.sharding import whole_weights
from trainer.recipe import Method, Part, Recipe

WHOLE = tiny.recipe(rate=1e-3, epochs=1)
STAGE_1 = tiny.recipe(rate=1e-3, epochs=1, parts=tiny.LANGUAGE)
LORA = tiny.recipe(rate=2e-2, epochs=1, method=Method.LORA, parts=(Part.LANGUAGE,))
WORDS = "Where is the light?"


def run(folder: Path, recipe: Recipe, family: str) -> trained.Ready:
    made = trained.ready(folder, recipe, family=family)
    photo = folder / "photos" / "0.png"
    before = trained.answer(made, photo, WORDS)
    for _ in train(made.job, stop=never):
        pass
    after = trained.answer(made, photo, WORDS)
    assert after != before
    return made


def written(made: trained.Ready, folder: Path, *, keep_adapter: bool = False) -> Path:
    return write(
        made.job.model,
        whole_weights(made.job.model, learning=True),
        folder,
        family=made.loaded.family,
        source=made.loaded.source,
        processor=made.job.processor,
        card="# A model\n",
        keep_adapter=keep_adapter,
    )


def answer_of_the_engine(folder: Path, photo: Path, cache: Path) -> str:
    choice = EngineChoice(
        engine=EngineName.VENUS,
        checkpoint=str(folder),
        memory=MemoryPlan.FP32,
        device="cpu",
        wording=Wording.RELEASE,
    )
    engine = VenusEngine(choice, cache=cache)
    list(engine.load(never))
    opened = list(engine.open(photo, never))[-1]
    assert isinstance(opened, Opened)
    asked = Question(id=1, task=Task.ASK, words=WORDS)
    events = [each.event for each in engine.ask(opened.conversation, [asked], never)]
    assert [each for each in events if isinstance(each, Failed)] == []
    return "".join(each.text for each in events if isinstance(each, Text))


@pytest.mark.parametrize("family", ["qwen_vl", "llava", "internvl", "qwen2_5_vl", "qwen3_vl"])
@pytest.mark.parametrize(
    ("recipe", "keep"),
    [(WHOLE, False), (LORA, False), (LORA, True)],
    ids=["whole", "merged", "kept"],
)
def test_the_engine_opens_it_and_says_the_same(
    tmp_path: Path, family: str, recipe: Recipe, keep: bool
) -> None:
    made = run(tmp_path, recipe, family)
    folder = written(made, tmp_path / "trained", keep_adapter=keep)
    photo = tmp_path / "photos" / "0.png"
    found = Store(tmp_path / "store").add(folder)
    assert found.record.family == family
    assert bool(found.record.base) == keep
    in_memory = trained.answer(made, photo, WORDS).strip()
    assert in_memory
    assert answer_of_the_engine(folder, photo, tmp_path / "cache").strip() == in_memory
    assert (folder / "README.md").read_text() == "# A model\n"
    assert not list(tmp_path.glob(".trained*"))


def test_what_did_not_learn_is_the_checkpoints_own(tmp_path: Path) -> None:
    made = run(tmp_path, STAGE_1, "qwen_vl")
    folder = written(made, tmp_path / "trained")
    before = dict(made.loaded.family.tensors(made.loaded.source))
    family = recognise(folder)
    after = dict(family.tensors(family.read(folder)))
    assert after.keys() == before.keys()
    same = {name for name, each in after.items() if each.equal(before[name])}
    parts = made.loaded.parts
    assert same == {name for name in after if name.startswith(parts.vision)}
    assert all(after[name].dtype == before[name].dtype for name in after)


def test_an_adapter_is_small_and_names_its_base(tmp_path: Path) -> None:
    made = run(tmp_path, LORA, "qwen_vl")
    folder = written(made, tmp_path / "trained", keep_adapter=True)
    assert {file.name for file in folder.iterdir()} == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    }
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(tmp_path / "checkpoint")
    again = PeftModel.from_pretrained(trained.ready(tmp_path, WHOLE).loaded.model, folder)
    assert len(list(again.named_parameters())) > 0
    assert (tmp_path / "checkpoint" / "config.json").is_file()


def test_what_lay_there_stays_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trained.ready(tmp_path, WHOLE)
    folder = written(made, tmp_path / "trained")
    (folder / "mark").write_text("the first")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "save_checkpoint", full)
        with pytest.raises(OSError, match="No space"):
            written(made, folder)
    assert (folder / "mark").is_file()
    written(made, folder)
    assert not (folder / "mark").exists()
    assert recognise(folder).name == "qwen_vl"
    assert not list(tmp_path.glob(".trained*"))


def test_an_adapter_on_an_adapter_is_refused_before_the_run(tmp_path: Path) -> None:
    made = run(tmp_path, LORA, "qwen_vl")
    folder = written(made, tmp_path / "trained", keep_adapter=True)
    family = recognise(folder)
    source = family.read(folder)
    require_writable(family, source, keep_adapter=False)
    with pytest.raises(ExportError, match="no adapter lies on an adapter"):
        require_writable(family, source, keep_adapter=True)


def test_a_layout_that_is_only_read_is_refused_before_the_run(tmp_path: Path) -> None:
    """LLaVA's own layout becomes the hub's as it is read."""
    made = trained.ready(tmp_path, WHOLE, family="llava")
    require_writable(made.loaded.family, made.loaded.source, keep_adapter=False)
    with pytest.raises(ExportError, match="read but not written"):
        require_writable(LlavaOriginal(), made.loaded.source, keep_adapter=False)


def test_stage_2_goes_on_from_a_kept_adapter(tmp_path: Path) -> None:
    """The adapter is merged as it is read, and the next one is merged on top."""
    first = run(tmp_path, LORA, "qwen_vl")
    adapter = written(first, tmp_path / "stage-1", keep_adapter=True)
    second = tmp_path / "second"
    second.mkdir()
    (second / "checkpoint").symlink_to(adapter)
    made = run(second, LORA, "qwen_vl")
    folder = written(made, second / "trained")
    photo = second / "photos" / "0.png"
    said = trained.answer(made, photo, WORDS).strip()
    assert answer_of_the_engine(folder, photo, tmp_path / "cache").strip() == said
