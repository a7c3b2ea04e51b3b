"""The hub, over HTTP: which files a repository has, and their bytes from any place on.

The only room here that opens connections. It goes through huggingface_hub's own client, so that its
settings hold (HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, proxies), and reads the bytes itself: the
library's downloads cannot be stopped before their next ten megabytes, fetch up to ten again after a
drop, and take another way (xet) where another package happens to be installed.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from engine.contract import EngineError

CONNECT_S: Final = 10.0
"""How long an answer to a question may take."""

SILENCE_S: Final = 30.0
"""How long a download may bring nothing before it is begun anew where it stopped."""

PASSING: Final = (408, 425, 429, 500, 502, 503, 504)
"""Answers that say: later."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository. `digest` is its sha256 in hex or, for what git itself keeps, `git:`
    and the sha1 of git's blob.
    """

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository at one commit."""

    commit: str
    files: tuple[HubFile, ...]


class HubBusyError(Exception):
    """Something that passes: a lost connection, an overloaded hub. `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer:
    """The bytes of one file, as they come, from `start` on."""

    def __init__(self, response: Any, start: int) -> None:
        self._response = response
        self.start = start

    def pieces(self) -> Iterator[bytes]:
        """Raises HubBusyError when the connection is lost."""
        with _told(""):
            yield from self._response.iter_bytes()

    def abort(self) -> None:
        """Wake a reader that waits for bytes in another thread, with an error."""
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(connection, socket.socket):
            with suppress(OSError):  # it has ended already
                # The base class's own: an SSLSocket's would first ask for a farewell.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Hub:
    """A hub at an address; by default the one that HF_ENDPOINT names, or the public one."""

    def __init__(self, endpoint: str | None = None) -> None:
        from huggingface_hub import constants

        # Else every request tells the versions of other packages, and may fetch a list to do so.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        named = endpoint or os.environ.get("HF_ENDPOINT") or constants.ENDPOINT
        if not named.startswith(("http://", "https://")):
            raise EngineError(
                "bad_endpoint",
                f"{named} is no address of a hub.",
                "It begins with https://; leave HF_ENDPOINT unset for the public hub.",
            )
        self.endpoint = named.rstrip("/")

    def listing(self, repo: str, revision: str) -> Listing:
        """The files of a repository. Raises HubBusyError and EngineError (see `_told`)."""
        from huggingface_hub import HfApi

        api = HfApi(self.endpoint, library_name="venus", library_version=version("venus-photo"))
        with _told(repo):
            info = api.model_info(repo, revision=revision, files_metadata=True, timeout=CONNECT_S)
        if not info.sha or info.siblings is None:
            raise _no_hub(self.endpoint)
        return Listing(info.sha, tuple(_file(each, self.endpoint) for each in info.siblings))

    @contextmanager
    def open(self, repo: str, commit: str, file: HubFile, *, start: int) -> Iterator[Answer]:
        """The bytes of a file from `start` on, or from 0 where the hub cannot begin there.

        Raises HubBusyError and EngineError (see `_told`).
        """
        from huggingface_hub import hf_hub_url
        from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

        url = hf_hub_url(repo, file.name, revision=commit, endpoint=self.endpoint)
        headers = build_hf_headers(library_name="venus", library_version=version("venus-photo")) | {
            "accept-encoding": "identity"
        }  # bytes as they are, so that they can be counted
        if start:
            headers["range"] = f"bytes={start}-"
        session = get_session()
        with _told(repo):
            request = session.build_request("GET", url, headers=headers, timeout=SILENCE_S)
            response = session.send(request, stream=True)
        with closing(response):
            with _told(repo):
                hf_raise_for_status(response)
            begun, size = _extent_of(response, start)
            if size not in (None, file.size):  # such as the page of a network that wants a login
                raise _no_hub(self.endpoint)
            yield Answer(response, begun)


def _file(sibling: Any, endpoint: str) -> HubFile:
    """A file as the hub lists it."""
    digest = sibling.lfs.sha256 if sibling.lfs else f"git:{sibling.blob_id}"
    if sibling.size is None or not (sibling.lfs or sibling.blob_id):
        raise _no_hub(endpoint)
    return HubFile(sibling.rfilename, sibling.size, digest)


def _extent_of(response: Any, wanted: int) -> tuple[int, int | None]:
    """From where the bytes of an answer are, as a server may ignore the wish and begin anew; and
    how many the whole file has, if that is said.
    """
    if response.status_code != 206:
        length = response.headers.get("content-length", "")
        plain = "content-encoding" not in response.headers
        return 0, int(length) if plain and length.isdecimal() else None
    told = re.match(r"bytes (\d+)-\d+/(\d+)", response.headers.get("content-range", ""))
    return (int(told[1]), int(told[2])) if told else (wanted, None)


@contextmanager
def _told(repo: str) -> Iterator[None]:
    """What went wrong between here and the hub, in plain words.

    Raises HubBusyError for what passes, else EngineError: `offline`, `gated`, `not_found`,
    `refused`, `no_hub`.
    """
    from huggingface_hub import errors

    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise EngineError(
            "offline",
            "HF_HUB_OFFLINE forbids every connection.",
            "Unset it for the download; using a model needs no connection.",
        ) from error
    except errors.HfHubHTTPError as error:
        raise _refusal(error, repo) from error
    # Every failure of the connection itself, in whichever client library huggingface_hub has.
    except errors.HTTPError as error:  # pyright: ignore[reportPrivateImportUsage]
        raise HubBusyError(_plain(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _no_hub("The server") from error  # an answer, but not a hub's


def _refusal(error: Any, repo: str) -> Exception:
    """The hub's own no."""
    from huggingface_hub import errors

    status = error.response.status_code
    if status in PASSING:
        return HubBusyError(f"the hub answers {status} {error.response.reason_phrase}".rstrip())
    page = f"https://huggingface.co/{repo}"
    if isinstance(error, errors.GatedRepoError) or status in (401, 403):
        return EngineError(
            "gated",
            f"The hub gives {repo} only to people who may have it, and does not know you as one"
            f" (it answers {status}).",
            f"Check that {page} is there, accept its terms there, make a token in your account's"
            " settings, run `hf auth login` or set HF_TOKEN, and download again.",
        )
    if status == 404:
        return EngineError(
            "not_found",
            f"The hub has no {repo}, or not all of its files, any more.",
            f"Look for it at {page}.",
        )
    return EngineError(
        "refused",
        f"The hub refuses {repo} ({status} {error.response.reason_phrase}).",
        "Try again later; if that does not help, download it by the hub's own means and add it.",
    )


def _plain(error: Exception) -> str:
    """A failed connection in a few words."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ConnectTimeout" in names or "ConnectError" in names:
        return "the hub cannot be reached"
    if "TimeoutException" in names:
        return "the hub has gone silent"
    return "the connection broke off"


def _no_hub(endpoint: str) -> EngineError:
    return EngineError(
        "no_hub",
        f"{endpoint} does not answer as a hub does.",
        "Check HF_ENDPOINT, and whether the network asks for a login first.",
    )
