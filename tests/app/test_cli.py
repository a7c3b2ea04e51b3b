"""The command line, with the real engine process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import jsonschema
import pytest
from desk import save, scene

from app.cli import main
from app.domain.report import report, schema
from engine.units import UNITS
from engine.vocabulary import Failed, FindingKind, StrengthKind

KEYS = [
    *("schema", "photo", "width", "height", "engine", "seconds", "impression", "analysis"),
    *("guidance", "findings", "strengths", "crops", "error"),
]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", scene())


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_schema_is_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["critique", "--schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == schema()


def test_values_come_in_the_units_of_the_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = [
        save(tmp_path / "dark.png", scene() // 5),
        save(tmp_path / "bright.png", scene() // 2 + 128),
        save(tmp_path / "soft.png", cv2.GaussianBlur(scene(), (0, 0), 6)),
    ]
    assert main(["critique", "--json", *map(str, photos)]) == 0
    seen = set()
    for line in lines_of(capsys):
        for each in (*line["findings"], *line["strengths"]):
            kinds = FindingKind if "severity" in each else StrengthKind
            assert each["measurement"]["unit"] == UNITS[kinds(each["kind"])].name
            seen.add(each["kind"])
    assert {"underexposed", "soft_focus"} <= seen


def test_json_meets_its_schema(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["critique", "--json", str(photo)]) == 0
    (line,) = lines_of(capsys)
    jsonschema.validate(line, schema())
    assert list(line) == KEYS
    assert (line["width"], line["height"], line["error"]) == (600, 400, None)
    assert line["impression"]
    assert line["analysis"]
    assert line["guidance"]
    assert [crop["rank"] for crop in line["crops"]] == list(range(1, len(line["crops"]) + 1))


def test_a_failure_is_an_object_too_and_the_others_are_answered(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(photo.read_bytes()[:3000])
    missing = tmp_path / "missing.jpg"
    status = main(["critique", "--json", str(broken), str(missing), str(photo)])
    first, second, third = lines_of(capsys)
    assert status == 1
    for line in (first, second, third):
        jsonschema.validate(line, schema())
        assert list(line) == KEYS
    assert first["error"]["code"] == "damaged"
    assert second["error"]["code"] == "missing"
    nulls = set(KEYS) - {"schema", "photo", "engine", "seconds", "error"}
    assert all(first[key] is None for key in nulls)
    assert third["error"] is None


@pytest.mark.parametrize("aspect", ["1:1", "4:5", "16:9"])
def test_every_crop_has_the_wanted_aspect(
    photo: Path, aspect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["critique", "--json", "--aspect", aspect, str(photo)]) == 0
    (line,) = lines_of(capsys)
    across, down = (int(part) for part in aspect.split(":"))
    for crop in line["crops"]:
        left, top, right, bottom = crop["box"]
        width, height = round((right - left) * 600), round((bottom - top) * 400)
        assert min(abs(width - height * across / down), abs(height - width * down / across)) <= 1


def test_text_for_people(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["critique", str(photo)]) == 0
    told = capsys.readouterr().out
    order = ["photo.png", "Impression", "Analysis", "Guidance: taking it", "Crops", "1. "]
    places = [told.index(word) for word in order]
    assert places == sorted(places)
    assert max(len(line) for line in told.splitlines()) <= 88


def test_errors_for_people_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture")
    assert main(["critique", str(text)]) == 1
    assert "notes.jpg" in capsys.readouterr().err


def test_annotate_writes_beside_what_is_there(photo: Path, tmp_path: Path) -> None:
    before = photo.read_bytes()
    target = tmp_path / "drawn.png"
    assert main(["critique", "--annotate", str(target), str(photo)]) == 0
    assert cv2.imread(str(target)).shape == (400, 600, 3)
    first = target.read_bytes()
    assert main(["critique", "--annotate", str(target), str(photo)]) == 0
    assert target.read_bytes() == first
    assert main(["critique", "--annotate", str(photo), str(photo)]) == 0
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["critique"],
        ["critique", "--aspect", "3/2", "a.jpg"],
        ["critique", "--annotate", "o.png", "a.jpg", "b.jpg"],
    ],
)
def test_wrong_use_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_without_a_display_it_says_so_and_answers(photo: Path, tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", str(photo)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "There is no display here" in done.stderr
    assert "Impression" in done.stdout
    assert (tmp_path / "photo.critique.png").exists()
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "engine" in imported
    assert not imported & {"PySide6", "torch", "trainer"}


def test_a_failed_report_has_every_key() -> None:
    failed = Failed("damaged", "It is damaged.", "Copy it again.")
    line = report(Path("x.jpg"), engine=None, seconds=0.1, session=None, failure=failed)
    jsonschema.validate(line, schema())
    assert list(line) == KEYS
