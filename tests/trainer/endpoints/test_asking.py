"""Requests and their sums, kept answers, bounds, tries: against a real server on loopback."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from lab import photos, says
from openai_server import Cuts, OpenAIServer, Raw, Reply, Request, Says, Stalls, Status

from engine.contract import EngineError
from engine.dialogue.speaker import Turn
from engine.remote import errands
from engine.remote.address import parse
from engine.remote.client import Client, Patience
from engine.remote.errors import Correspondent
from engine.stop import never
from engine.vocabulary import Box
from trainer.endpoints.account import Account, Prices, account_table
from trainer.endpoints.asker import Asker
from trainer.endpoints.asking import Asked, Sampling, Shown, request_sum
from trainer.endpoints.asking import Reply as Answered
from trainer.endpoints.kept import Kept, KeptError
from trainer.endpoints.server import Server
from trainer.endpoints.working import MOST_IN_A_ROW, Done, Unanswered, work

SOON = Patience(connect=60.0, silence=60.0, first_pause=0.0)


def asker_of(
    server: OpenAIServer,
    folder: Path,
    *,
    at_once: int = 4,
    tries: int = 3,
    patience: Patience = SOON,
) -> Asker:
    endpoint = Server(Client(Correspondent(address=parse(server.url), model="tiny-vl"), patience))
    return Asker(
        endpoint,
        kept=Kept(folder / "answers"),
        account=Account("teacher", endpoint.name, Prices(2, 8)),
        at_once=at_once,
        tries=tries,
        first_pause=0.0,
        now=lambda: "2026-01-01T00:00:00+00:00",
    )


def ask(asker: Asker, asked: Asked) -> Answered:
    return errands.run(asker.ask(asked), lambda: False)


# ── the sum of a request ─────────────────────────────────────────────────────────────────────────


def test_every_part_of_a_request_is_in_its_sum(tmp_path: Path) -> None:
    folder = photos(tmp_path, ["a.jpg"])
    (folder / "b.jpg").write_bytes((folder / "a.jpg").read_bytes() + b"\0")
    to = {"server": "http://x/v1", "model": "m"}
    asked = Asked(words="Why?", shown=Shown.of(folder / "a.jpg"))
    others = [
        (to, replace(asked, words="How?")),
        (to, replace(asked, history=(Turn("Why?", "So."),))),
        (to, replace(asked, shown=None)),
        (to, replace(asked, shown=Shown.of(folder / "b.jpg"))),
        (to, replace(asked, shown=Shown.of(folder / "a.jpg", Box(0, 0, 0.5, 1)))),
        (to, replace(asked, sampling=Sampling(temperature=0.0))),
        (to, replace(asked, sampling=Sampling(seed=1))),
        (to, replace(asked, sampling=Sampling(most_tokens=5))),
        ({**to, "model": "n"}, asked),
        ({**to, "server": "http://y/v1"}, asked),
    ]
    sums = {request_sum(to, asked), *(request_sum(*each) for each in others)}
    assert len(sums) == 1 + len(others)


def test_a_photo_is_named_by_its_bytes_not_by_its_place(tmp_path: Path) -> None:
    photos(tmp_path, ["a.jpg", "b.jpg"])
    one, other = (Asked(words="?", shown=Shown.of(tmp_path / name)) for name in ("a.jpg", "b.jpg"))
    assert request_sum({}, one) == request_sum({}, other)


# ── what a server is sent and what is read ───────────────────────────────────────────────────────


def test_a_request_carries_words_history_picture_and_sampling_and_tokens_are_counted(
    tmp_path: Path,
) -> None:
    photos(tmp_path, ["a.jpg"])
    with OpenAIServer() as server:
        server.replies.append(Says("<think>Hm.</think>Good light.", used=7, read=123))
        asked = Asked(
            words="And now?",
            history=(Turn("Before?", "Yes."),),
            shown=Shown.of(tmp_path / "a.jpg", Box(0.25, 0.25, 0.75, 0.75)),
            sampling=Sampling(temperature=0.5, top_p=0.9, most_tokens=64, seed=3),
        )
        reply = ask(asker_of(server, tmp_path), asked)
        body = server.chats[0].body
        pictures = server.chats[0].pictures
    assert reply.heard.text == "Good light."
    assert (reply.heard.prompt_tokens, reply.heard.answer_tokens) == (123, 7)
    assert reply.model == f"tiny-vl at 127.0.0.1:{server.port}"
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["seed"]) == (
        0.5,
        0.9,
        64,
        3,
    )
    assert [each["role"] for each in body["messages"]] == ["user", "assistant", "user"]
    assert len(pictures) == 1
    assert pictures[0].startswith(b"\xff\xd8")


def test_defaults_and_words_alone_are_left_to_the_server(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        ask(asker_of(server, tmp_path), Asked(words="Judge."))
        body = server.chats[0].body
    assert body["messages"] == [{"role": "user", "content": "Judge."}]
    assert not {"temperature", "top_p"} & body.keys()


def test_an_answer_that_came_to_the_tokens_allowed_says_so(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.replies.append(Says("Half a", finish="length"))
        assert ask(asker_of(server, tmp_path), Asked(words="?")).heard.cut


# ── kept, tried again, bounded ───────────────────────────────────────────────────────────────────


def test_what_breaks_off_is_tried_again_and_what_came_is_never_asked_again(tmp_path: Path) -> None:
    asked = Asked(words="?")
    with OpenAIServer() as server:
        server.replies += [Cuts(("Go",)), Raw(b"data: {no\n\n"), Says("Good.", used=2, read=5)]
        asker = asker_of(server, tmp_path)
        reply = ask(asker, asked)
        assert len(server.chats) == 3
        again = asker_of(server, tmp_path)
        assert ask(again, asked) == reply
        assert len(server.chats) == 3
    assert (asker.account.now.answers, again.account.now.answers) == (1, 0)
    assert (again.account.before.prompt, again.account.before.answer) == (5, 2)


def test_a_server_that_falls_silent_is_given_up_after_the_last_try(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.replies += [Stalls(), Stalls(("Go",))]
        asker = asker_of(server, tmp_path, tries=2, patience=replace(SOON, silence=0.3))
        with pytest.raises(EngineError, match="silent for too long"):
            ask(asker, Asked(words="?"))
        assert len(server.chats) == 2
    assert not (tmp_path / "answers").exists()


def test_the_same_request_twice_at_one_time_is_asked_once(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.answer = lambda _: Says("Good.", pause=0.05)
        asker = asker_of(server, tmp_path)

        async def twice() -> list[Answered]:
            return await asyncio.gather(*(asker.ask(Asked(words="?")) for _ in range(5)))

        replies = errands.run(twice(), lambda: False)
        assert len(server.chats) == 1
    assert len({each.request for each in replies}) == 1
    assert asker.account.now.answers == 1
    assert asker.account.before.answers == 0


def test_no_more_requests_are_under_way_than_allowed(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.answer = lambda _: Says("Good.", pause=0.02)
        asker = asker_of(server, tmp_path, at_once=3)
        jobs = [partial(asker.ask, Asked(words=str(number))) for number in range(20)]
        found = list(work(jobs, at_once=10, stop=lambda: False))
        assert server.most_at_once == 3
    assert sorted(each.number for each in found) == list(range(20))


def test_an_answers_file_that_is_damaged_is_named_and_not_paid_for_again(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        asker = asker_of(server, tmp_path)
        reply = ask(asker, Asked(words="?"))
        file = next((tmp_path / "answers").rglob("*.json"))
        assert file.stem == reply.request
        file.write_text('{"request": ')
        with pytest.raises(KeptError, match=f"{reply.request}.*Remove it"):
            ask(asker, Asked(words="?"))
        assert len(server.chats) == 1


# ── a run of many ────────────────────────────────────────────────────────────────────────────────


def test_one_question_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        return Status(400, "too odd") if request.question == "2" else says("ok")

    with OpenAIServer() as server:
        server.answer = answer
        asker = asker_of(server, tmp_path)
        jobs = [partial(asker.ask, Asked(words=str(number))) for number in range(5)]
        found = sorted(work(jobs, at_once=2, stop=lambda: False), key=lambda each: each.number)
    assert [type(each) for each in found] == [Done, Done, Unanswered, Done, Done]
    assert isinstance(found[2], Unanswered)
    assert "too odd" in found[2].error.reason


def test_a_refused_key_ends_the_run_and_what_was_under_way_is_kept(tmp_path: Path) -> None:
    begun, refused = threading.Event(), threading.Event()

    def answer(request: Request) -> Reply:
        if request.question == "0":
            begun.set()
            refused.wait(20)
            return Says("slow", pause=0.1)
        begun.wait(20)
        refused.set()
        return Status(401, "no")

    with OpenAIServer() as server:
        server.answer = answer
        asker = asker_of(server, tmp_path, at_once=2)
        jobs = [partial(asker.ask, Asked(words=str(number))) for number in range(50)]
        found = []
        with pytest.raises(EngineError, match="wants a key"):
            _collect(work(jobs, at_once=2, stop=never), found)
        assert len(server.chats) == 2
    assert len(list((tmp_path / "answers").rglob("*.json"))) == 1
    assert {each.number for each in found} == {0, 1}


def _collect(several, into):
    for each in several:
        into.append(each)
    return ()


def test_a_server_that_only_fails_ends_the_run(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.answer = lambda _: Status(400, "broken")
        asker = asker_of(server, tmp_path)
        jobs = [partial(asker.ask, Asked(words=str(number))) for number in range(200)]
        found: list[object] = []
        with pytest.raises(EngineError, match="broken"):
            _collect(work(jobs, at_once=1, stop=never), found)
        assert MOST_IN_A_ROW <= len(server.chats) <= MOST_IN_A_ROW + 1
    assert len(found) == len(server.chats)


def test_a_stop_ends_a_run_between_two_answers(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        asker = asker_of(server, tmp_path, at_once=1)
        jobs = [partial(asker.ask, Asked(words=str(number))) for number in range(50)]
        found: list[object] = []
        for each in work(jobs, at_once=1, stop=lambda: len(found) >= 3):
            found.append(each)
        assert len(found) == 3
        assert len(server.chats) <= 5


# ── the account ──────────────────────────────────────────────────────────────────────────────────


def test_costs_by_hand(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.answer = lambda _: says("ok")
        asker = asker_of(server, tmp_path)
        for number in range(3):
            ask(asker, Asked(words=str(number)))
        ask(asker, Asked(words="0"))
    told = asker.account.as_json()
    # 3 × 100 tokens at 2 a million and 3 × 10 at 8.
    assert told["now"] == {
        "answers": 3,
        "prompt_tokens": 300,
        "answer_tokens": 30,
        "prompts_not_counted": 0,
        "cost": 0.00084,
    }
    assert told["before"]["answers"] == 0
    assert "paid now 0.0008, in all 0.0008" in account_table([asker.account])


def test_prompts_that_nobody_counted_are_told(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        asker = asker_of(server, tmp_path)
        ask(asker, Asked(words="?"))
    assert asker.account.now.uncounted == 1
    assert "the true number is larger" in account_table([asker.account])


@pytest.mark.parametrize("text", ["1", "1,-2", "a,b", "1,inf", "nan,1"])
def test_what_is_no_pair_of_prices(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Prices.parse(text)
