"""What is read and written around a request: objects, prompt files, red boxes, progress."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.vocabulary import WHOLE, Box
from trainer.endpoints.asking import Heard
from trainer.endpoints.objects import MalformedError, read_object
from trainer.endpoints.pictures import RED, with_box
from trainer.endpoints.progress import Progress, duration
from trainer.endpoints.prompts import PromptsError, read_prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    text: str
    note: str = ""


@pytest.mark.parametrize(
    "text",
    [
        '{"text": "a"}',
        ' \n{"text": "a"}\n',
        '```json\n{"text": "a"}\n```',
        '```\n{"text": "a"}\n```',
    ],
)
def test_an_object_with_or_without_a_fence(text: str) -> None:
    assert read_object(Said, Heard(text, 1)) == Said(text="a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a", "not one JSON object"),
        ('Here: {"text": "a"}', "not one JSON object"),
        ('{"text": "a"} {"text": "b"}', "not one JSON object"),
        ('{"text": "a"', "not one JSON object"),
        ("[" * 100_000, "not one JSON object"),
        ('["a"]', "no object"),
        ("{}", "lacks text"),
        ('{"text": 3}', "not the expected type"),
        ('{"text": null}', "not the expected type"),
        ('{"text": "a", "more": "b"}', "unknown keys: more"),
    ],
)
def test_what_is_no_such_object_is_never_mended(text: str, told: str) -> None:
    with pytest.raises(MalformedError, match=told):
        read_object(Said, Heard(text, 1))


def test_an_answer_that_was_cut_off_is_none_even_where_it_reads_well() -> None:
    with pytest.raises(MalformedError, match="cut off"):
        read_object(Said, Heard('{"text": "a"}', 1, cut=True))


WANTED = {"ask": frozenset({"name"}), "again": frozenset[str]()}


def own(tmp_path: Path, text: str):
    file = tmp_path / "prompts.toml"
    file.write_text(text, "utf-8")
    return read_prompts(file, WANTED, package="trainer.annotate", resource="refine.toml")


def test_what_is_filled_in_is_not_filled_in_again(tmp_path: Path) -> None:
    found = own(tmp_path, 'ask = "Who is {name}? {other} {\\"a\\": 1}"\nagain = "Again."')
    assert found.fill("ask", {"name": "{other}", "other": "x"}) == 'Who is {other}? x {"a": 1}'
    same, changed = (
        own(tmp_path, 'ask = "{name}"\nagain = "x"'),
        own(tmp_path, 'ask = "{name}"\nagain = "y"'),
    )
    assert same.sum != changed.sum


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ask = ", "no TOML"),
        ('ask = "{name}"', "exactly these prompts: ask, again"),
        ('ask = "{name}"\nagain = "x"\nmore = "y"', "exactly these prompts"),
        ('ask = "nobody"\nagain = "x"', "ask lacks {name}"),
        ('ask = "{name}"\nagain = " "', "again is no text"),
        ('ask = "{name}"\nagain = 3', "again is no text"),
    ],
)
def test_what_is_wrong_with_a_prompt_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PromptsError, match=told):
        own(tmp_path, text)


def test_a_red_frame_lies_within_its_box_and_leaves_its_inside_alone() -> None:
    rgb = np.full((100, 200, 3), 9, np.uint8)
    drawn = with_box(rgb, Box(0.25, 0.2, 0.75, 0.8))
    red = (drawn == RED).all(axis=2)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (20, 79, 50, 149)
    assert red[20:22, 50:150].all()
    assert red[20:80, 148:150].all()
    assert not red[22:78, 52:148].any()
    assert (drawn[~red] == 9).all()
    assert (rgb == 9).all()


def test_the_whole_photos_frame_is_seen_on_all_four_edges() -> None:
    red = (with_box(np.zeros((50, 50, 3), np.uint8), WHOLE) == RED).all(axis=2)
    assert red[0].all()
    assert red[-1].all()
    assert red[:, 0].all()
    assert red[:, -1].all()


def test_a_box_thinner_than_a_pixel_is_seen() -> None:
    red = (with_box(np.zeros((50, 50, 3), np.uint8), Box(0.5, 0, 0.501, 1)) == RED).all(axis=2)
    assert red.any()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_time_left_is_reckoned_from_what_was_done_in_this_run() -> None:
    clock, out = Clock(), io.StringIO()
    progress = Progress(100, out, clock=clock)
    progress.show(50)  # kept from an earlier run
    clock.now = 10.0
    progress.show(60, "2 aside")
    clock.now = 50.0
    progress.show(100)
    # Ten in ten seconds, forty to go.
    assert out.getvalue().splitlines() == ["50/100", "60/100, 2 aside, about 40 s left", "100/100"]


def test_spans_of_time_in_words() -> None:
    assert [duration(each) for each in (0.1, 59, 90, 3599, 9000)] == [
        "1 s",
        "59 s",
        "2 min",
        "60 min",
        "2.5 h",
    ]
