"""Which checkpoints this machine has: downloaded ones, and folders that were added by reference.

    ROOT/NAME/venus.json          what is known of the checkpoint NAME; a download lies beside it
    ROOT/.partial/NAME/           a download that is not whole yet
    ROOT/.partial/NAME.lock       held while someone downloads it

A folder appears under its name by one rename, with everything in it. No connection is ever opened.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import filelock
import platformdirs

from engine.checkpoints import record as records
from engine.checkpoints.catalogue import find
from engine.checkpoints.recognise import ADAPTER_CONFIG, CONFIG, known_entry, recognise
from engine.checkpoints.record import Origin, Record
from engine.choice import Wording
from engine.contract import EngineError

VARIABLE: Final = "VENUS_CHECKPOINTS"
"""Names another folder for checkpoints, for instance on a larger disk."""

PARTIAL: Final = ".partial"
SUFFIX: Final = ".part"
"""Ends the name of a file that has not come whole."""

GONE: Final = ".gone"
"""Ends the name of a folder that is being deleted; what a crash left is deleted next time."""


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A download that can go on: bytes that are here, of all."""

    name: str
    done: int
    total: int


def default_root() -> Path:
    """Where checkpoints are kept unless told otherwise."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("venus", appauthor=False)) / "checkpoints"


class Store:
    """The checkpoints below one folder. Any number of processes may use it at once."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (default_root() if root is None else root).absolute()

    def checkpoints(self) -> tuple[Installed, ...]:
        """All that are known, by name; also those whose folder has gone."""
        with _told(self.root):
            if not self.root.is_dir():
                return ()
            places = sorted(each for each in self.root.iterdir() if not each.name.startswith("."))
            return tuple(_installed(place) for place in places if (place / records.NAME).exists())

    def find(self, name: str) -> Installed:
        """The checkpoint of this name. Raises EngineError `not_here`."""
        for each in self.checkpoints():
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.checkpoints())
        raise EngineError(
            "not_here",
            f"There is no checkpoint called {name} on this machine.",
            f"There are: {names}." if names else "Download one or add a folder first.",
        )

    def add(self, folder: Path, *, name: str = "", wording: Wording | None = None) -> Installed:
        """Make a folder known where it lies; nothing is copied.

        `name` is made from the folder's where it is left out; `wording` is guessed from the
        catalogue. Raises EngineError: those of `recognise`, `already_added`, `name_taken`,
        `bad_name`, and those of writing.
        """
        folder = folder.expanduser().absolute()
        found = recognise(folder)
        for each in self.checkpoints():
            if each.folder == folder:
                raise EngineError(
                    "already_added",
                    f"{folder} is already known as {each.name}.",
                    f"Remove {each.name} first to add it anew.",
                )
        entry = known_entry(folder)
        guess = Wording.AUTO if entry is None else entry.wording
        record = Record(
            origin=Origin.ADDED,
            title=entry.title if entry else folder.name,
            entry=entry.name if entry else "",
            folder=str(folder),
            family=found.family,
            model_type=found.model_type,
            base=found.base,
            wording=guess if wording is None else wording,
            files={},
        )
        place = self._free_place(name, entry.name if entry else folder.name)
        with _told(self.root):
            made = self.root / PARTIAL / f"{place.name}-{secrets.token_hex(6)}"
            made.mkdir(parents=True)
            records.write(record, made)
            made.rename(place)
        return _installed(place)

    def remove(self, name: str) -> None:
        """Forget an added folder, whose files stay; delete a download, or one that is not whole.

        Raises EngineError: `not_here`, `busy`, and those of writing.
        """
        places = [self.root / each.name for each in self.checkpoints() if each.name == name]
        places += [self.partial_folder(each.name) for each in self.partials() if each.name == name]
        if not places:
            self.find(name)
        with self.lock(name), _told(self.root):
            for place in places:
                # Out of sight at once: what is half deleted is no checkpoint.
                place.rename(self.root / PARTIAL / f"{name}-{secrets.token_hex(6)}{GONE}")
            for gone in (self.root / PARTIAL).glob(f"*{GONE}"):
                shutil.rmtree(gone)

    def set_wording(self, name: str, wording: Wording) -> Installed:
        """Change the prompts that a checkpoint is asked with. Raises EngineError."""
        found = self.find(name)
        if found.state is State.UNREADABLE:
            raise EngineError("unreadable", found.reason, f"Remove {name} and add it anew.")
        with _told(self.root):
            records.write(replace(found.record, wording=wording), self.root / name)
        return self.find(name)

    def base_of(self, installed: Installed) -> Path | None:
        """The folder of the model that an adapter belongs to, if it is on this machine."""
        base = installed.record.base
        if not base:
            return None
        if (installed.folder / base / CONFIG).is_file():
            return installed.folder / base
        for each in self.checkpoints():
            if base.lower() in (each.record.repo.lower(), _repo_of(each)):
                return each.folder
        return None

    def partials(self) -> tuple[Partial, ...]:
        """Downloads that were started and are not whole."""
        folder = self.root / PARTIAL
        if not folder.is_dir():
            return ()
        found = []
        for place in sorted(folder.iterdir()):
            record = records.read(place)
            if record is None or place.suffix == GONE:
                continue
            if record.origin is Origin.DOWNLOADED:
                done = sum(have(place, name) for name in record.files)
                found.append(Partial(name=place.name, done=done, total=record.size))
        return tuple(found)

    def partial_folder(self, name: str) -> Path:
        """Where a download of this name lies while it is not whole."""
        return self.root / PARTIAL / name

    def place(self, name: str) -> Path:
        """Where a whole download of this name will lie. Raises EngineError `already_here`."""
        if (self.root / name).exists():
            raise EngineError(
                "already_here",
                f"A checkpoint called {name} is already on this machine.",
                f"Use it, or remove {name} first.",
            )
        return self.root / name

    def reopen(self, name: str) -> None:
        """Make a download that has lost files one that is not whole yet. Call it under `lock`.

        Raises EngineError `already_here` where something else has the name.
        """
        partial = self.partial_folder(name)
        for each in self.checkpoints():
            lost = each.state is State.INCOMPLETE and each.record.origin is Origin.DOWNLOADED
            if each.name == name and lost and not partial.exists():
                with _told(self.root):
                    each.folder.rename(partial)
        self.place(name)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the right to change what is kept under a name. Raises EngineError `busy`."""
        with _told(self.root):
            (self.root / PARTIAL).mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.root / PARTIAL / f"{name}.lock", thread_local=False)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                raise EngineError(
                    "busy",
                    f"{name} is being downloaded or removed by another Venus.",
                    "Wait until that one is done, or stop it.",
                ) from None
        try:
            yield
        finally:
            lock.release()

    def _free_place(self, name: str, guess: str) -> Path:
        if name:
            if name != _plain(name):
                raise EngineError(
                    "bad_name",
                    f"{name} cannot be a checkpoint's name.",
                    f"Take letters, digits, dots and dashes, such as {_plain(name)}.",
                )
            if (self.root / name).exists():
                raise EngineError(
                    "name_taken",
                    f"There is already a checkpoint called {name}.",
                    "Choose another name.",
                )
            return self.root / name
        plain = _plain(guess)
        number = 1
        while (place := self.root / (plain if number == 1 else f"{plain}-{number}")).exists():
            number += 1
        return place


def have(folder: Path, name: str) -> int:
    """Bytes of a file that are in a download's folder, whole or in part."""
    for file in (folder / name, folder / (name + SUFFIX)):
        if file.is_file():
            return file.stat().st_size
    return 0


def _repo_of(installed: Installed) -> str:
    """The name on the hub of what a checkpoint is known to be a copy of."""
    return find(installed.record.entry).repo.lower() if installed.record.entry else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "checkpoint"


def _installed(place: Path) -> Installed:
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


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """The operating system's complaints about the store, in plain words."""
    try:
        yield
    except OSError as error:
        raise disk_error(root, error) from error


def disk_error(root: Path, error: OSError) -> EngineError:
    """Why something could not be written below `root`. Codes: `disk_full`, `write_failed`."""
    if error.errno in _FULL:
        return EngineError(
            "disk_full",
            f"There is no room left on the disk of {root}.",
            f"Free some space, or name a folder on another disk in {VARIABLE}.",
        )
    why = error.strerror or "no reason was given"
    return EngineError(
        "write_failed",
        f"{error.filename or root} cannot be changed ({why}).",
        f"Check who may write there, or name another folder in {VARIABLE}.",
    )
