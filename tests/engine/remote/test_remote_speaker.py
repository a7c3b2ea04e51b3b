"""One photo, talked about with a scripted server: words, boxes, what travels and what does not."""

from __future__ import annotations

import io
import math
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import generated_scenes
import numpy as np
import pytest
from openai_server import OpenAIServer, Reply, Request, Says, Stalls, Status
from PIL import Image

from engine.contract import EngineError
from engine.dialogue.notation import PLAIN, QWEN2_5_VL, QWEN_VL
from engine.dialogue.speaker import Said, Sampled, Turn
from engine.photo import PhotoError, Stopped
from engine.remote.address import parse
from engine.remote.client import Client, Patience
from engine.remote.errors import Correspondent
from engine.remote.picture import put_back, read_picture
from engine.remote.speaker import AT_ONCE, LONGEST_ANSWER, RemoteSpeaker, with_aspect
from engine.stop import never
from engine.vocabulary import Aspect, Box, Size

PATIENCE = Patience(connect=60, silence=20, tries=2, first_pause=0.01, longest_pause=1)
PHOTO = Size(1500, 1000)


@pytest.fixture
def speaker(server: OpenAIServer, photo: Path) -> RemoteSpeaker:
    about = Correspondent(address=parse(server.url), model="tiny-vl")
    picture = read_picture(photo, never)
    return RemoteSpeaker(Client(about, PATIENCE), picture, notation=PLAIN, seed=5)


def text(pieces: Iterator[Said]) -> str:
    return "".join(piece.text for piece in pieces)


# ── the picture ──────────────────────────────────────────────────────────────────────────────────


def test_the_photo_goes_small_and_without_its_past(
    server: OpenAIServer, speaker: RemoteSpeaker, photo: Path
) -> None:
    original = photo.read_bytes()
    assert b"SECRET-MAKER" in original
    assert b"SECRET-COMMENT" in original
    text(speaker.say((), "And?", stop=never))
    (sent,) = server.chats[0].pictures
    assert b"SECRET" not in sent
    assert b"Exif" not in sent
    picture = Image.open(io.BytesIO(sent))
    assert picture.format == "JPEG"
    assert picture.size == (1024, 683)
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert speaker.size == PHOTO


def test_a_turned_photo_goes_upright_and_a_small_one_as_it_is(tmp_path: Path) -> None:
    upright = generated_scenes.striking(3, size=(300, 200))
    path = generated_scenes.save(tmp_path / "turned.png", upright, orientation=6)
    picture = read_picture(path, never)
    assert picture.photo == picture.sent == Size(300, 200)
    with pytest.raises(Stopped):
        read_picture(path, lambda: True)
    path.write_bytes(b"no picture")
    with pytest.raises(PhotoError):
        read_picture(path, never)


def test_the_mirrored_picture_is_the_mirror_image(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.answer = lambda _: Says("[100, 200, 500, 900]")
    list(speaker.sample_boxes("Where?", count=2, stop=never))
    straight, mirrored = (
        np.asarray(Image.open(io.BytesIO(each.pictures[0])), float) for each in server.chats
    )
    assert np.abs(straight[:, ::-1] - mirrored).mean() < 2
    assert np.abs(straight - mirrored).mean() > 50


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def test_history_goes_as_turns_with_one_picture(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    history = [Turn("How is it?", "Fair."), Turn("Why?", "The light.")]
    assert text(speaker.say(history, "And the edges?", stop=never)) == "Good light."
    sent = server.chats[0].body
    assert [each["role"] for each in sent["messages"]] == ["user", "assistant"] * 2 + ["user"]
    first = sent["messages"][0]["content"]
    assert [part["type"] for part in first] == ["image_url", "text"]
    assert first[1]["text"] == "How is it?"
    assert sent["messages"][4]["content"] == "And the edges?"
    assert len(server.chats[0].pictures) == 1
    assert "temperature" not in sent, "the model's own defaults"
    assert sent["seed"] == 5


def test_tokens_are_the_servers_where_it_counts(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.replies += [Says("a b c", used=7), Says("a b c")]
    assert sum(piece.tokens for piece in speaker.say((), "?", stop=never)) == 7
    assert sum(piece.tokens for piece in speaker.say((), "?", stop=never)) == 3


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (("<thi", "nk>it is", " dark</th", "ink>\n\n", "It is", " dark."), "It is dark."),
        (("\n<think>", "for", " ever"), ""),
        (("<", "b>bold</b>"), "<b>bold</b>"),
        (("<think",), "<think"),
        (("I <think> so",), "I <think> so"),
    ],
)
def test_thoughts_aloud_are_not_said(
    server: OpenAIServer, speaker: RemoteSpeaker, pieces: tuple[str, ...], said: str
) -> None:
    server.replies.append(Says(split=pieces))
    heard = list(speaker.say((), "?", stop=never))
    assert "".join(piece.text for piece in heard) == said
    assert sum(piece.tokens for piece in heard) >= len(pieces)


def test_an_answer_without_an_end_is_ended(server: OpenAIServer, speaker: RemoteSpeaker) -> None:
    server.replies.append(Says(split=("again ",) * (LONGEST_ANSWER + 500)))
    heard = list(speaker.say((), "?", stop=never))
    assert sum(piece.tokens for piece in heard) == LONGEST_ANSWER


def test_a_stop_says_no_more_and_the_server_sees_it(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.replies.append(Stalls(("one", "two", "three")))
    heard: list[Said] = []
    for piece in speaker.say((), "?", stop=lambda: len(heard) == 2):
        heard.append(piece)
    assert [piece.text for piece in heard] == ["one", "two"]
    assert server.chats[0].left.wait(10)


# ── boxes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("notation", [PLAIN, QWEN_VL, QWEN2_5_VL], ids=lambda n: n.name)
def test_a_box_is_read_as_it_was_written(server: OpenAIServer, photo: Path, notation) -> None:
    about = Correspondent(address=parse(server.url), model="tiny-vl")
    speaker = RemoteSpeaker(Client(about, PATIENCE), read_picture(photo, never), notation=notation)
    box = Box(0.125, 0.25, 0.75, 0.9)
    again = speaker.read_box(f"The best is {speaker.write_box(box)}, I think.")
    assert again is not None
    assert np.allclose(tuple(again), tuple(box), atol=0.001)
    assert speaker.read_box("No idea, sorry.") is None


def boxes(request: Request) -> Reply:
    """A box that leans left as the model sees it, one a choice, a little off each time."""
    drawn = [f"[{100 + i}, 200, 500, 900]" for i in range(request.body.get("n", 1))]
    return Says(drawn[0], choices=tuple(drawn))


@pytest.mark.parametrize("many", [True, False])
def test_a_sample_is_half_from_the_mirror(
    server: OpenAIServer, speaker: RemoteSpeaker, many: bool
) -> None:
    server.many = many
    server.answer = boxes
    drawn = list(speaker.sample_boxes("Where?", count=25, stop=never))
    assert len(drawn) == 25
    leaning_left = [each for each in drawn if each.box.left < 0.2]
    assert len(leaning_left) == 13
    assert all(math.isclose(each.box.left, 0.5) for each in drawn if each not in leaning_left)
    assert all(each.tokens == 10 for each in drawn)
    assert len(server.chats) == (4 if many else 25)
    for request in server.chats:
        assert request.body["temperature"] == 1
        assert request.body["max_tokens"] < 128
    if not many:
        assert len({request.body.get("seed") for request in server.chats}) == 25


def test_requests_run_side_by_side_within_bounds(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.many = False
    server.replies.append(Says("[100, 200, 500, 900]"))
    all_there = threading.Barrier(AT_ONCE, timeout=30)

    def answer(_: Request) -> Reply:
        all_there.wait()
        return Says("[100, 200, 500, 900]")

    server.answer = answer
    drawn = speaker.sample_boxes("Where?", count=1 + 3 * AT_ONCE, stop=never)
    assert len(list(drawn)) == 1 + 3 * AT_ONCE
    assert server.most_at_once == AT_ONCE


def test_a_server_that_refuses_n_is_asked_one_by_one(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.answer = lambda request: (
        Status(400, "n must be 1") if "n" in request.body else Says("[100, 200, 500, 900]")
    )
    assert len(list(speaker.sample_boxes("Where?", count=6, stop=never))) == 6
    assert speaker.unread == 0


def test_what_cannot_be_read_is_dropped_and_counted(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    server.many = False
    bad = ["no idea", "[1, 2, 3]", "the left half", "[5, 5, 5, 5]", "[100, 200, 120, 900]"]
    answers = iter(["[1, 2, 400, 400]", *bad])
    server.answer = lambda _: Says(next(answers, "<think>hm</think>[100, 200, 500, 900]"))
    assert len(list(speaker.sample_boxes("Where?", count=10, stop=never))) == 5
    assert speaker.unread == len(bad)


def test_a_model_that_writes_no_boxes_is_not_asked_on(
    server: OpenAIServer, speaker: RemoteSpeaker
) -> None:
    assert list(speaker.sample_boxes("Where?", count=40, stop=never)) == []
    assert len(server.chats) == 1


def test_a_stop_ends_all_that_is_under_way(server: OpenAIServer, speaker: RemoteSpeaker) -> None:
    server.many = False
    server.replies.append(Says("[100, 200, 500, 900]"))
    server.answer = lambda _: Stalls()
    heard: list[Sampled] = []

    def stop() -> bool:
        return len(heard) == 1 and len(server.chats) == 1 + AT_ONCE

    for drawn in speaker.sample_boxes("Where?", count=20, stop=stop):
        heard.append(drawn)
    assert len(heard) == 1
    assert all(request.left.wait(10) for request in server.chats[1:])
    assert len(server.chats) == 1 + AT_ONCE


def test_a_failure_ends_the_sample_in_words(server: OpenAIServer, speaker: RemoteSpeaker) -> None:
    server.many = False
    server.replies.append(Says("[100, 200, 500, 900]"))
    server.answer = lambda _: Status(403)
    with pytest.raises(EngineError) as caught:
        list(speaker.sample_boxes("Where?", count=20, stop=never))
    assert caught.value.code == "forbidden"


@pytest.mark.parametrize(
    "aspect", [Aspect(1, 1), Aspect(16, 9), Aspect(2, 3), Aspect(5, 1)], ids=str
)
def test_a_ratio_is_exact_from_three_drawn_sides(
    server: OpenAIServer, speaker: RemoteSpeaker, aspect: Aspect
) -> None:
    server.answer = boxes
    drawn = list(speaker.sample_boxes("Where?", count=16, aspect=aspect, stop=never))
    for each in drawn:
        shape = each.box.width * PHOTO.width / (each.box.height * PHOTO.height)
        assert math.isclose(shape, aspect.ratio, rel_tol=1e-9)
    assert 0.2 in {each.box.top for each in drawn}, "from the bottom at times"
    assert 0.9 in {each.box.bottom for each in drawn}, "and at times from the top"
    assert "ratio" not in server.chats[0].question


def test_three_sides_stay_and_the_fourth_stays_inside() -> None:
    dice = random.Random(7)
    for _ in range(500):
        left, right = sorted(dice.sample(range(1001), 2))
        top, bottom = sorted(dice.sample(range(1001), 2))
        box = Box(left / 1000, top / 1000, right / 1000, bottom / 1000)
        aspect = Aspect(dice.randint(1, 20), dice.randint(1, 20))
        for near in (False, True):
            made = with_aspect(box, aspect, PHOTO, near=near)
            moved = [abs(a - b) > 1e-12 for a, b in zip(made, box, strict=True)]
            assert sum(moved) <= 1
            assert not any(moved[2:] if near else moved[:2])
            assert made.left >= 0
            assert made.top >= 0
            assert made.right <= 1
            assert made.bottom <= 1


def test_a_model_that_follows_words_is_told_the_ratio(server: OpenAIServer, photo: Path) -> None:
    about = Correspondent(address=parse(server.url), model="tiny-vl")
    picture = read_picture(photo, never)
    told = RemoteSpeaker(Client(about, PATIENCE), picture, notation=PLAIN, told_ratio=True)
    list(told.sample_boxes("Where?", count=1, aspect=Aspect(16, 9), stop=never))
    assert "16:9" in server.chats[0].question


def test_put_back_is_its_own_inverse() -> None:
    box = Box(0.125, 0.25, 0.5, 0.75)
    assert put_back(box) == Box(0.5, 0.25, 0.875, 0.75)
    assert put_back(put_back(box)) == box


def test_likelihoods_cannot_be_asked_for(speaker: RemoteSpeaker) -> None:
    assert speaker.preferences("Where?", [Box(0, 0, 1, 1)], stop=never) == ()
