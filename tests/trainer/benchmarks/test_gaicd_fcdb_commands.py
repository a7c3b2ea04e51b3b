"""`venus-trainer benchmark gaicd|fcdb` with the built-in engine, on generated sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import crop_sets
import numpy as np
import pytest

from trainer import cli


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert cli.main(["benchmark", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def figures(found: dict[str, Any], key: str) -> dict[str, float]:
    row = next(each for each in found["result"]["rows"] if each["key"] == key)
    return {each["key"]: each["mean"] for each in row["figures"]}


def test_gaicd_by_area_where_larger_is_better_rated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "gaicd", crop_sets.gaicd(tmp_path))
    full = figures(found, "full_frame")
    # The boxes shrink as their ratings do: overlap with the full frame orders them rightly.
    assert full["srcc"] == pytest.approx(1)
    assert {full[f"acc{k}_{n}"] for k in (1, 2, 3, 4) for n in (5, 10)} == {1}
    # The centre's 90 % is nearest to the third or fourth largest.
    assert figures(found, "centre_90")["srcc"] < 1
    assert found["srcc"] == figures(found, "engine")["srcc"]
    assert found["gain_over_full_frame"]["srcc"] == pytest.approx(found["srcc"] - 1)


def test_gaicd_figures_are_means_over_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = crop_sets.gaicd(tmp_path / "gaicd")
    found = told(capsys, "gaicd", folder, "--out", tmp_path / "run")
    lines = (tmp_path / "run" / "photos.jsonl").read_text().splitlines()
    ratings = np.array([5 - i / 4 for i in range(12)])
    correlations = [np.corrcoef(json.loads(line)["scores"], ratings)[0, 1] for line in lines]
    assert found["pcc"] == pytest.approx(np.mean(correlations), abs=1e-9)
    assert "scored best by the engine" in (tmp_path / "run" / "index.html").read_text()


def test_a_part_of_gaicd(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = crop_sets.gaicd(tmp_path, photos=2)
    assert told(capsys, "gaicd", folder, "--part", "test")["photos"] == 2
    assert cli.main(["benchmark", "gaicd", str(folder), "--part", "val"]) == 2
    assert "no folder val" in capsys.readouterr().err


def test_fcdb_against_its_one_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "fcdb", *crop_sets.fcdb(tmp_path), "--out", tmp_path / "run")
    assert figures(found, "full_frame")["iou"] == pytest.approx(0.64)
    assert figures(found, "full_frame")["disp"] == pytest.approx(0.1)
    # 80 % inside the centre's 90 %.
    assert figures(found, "centre_90")["iou"] == pytest.approx(0.64 / 0.81)
    assert figures(found, "centre_90")["disp"] == pytest.approx(0.05)
    assert set(figures(found, "engine")) == {"iou", "disp"}
    assert "annotators" not in {each["key"] for each in found["result"]["rows"]}
    assert "FCDB" in (tmp_path / "run" / "index.html").read_text()


def test_pictures_that_are_gone_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, pictures = crop_sets.fcdb(tmp_path)
    (pictures / "1.jpg").unlink()
    assert cli.main(["benchmark", "fcdb", str(file), str(pictures), "--json"]) == 1
    out, err = capsys.readouterr()
    assert (json.loads(out)["photos"], json.loads(out)["result"]["failed"]) == (2, 1)
    assert "1.jpg" in err


@pytest.mark.parametrize("words", [["gaicd", "{}"], ["fcdb", "{}/none.json", "{}"]])
def test_a_folder_that_is_none_is_told(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [each.format(tmp_path) for each in words]
    assert cli.main(["benchmark", *given]) == 2
    assert str(tmp_path) in capsys.readouterr().err
