"""The official FLMS rule by hand, damaged folders, and the command."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import generated_scenes
import numpy as np
import pytest

from engine.choice import BUILTIN
from engine.registry import create
from engine.vocabulary import Size
from trainer import cli
from trainer.benchmarks import flms
from trainer.benchmarks.flms import FolderError, Sample, compare, paired_interval, samples
from trainer.commands.command import show_progress

SIZE = Size(200, 100)
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


def sample(*boxes: tuple[float, float, float, float]) -> Sample:
    return Sample(Path("a.jpg"), boxes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "json").mkdir()
    table = {}
    for seed in range(3):
        picture = generated_scenes.striking(seed, size=(300, 200))
        generated_scenes.save(tmp_path / "images" / f"{seed}.jpg", picture)
        table[f"{seed}.jpg"] = [[20, 10, 290, 190], [30, 20, 300, 200]]
    (tmp_path / "json" / "image_crops.json").write_text(json.dumps(table))
    return tmp_path


def test_the_nearest_annotator_by_overlap_gives_both_figures() -> None:
    drawn = sample((0, 0, 100, 100), (40, 0, 200, 100))
    iou, disp = compare((0.0, 0.0, 1.0, 1.0), drawn, SIZE)
    assert iou == pytest.approx(0.8)
    assert disp == pytest.approx(0.2 / 4)


def test_where_overlaps_tie_the_nearest_counts() -> None:
    # Both hold 0.5 of the crop; the second one's edges lie nearer.
    drawn = sample((0, 0, 100, 100), (50, 0, 150, 100))
    iou, disp = compare((0.0, 0.0, 1.0, 1.0), drawn, SIZE)
    assert iou == pytest.approx(0.5)
    assert disp == pytest.approx(0.5 / 4)
    nearer = sample((0, 0, 100, 50), (0, 0, 50, 100))
    crop = (0.0, 0.0, 0.5, 1.0)
    assert compare(crop, nearer, SIZE) == pytest.approx((0.5, 0.25 / 4))


@pytest.mark.parametrize(
    "edges", [(-0.01, 0, 1, 1), (0, 0, 1.01, 1), (0.5, 0, 0.5, 1), (0.9, 0, 0.1, 1)]
)
def test_an_invalid_crop_counts_nothing_and_the_full_frames_displacement(
    edges: tuple[float, float, float, float],
) -> None:
    drawn = sample((20, 10, 180, 90), (0, 0, 100, 100))
    iou, disp = compare(edges, drawn, SIZE)
    assert iou == 0
    assert disp == pytest.approx(min(0.4 / 4, 0.5 / 4))


def test_a_box_with_swapped_corners_overlaps_nothing() -> None:
    drawn = sample((180, 90, 20, 10), (0, 0, 100, 100))
    assert compare((0.0, 0.0, 1.0, 1.0), drawn, SIZE)[0] == pytest.approx(0.5)


def test_the_interval_is_about_the_mean_and_the_same_each_time() -> None:
    gains = np.random.default_rng(3).normal(0.02, 0.1, 400)
    low, high = paired_interval(gains)
    half = 1.96 * gains.std() / 20
    assert low == pytest.approx(gains.mean() - half, abs=0.002)
    assert high == pytest.approx(gains.mean() + half, abs=0.002)
    assert paired_interval(gains) == (low, high)
    assert paired_interval(gains, seed=1) != (low, high)


def test_the_command_prints_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["benchmark", "flms", str(folder), "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert set(result) == KEYS
    assert set(result["gain_over_full_frame"]) == {"iou", "low", "high"}
    assert set(result["baseline"]) == {"iou", "disp", "recall"}
    assert result["photos"] == 3
    gain = result["gain_over_full_frame"]
    assert gain["iou"] == pytest.approx(result["iou"] - result["baseline"]["iou"])
    assert gain["low"] <= gain["iou"] <= gain["high"]
    assert result["baseline"]["iou"] == pytest.approx(270 * 180 / 60_000)
    assert err == ""


def test_a_damaged_and_a_missing_photo_are_named_and_the_rest_measured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = folder / "images" / "1.jpg"
    damaged.write_bytes(damaged.read_bytes()[:3000])
    (folder / "images" / "2.jpg").unlink()
    assert cli.main(["benchmark", "flms", str(folder), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["photos"] == 1
    assert len(err.splitlines()) == 2
    assert "1.jpg" in err
    assert "2.jpg" in err


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
    with pytest.raises(FolderError, match=words):
        samples(tmp_path)
    assert cli.main(["benchmark", "flms", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err


def test_all_photos_missing_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for photo in (folder / "images").iterdir():
        photo.unlink()
    assert cli.main(["benchmark", "flms", str(folder)]) == 2
    assert "No photo could be measured" in capsys.readouterr().err


def test_an_unknown_engine_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["benchmark", "flms", str(folder), "--engine", "other"]) == 2
    assert "other" in capsys.readouterr().err


def test_people_get_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["benchmark", "flms", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "full frame" in out
    assert "3 photos" in out


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


FLMS_DEV = Path(__file__).parents[2].parent / "shared" / "flms_dev"


@pytest.mark.skipif(not FLMS_DEV.is_dir(), reason="the half of FLMS is not beside the repository")
def test_the_floor_holds_on_the_half_of_flms() -> None:
    chosen = samples(FLMS_DEV)[::5]
    engine = create(BUILTIN)
    results = list(flms.measure(engine, chosen))
    measured = [each for each in results if isinstance(each, flms.Measured)]
    assert len(measured) == 50
    gains = [each.iou - each.full_iou for each in measured]
    assert np.mean(gains) > 0
