"""`venus-trainer benchmark flms` with the built-in engine: figures, damage, files, the page."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import crop_sets
import pytest

from trainer import cli
from trainer.benchmarks.baselines import SMARTCROP, has_smartcrop
from trainer.commands.command import show_progress
from trainer.leaderboard import result as results

KEYS = {
    "engine",
    "photos",
    "iou",
    "disp",
    "recall",
    "seconds_per_photo",
    "gain_over_full_frame",
    "baseline",
}
NEEDS_SMARTCROP = pytest.mark.skipif(not has_smartcrop(), reason="smartcrop is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return crop_sets.flms(tmp_path / "flms")


def measured(*arguments: str | Path) -> int:
    return cli.main(["benchmark", "flms", *map(str, arguments)])


def test_the_command_prints_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= KEYS
    assert set(found["gain_over_full_frame"]) == {"iou", "low", "high"}
    assert set(found["baseline"]) == {"iou", "disp", "recall"}
    assert found["photos"] == 3
    gain = found["gain_over_full_frame"]
    assert gain["iou"] == pytest.approx(found["iou"] - found["baseline"]["iou"])
    assert gain["low"] <= gain["iou"] <= gain["high"]
    assert found["baseline"]["iou"] == pytest.approx(270 * 180 / 60_000)


def test_baselines_stand_in_the_same_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(folder, "--json") == 0
    rows = {each["key"]: each for each in json.loads(capsys.readouterr().out)["result"]["rows"]}
    rows.pop(SMARTCROP, None)
    assert list(rows) == [
        "engine",
        "full_frame",
        "centre_90",
        "annotators",
        "annotators_1",
        "annotators_2",
    ]
    # The centre, 15 10 to 285 190, against 20 10 to 290 190: 265 of 275 wide, 5 px twice of 300.
    # Against 30 20 to 300 200: 255 · 170 of 2 · 270 · 180 − that.
    centre = {each["key"]: each["mean"] for each in rows["centre_90"]["figures"]}
    assert centre["iou"] == pytest.approx(265 / 275)
    assert centre["disp"] == pytest.approx((5 + 5) / 300 / 4)
    # The two annotators against each other: 260 · 170 shared, edges 10 and 10 px apart.
    other = {each["key"]: each["mean"] for each in rows["annotators"]["figures"]}
    assert other["iou"] == pytest.approx(260 * 170 / (2 * 270 * 180 - 260 * 170))
    assert other["disp"] == pytest.approx((20 / 300 + 20 / 200) / 4)
    assert rows["annotators_1"]["figures"][0]["mean"] == pytest.approx(other["iou"])


@NEEDS_SMARTCROP
def test_smartcrop_is_a_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(folder, "--json") == 0
    rows = {each["key"]: each for each in json.loads(capsys.readouterr().out)["result"]["rows"]}
    # With the photo's own ratio it keeps 90 to 100 % of the photo.
    assert 0.7 < rows[SMARTCROP]["figures"][0]["mean"] < 1


def test_a_damaged_and_a_missing_photo_are_named_and_the_rest_measured(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    damaged = folder / "images" / "1.jpg"
    damaged.write_bytes(damaged.read_bytes()[:3000])
    (folder / "images" / "2.jpg").unlink()
    assert measured(folder, "--json", "--out", tmp_path / "out") == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["photos"], told["result"]["failed"]) == (1, 2)
    assert "1.jpg" in err
    assert "2.jpg" in err
    page = (tmp_path / "out" / "index.html").read_text()
    assert "Not measured" in page
    assert "2.jpg" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        ("", "cannot be read"),
        ("{}", "names no photos"),
        ('{"a.jpg": [[1, 2, 3]]}', "a.jpg needs boxes"),
        ('{"a.jpg": []}', "a.jpg needs boxes"),
    ],
)
def test_a_folder_that_is_none_is_told_so(
    tmp_path: Path, content: str | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "json").mkdir()
        (tmp_path / "json" / "image_crops.json").write_text(content)
    assert measured(tmp_path) == 2
    assert words in capsys.readouterr().err


def test_a_photo_without_any_drawn_box_is_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = folder / "json" / "image_crops.json"
    boxes = json.loads(table.read_text())
    boxes["0.jpg"] = [[-1, -1, -1, -1]] * 10
    boxes["1.jpg"] += [[-1, -1, -1, -1]]
    table.write_text(json.dumps(boxes))
    assert measured(folder, "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["photos"] == 2
    assert "0.jpg: no annotator drew a box" in err


def test_all_photos_missing_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for photo in (folder / "images").iterdir():
        photo.unlink()
    assert measured(folder) == 2
    assert "No photo could be measured" in capsys.readouterr().err


def test_an_unknown_engine_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(folder, "--engine", "other") == 2
    assert "other" in capsys.readouterr().err


def test_people_get_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measured(folder, "--photos", "2") == 0
    out = capsys.readouterr().out
    assert "full frame" in out
    assert "gain over the full frame" in out
    assert "2 photos" in out
    assert "annotator 1" not in out


def test_a_run_leaves_json_csv_and_a_page(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert measured(folder, "--json", "--out", out) == 0
    told = json.loads(capsys.readouterr().out)
    kept = results.read(out)
    assert json.loads((out / "result.json").read_text()) == told["result"]
    assert kept.data == "flms"
    assert len(kept.data_hash) == 64
    assert any(each.startswith("Python 3") for each in kept.machine.versions)
    assert kept.machine.peak_bytes > 1 << 20
    with (out / "figures.csv").open() as file:
        figures = list(csv.DictReader(file))
    iou = next(each for each in figures if (each["row"], each["measure"]) == ("engine", "iou"))
    assert float(iou["mean"]) == told["iou"]
    with (out / "photos.csv").open() as file:
        photos = [each for each in csv.DictReader(file) if each["row"] == "engine"]
    assert sum(float(each["iou"]) for each in photos) / 3 == pytest.approx(told["iou"])
    assert all(float(each["seconds"]) > 0 for each in photos)


def test_the_page_stands_alone_and_can_be_read_without_seeing(folder: Path, tmp_path: Path) -> None:
    assert measured(folder, "--out", tmp_path) == 0
    text = (tmp_path / "index.html").read_text()
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
    for each in root.iter():
        assert each.tag not in ("script", "link", "iframe")
        source = each.get("src") or each.get("href") or "data:image/jpeg"
        assert source.startswith("data:image/jpeg")
    pictures = list(root.iter("img"))
    assert len(pictures) == 3
    assert all("the engine's crop from" in (each.get("alt") or "") for each in pictures)
    idents = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(idents) == len(set(idents))
    for each in root.iter("svg"):
        named = (each.get("aria-labelledby") or "").split()
        assert each.get("aria-hidden") == "true" or all(name in idents for name in named)
    assert "prefers-color-scheme: dark" in text
    assert "Each annotator against the others" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_on_terminals_only() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        show_progress(5, 10, stream)
        show_progress(10, 10, stream)
    assert terminal.getvalue().count("█") == 15 + 30
    assert terminal.getvalue().endswith("10/10\n")
    assert file.getvalue() == ""


def test_the_command_needs_no_torch_and_no_qt(folder: Path) -> None:
    code = (
        "import sys; from trainer.cli import main;"
        f"main(['benchmark', 'flms', {str(folder)!r}, '--json']);"
        "print([n for n in sys.modules if n.split('.')[0] in ('torch', 'PySide6', 'app')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
