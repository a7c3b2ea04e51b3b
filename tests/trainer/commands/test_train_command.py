"""Whole runs of `venus-trainer train`, as a person starts them, on a tiny model."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tiny_checkpoints
import tiny_training as tiny

from engine.checkpoints.store import Store
from engine.choice import Wording
from engine.venus.families.registry import recognise
from engine.vocabulary import Box
from trainer import cli
from trainer.commands.training import without_bad_crops
from trainer.data.neutral import neutral_lines
from trainer.data.sample import Exchange, Sample, Verdict
from trainer.data.wordings import prompts
from trainer.loop.record import FIGURES, read_record
from trainer.loop.state import checkpoints


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a model, photos and lines that ask for crops, then for an analysis."""
    paper = prompts(Wording.PAPER)
    made = tiny.samples(tmp_path / "photos", count=12)
    samples = [
        replace(
            each,
            exchanges=(
                replace(each.exchanges[1], question=paper.crop.words, verdict=Verdict.GOOD),
                replace(each.exchanges[0], question=paper.analysis.words),
            ),
        )
        for each in made
    ]
    lines = "".join(f"{line}\n" for line in neutral_lines(samples))
    (tmp_path / "data.jsonl").write_text(lines, "utf-8")
    tiny_checkpoints.make("qwen_vl", tmp_path / "model")
    return tmp_path


def words(place: Path, *more: str, recipe: str = "release-1") -> list[str]:
    """The command: one epoch of two-sample steps, a third of the photos held out."""
    fields = ("epochs=1", "batch.devices=1", "batch.per_device=2", "batch.accumulation=1")
    return [
        "train",
        recipe,
        *("--checkpoint", str(place / "model"), "--data", str(place / "data.jsonl")),
        *("--root", str(place / "photos"), "--out", str(place / "run")),
        *("--held-out", "0.34", "--measure-photos", "2", "--workers", "0"),
        *(part for field in fields for part in ("--set", field)),
        *more,
    ]


def page(file: Path) -> ElementTree.Element:
    return ElementTree.fromstring(file.read_text("utf-8").removeprefix("<!DOCTYPE html>\n"))


def test_a_run_leaves_a_model_its_card_and_a_page(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words(place)) == 0
    out, err = capsys.readouterr()
    assert re.search(r"^lora.rank +64$", out, re.MULTILINE)
    assert re.search(r"^Trained on +\d+ samples", out, re.MULTILINE)
    assert re.search(r"^Memory of a card +about \d", out, re.MULTILINE)
    folder = place / "run" / "checkpoint"
    assert f"venus models add {folder} --wording paper" in out
    assert "Step 1 of" in err
    assert Store(place / "store").add(folder).record.family == "qwen_vl"
    record = read_record(place / "run" / FIGURES)
    assert [each.epoch for each in record.measured] == [0, 1]
    assert set(record.measured[0].figures) == {"loss", "crop_iou", "crops_read"}
    assert [each.step for each in record.steps] == list(range(1, len(record.steps) + 1))
    card = (folder / "README.md").read_text("utf-8")
    assert card.startswith('---\nbase_model: "model"\n')
    assert f"| {record.measured[1].figures['loss']:.4f} |" in card
    assert "| lora.rank | 64 |" in card
    assert "| torch | " in card
    assert str(place) not in card
    shown = page(place / "run" / "report.html")
    text = " ".join(shown.itertext())
    assert f"{record.measured[1].figures['loss']:.4f}" in text
    assert "Hash of the training data" in text
    assert len(list(shown.iter("img"))) == 2
    assert all(each.attrib["alt"].startswith("The photo ") for each in shown.iter("img"))


def test_an_adapter_is_kept_when_it_is_asked_for(place: Path) -> None:
    assert cli.main(words(place, "--keep-adapter", "--held-out", "0")) == 0
    folder = place / "run" / "checkpoint"
    assert recognise(folder).name == "qwen_vl"
    assert Store(place / "store").add(folder).record.base == str(place / "model")
    assert "library_name: peft" in (folder / "README.md").read_text("utf-8")
    assert "nothing was measured" in " ".join(page(place / "run" / "report.html").itertext())


def test_a_run_that_was_stopped_goes_on_with_the_same_command(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*words(place, recipe="paper-1"), "--set", "epochs=8"]
    started = subprocess.Popen(
        [sys.executable, "-m", "trainer.cli", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stderr is not None
    lines: Iterator[str] = iter(started.stderr.readline, "")
    assert any(line.startswith("Step 3 ") for line in lines)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate()
    assert started.returncode == 128 + signal.SIGINT
    assert "a checkpoint of the last step is written" in err
    assert "give the same command again:\n    venus-trainer train paper-1" in out
    assert not (place / "run" / "checkpoint").exists()
    (*_, newest) = checkpoints(place / "run" / "steps")
    done = json.loads((newest / "progress.json").read_text())["step"]
    assert done >= 3
    assert cli.main(words(place, recipe="paper-1")) == 2
    assert "another recipe" in capsys.readouterr().err
    assert cli.main(command) == 0
    told = capsys.readouterr().err
    assert f"Step {done} of" not in told
    assert f"Step {done + 1} of" in told
    record = read_record(place / "run" / FIGURES)
    assert [each.step for each in record.steps] == list(range(1, record.steps[-1].of + 1))
    assert record.measured[0].epoch == 0
    assert record.measured[-1].epoch == 8
    assert (place / "run" / "checkpoint" / "model.safetensors").is_file()


def test_a_finished_run_only_writes_what_came_of_it_anew(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words(place)) == 0
    before = (place / "run" / FIGURES).read_text()
    for name in ("checkpoint/README.md", "report.html"):
        (place / "run" / name).unlink()
    capsys.readouterr()
    assert cli.main(words(place)) == 0
    assert "Step" not in capsys.readouterr().err
    assert (place / "run" / FIGURES).read_text() == before
    assert (place / "run" / "checkpoint" / "README.md").is_file()
    assert (place / "run" / "report.html").is_file()


def test_two_processes_make_one_run(place: Path) -> None:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [sys.executable, *launcher, "-m", "trainer.cli", *words(place)]
    command += ["--set", "batch.per_device=1", "--set", "batch.devices=2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Processes                    2") == 1
    assert done.stderr.count("Step 1 of") == 1
    assert (place / "run" / "checkpoint" / "model.safetensors").is_file()
    record = read_record(place / "run" / FIGURES)
    assert [each.epoch for each in record.measured] == [0, 1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("--checkpoint", "gone"), "no folder gone"),
        (("--data", "gone.jsonl"), "gone.jsonl cannot be read"),
        (("--root", "."), "missing_picture"),
        (("--set", "batch.devices=3"), None),
        (("--set", "optimiser.rate=1"), "rate"),
    ],
)
def test_what_cannot_be_trained_is_told_before_it_begins(
    place: Path, change: tuple[str, str], told: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(words(place, *change))
    assert status == (0 if told is None else 2)
    if told is not None:
        assert told in capsys.readouterr().err
        assert not (place / "run" / "steps").exists()


def test_a_folder_that_cannot_be_written_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "run").write_text("a file")
    assert cli.main(words(place)) == 2
    assert f"{place / 'run'}" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--save-every", "--workers", "--held-out"])
def test_numbers_that_make_no_sense_are_refused(
    place: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(words(place, option, "-1"))
    assert option in capsys.readouterr().err


def test_bad_crops_are_left_out_where_the_recipe_has_none() -> None:
    box = Box(0, 0, 0.2, 1)
    good = Exchange(question="Crop.", answer="{box}", box=box, verdict=Verdict.GOOD)
    bad = Exchange(question="Why not {box}?", answer="Thin.", box=box, verdict=Verdict.BAD)
    both = Sample(id="a", photo="a.png", task="crop", exchanges=(good, bad))
    only = Sample(id="b", photo="a.png", task="crop", exchanges=(bad,))
    assert without_bad_crops([both, only]) == [replace(both, exchanges=(good,))]
