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
from drawer import own_drawer
from openai_server import OpenAIServer, Says

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


def test_a_folder_stands_for_its_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (10, 2):
        save(folder / f"IMG_{number}.png", scene(seed=number))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["critique", "--json", str(folder), str(empty)]) == 1
    first, second, third = lines_of(capsys)
    assert [Path(line["photo"]).name for line in (first, second)] == ["IMG_2.png", "IMG_10.png"]
    assert third["error"]["code"] == "not_a_file"


def test_german_is_german(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["critique", "--json", str(photo)]) == 0
    assert main(["critique", "--json", "--language", "de", str(photo)]) == 0
    english, german = lines_of(capsys)
    assert german["crops"][0]["box"] == english["crops"][0]["box"]
    assert german["impression"] != english["impression"]


def test_tighter_crops_are_smaller(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    areas = []
    for tightness in ("as_measured", "tightest"):
        assert main(["critique", "--json", "--tightness", tightness, str(photo)]) == 0
        (line,) = lines_of(capsys)
        left, top, right, bottom = line["crops"][0]["box"]
        areas.append((right - left) * (bottom - top))
    assert areas[1] < areas[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told(photo: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "critique", "--json", str(photo)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("venus: the answer cannot be written")


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
    assert (tmp_path / "photo (2).png").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["critique"],
        ["critique", "--aspect", "3/2", "a.jpg"],
        ["critique", "--annotate", "o.png", "a.jpg", "b.jpg"],
        ["critique", "--annotate", "o.jpg", "a.jpg"],
        ["critique", "--language", "fr", "a.jpg"],
    ],
)
def test_wrong_use_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("form", [["--json"], [], ["--schema"]])
def test_it_ends_quietly_where_nobody_reads_on(photo: Path, form: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "app", "critique", *form, str(photo)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 141


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


def test_a_server_answers_on_the_command_line(
    photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_drawer(monkeypatch), OpenAIServer() as server:
        server.answer = lambda _: Says("Good light. (100,200),(800,900)")
        options = ["--engine", server.url, "--model", "tiny-vl"]
        assert main(["critique", "--json", *options, str(photo)]) == 0
        assert server.chats
    (line,) = lines_of(capsys)
    jsonschema.validate(line, schema())
    assert "Good light." in line["analysis"] + line["impression"]
    assert "tiny-vl" in line["engine"]["name"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--engine", "nothing-like-it"], "nothing-like-it is no engine"),
        (["--model", "tiny-vl"], "A model is named, but no server."),
        (["--engine", "http://127.0.0.1:9/v1"], "Nothing answers at 127.0.0.1:9."),
    ],
)
def test_an_engine_that_is_none_is_told_and_nothing_is_printed(
    photo: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main(["critique", *options, str(photo)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
