"""The work of a download, for a thread of its own: list, check the room, fetch, put in place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from engine.checkpoints import record as records
from engine.checkpoints.catalogue import Entry
from engine.checkpoints.hub import Answer, Hub, HubBusyError, HubFile, Listing
from engine.checkpoints.part import GIT, Part, sha256_of
from engine.checkpoints.progress import Phase, Transfer
from engine.checkpoints.recognise import recognise
from engine.checkpoints.record import File, Origin, Record
from engine.checkpoints.selection import wanted
from engine.checkpoints.store import SUFFIX, VARIABLE, Store, disk_error, have
from engine.checkpoints.words import in_gb
from engine.contract import EngineError

SPARE: Final = 256 << 20
"""Bytes that a download leaves free: a full disk hurts more than Venus."""


FIRST_PAUSES: Final = 2
"""Who is offline wants to hear it soon; who has half a download wants it to go on."""

Value = TypeVar("Value")


class CancelledError(Exception):
    """Nobody waits for this download any more."""


class Fetching:
    """One attempt at a download. `at` says how far it is, `come` the bytes that this attempt
    fetched; both are written here and read elsewhere. After `cancel` nothing is written to disk.
    """

    def __init__(
        self,
        entry: Entry,
        store: Store,
        hub: Hub,
        *,
        pauses: Sequence[float],
        free: Callable[[Path], int],
    ) -> None:
        self.at = Transfer(phase=Phase.ASKING)
        self.come = 0
        self.ended = threading.Event()
        self._entry = entry
        self._store = store
        self._hub = hub
        self._pauses = pauses
        self._free = free
        self._folder = store.partial_folder(entry.name)
        self._cancelled = threading.Event()
        self._gate = threading.Lock()
        self._answer: Answer | None = None
        self._failure: Exception | None = None

    def run(self) -> None:
        """The thread's whole life; `raise_failure` tells how it ended."""
        try:
            self._all()
        except CancelledError:
            pass
        except OSError as error:
            self._failure = disk_error(self._store.root, error)
            self._failure.__cause__ = error
        except Exception as error:  # told to whoever waits, in their own thread
            self._failure = error
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """Have the thread end soon; nothing is written once this returns."""
        with self._gate:
            self._cancelled.set()
            if self._answer is not None:
                self._answer.abort()

    def raise_failure(self) -> None:
        """Raise what ended the thread, if it was not its work's end."""
        if self._failure is not None:
            raise self._failure

    def _all(self) -> None:
        entry = self._entry
        listing = self._patiently(
            lambda: self._hub.listing(entry.repo, entry.revision), self._pauses[:FIRST_PAUSES]
        )
        files = wanted(listing.files)
        if not files:
            raise EngineError(
                "no_checkpoint",
                f"{entry.repo} has no files that Venus could use.",
                f"Look at {entry.page}: it may have been moved.",
            )
        record = self._prepare(listing, files)
        for file in files:
            self._fetch(file, listing.commit)
        self._finish(record)

    def _prepare(self, listing: Listing, files: Sequence[HubFile]) -> Record:
        """Keep of an earlier attempt what is still the same, and see that the rest has room."""
        with self._writing():
            self._folder.mkdir(parents=True, exist_ok=True)
            before = records.read(self._folder)
            known = before.files if before else {}
            now = {file.name: _expected(file) for file in files}
            for path in self._folder.iterdir():
                name = path.name.removesuffix(SUFFIX)
                if name == path.name and name not in known and name not in now:
                    continue  # not a download's: the record, or what others put there
                size = path.stat().st_size
                if name not in now or known.get(name) != now[name] or size > now[name].size:
                    path.unlink()
                elif path.name == name and size < now[name].size:
                    path.rename(path.with_name(name + SUFFIX))  # it was cut since
        total = sum(file.size for file in files)
        done = sum(have(self._folder, file.name) for file in files)
        self.at = Transfer(phase=Phase.CHECKING, done=done, total=total)
        missing = total - done + SPARE - self._free(self._folder)
        if missing > 0 and done < total:
            raise EngineError(
                "disk_full",
                f"{self._entry.title} takes {in_gb(total - done)} more; the disk of"
                f" {self._store.root} has {in_gb(self._free(self._folder))} free, of which"
                f" {in_gb(SPARE)} should stay so.",
                f"Free {in_gb(missing)}, or name a folder on another disk in {VARIABLE}.",
            )
        record = Record(
            origin=Origin.DOWNLOADED,
            title=self._entry.title,
            entry=self._entry.name,
            repo=self._entry.repo,
            revision=listing.commit,
            wording=self._entry.wording,
            files={file.name: _expected(file) for file in files},
        )
        with self._writing():
            records.write(record, self._folder)
        return record

    def _fetch(self, file: HubFile, commit: str) -> None:
        """Bring one file to its end and check it. A whole file from earlier was checked then."""
        whole = self._folder / file.name
        if whole.is_file():
            return
        with self._writing():
            part = Part(self._folder / (file.name + SUFFIX), file)
        with closing(part):
            self._say(Phase.CHECKING, file)
            for _ in part.take_stock():
                self._refuse_if_cancelled()
            self._patiently(lambda: self._bytes(file, commit, part), self._pauses, file)
            with self._writing():
                part.keep()
        with self._writing():
            if part.digest != file.digest:
                part.path.unlink()
                raise _wrong(file, part)
            part.path.rename(whole)

    def _bytes(self, file: HubFile, commit: str, part: Part) -> None:
        """Append what is lacking. Raises HubBusyError when it breaks off."""
        if part.is_long_enough:
            return
        with self._hub.open(self._entry.repo, commit, file, start=part.position) as answer:
            self._hold(answer)
            try:
                if answer.start != part.position:
                    with self._writing():
                        self._say(Phase.FETCHING, file, -part.position)
                        part.restart()
                for piece in answer.pieces():
                    with self._writing():
                        part.write(piece)
                    self.come += len(piece)
                    self._say(Phase.FETCHING, file, len(piece))
                    if part.position > file.size:
                        return  # the digest will tell
            finally:
                self._hold(None)
        if not part.is_long_enough:
            raise HubBusyError("the connection broke off")

    def _finish(self, record: Record) -> None:
        """Note every file's sha256, see that it is a checkpoint, and give it its name."""
        self.at = replace(self.at, phase=Phase.FINISHING, file="")
        files = {name: self._final(name, file) for name, file in record.files.items()}
        found = recognise(self._folder)
        with self._writing():
            records.write(
                replace(
                    record,
                    files=files,
                    family=found.family or self._entry.family,
                    model_type=found.model_type,
                    base=found.base,
                ),
                self._folder,
            )
            self._folder.rename(self._store.place(self._entry.name))

    def _final(self, name: str, file: File) -> File:
        if not file.sha256.startswith(GIT):
            return file
        digest = ""
        for step in sha256_of(self._folder / name):
            self._refuse_if_cancelled()
            digest = str(step)
        return File(file.size, digest)

    def _patiently(
        self, work: Callable[[], Value], pauses: Sequence[float], file: HubFile | None = None
    ) -> Value:
        """Do the work, again after a pause where it fails in a way that passes.

        Getting further than ever begins the row of pauses anew.
        """
        attempt, furthest = 0, self.at.done
        while True:
            try:
                return work()
            except HubBusyError as error:
                self._refuse_if_cancelled()
                if self.at.done > furthest:
                    attempt, furthest = 0, self.at.done
                if attempt == len(pauses):
                    raise self._unreachable(error) from error
                self._say(Phase.WAITING, file)
                self._cancelled.wait(pauses[attempt])
                self._refuse_if_cancelled()
                attempt += 1

    def _unreachable(self, error: HubBusyError) -> EngineError:
        kept = f" What has come ({in_gb(self.at.done)}) is kept." if self.at.done else ""
        return EngineError(
            "unreachable",
            f"Downloading from {self._hub.endpoint} failed: {error.reason}.",
            f"Check the connection and download again.{kept}",
        )

    def _say(self, phase: Phase, file: HubFile | None, more: int = 0) -> None:
        name = file.name if file else ""
        self.at = replace(self.at, phase=phase, file=name, done=self.at.done + more)

    def _hold(self, answer: Answer | None) -> None:
        with self._gate:
            self._answer = answer
            if answer is not None and self._cancelled.is_set():
                raise CancelledError

    def _refuse_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Around every change on disk: none after `cancel` has returned."""
        with self._gate:
            self._refuse_if_cancelled()
            yield


def _expected(file: HubFile) -> File:
    return File(file.size, file.digest)


def _wrong(file: HubFile, part: Part) -> EngineError:
    kind = "git digest" if file.digest.startswith(GIT) else "sha256"
    found, promised = (text.removeprefix(GIT)[:12] for text in (part.digest, file.digest))
    return EngineError(
        "wrong_sha256",
        f"{file.name} did not come as the hub promises: its {kind} is {found}…, not {promised}….",
        "It was thrown away. Download again; if it comes so again, something between here and the"
        " hub changes what passes.",
    )
