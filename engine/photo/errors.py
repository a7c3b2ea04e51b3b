"""The one error of the photo reader: which file, what is wrong with it, and the way out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

DAMAGED_REMEDY: Final = "Copy it again from the camera or from a backup."
UNSUPPORTED_REMEDY: Final = "Save it as JPEG, PNG or TIFF in another program and open that."


class PhotoError(Exception):
    """A picture file that cannot be read.

    `code` is one of "missing", "not_a_file", "unreadable", "empty", "not_a_picture",
    "unsupported", "damaged" and "too_large"; `reason` and `remedy` are sentences for people.
    """

    def __init__(self, path: Path, code: str, reason: str, remedy: str) -> None:
        super().__init__(path, code, reason, remedy)
        self.path = path
        self.code = code
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path.name or self.path}: {self.reason} {self.remedy}"


class Stopped(Exception):  # noqa: N818 - not an error: the caller asked for it
    """The caller's `stop` became true before the picture was ready."""


class Damaged(Exception):  # noqa: N818 - becomes a PhotoError in `telling`
    """A decoder found that the picture is not whole. `reason` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unsupported(Exception):  # noqa: N818 - becomes a PhotoError in `telling`
    """A kind of picture that the reader does not know. `reason` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises into one PhotoError about `path`.

    Decoders raise nearly any type on a damaged file (struct.error, KeyError, SyntaxError …), so
    every Exception is taken here; a lack of memory and a stop pass. What was raised is logged:
    it may be a fault of ours.
    """
    try:
        yield
    except (PhotoError, Stopped, MemoryError):
        raise
    except Damaged as error:
        raise PhotoError(path, "damaged", error.reason, DAMAGED_REMEDY) from error
    except Unsupported as error:
        raise PhotoError(path, "unsupported", error.reason, UNSUPPORTED_REMEDY) from error
    except ImportError as error:
        reason = "The library that reads this kind of file is missing."
        raise PhotoError(path, "unsupported", reason, "Install Venus again.") from error
    except Exception as error:
        log.info("%s cannot be decoded", path, exc_info=True)
        reason = "The file is damaged: its picture cannot be decoded."
        raise PhotoError(path, "damaged", reason, DAMAGED_REMEDY) from error
