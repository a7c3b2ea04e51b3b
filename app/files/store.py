"""The session store: what was made of each photo, the recent photos and the settings, in SQLite.

A photo is known by its path, its length in bytes and its time of change; its session is an opaque
document to the store. Several windows may use one file: every write is one row in one transaction.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from app.files.database import Notice, open_database, writing
from engine.vocabulary import Size

VERSIONS_KEPT: Final = 3
"""Documents kept of one path: a photo edited elsewhere and put back finds its crops again."""


class StoreError(Exception):
    """The store cannot do something now: a code for programs, a reason and a remedy for people.
    Codes: `busy`, `disk_full`, `write_failed`, `damaged`, `unreadable`.
    """

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.code = code
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class PhotoKey:
    """A photo as the store knows it: `path` is absolute, `mtime_ns` in nanoseconds."""

    path: Path
    file_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, photo: Path) -> PhotoKey:
        """The key of a file as it is now; StoreError `unreadable` where there is none."""
        try:
            status = photo.stat()
        except OSError as error:
            raise StoreError(
                "unreadable",
                f"{photo.name} is not there any more.",
                "Open the photo again from where it is now.",
            ) from error
        return cls(Path(os.path.normcase(photo.resolve())), status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document from the store. With `changed`, the file was changed since, at the same size in
    pixels: crops still fit it, but what was said about the picture may not.
    """

    document: str
    changed: bool


class Store:
    """An open session store. Belongs to the thread that opened it.

    `notice` says what was wrong at opening; the store works all the same, at worst in memory.
    """

    def __init__(self, path: Path) -> None:
        self._database, self.notice = open_database(path)

    notice: Notice | None

    def close(self) -> None:
        """Close the file; the store cannot be used after that."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, key: PhotoKey, document: str, *, size: Size, now_ns: int) -> None:
        """Keep the document of a photo of `size`; `now_ns` is the time in nanoseconds."""
        with _telling():
            self._save(key, document, size, now_ns)

    def _save(self, key: PhotoKey, document: str, size: Size, now_ns: int) -> None:
        path = os.fsencode(key.path)
        with writing(self._database):
            self._database.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET document = excluded.document, saved = excluded.saved, "
                "width = excluded.width, height = excluded.height",
                (
                    *(path, key.file_bytes, key.mtime_ns, os.fsencode(key.path.name)),
                    *(size.width, size.height, document, now_ns),
                ),
            )
            self._database.execute(
                "DELETE FROM documents WHERE path = ? AND (file_bytes, mtime_ns) NOT IN "
                "(SELECT file_bytes, mtime_ns FROM documents WHERE path = ? "
                "ORDER BY saved DESC LIMIT ?)",
                (path, path, VERSIONS_KEPT),
            )

    def load(self, key: PhotoKey, *, size: Size) -> Kept | None:
        """The document of a photo of `size`, or None.

        First that of this very file, also after it was moved to another folder. Otherwise the
        latest one of this path if the picture had the same size in pixels: the file was changed
        (a rating written into it, colours edited), and its crops still mean the same places.
        """
        with _telling():
            return self._load(key, size)

    def _load(self, key: PhotoKey, size: Size) -> Kept | None:
        path, name = os.fsencode(key.path), os.fsencode(key.path.name)
        pixels = (size.width, size.height)
        same = self._database.execute(
            "SELECT document FROM documents WHERE file_bytes = ? AND mtime_ns = ? AND name = ? "
            "AND width = ? AND height = ? ORDER BY path = ? DESC, saved DESC LIMIT 1",
            (key.file_bytes, key.mtime_ns, name, *pixels, path),
        ).fetchone()
        if same is not None:
            return Kept(same[0], changed=False)
        earlier = self._database.execute(
            "SELECT document FROM documents WHERE path = ? AND width = ? AND height = ? "
            "ORDER BY saved DESC LIMIT 1",
            (path, *pixels),
        ).fetchone()
        return None if earlier is None else Kept(earlier[0], changed=True)

    def note_opened(self, photo: Path, *, now_ns: int) -> None:
        """Put the photo at the head of the recent ones."""
        with _telling():
            self._database.execute(
                "INSERT INTO opened VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
                (os.fsencode(photo.absolute()), now_ns),
            )

    def recent(self, limit: int) -> tuple[Path, ...]:
        """The photos opened last, newest first, without those that are gone (they come back when
        their drive does).
        """
        photos: list[Path] = []
        with _telling():
            rows = self._database.execute("SELECT path FROM opened ORDER BY at DESC").fetchall()
        for (path,) in rows:
            if len(photos) == limit:
                break
            photo = Path(os.fsdecode(path))
            if photo.is_file():
                photos.append(photo)
        return tuple(photos)

    def setting(self, name: str) -> Any:
        """The JSON value kept under `name`; None where there is none."""
        with _telling():
            row = self._database.execute(
                "SELECT value FROM settings WHERE name = ?", (name,)
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a JSON value under `name`."""
        with _telling():
            self._database.execute(
                "INSERT INTO settings VALUES (?, ?) "
                "ON CONFLICT DO UPDATE SET value = excluded.value",
                (name, json.dumps(value, ensure_ascii=False)),
            )


@contextmanager
def _telling() -> Iterator[None]:
    """Say in words what SQLite could not do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _in_words(error) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            "damaged",
            "The file that keeps your crops is damaged.",
            "Start Venus again: it moves the file aside and begins a new one.",
        ) from error


def _in_words(error: sqlite3.OperationalError) -> StoreError:
    match error.sqlite_errorcode & 0xFF:  # the extended codes keep the plain one in this byte
        case sqlite3.SQLITE_FULL:
            return StoreError(
                "disk_full", "There is no room left to keep your crops.", "Free some space."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                "busy",
                "Your crops could not be kept: another window of Venus is writing.",
                "Change something in the photo to try again.",
            )
        case _:
            return StoreError(
                "write_failed",
                f"Your crops could not be kept ({error}).",
                "Check the drive that holds your home folder, then start Venus again.",
            )
