import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from engine.choice import Wording
from engine.vocabulary import Box
from trainer.export.card import card
from trainer.loop.record import Measurement, Record, Told
from trainer.loop.run import Stepped
from trainer.page.facts import DataCounts, Facts, versions
from trainer.page.report import report
from trainer.recipe import read

GOOD, BEFORE, AFTER = Box(0.1, 0.1, 0.9, 0.9), Box(0, 0, 0.5, 1), Box(0.1, 0.1, 0.9, 0.8)
FACTS = Facts(
    recipe=read("paper-2"),
    checkpoint="/home/me/stage-1",
    family="Qwen-VL-Chat",
    data=DataCounts(
        files=("/home/me/crops.jsonl",),
        samples=90,
        photos=80,
        turns=120,
        tasks={"crop": 60, "guidance": 30},
        held_out_samples=5,
        held_out_photos=4,
        held_out_share=0.05,
        hash="abc123",
    ),
    split_seed=0,
    processes=8,
    device="cuda:0",
    precision="bf16",
    versions=versions(),
)


def told(said: str, box: Box | None) -> Told:
    return Told(
        photo="a.png", question="Crop <it>.", wanted="{good}", said=said, good=(GOOD,), box=box
    )


def record(count: int = 4) -> Record:
    steps = tuple(
        Stepped(
            step=step,
            of=count,
            epoch=1,
            loss=3.0 / step,
            rate=1e-6,
            norm=0.5,
            tokens=300,
            seconds=2.0,
        )
        for step in range(1, count + 1)
    )
    first = Measurement(
        epoch=0,
        step=0,
        figures={"loss": 3.1415, "crop_iou": 0.25, "crops_read": 1.0},
        answers=(told("<box>\x00\ud800 before & </box>", BEFORE),),
    )
    last = Measurement(
        epoch=1,
        step=count,
        figures={"loss": 1.2345, "crop_iou": 0.875, "crops_read": 0.5},
        answers=(told("after", AFTER), replace(told("", None), photo="gone.png")),
    )
    return Record(steps, (first, last))


def shown(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def text_of(element: ElementTree.Element) -> str:
    return re.sub(r"\s+", " ", " ".join(element.itertext()))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    grey = np.full((200, 300, 3), 128, np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    return tmp_path


def test_the_page_says_what_was_run_and_what_came_of_it(root: Path) -> None:
    page = shown(report("Stage 2", FACTS, record(), root=root))
    text = text_of(page)
    for words in (
        "Stage 2, paper: everything learns to crop and to say why",
        "before after epoch 1",
        "Loss, nats a learnt token 3.1415 1.2345",
        "IoU of the model's crop with the nearest good one 0.2500 0.8750",
        "4 steps, 1200 tokens, 0.133 minutes of steps.",
        "90 samples, 80 photos, 120 turns",
        "crop 60, guidance 30",
        "Hash of the training data abc123",
        "optimiser.learning_rate 1e-06",
        "Crop <it>.",
        "gone.png cannot be shown",
        "no crop can be read",
        f"torch {FACTS.versions['torch']}",
    ):
        assert words in text
    titles = [each.text for each in page.iter("title")]
    assert {"Loss", "Crop IoU, held out", "Learning rate", "Gradient norm"} <= set(titles)
    idents = [each.attrib["id"] for each in page.iter() if "id" in each.attrib]
    assert len(idents) == len(set(idents))


def test_crops_are_drawn_on_the_photo_before_and_after(root: Path) -> None:
    page = shown(report("Stage 2", FACTS, record(), root=root))
    (figure, _) = page.iter("figure")
    drawn = [each.attrib for each in figure.iter("rect") if each.attrib["class"] != "halo"]
    places = {
        each["class"]: tuple(float(each[k]) for k in ("x", "y", "width", "height"))
        for each in drawn
    }
    assert places == {
        "curve curve-2": (10, 10, 80, 80),
        "curve curve-1": (0, 0, 50, 100),
        "curve curve-0": (10, 10, 80, 70),
    }
    (image,) = figure.iter("img")
    assert "after from 10% to 90% across and 10% to 80% down" in image.attrib["alt"]
    said = text_of(figure)
    assert "before, IoU 0.39" in said  # 0.32 of 0.82
    assert "after epoch 1, IoU 0.87" in said  # 0.56 of 0.64
    assert "before &" in said


def test_a_run_without_figures_has_a_page_too(root: Path) -> None:
    text = text_of(shown(report("Nothing", FACTS, Record(), root=root)))
    assert "nothing was measured" in text
    assert "0 steps" in text


def test_headings_go_down_one_at_a_time(root: Path) -> None:
    page = shown(report("Stage 2", FACTS, record(), root=root))
    levels = [int(each.tag[1]) for each in page.iter() if re.fullmatch(r"h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= one + 1 for one, later in pairwise(levels))


def test_a_card_tells_the_run_and_no_path() -> None:
    text = card("My | model", FACTS, record(), wording=Wording.PAPER, adapter=True)
    assert text.startswith('---\nbase_model: "stage-1"\nlibrary_name: peft\n')
    assert "/home/me" not in text
    assert "crops.jsonl" in text
    assert "venus models add THIS_FOLDER --wording paper" in text
    assert "| Loss, nats a learnt token | 3.1415 | 1.2345 |" in text
    assert "| Seed | 0 |" in text
    assert "| Hash of the training data | abc123 |" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_a_card_without_figures_says_so() -> None:
    text = card("Model", FACTS, Record(), wording=Wording.AUTO, adapter=False)
    assert "nothing was measured" in text
    assert "THIS_FOLDER\n" in text
