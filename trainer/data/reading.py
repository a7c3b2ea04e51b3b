"""Files of JSON as others wrote them: whole, or a line at a time; what is broken is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from trainer.data.problem import DataError, Fault, Problem

T = TypeVar("T")


def read_text(file: Path) -> str:
    """A file's text. DataError names the file and the reason."""
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not UTF-8 text") from error


def read_json(file: Path) -> Any:
    """A file's one JSON value. DataError names the file and the reason."""
    try:
        return json.loads(read_text(file))
    except ValueError as error:
        raise DataError(f"{file} is not readable JSON: {error}") from error


def read_lines(file: Path, take: Callable[[Any], T]) -> tuple[list[tuple[int, T]], list[Problem]]:
    """What `take` made of each line's JSON, with the line's number from 1, and the broken lines.

    Empty lines are passed over. A line is broken that holds no JSON, or of which `take` raises
    ValueError (a WireError is one). DataError where the file cannot be read.
    """
    found: list[tuple[int, T]] = []
    problems: list[Problem] = []
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, take(json.loads(line))))
        except ValueError as error:
            where = f"{file.name}: line {number}"
            problems.append(Problem(where, Fault.MALFORMED, str(error)))
    return found, problems
