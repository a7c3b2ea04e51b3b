"""The data commands, run as a person runs them, on files made here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_checkpoints
from PIL import Image

from engine.choice import Wording
from trainer import cli
from trainer.data.neutral import read_neutral
from trainer.data.sample import PLACE, Verdict
from trainer.data.wordings import prompts


def photo(folder: Path, name: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 20), (90, 120, 60)).save(folder / name)
    return name


def lines(file: Path, *rows: dict[str, object]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def line(name: str, answer: str = "Dark.", **more: object) -> dict[str, object]:
    return {"photo": name, "task": "analysis", "question": "Analyse.", "answer": answer, **more}


def test_a_good_file_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = lines(tmp_path / "a.jsonl", line(photo(tmp_path, "a.png")))
    assert cli.main(["data", "check", str(file)]) == 0
    assert "1 samples are good" in capsys.readouterr().out


def test_problems_are_told_and_the_good_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo(tmp_path / "photos", "a.png")
    file = lines(tmp_path / "a.jsonl", line("a.png"), line("gone.png"), line("a.png", " "))
    good = tmp_path / "new" / "good.jsonl"
    words = ["data", "check", str(file), "--root", str(tmp_path / "photos"), "--good", str(good)]
    assert cli.main(words) == 1
    out = capsys.readouterr().out
    assert "missing_picture: 1" in out
    assert "empty_answer: 1" in out
    kept, wrong = read_neutral(good)
    assert [each.photo for each in kept] == ["a.png"]
    assert wrong == []


def test_the_authors_file_is_checked_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        {"from": "user", "value": f"Picture 1: <img>{photo(tmp_path, 'a.png')}</img>\nWhy?"},
        {"from": "assistant", "value": "<box>(10,10),(1200,900)</box>"},
    ]
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"id": "1", "conversations": said}]), "utf-8")
    assert cli.main(["data", "check", str(file)]) == 1
    assert "box_outside: 1" in capsys.readouterr().out


@pytest.mark.parametrize("length", [30, 4000])
def test_tokens_are_counted_in_a_models_words(
    tmp_path: Path, length: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_checkpoints.make("qwen_vl", tmp_path / "model")
    file = lines(tmp_path / "a.jsonl", line(photo(tmp_path, "a.png"), "It is dark. " * 20))
    words = ["data", "check", str(file), "--checkpoint", str(folder), "--max-length", str(length)]
    assert cli.main(words) == (1 if length == 30 else 0)
    assert ("too_long: 1" in capsys.readouterr().out) == (length == 30)


@pytest.mark.parametrize("content", [None, "", "\xff", '{"photo": 1}\n'])
def test_a_file_that_is_none_is_told(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.jsonl"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    assert cli.main(["data", "check", str(file)]) == (1 if content and "{" in content else 2)
    out, err = capsys.readouterr()
    assert "a.jsonl" in err or "malformed: 1" in out


ANNOTATION = {"photo": "a.png", "score": "Fair.", "analysis": "Dark.", "guidance": "Add light."}


def test_guidance_is_progressive_in_the_papers_words(tmp_path: Path) -> None:
    file, out = lines(tmp_path / "in.jsonl", ANNOTATION), tmp_path / "out.jsonl"
    words = ["data", "guidance", str(file), "--form", "progressive", "--out", str(out)]
    assert cli.main(words) == 0
    (sample,), _ = read_neutral(out)
    paper = prompts(Wording.PAPER)
    assert [(each.question, each.answer) for each in sample.exchanges] == [
        (paper.impression.words, "Fair."),
        (paper.analysis.words, "Dark."),
        (paper.guidance.words, "Add light."),
    ]


def test_guidance_is_joined_in_the_releases_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lines(tmp_path / "in.jsonl", ANNOTATION, {"photo": "b.png"})
    out = tmp_path / "out.jsonl"
    words = ["data", "guidance", str(file), "--form", "joined", "--out", str(out)]
    assert cli.main(words) == 1
    assert "line 2" in capsys.readouterr().err
    (sample,), _ = read_neutral(out)
    (only,) = sample.exchanges
    assert only.question == prompts(Wording.RELEASE).analysis.words
    assert only.answer == "Dark.\nAdd light."


def flms(folder: Path) -> Path:
    photo(folder / "images", "a.png")
    (folder / "json").mkdir()
    crops = {"a.png": [[4, 2, 36, 18], [0, 0, 30, 20]], "gone.png": [[0, 0, 1, 1]]}
    (folder / "json" / "image_crops.json").write_text(json.dumps(crops))
    return folder


def test_crops_come_with_their_whys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = flms(tmp_path / "flms"), tmp_path / "out.jsonl"
    whys = lines(
        tmp_path / "whys.jsonl",
        {"photo": "images/a.png", "box": [0.1, 0.1, 0.9, 0.9], "verdict": "good", "text": "Calm."},
        {"photo": "images/a.png", "box": [0, 0, 0.2, 1], "verdict": "bad", "text": "A strip."},
        {"photo": "images/a.png", "box": [0, 0, 0.2, 1], "verdict": "odd", "text": "?"},
    )
    words = ["data", "crops", "flms", str(folder), "--out", str(out)]
    assert cli.main([*words, "--rationales", str(whys)]) == 1
    err = capsys.readouterr().err
    assert "gone.png" in err
    assert "whys.jsonl: line 3" in err
    samples, _ = read_neutral(out)
    assert [each.photo for each in samples] == ["images/a.png"] * 2
    paper = prompts(Wording.PAPER)
    first = samples[0].exchanges
    assert [each.question for each in first] == [
        paper.crop.words,
        paper.why_for.words,
        paper.why_against.words,
    ]
    assert first[0].answer == PLACE
    assert [each.verdict for each in first] == [Verdict.GOOD, Verdict.GOOD, Verdict.BAD]
    more = ["--rationales", str(whys), "--no-bad-crops", "--words", "release"]
    cli.main([*words, *more])
    samples, _ = read_neutral(out)
    assert all(each.verdict is Verdict.GOOD for one in samples for each in one.exchanges)
    assert samples[0].exchanges[0].question == prompts(Wording.RELEASE).crop.words


def test_two_places_are_read_where_a_set_has_two(tmp_path: Path) -> None:
    photo(tmp_path / "pictures", "a.png")
    file, out = tmp_path / "training.json", tmp_path / "out.jsonl"
    file.write_text(json.dumps([{"url": "x/a.png", "crop": [4, 2, 32, 16]}]))
    words = ["data", "crops", "fcdb", str(file), str(tmp_path / "pictures"), "--out", str(out)]
    assert cli.main(words) == 0
    (sample,), _ = read_neutral(out)
    assert sample.photo == "a.png"
    assert sample.exchanges[0].box is not None
    assert tuple(sample.exchanges[0].box) == (0.1, 0.1, 0.9, 0.9)


def test_nothing_to_build_from_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    assert cli.main(["data", "crops", "flms", str(tmp_path), "--out", str(out)]) == 2
    assert "image_crops.json" in capsys.readouterr().err
    assert not out.exists()


def test_no_photo_is_on_both_sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line(f"{number // 2}.png", f"Answer {number}.") for number in range(60)]
    file, out = lines(tmp_path / "a.jsonl", *rows), tmp_path / "parted"
    words = ["data", "split", str(file), "--held-out", "0.4", "--seed", "3", "--out", str(out)]
    assert cli.main(words) == 0
    sides = [read_neutral(out / f"{name}.jsonl")[0] for name in ("training", "held-out")]
    assert sum(map(len, sides)) == 60
    assert all(sides)
    training, held_out = ({each.photo for each in side} for side in sides)
    assert not training & held_out
    assert f"{len(held_out)} photos" in capsys.readouterr().out


def test_no_command_says_its_help_with_torch() -> None:
    code = (
        "import sys\nfrom trainer.cli import parser\n"
        "def deep(one):\n"
        "    yield one.format_help()\n"
        "    for action in one._actions:\n"
        "        for each in (action.choices or {}).values() if hasattr(action.choices, 'values')"
        " else ():\n"
        "            if hasattr(each, 'format_help'):\n"
        "                yield from deep(each)\n"
        "print(len(list(deep(parser()))))\n"
        "print([n for n in sys.modules if n.split('.')[0] in ('torch', 'transformers', 'PySide6')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, loaded = done.stdout.splitlines()
    assert int(count) >= 12
    assert loaded == "[]"
