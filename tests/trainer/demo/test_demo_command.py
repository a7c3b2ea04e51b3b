"""`venus-trainer demo --quick`: the command from its options to its page."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.vocabulary import Task
from trainer.cli import main
from trainer.demo.legs import PATH
from trainer.demo.scenes import Purpose, scenes


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--quick", "--out", str(folder)]) == 0
    return folder


def test_the_figures_hold_all_that_was_measured(out: Path) -> None:
    found = json.loads((out / "figures.json").read_text("utf-8"))
    assert [each["leg"] for each in found["walked"]] == ["base", "stage-1", "stage-2"]
    assert found["yardsticks"]["full_frame"] < 0.6
    assert found["cpu_seconds"] > 0
    assert found["versions"]["torch"]
    assert len(found["bars"]) == 4


def test_the_engine_answers_every_task(out: Path) -> None:
    found = json.loads((out / "figures.json").read_text("utf-8"))
    assert [each["task"] for each in found["replies"]] == list(Task)
    # A model of a handful of steps may have no answer, which is said in words.
    assert all(each["words"] for each in found["replies"])
    assert (out / f"{scenes(Purpose.UNSEEN, 1)[0].name}.png").is_file()


def test_the_page_stands_alone(out: Path) -> None:
    page = (out / "report.html").read_text("utf-8")
    HTMLParser().feed(page)
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert page.count("<figure>") >= 3 + 6
    assert "missed" in page  # a handful of steps meets no bar


def test_the_same_command_again_only_tells(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (out / "stage-2" / "walked.json").stat().st_mtime_ns
    assert main(["demo", "--quick", "--out", str(out)]) == 0
    assert (out / "stage-2" / "walked.json").stat().st_mtime_ns == before
    assert "crop IoU" in capsys.readouterr().out


def test_another_length_in_the_same_folder_is_misuse(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(out)]) == 2
    assert "give another folder" in capsys.readouterr().err


def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "trainer.cli", "demo", "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        curve = out / "base" / "curve.jsonl"
        while process.poll() is None and not (curve.is_file() and curve.read_text("utf-8")):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "the same command goes on" in said
    taken = len(curve.read_text("utf-8").splitlines())
    assert [each.name for each in (out / "base" / "steps").glob("step-*")] == [f"step-{taken:07d}"]


def test_a_run_tells_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    """Not which kernel a library would have fetched, nor a bar for each file it wrote."""
    command = [sys.executable, "-m", "trainer.cli", "demo", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"after {leg.title}" for leg in PATH]
    assert done.stdout.lstrip().startswith("crop IoU")
