"""One request to a server that answers in every way that servers do."""

from __future__ import annotations

import datetime as dt
import logging
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openai_server import Cuts, OpenAIServer, Raw, Reply, Says, Stalls, Status

from engine.contract import EngineError
from engine.remote import errands
from engine.remote.address import parse
from engine.remote.chat import messages
from engine.remote.client import Client, Patience, retry_after
from engine.remote.errors import Correspondent
from engine.remote.keys import Key
from engine.stop import never

PATIENCE = Patience(connect=60, silence=20, tries=3, first_pause=0.01, longest_pause=2)
BODY = {"messages": messages("data:image/jpeg;base64,AAAA", (), "What is it?")}
SECRET = Key("sk-very-secret", "the keyring")


def client(url: str, *, key: Key | None = None, patience: Patience = PATIENCE) -> Client:
    return Client(Correspondent(address=parse(url), model="tiny-vl", key=key), patience)


def said(asked: Client) -> str:
    return "".join(piece.text for piece in errands.stream(lambda: asked.stream(BODY), never))


def failed(asked: Client) -> EngineError:
    with pytest.raises(EngineError) as caught:
        said(asked)
    assert caught.value.reason
    assert caught.value.remedy
    return caught.value


# ── good answers ─────────────────────────────────────────────────────────────────────────────────


def test_an_answer_streams_with_whole_characters(server: OpenAIServer) -> None:
    server.replies.append(Says(split=("Größe ", "大", "き", "い", " 📷"), used=9))
    pieces = list(errands.stream(lambda: client(server.url).stream(BODY), never))
    assert [piece.text for piece in pieces if piece.text] == ["Größe ", "大", "き", "い", " 📷"]
    assert pieces[-1].used == 9
    (request,) = server.chats
    assert request.body["stream"] is True
    assert request.body["model"] == "tiny-vl"
    assert request.question == "What is it?"
    assert not request.left.is_set()


def whole(text: str) -> bytes:
    return b'{"choices": [{"message": {"content": "%s"}, "finish_reason": "stop"}]}' % text.encode()


@pytest.mark.parametrize(
    "reply",
    [
        Says("good light", done=False),
        Says("good light", finish=None),
        Says("good light", thought=("let", "me", "see")),
        Raw(whole("good light"), kind="application/json"),
        Raw(
            b": a comment\r\n\r\nevent: message\r\n"
            b'data: {"choices": [{"delta": {"content": "good light"}}]}\r\n\r\n'
            b'data: {"choices": [{"delta": {"content": null}, "finish_reason": "length"}]}\n\n'
        ),
    ],
    ids=["no DONE", "no finish", "thoughts", "whole in spite of all", "comments and CRLF"],
)
def test_servers_differ_and_are_understood(server: OpenAIServer, reply: Reply) -> None:
    server.replies.append(reply)
    assert said(client(server.url)) == "good light"


def test_a_key_goes_in_the_header_and_no_log_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    with OpenAIServer(key=SECRET.secret) as server, caplog.at_level(logging.DEBUG):
        assert said(client(server.url, key=SECRET)) == "Good light."
        assert server.chats[0].headers["Authorization"] == "Bearer sk-very-secret"
    assert SECRET.secret not in caplog.text


def test_without_a_key_no_header_goes(server: OpenAIServer) -> None:
    said(client(server.url))
    assert "Authorization" not in server.chats[0].headers


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────

VISION = [
    Status(400, "Qwen/Qwen3-8B is not a multimodal model None"),
    Status(400, "At most 0 image(s) may be provided in one request."),
    Status(500, "image input is not supported - hint: you may need to provide the mmproj"),
    Status(400, body={"error": "Model does not support images. Please use a model that does."}),
    Status(500, "this model is missing data required for image input"),
    Status(404, "No endpoints found that support image input"),
    Status(400, "Invalid content type. image_url is only supported by certain models."),
    Raw(b'event: error\ndata: {"error": {"message": "Model does not support images."}}\n\n'),
]
TOO_LONG = [
    Status(400, "This model's maximum context length is 4096 tokens. However, you requested 9000"),
    Status(400, body={"error": {"code": 400, "message": "too big", "type": "exceed_context_size"}}),
    Status(413, body="<html>Request Entity Too Large</html>"),
    Raw(b'data: {"object": "error", "message": "longer than the maximum model length"}\n\n'),
]


@pytest.mark.parametrize("reply", VISION)
def test_a_model_without_vision_is_told_at_once(server: OpenAIServer, reply: Reply) -> None:
    server.replies.append(reply)
    assert failed(client(server.url)).code == "no_vision"
    assert len(server.chats) == 1


@pytest.mark.parametrize("reply", TOO_LONG)
def test_a_conversation_too_long_is_told(server: OpenAIServer, reply: Reply) -> None:
    server.replies.append(reply)
    assert failed(client(server.url)).code == "context_too_long"
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (Status(403, "not your model"), "forbidden", "not your model"),
        (Status(404, body={"detail": "Not Found"}), "not_found", "/v1"),
        (Status(405, body=""), "not_found", "405"),
        (Status(307, headers={"Location": "http://elsewhere.example.org"}), "not_found", "307"),
        (
            Status(429, body={"error": {"message": "pay", "code": "insufficient_quota"}}),
            "quota_spent",
            "“pay”",
        ),
        (Status(400, "temperature?"), "server_rejected", "“temperature?”"),
        (Status(422, body={"detail": [{"msg": "a field"}]}), "server_rejected", "a field"),
        (Raw(b"<html>Welcome</html>", kind="text/html"), "bad_answer", "no answer"),
        (Raw(b"data: {not json\n\n"), "bad_answer", "no answer"),
        (Raw(b"data: [1, 2]\n\n"), "bad_answer", "no answer"),
        (Raw(b"{", kind="application/json"), "bad_answer", "no answer"),
        (Raw(b'data: {"choices": [{"delta": {}}]}\n\n'), "connection_lost", "broke off"),
        (Raw(b""), "connection_lost", "broke off"),
        (Cuts(("half ", "an ")), "connection_lost", "broke off"),
        (Says("half an", finish=None, done=False), "connection_lost", "broke off"),
    ],
)
def test_what_cannot_be_helped_is_told_at_once(
    server: OpenAIServer, reply: Reply, code: str, words: str
) -> None:
    server.replies.append(reply)
    error = failed(client(server.url))
    assert error.code == code
    assert words in str(error)
    assert len(server.chats) == 1


def test_a_key_that_is_missing_or_wrong_is_told_without_it() -> None:
    with OpenAIServer(key="another") as server:
        error = failed(client(server.url))
        assert error.code == "unauthorised"
        assert "VENUS_API_KEY" in error.remedy
        error = failed(client(server.url, key=SECRET))
        assert error.code == "unauthorised"
        assert "the keyring" in error.reason


def test_a_server_that_repeats_the_key_is_not_quoted_with_it(server: OpenAIServer) -> None:
    server.replies.append(Status(401, f"Incorrect key: {SECRET.secret}"))
    error = failed(client(server.url, key=SECRET))
    assert SECRET.secret not in str(error)
    assert "Incorrect key: …" in error.reason


def test_long_words_and_pages_are_not_quoted_whole(server: OpenAIServer) -> None:
    server.replies += [Status(400, "so\n" * 5000), Status(400, body="<html>" + "x" * 100_000)]
    assert len(failed(client(server.url)).reason) < 400
    assert "html" not in failed(client(server.url)).reason


def test_an_unknown_model_names_those_that_there_are() -> None:
    with OpenAIServer(models=["llava", "qwen2.5-vl"]) as server:
        error = failed(client(server.url))
    assert error.code == "model_unknown"
    assert "'tiny-vl'" in error.reason
    assert "llava, qwen2.5-vl" in error.remedy


def test_a_redirect_takes_neither_photo_nor_key_elsewhere(server: OpenAIServer) -> None:
    with OpenAIServer() as elsewhere:
        target = f"{elsewhere.url}/chat/completions"
        server.replies.append(Status(308, headers={"Location": target}))
        assert failed(client(server.url, key=SECRET)).code == "not_found"
        assert elsewhere.requests == []


def test_no_proxy_stands_before_this_machine(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    assert said(client(server.url)) == "Good light."


# ── trying again ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reply", [Status(429), Status(500), Status(503), Cuts()])
def test_what_may_pass_is_tried_again(server: OpenAIServer, reply: Reply) -> None:
    server.replies += [reply, reply]
    assert said(client(server.url)) == "Good light."
    assert len(server.chats) == 3


@pytest.mark.parametrize(
    ("reply", "code"), [(Status(429), "server_busy"), (Status(500), "server_fault")]
)
def test_tries_are_bounded(server: OpenAIServer, reply: Reply, code: str) -> None:
    server.answer = lambda _: reply
    assert failed(client(server.url)).code == code
    assert len(server.chats) == PATIENCE.tries


def test_retry_after_is_heeded_and_a_stop_ends_the_wait(server: OpenAIServer) -> None:
    server.answer = lambda _: Status(429, headers={"Retry-After": "600"})
    patient = client(server.url, patience=replace(PATIENCE, longest_pause=3600))
    looks = iter([False] * 10)
    pieces = errands.stream(
        lambda: patient.stream(BODY), lambda: bool(server.chats) and next(looks, True)
    )
    assert list(pieces) == []
    assert len(server.chats) == 1
    assert failed(client(server.url)).code == "server_busy"
    assert len(server.chats) == 2


def test_retry_after_as_number_and_date() -> None:
    now = dt.datetime(2026, 1, 1, 12, 0, tzinfo=dt.UTC)
    assert retry_after({"retry-after": "7"}, now) == 7
    assert retry_after({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, now) == 30
    assert retry_after({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, now) == 0
    assert retry_after({"retry-after": "soon"}, now) is None
    assert retry_after({}, now) is None


# ── the way there ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def closed_port() -> int:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@pytest.fixture
def mute_port() -> Iterator[int]:
    """Connections are taken, and nothing is ever said."""
    with closing(socket.socket()) as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        yield mute.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_refused_connection(closed_port: int, host: str) -> None:
    error = failed(client(f"http://{host}:{closed_port}"))
    assert error.code == "server_refused"
    assert str(closed_port) in error.reason


def test_a_name_that_nobody_has() -> None:
    assert failed(client("http://no-such-host.invalid/v1")).code == "server_unknown"


@pytest.mark.parametrize("host", ["1.2.3.999", "a\x00b"])
def test_a_name_that_nobody_can_have(host: str) -> None:
    asked = client(f"http://{host}/v1")
    assert failed(asked).code == "bad_address"
    with pytest.raises(EngineError) as caught:
        errands.run(asked.models(), never)
    assert caught.value.code == "bad_address"


def test_silence_ends_in_words(mute_port: int) -> None:
    brief = replace(PATIENCE, silence=0.2)
    assert failed(client(f"http://127.0.0.1:{mute_port}", patience=brief)).code == "server_timeout"


def test_a_stop_is_heard_while_nothing_comes(mute_port: int) -> None:
    looks = iter([False] * 5)
    asked = client(f"http://127.0.0.1:{mute_port}")
    assert list(errands.stream(lambda: asked.stream(BODY), lambda: next(looks, True))) == []


def test_no_encryption_where_some_is_asked_for(server: OpenAIServer) -> None:
    error = failed(client(server.url.replace("http://", "https://")))
    assert error.code == "server_tls"
    assert "http://" in error.remedy


def test_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    with OpenAIServer(tls=self_signed(tmp_path)) as server:
        assert failed(client(server.url)).code == "server_certificate"
        assert server.requests == []


def self_signed(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)]
    named: list[Any] = ["-subj", "/CN=127.0.0.1", "-days", "2"]
    try:
        subprocess.run(["openssl", "req", "-x509", *made, *named], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_stop_closes_the_answer_and_the_server_sees_it(server: OpenAIServer) -> None:
    server.replies.append(Stalls(("one ", "two ")))
    heard: list[str] = []
    asked = client(server.url)
    for piece in errands.stream(lambda: asked.stream(BODY), lambda: len(heard) == 2):
        heard.append(piece.text)
    assert heard == ["one ", "two "]
    assert server.chats[0].left.wait(10)
