import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import picture

from engine.dialogue.speaker import Turn
from engine.vocabulary import Box
from trainer.data.checks import check, report_text
from trainer.data.neutral import neutral_lines, read_neutral
from trainer.data.problem import DataError, Fault
from trainer.data.release import read_release, release_entry
from trainer.data.sample import Exchange, Sample, Verdict, written


def said(role: str, words: str) -> dict[str, str]:
    return {"from": role, "value": words}


def saved(folder: Path, data: Any) -> Path:
    file = folder / "train.json"
    file.write_text(json.dumps(data), "utf-8")
    return file


PICTURE = "Picture 1: <img>data/images/3087.png</img>\n"


def test_the_authors_file_becomes_samples_word_for_word(tmp_path: Path) -> None:
    words = [
        said("user", f"{PICTURE}Please analyze this image."),
        said("assistant", "It leans."),
        said("user", "Why does (1,2),(300,400) improve it?"),
        said("assistant", "It is level."),
    ]
    samples, problems = read_release(saved(tmp_path, [{"id": "a", "conversations": words}]))
    assert problems == []
    assert [(each.id, each.photo) for each in samples] == [("a", "data/images/3087.png")]
    assert written(samples[0], lambda box: "never") == (
        Turn("Please analyze this image.", "It leans."),
        Turn("Why does (1,2),(300,400) improve it?", "It is level."),
    )


@pytest.mark.parametrize(
    ("conversations", "reason"),
    [
        (None, "no list"),
        ([], "no list"),
        ([said("user", PICTURE + "x")], "take turns"),
        ([said("assistant", "a"), said("user", PICTURE)], "take turns"),
        ([said("user", "no picture"), said("assistant", "a")], "Picture 1"),
        ([said("user", f"{PICTURE}<img>b</img>"), said("assistant", "a")], "more than one picture"),
        ([said("user", PICTURE), {"from": "assistant"}], "no words"),
    ],
)
def test_what_is_no_conversation_is_named_and_the_rest_is_read(
    tmp_path: Path, conversations: Any, reason: str
) -> None:
    good = {"id": "good", "conversations": [said("user", PICTURE + "x"), said("assistant", "y")]}
    samples, problems = read_release(
        saved(tmp_path, [{"id": "odd", "conversations": conversations}, good])
    )
    assert [each.id for each in samples] == ["good"]
    assert [each.fault for each in problems] == [Fault.MALFORMED]
    assert "odd" in problems[0].where
    assert reason in problems[0].reason


@pytest.mark.parametrize("text", ["{", '{"a": 1}', "3"])
def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "train.json"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"train\.json"):
        read_release(file)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    for read in (read_release, read_neutral):
        with pytest.raises(DataError, match="nowhere"):
            read(tmp_path / "nowhere")


turns = st.builds(Turn, st.text(min_size=1), st.text(min_size=1)).filter(
    lambda turn: "<img>" not in turn.question + turn.answer and not turn.question[0].isspace()
)


@given(st.lists(turns, min_size=1, max_size=4))
def test_what_is_written_as_the_authors_file_reads_back(asked: list[Turn]) -> None:
    entry = json.loads(json.dumps(release_entry("1", "a b.jpg", asked)))
    with TemporaryDirectory() as folder:
        samples, problems = read_release(saved(Path(folder), [entry]))
    assert problems == []
    assert list(written(samples[0], lambda box: "")) == asked
    assert samples[0].photo == "a b.jpg"


BOX = Box(0.1, 0.2, 0.9, 0.8)
CROP = Sample(
    id="c",
    photo="a.jpg",
    task="crop",
    exchanges=(
        Exchange(question="Crop.", answer="{box}", box=BOX, verdict=Verdict.GOOD),
        Exchange(question="Why not {box}?", answer="It cuts.", box=BOX, verdict=Verdict.BAD),
    ),
)


def test_neutral_lines_read_back_as_they_were(tmp_path: Path) -> None:
    plain = Sample(
        id="p", photo="b.jpg", task="analysis", exchanges=(Exchange(question="q", answer="ä\n中"),)
    )
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(neutral_lines([CROP, plain])), "utf-8")
    assert read_neutral(file) == ([CROP, plain], [])


def test_boxes_are_written_in_the_notation_that_is_given() -> None:
    assert written(CROP, lambda box: "[1,2,3,4]") == (
        Turn("Crop.", "[1,2,3,4]"),
        Turn("Why not [1,2,3,4]?", "It cuts."),
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting"),
        ('{"photo": "a"}', "lacks"),
        ('{"photo": "a", "task": "t", "question": "q", "answer": "{box}"}', "no box"),
        (
            '{"photo": "a", "task": "t", "question": "q", "answer": "{box}",'
            ' "box": [0, 0, 1, 1], "verdict": "bad"}',
            "bad box",
        ),
        (
            '{"photo": "a", "task": "t", "question": "q", "answer": "x", "box": [1, 0, 0, 1]}',
            "left < right",
        ),
    ],
)
def test_a_broken_line_is_named_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join([line, *neutral_lines([CROP])]), "utf-8")
    samples, problems = read_neutral(file)
    assert samples == [CROP]
    assert [each.where for each in problems] == ["a.jsonl: line 1"]
    assert reason in problems[0].reason


def test_lines_of_one_sample_about_two_photos_are_a_problem(tmp_path: Path) -> None:
    lines = list(neutral_lines([CROP]))
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join([lines[0], lines[1].replace("a.jpg", "b.jpg")]), "utf-8")
    samples, problems = read_neutral(file)
    assert samples == []
    assert "different photos" in problems[0].reason


def one(answer: str, *, photo: str = "a.png", box: Box | None = None, name: str = "s") -> Sample:
    return Sample(
        id=name, photo=photo, task="t", exchanges=(Exchange(question="q", answer=answer, box=box),)
    )


def test_the_check_finds_each_fault_and_keeps_what_is_good(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    samples = [
        one("fine", name="good"),
        one("fine", name="gone", photo="gone.png"),
        one("fine", name="broken", photo="broken.png"),
        one("  ", name="empty"),
        one("(1,2),(1001,4)", name="beyond"),
        one("(5,2),(5,4)", name="flat"),
        one("x" * 50, name="long"),
        one("fine", name="good"),
    ]
    report = check(
        samples, tmp_path, length=lambda sample: len(sample.exchanges[0].answer), max_length=40
    )
    assert [each.id for each in report.good] == ["good"]
    assert [(each.where, each.fault) for each in report.problems] == [
        ("gone", Fault.MISSING_PICTURE),
        ("broken", Fault.UNREADABLE_PICTURE),
        ("empty", Fault.EMPTY_ANSWER),
        ("beyond", Fault.BOX_OUTSIDE),
        ("flat", Fault.BOX_OUTSIDE),
        ("long", Fault.TOO_LONG),
        ("good", Fault.REPEATED),
    ]
    text = report_text(report)
    assert "1 of 8 samples are good (3 photos, 8 turns in all)" in text
    assert "box_outside: 2" in text
    assert "50 tokens, of 40 allowed" in text


def test_words_with_other_separators_of_lines_are_one_line(tmp_path: Path) -> None:
    odd = Sample(
        id="o",
        photo="a.jpg",
        task="t",
        exchanges=(Exchange(question="q", answer="one\u2028two\u2029three\u0085four"),),
    )
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(neutral_lines([odd])), "utf-8")
    assert read_neutral(file) == ([odd], [])
