"""What the Models panel shows: the catalogue and this machine's checkpoints as one list of values.

No Qt, and nothing of `engine.checkpoints` is imported before a list is made: the first paint of
the window needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.choosing import checkpoint_choice
from app.services.status import Notice
from engine.choice import EngineChoice, MemoryPlan, Wording

if TYPE_CHECKING:
    from engine.checkpoints.catalogue import Entry
    from engine.checkpoints.progress import Transfer
    from engine.checkpoints.store import Installed, Partial


class Presence(StrEnum):
    """How much of a model is here. BROKEN: it was, and something has gone since."""

    ABSENT = "absent"
    PARTIAL = "partial"
    READY = "ready"
    BROKEN = "broken"


class Job(StrEnum):
    """What can be under way for a model."""

    DOWNLOAD = "download"
    VERIFY = "verify"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Work:
    """A job under way. `transfer` is None until it has begun; `stopping` once it was told to."""

    job: Job
    transfer: Transfer | None = None
    stopping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of the catalogue or of this machine.

    `size` is what its download has in bytes, 0 where that is not known; `done` how much of it is
    here. `memory` is an estimate for each way of holding the weights. `added` tells a folder of
    the photographer's, which is never deleted. `said` is how the last job ended.
    """

    name: str
    title: str
    family: str = ""
    stage: str = ""
    about: str = ""
    licence: str = ""
    page: str = ""
    size: int = 0
    done: int = 0
    memory: tuple[tuple[MemoryPlan, int], ...] = ()
    presence: Presence = Presence.ABSENT
    reason: str = ""
    folder: Path | None = None
    added: bool = False
    choice: EngineChoice | None = None
    wording: Wording = Wording.AUTO
    work: Work | None = None
    said: Notice | None = None

    @property
    def downloadable(self) -> bool:
        """Whether it can be fetched, or mended by fetching what it lacks."""
        return bool(self.page) and not self.added and self.presence is not Presence.READY


@dataclass(frozen=True, slots=True)
class Shelf:
    """All models, the folder that downloads go to, the bytes free there (None: not known), whether
    this machine seems to have a graphics card, and whether the models' libraries are installed.
    """

    models: tuple[Model, ...] = ()
    folder: Path | None = None
    free: int | None = None
    graphics: bool = False
    libraries: bool = True

    @property
    def ready(self) -> tuple[Model, ...]:
        """Those that can be used."""
        return tuple(model for model in self.models if model.presence is Presence.READY)

    @property
    def offer(self) -> Model | None:
        """What a fresh machine that could run it may be offered: the catalogue's first."""
        here = any(model.presence is not Presence.ABSENT or model.work for model in self.models)
        return self.models[0] if self.graphics and self.models and not here else None


def models_of(
    entries: Iterable[Entry], installed: Iterable[Installed], partials: Iterable[Partial]
) -> tuple[Model, ...]:
    """The catalogue in its order, each with what is here of it; then the other checkpoints."""
    here = {each.name: each for each in installed}
    begun = {each.name: each for each in partials}
    result = []
    for entry in entries:
        found, partial = here.pop(entry.name, None), begun.get(entry.name)
        result.append(_of_entry(entry, found, partial, here))
    known = {entry.name: entry for entry in entries}
    for each in here.values():
        entry = known.get(each.record.entry)
        result.append(_of_entry(entry, each, None, here) if entry else _of_folder(each, here))
    return tuple(result)


def _of_entry(
    entry: Entry, found: Installed | None, partial: Partial | None, others: dict[str, Installed]
) -> Model:
    from engine.checkpoints.catalogue import PLANS
    from engine.checkpoints.record import Origin

    presence, done, size = Presence.ABSENT, 0, entry.size
    if found is not None:
        presence = _presence(found)
        size = done = found.record.size or entry.size
    elif partial is not None:
        presence, done, size = Presence.PARTIAL, partial.done, partial.total or entry.size
    added = found is not None and found.record.origin is Origin.ADDED
    return Model(
        name=found.name if found else entry.name,
        title=entry.title,
        family=entry.family,
        stage=entry.stage,
        about=entry.about,
        licence=entry.licence,
        page=entry.page,
        size=0 if added else size,
        done=done,
        memory=tuple((plan, entry.memory(plan)) for plan in PLANS),
        presence=presence,
        reason=found.reason if found else "",
        folder=found.folder if found else None,
        added=added,
        choice=checkpoint_choice(found, others.values()) if found else None,
        wording=found.wording if found else entry.wording,
    )


def _of_folder(found: Installed, others: dict[str, Installed]) -> Model:
    from engine.checkpoints.record import Origin

    added = found.record.origin is Origin.ADDED
    return Model(
        name=found.name,
        title=found.title,
        family=found.record.family or found.record.model_type,
        size=found.record.size,
        done=found.record.size,
        presence=_presence(found),
        reason=found.reason,
        folder=found.folder,
        added=added,
        choice=checkpoint_choice(found, others.values()),
        wording=found.wording,
    )


def _presence(found: Installed) -> Presence:
    from engine.checkpoints.store import State

    return Presence.READY if found.state is State.READY else Presence.BROKEN
