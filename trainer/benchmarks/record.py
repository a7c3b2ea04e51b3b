"""What a run keeps of each photo as soon as it is measured, so that it can be stopped and resumed.

`run.json` says what is measured; `photos.jsonl` has one line a photo. Figures are computed anew
from the lines, so a resumed run ends as one that never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.choice import EngineChoice
from engine.saving import write_whole
from engine.wire import WireError, from_json, to_json
from trainer.benchmarks.rule import Edges

RUN: Final = "run.json"
LINES: Final = "photos.jsonl"


class RecordError(Exception):
    """A run's folder cannot be gone on with; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What an engine answered about one photo, by the photo's name.

    `crop` is its first crop, empty where it gave none (`refused` is why) or was asked for `scores`
    of the annotated boxes. `said` is a language model's plain answer, None for an engine without
    words. `baseline` is smartcrop's box. Seconds of opening, asking, and of the plain answer.
    """

    photo: str
    crop: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    refused: str = ""
    said: str | None = None
    baseline: tuple[float, ...] = ()
    opening: float = 0.0
    asking: float = 0.0
    telling: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What must be the same for a run to be gone on with.

    `name` and `question` are those of the loaded engine: another version of it, or other prompts,
    make another run. `question` is empty where it has no words.
    """

    benchmark: str
    engine: EngineChoice
    name: str
    question: str
    data_hash: str
    baseline: bool


def edges(box: Sequence[float]) -> Edges | None:
    """A record's box; None where there is none."""
    if not box:
        return None
    left, top, right, bottom = box
    return left, top, right, bottom


class Keeper:
    """Appends records to a run's folder, or keeps them in memory where there is none."""

    def __init__(self, folder: Path | None, identity: Identity) -> None:
        """Begin a run, or go on with one. RecordError where the folder holds another."""
        self.records: dict[str, Record] = {}
        self._file: Final = None if folder is None else folder / LINES
        if folder is not None:
            _same(folder, identity)
            self.records = _lines(folder / LINES)

    def keep(self, record: Record) -> None:
        """One more photo. RecordError where it cannot be written."""
        self.records[record.photo] = record
        if self._file is None:
            return
        try:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(to_json(record), ensure_ascii=False) + "\n")
        except OSError as error:
            raise RecordError(f"{self._file} cannot be written: {error.strerror}.") from error


def _same(folder: Path, identity: Identity) -> None:
    """Write what is measured, or see that the folder says the same."""
    file = folder / RUN
    wanted = to_json(identity)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            write_whole(file, f"{json.dumps(wanted, indent=2, ensure_ascii=False)}\n".encode())
            return
        found: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{file} cannot be used ({error}). Give --out another folder.") from error
    known = found if isinstance(found, dict) else {}
    different = sorted(name for name in wanted if known.get(name) != wanted[name])
    if different:
        raise RecordError(
            f"{folder} holds another run: its {', '.join(different)} differ."
            " Give --out another folder."
        )


def _lines(file: Path) -> dict[str, Record]:
    """The records so far. A last line that was cut off when the run was killed is taken away, so
    that the next one begins on a line of its own.
    """
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RecordError(f"{file} cannot be read: {error.strerror}.") from error
    whole = text[: text.rfind(b"\n") + 1]
    if len(whole) < len(text):
        write_whole(file, whole)
    found: dict[str, Record] = {}
    # Not splitlines: what a model says may hold other separators of lines, which JSON lets stand.
    for number, line in enumerate(whole.decode("utf-8").split("\n")[:-1], start=1):
        try:
            record = from_json(Record, json.loads(line))
        except (ValueError, WireError) as error:
            raise RecordError(
                f"{file}, line {number} is no record ({error}). Take the line away, or give --out"
                " another folder."
            ) from error
        found[record.photo] = record
    return found
