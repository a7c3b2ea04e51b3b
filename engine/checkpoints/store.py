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
from pathlib import Path
from typing import Final

import filelock
import platformdirs

from engine.checkpoints import record as records
from engine.checkpoints.catalogue import find
from engine.checkpoints.installed import Installed, State, installed_at
from engine.checkpoints.recognise import CONFIG, known_entry, recognise
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
            return tuple(installed_at(place) for place in places if (place / records.NAME).exists())

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
            title=entry.title if entry else _called(folder),
            entry=entry.name if entry else "",
            folder=str(folder),
            family=found.family,
            model_type=found.model_type,
            base=found.base,
            wording=guess if wording is None else wording,
            files={},
        )
        place = self._free_place(name, entry.name if entry else _called(folder))
        with _told(self.root):
            made = self.root / PARTIAL / f"{place.name}-{secrets.token_hex(6)}"
            made.mkdir(parents=True)
            records.write(record, made)
            made.rename(place)
        return installed_at(place)

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
        place = self.root / name
        if (place / records.NAME).exists():
            raise EngineError(
                "already_here",
                f"A checkpoint called {name} is already on this machine.",
                f"Use it, or remove {name} first.",
            )
        if place.exists():
            raise EngineError(
                "already_here",
                f"{place} is in the way, and Venus did not put it there.",
                "Move it elsewhere; if it is a checkpoint, add it from there.",
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


def _called(folder: Path) -> str:
    """The folder's name or, in the hub's own cache, whose folders are named by digests, the
    repository's.
    """
    if folder.parent.name == "snapshots" and "--" in folder.parent.parent.name:
        return folder.parent.parent.name.split("--")[-1]
    return folder.name


def _repo_of(installed: Installed) -> str:
    """The name on the hub of what a checkpoint is known to be a copy of."""
    return find(installed.record.entry).repo.lower() if installed.record.entry else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "checkpoint"


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
