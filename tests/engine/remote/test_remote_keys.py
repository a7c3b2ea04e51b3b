"""Which key goes to which server, and that none is shown."""

from __future__ import annotations

import logging
from typing import Any

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from engine.contract import EngineError
from engine.remote import keys
from engine.remote.address import parse

STUDIO = parse("http://studio:8000/v1")
OTHER = parse("http://other:8000/v1")
OPENAI = parse("https://api.openai.com/v1")
BOTH = {"VENUS_API_KEY": "venus-secret", "OPENAI_API_KEY": "openai-secret"}
THEIRS = {"OPENAI_API_KEY": "openai-secret"}


def secret(address: Any, environment: dict[str, str]) -> str | None:
    key = keys.key_for(address, environment)
    return key and key.secret


def test_the_key_of_the_keyring_is_this_servers_alone() -> None:
    keys.store(STUDIO, " studio-secret\n")
    assert secret(STUDIO, BOTH) == "studio-secret"
    assert secret(OTHER, {}) is None
    assert keys.is_stored(STUDIO)
    assert not keys.is_stored(OTHER)
    keys.forget(STUDIO)
    keys.forget(STUDIO)
    assert not keys.is_stored(STUDIO)
    assert secret(STUDIO, BOTH) == "venus-secret"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "https://api.openai.com.example.org/v1",
        "https://notopenai.com/v1",
        "http://api.openai.com/v1",
    ],
)
def test_openais_key_goes_to_openai_alone_and_encrypted(url: str) -> None:
    assert secret(parse(url), THEIRS) is None


def test_openai_takes_its_own_key_after_ours() -> None:
    assert secret(OPENAI, THEIRS) == "openai-secret"
    assert secret(OPENAI, BOTH) == "venus-secret"


def test_no_repr_shows_a_key() -> None:
    key = keys.key_for(STUDIO, BOTH)
    assert key
    assert "venus-secret" not in repr(key)
    assert key.hidden("you sent venus-secret!") == "you sent …!"


@pytest.mark.parametrize("typed", ["", "two words", "schlüssel", "line\nline", "a\x00b"])
def test_what_is_no_key_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(EngineError) as caught:
        keys.store(STUDIO, typed)
    assert caught.value.code == "bad_key"
    assert not typed or typed not in str(caught.value)


def test_without_a_keyring_the_environment_serves_and_storing_is_told() -> None:
    keyring.set_keyring(NoKeyring())
    assert secret(STUDIO, BOTH) == "venus-secret"
    with pytest.raises(EngineError) as caught:
        keys.store(STUDIO, "typed-secret")
    assert caught.value.code == "keyring"
    assert "VENUS_API_KEY" in caught.value.remedy


def test_a_keyring_that_repeats_the_key_does_not_get_it_into_a_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_service: str, _user: str, password: str) -> None:
        raise KeyringLocked(f"cannot keep {password}")

    monkeypatch.setattr(keyring, "set_password", refuse)
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError) as caught:
        keys.store(STUDIO, "typed-secret")
    assert caught.value.__cause__ is None
    assert "KeyringLocked" in caplog.text
    assert "typed-secret" not in caplog.text + str(caught.value)
