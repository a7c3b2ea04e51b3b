"""What is wrong with a piece of training data, as a value: where, what, and how grave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DataError(Exception):
    """A file of training data cannot be read at all; the message names it and the reason."""


class Fault(StrEnum):
    """What can be wrong with a sample."""

    MALFORMED = "malformed"
    MISSING_PICTURE = "missing_picture"
    UNREADABLE_PICTURE = "unreadable_picture"
    EMPTY_ANSWER = "empty_answer"
    BOX_OUTSIDE = "box_outside"
    TOO_LONG = "too_long"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one sample: its file and place or id, and the reason in words."""

    where: str
    fault: Fault
    reason: str
