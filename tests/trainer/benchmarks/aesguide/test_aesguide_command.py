"""The benchmark as a person runs it: engines of every kind, judges with moods, kills, a page."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from lab import asked, photos, says, start
from openai_server import Cuts, OpenAIServer, Reply, Request, Says, Status

from trainer.benchmarks.aesguide.judged_run import read_run
from trainer.benchmarks.aesguide.judging import prompts
from trainer.cli import main
from trainer.leaderboard.result import read as read_result


def benchmark(folder: Path, count: int) -> Path:
    """Photos with references in the official layout, each photo's file its own."""
    names = [f"{number:03}.jpg" for number in range(count)]
    photos(folder / "images", names)
    for name in names:
        with (folder / "images" / name).open("ab") as file:
            file.write(name.encode())  # behind the picture's end: other bytes, the same pixels
    table = {name: f"Reference {name}" for name in names}
    (folder / "aesguide.json").write_text(json.dumps(table))
    return folder


class Court:
    """A judge (`judge`) and an engine (`teacher`) behind one server; the engine says which question
    it was, and so each answer is another. Faults are used up first.
    """

    def __init__(self, *faults: Reply) -> None:
        self.faults = list(faults)
        self._lock = threading.Lock()
        self._said = 0

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            if self.faults:
                return self.faults.pop(0)
            if request.body["model"] == "judge":
                return says("Score: 2" if "meant to help" in request.question else "1")
            self._said += 1
            return Says(f"Answer {self._said}.")


def run(server: OpenAIServer, folder: Path, out: Path, *more: str) -> int:
    return main([*command(server, folder, out), *more])


def command(server: OpenAIServer, folder: Path, out: Path) -> list[str]:
    server.models = ["judge", "teacher"]
    return [
        *("benchmark", "aesguide", str(folder), "--out", str(out)),
        *("--judge", server.url, "--judge-model", "judge", "--judge-prices", "1,2"),
    ]


def test_the_built_in_engine_is_judged_once_and_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = benchmark(tmp_path / "b", 2), tmp_path / "out"
    with OpenAIServer() as server:
        server.answer = Court()
        assert run(server, folder, out) == 0
        chats = list(server.chats)
        assert run(server, folder, out, "--beside", str(out)) == 0
        assert len(server.chats) == len(chats)
    found = read_run(out)
    assert found.judge == f"judge at 127.0.0.1:{server.port}"
    assert (found.prompts, found.own_prompts) == (prompts().sum, True)
    assert [each.scores for each in found.photos] == [(1, 1, 2)] * 2
    assert all(len(each.answer) > 100 for each in found.photos)
    first = chats[0]
    assert first.body["temperature"] == 0
    assert first.pictures == []
    assert found.photos[0].answer in first.question
    assert "Reference 000.jpg" in "".join(each.question for each in chats)
    relevance = [each.question for each in chats if "meant to help" in each.question]
    assert not any("Reference" in each for each in relevance)
    row = read_result(out).rows[0]
    assert [each.mean for each in row.figures] == [1, 1, 2]
    told = capsys.readouterr().out
    assert "Venus-I" in told
    assert told.count("1.00 (1.00 … 1.00)") == 2 * 3  # once alone, then twice beside each other
    assert "gpt-3.5-turbo" in (out / "page.html").read_text()


def test_a_server_as_engine_is_asked_side_by_side_and_its_own_words_are_judged(
    tmp_path: Path,
) -> None:
    folder, out = benchmark(tmp_path / "b", 6), tmp_path / "out"
    with OpenAIServer() as server:
        server.answer = Court()
        engine = ("--engine", server.url, "--model", "teacher", "--wording", "release")
        assert run(server, folder, out, *engine, "--at-once", "3") == 0
        said = [each for each in server.chats if each.body["model"] == "teacher"]
        assert len(said) == 6  # the released plan: analysis and guidance in one answer
        assert all(len(each.pictures) == 1 for each in said)
        assert 1 <= server.most_at_once <= 3
        chats = len(server.chats)
        assert run(server, folder, out, *engine) == 0
        assert len(server.chats) == chats
    assert {each.answer for each in read_run(out).photos} == {f"Answer {n}." for n in range(1, 7)}


def test_a_judge_that_does_not_score_is_asked_again_and_then_shown_as_unscored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = benchmark(tmp_path / "b", 1), tmp_path / "out"
    with OpenAIServer() as server:
        server.answer = Court(says("Quite good."), says("Score: 1.5"), says("2 of 2"), says("0"))
        assert run(server, folder, out, "--at-once", "1", "--tries", "3") == 1
        again = server.chats[1].body["messages"]
    assert len(again) == 3
    assert "cannot be read as a score" in again[2]["content"]
    (photo,) = read_run(out).photos
    assert photo.scores == (None, 0, 2)
    assert photo.raw == ("2 of 2",)
    assert len(photo.requests) == 5
    assert "completeness: 0 × 0, 0 × 1, 0 × 2, 1 unscored" in capsys.readouterr().out
    assert "2 of 2</blockquote>" in (out / "page.html").read_text()


def test_a_photo_that_cannot_be_read_is_told_and_left_out_of_the_means(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = benchmark(tmp_path / "b", 2), tmp_path / "out"
    (folder / "images" / "000.jpg").write_bytes(b"no picture")
    with OpenAIServer() as server:
        server.answer = Court()
        assert run(server, folder, out) == 1
    assert read_run(out).unanswered == ("000.jpg",)
    told = capsys.readouterr()
    assert "000.jpg: This is not a picture." in told.err
    assert "1 photos are not in the means" in told.out


def test_a_refused_judge_ends_the_run_and_the_answers_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = benchmark(tmp_path / "b", 3), tmp_path / "out"
    with OpenAIServer() as server:
        server.answer = Court(Status(401, "no"))
        assert run(server, folder, out, "--at-once", "1") == 1
        assert "wants a key" in capsys.readouterr().err
        assert len(list((out / "said").glob("*.json"))) == 3
        assert run(server, folder, out) == 0
    assert len(read_run(out).photos) == 3


def test_a_dry_run_shows_the_judges_prompts_and_asks_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = benchmark(tmp_path / "b", 5), tmp_path / "out"
    with OpenAIServer() as server:
        assert run(server, folder, out, "--dry-run") == 0
        assert server.requests == []
    told = capsys.readouterr().out
    assert "── preciseness, 002.jpg" in told
    assert "002.jpg" in told
    assert "003.jpg" not in told
    assert "5 photos: 5 answers of builtin, 15 judgements at least." in told
    assert not out.exists()


def test_misuse_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = benchmark(tmp_path / "b", 1)
    with OpenAIServer() as server:
        assert run(server, tmp_path / "none", tmp_path / "o") == 2
        assert run(server, folder, tmp_path / "o", "--beside", str(folder)) == 2
        assert run(server, folder, tmp_path / "o", "--prompts", str(folder)) == 2
        assert server.requests == []
    assert main(["benchmark", "aesguide", str(folder), "--judge", "x", "--out", str(folder)]) == 2
    assert "neither a server's address" in capsys.readouterr().err


def test_a_killed_run_goes_on_without_asking_twice(tmp_path: Path) -> None:
    folder, out, at_once = benchmark(tmp_path / "b", 60), tmp_path / "out", 3
    with OpenAIServer() as server:
        server.answer = Court(Cuts(("An",)), Status(500, headers={"Retry-After": "0"}))
        arguments = [
            *command(server, folder, out),
            *("--engine", server.url, "--model", "teacher", "--wording", "release"),
            *("--at-once", str(at_once)),
        ]
        kills = (20, 130)
        for chats in kills:
            process = start(arguments)
            while process.poll() is None and len(server.chats) < chats:
                time.sleep(0.01)
            assert process.poll() is None, process.communicate()[0]
            process.kill()
            process.communicate()
        process = start(arguments)
        told = process.communicate()[0]
        # The answer that was cut off is a photo without one, until the next run asks for it.
        assert process.returncode == 0, told
        seen = asked(server)
    assert len(read_run(out).photos) == 60
    judgements = [count for words, count in seen.items() if '"model": "judge"' in words]
    # Beside judgements of the run's answers: those of answers that a kill lost, never twice over.
    assert sum(judgements) <= 3 * 60 + at_once * len(kills)
    said = [count for words, count in seen.items() if '"model": "teacher"' in words]
    assert sum(said) <= 60 + at_once * len(kills)
