"""The key for a server: from the system's keyring or the environment, never in a file of ours.

A key belongs to one server. The keyring's, stored for exactly this address, goes first; then
VENUS_API_KEY, which whoever starts Venus means for the server that they choose; OPENAI_API_KEY,
which is there for other programs too, goes to OpenAI's own hosts alone, and only encrypted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.contract import EngineError
from engine.remote.address import Address

log = logging.getLogger(__name__)

SERVICE: Final = "venus"
"""The keyring's name for us; its user is the server's base address."""

OUR_VARIABLE: Final = "VENUS_API_KEY"
OPENAI_VARIABLE: Final = "OPENAI_API_KEY"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that no `repr` shows, and in words where it was found.

    EngineError where it cannot be one: a header takes printable ASCII only.
    """

    secret: str = field(repr=False)
    found: str

    def __post_init__(self) -> None:
        secret = self.secret
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise EngineError(
                "bad_key",
                f"The server's key from {self.found} is empty or holds characters that no key has.",
                "Copy the key again, without what stands around it.",
            )

    def hidden(self, text: str) -> str:
        """A text without the secret, should a server have repeated it."""
        return text.replace(self.secret, "…")


def key_for(address: Address, environment: Mapping[str, str] = os.environ) -> Key | None:
    """The key that may go to this server, if there is one. May wait for the keyring's owner to
    unlock it. A keyring that cannot be asked counts as empty.
    """
    if (stored := _stored(address)) is not None:
        return Key(stored, "the keyring")
    if ours := environment.get(OUR_VARIABLE, "").strip():
        return Key(ours, OUR_VARIABLE)
    if address.openai and (theirs := environment.get(OPENAI_VARIABLE, "").strip()):
        return Key(theirs, OPENAI_VARIABLE)
    return None


def is_stored(address: Address) -> bool:
    """Whether the keyring has a key for this server."""
    return _stored(address) is not None


def store(address: Address, secret: str) -> None:
    """Keep a key in the system's keyring; EngineError where there is none, or it refuses."""
    import keyring

    key = Key(secret.strip(), "this dialog")
    try:
        keyring.set_password(SERVICE, address.url, key.secret)
    except Exception as error:  # a backend is foreign code that raises what its desktop raises
        log.warning("the keyring refused a key: %s", type(error).__name__)
        raise _no_keyring() from None  # what the backend says may hold the key


def forget(address: Address) -> None:
    """Take a server's key out of the keyring; no error where there was none."""
    import keyring

    if not is_stored(address):
        return
    try:
        keyring.delete_password(SERVICE, address.url)
    except Exception as error:
        log.warning("the keyring kept a key: %s", type(error).__name__)
        raise _no_keyring() from None


def _stored(address: Address) -> str | None:
    import keyring

    try:
        return keyring.get_password(SERVICE, address.url) or None
    except Exception as error:  # none on this machine, or locked: the environment may serve
        # No warning: most servers on one's own machine want no key at all.
        log.info("the keyring cannot be asked: %s", type(error).__name__)
        return None


def _no_keyring() -> EngineError:
    return EngineError(
        "keyring",
        "The system's keyring cannot be used.",
        f"Unlock it, or give the key in the environment variable {OUR_VARIABLE}.",
    )
