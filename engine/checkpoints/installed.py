"""One checkpoint of this machine, as its record and its folder show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.checkpoints import record as records
from engine.checkpoints.recognise import ADAPTER_CONFIG, CONFIG
from engine.checkpoints.record import Origin, Record
from engine.choice import Wording


class State(StrEnum):
    """Whether a checkpoint can be used."""

    READY = "ready"
    MISSING = "missing"  # its folder has gone
    INCOMPLETE = "incomplete"  # files of a download have gone or have another size
    UNREADABLE = "unreadable"  # what was kept about it is damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A checkpoint of this machine, under the name that the commands take.

    `folder` is what an engine loads. `reason` says in words why it is not ready.
    """

    name: str
    folder: Path
    state: State
    reason: str
    record: Record

    @property
    def title(self) -> str:
        return self.record.title

    @property
    def wording(self) -> Wording:
        return self.record.wording


def installed_at(place: Path) -> Installed:
    """The checkpoint whose record lies in a folder."""
    record = records.read(place)
    if record is None:
        empty = Record(origin=Origin.ADDED, title=place.name, files={})
        reason = f"{place / records.NAME} is damaged or of a newer Venus."
        return Installed(
            name=place.name, folder=place, state=State.UNREADABLE, reason=reason, record=empty
        )
    folder = Path(record.folder) if record.origin is Origin.ADDED else place
    state, reason = _state(folder, record)
    return Installed(name=place.name, folder=folder, state=state, reason=reason, record=record)


def _state(folder: Path, record: Record) -> tuple[State, str]:
    if not folder.is_dir():
        return State.MISSING, f"{folder} is not there."
    if record.origin is Origin.ADDED:
        if not any((folder / name).is_file() for name in (CONFIG, ADAPTER_CONFIG)):
            return State.MISSING, f"{folder} has no {CONFIG} any more."
        return State.READY, ""
    wrong = [
        name
        for name, file in record.files.items()
        if not (folder / name).is_file() or (folder / name).stat().st_size != file.size
    ]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        return State.INCOMPLETE, f"{wrong[0]}{more} in {folder}: not there, or of another size."
    return State.READY, ""
