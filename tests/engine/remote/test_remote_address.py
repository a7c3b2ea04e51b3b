"""Addresses as people type them."""

from __future__ import annotations

import pytest

from engine.contract import EngineError
from engine.remote.address import parse


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        (" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"),
        ("http://studio:8000/v1/chat/completions", "http://studio:8000/v1"),
        ("https://API.Example.org/openai/v1/models", "https://api.example.org/openai/v1"),
        ("http://[::1]:11434", "http://[::1]:11434/v1"),
        ("https://example.org.:443/v1", "https://example.org:443/v1"),
    ],
)
def test_what_is_typed_becomes_the_base(typed: str, url: str) -> None:
    assert parse(typed).url == url
    assert parse(url) == parse(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "127.0.0.1:8000", "ftp://example.org", "http://", "http://a:port", "http://[::1"],
)
def test_what_is_no_address_is_told(typed: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(typed)
    assert caught.value.code == "bad_address"
    assert caught.value.remedy


@pytest.mark.parametrize(
    "typed",
    [
        "http://me:sk-secret@example.org/v1",
        "http://sk-secret@example.org",
        "https://example.org/v1?key=sk-secret",
        "https://example.org/v1#sk-secret",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(EngineError) as caught:
        parse(typed)
    assert "sk-secret" not in str(caught.value)
    assert "by itself" in caught.value.remedy


@pytest.mark.parametrize(
    ("typed", "loopback"),
    [
        ("http://localhost:1234", True),
        ("http://127.0.0.9", True),
        ("http://[::1]", True),
        ("http://venus.localhost", True),
        ("http://192.168.1.5", False),
        ("http://0.0.0.0", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_what_stays_on_this_machine(typed: str, loopback: bool) -> None:
    assert parse(typed).loopback is loopback
