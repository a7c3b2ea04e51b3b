"""Language models on a server, measured: raw text beside the engine's crop, resumed and stopped."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import crop_sets
import pytest
from drawer import own_drawer
from openai_server import OpenAIServer, Reply, Request, Says, Status

from trainer import cli
from trainer.benchmarks.record import LINES

BOX = "<box>(100,100),(900,900)</box>"
SAID = (
    BOX,
    "<box>(900,900),(100,100)</box>",
    "<box>(0,0),(1001,900)</box>",
    "I would keep all of it.",
)
"""Fair, swapped, outside, and without numbers: one for each photo."""


@pytest.fixture(autouse=True)
def drawer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with own_drawer(monkeypatch):
        yield


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(models=("venus",)) as server:
        server.answer = in_turn(*SAID)
        yield server


def in_turn(*said: str) -> Callable[[Request], Reply]:
    """One plain answer after the other; sampled boxes are always the same."""
    plain = iter(said)

    def answer(request: Request) -> Reply:
        return Says(next(plain)) if request.body.get("stream") else Says(BOX)

    return answer


def plain(server: OpenAIServer) -> list[Request]:
    return [each for each in server.chats if each.body.get("stream")]


def measured(server: OpenAIServer, *arguments: str | Path) -> int:
    return cli.main(["benchmark", *map(str, arguments), "--engine", server.url])


def rows(told: str) -> dict[str, Any]:
    return {each["key"]: each for each in json.loads(told)["result"]["rows"]}


def figures(row: dict[str, Any]) -> dict[str, float]:
    return {each["key"]: each["mean"] for each in row["figures"]}


def test_raw_text_and_repaired_crop_are_two_rows(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = crop_sets.flms(tmp_path / "flms", photos=4)
    assert measured(server, "flms", folder, "--json", "--out", tmp_path / "run") == 0
    found = rows(capsys.readouterr().out)
    # The crop, 30 20 to 270 180, is 240 · 160; the first annotator's is 270 · 180 around it.
    iou = 240 * 160 / (270 * 180)
    own, raw = found["engine"], found["raw"]
    assert figures(own)["iou"] == pytest.approx(iou, abs=0.02)
    assert own["unanswered"] == 0
    # One of four counts; swapped, outside and absent ones have no overlap.
    assert figures(raw)["iou"] == pytest.approx(iou / 4)
    assert figures(raw)["recall"] == 0.25
    # Disp: of the fair one 10 + 10 + 20 + 10 px: (10 + 20) / 300 + (10 + 10) / 200; swapped, to
    # the nearer one: 270 − 20 and 290 − 30 of 300, 180 − 10 and 190 − 20 of 200 or so; the others
    # the full frame's smallest, (20 + 10) / 300 + (10 + 10) / 200.
    fair = 30 / 300 + 20 / 200
    swapped = (250 + 260) / 300 + (170 + 170) / 200
    full = 30 / 300 + 20 / 200
    assert figures(raw)["disp"] == pytest.approx((fair + swapped + 2 * full) / 16)
    assert raw["unanswered"] == 1
    assert "1 answers without four numbers" in raw["note"]
    assert "1 outside 0..1000, 1 with swapped corners" in raw["note"]
    assert len(plain(server)) == 4
    page = (tmp_path / "run" / "index.html").read_text()
    assert "the raw text&#x27;s box" in page
    assert "without four numbers" in page


def test_a_model_that_gives_no_box_counts_as_missed(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda _: Says("A fine photo.")
    folder = crop_sets.flms(tmp_path / "flms", photos=2)
    assert measured(server, "flms", folder, "--json") == 0
    found = rows(capsys.readouterr().out)
    for key in ("engine", "raw"):
        assert figures(found[key])["iou"] == 0
        assert found[key]["unanswered"] == 2
    assert figures(found["engine"])["disp"] == pytest.approx(figures(found["full_frame"])["disp"])


def test_a_stopped_run_goes_on_where_it_was(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = crop_sets.flms(tmp_path / "flms", photos=4), tmp_path / "run"
    answer = server.answer

    def stopping(request: Request) -> Reply:
        if request.body.get("stream") and len(plain(server)) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return answer(request)

    server.answer = stopping
    assert measured(server, "flms", folder, "--json", "--out", out) == 130
    told, said = capsys.readouterr()
    first = json.loads(told)
    assert first["photos"] in (1, 2)  # the second may be whole before the signal is seen
    assert f"stopped with {4 - first['photos']} photos to go" in said
    assert "kept in" in said
    server.answer = in_turn(*SAID[first["photos"] :])
    assert measured(server, "flms", folder, "--json", "--out", out) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["photos"] == 4
    assert len(plain(server)) <= 5
    # Nothing is asked again of a run that is whole, and its figures stay.
    asked = len(server.chats)
    assert measured(server, "flms", folder, "--json", "--out", out) == 0
    again = json.loads(capsys.readouterr().out)
    assert len(server.chats) == asked
    assert again["result"]["rows"] == whole["result"]["rows"]


def test_a_line_that_was_cut_off_is_measured_again(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = crop_sets.flms(tmp_path / "flms", photos=4), tmp_path / "run"
    assert measured(server, "flms", folder, "--json", "--out", out) == 0
    before = json.loads(capsys.readouterr().out)["result"]["rows"]
    lines = out / LINES
    lines.write_bytes(lines.read_bytes()[:-40])
    server.answer = in_turn(SAID[-1])
    assert measured(server, "flms", folder, "--json", "--out", out) == 0
    assert json.loads(capsys.readouterr().out)["result"]["rows"] == before
    assert len(plain(server)) == 5


@pytest.mark.parametrize("more", [("--seed", "1"), ("--photos", "2"), ("--wording", "paper")])
def test_another_run_is_not_mixed_in(
    tmp_path: Path,
    server: OpenAIServer,
    more: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = crop_sets.flms(tmp_path / "flms", photos=4), tmp_path / "run"
    assert measured(server, "flms", folder, "--out", out) == 0
    assert measured(server, "flms", folder, "--out", out, *more) == 2
    assert "holds another run" in capsys.readouterr().err


def test_other_prompts_are_another_run(
    tmp_path: Path,
    server: OpenAIServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = crop_sets.flms(tmp_path / "flms", photos=2), tmp_path / "run"
    assert measured(server, "flms", folder, "--out", out, "--wording", "auto") == 0
    server.models = ["llava"]  # a name that tells of other training: other words for the same
    assert measured(server, "flms", folder, "--out", out, "--wording", "auto") == 2
    assert "its name, question differ" in capsys.readouterr().err


def test_a_photo_that_fails_is_named_and_tried_again(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = crop_sets.flms(tmp_path / "flms", photos=4), tmp_path / "run"
    answer = server.answer

    def failing_once(request: Request) -> Reply:
        second = request.body.get("stream") and len(plain(server)) == 2
        return Status(400, "no") if second else answer(request)

    server.answer = failing_once
    assert measured(server, "flms", folder, "--json", "--out", out) == 1
    told, said = capsys.readouterr()
    assert json.loads(told)["photos"] == 3
    assert "1.jpg" in said
    server.answer = lambda request: Says(BOX)
    assert measured(server, "flms", folder, "--json", "--out", out) == 0
    assert json.loads(capsys.readouterr().out)["photos"] == 4


def test_an_engine_that_always_fails_is_given_up(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = crop_sets.flms(tmp_path / "flms", photos=8)
    server.answer = lambda _: Status(400, "out of order")
    assert measured(server, "flms", folder) == 2
    said = capsys.readouterr().err
    assert "failed on 5 photos one after the other" in said
    assert said.count(".jpg") == 5


def test_failures_here_and_there_end_nothing(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = crop_sets.flms(tmp_path / "flms", photos=12)
    server.answer = lambda request: (
        Status(400, "no") if request.body.get("stream") and len(plain(server)) % 2 else Says(BOX)
    )
    assert measured(server, "flms", folder, "--json") == 1
    told, said = capsys.readouterr()
    assert json.loads(told)["photos"] == 6
    assert said.count(".jpg") == 6


def test_scores_of_a_model_are_its_expected_overlaps(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = crop_sets.gaicd(tmp_path / "gaicd", photos=2)
    assert measured(server, "gaicd", folder, "--json") == 0
    found = rows(capsys.readouterr().out)
    # It always draws the box of 80 %: the boxes near that come first.
    overlap = figures(found["engine"])
    assert -1 <= overlap["srcc"] <= 1
    assert found["engine"]["unanswered"] == 0
    assert plain(server) == []


def test_a_model_without_boxes_orders_nothing(
    tmp_path: Path, server: OpenAIServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda _: Says("A fine photo.")
    folder = crop_sets.gaicd(tmp_path / "gaicd", photos=2)
    assert measured(server, "gaicd", folder, "--json") == 0
    found = rows(capsys.readouterr().out)
    assert found["engine"]["unanswered"] == 2
    assert set(figures(found["engine"]).values()) == {0}
