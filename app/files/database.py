"""Opening the store's database: migrations, a damaged file moved aside, memory where nothing can
be written.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

BUSY_SECONDS: Final = 2.0
"""How long one window waits for another's write; a write takes a few milliseconds."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE documents (
            path BLOB NOT NULL, file_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
            name BLOB NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
            document TEXT NOT NULL, saved INTEGER NOT NULL,
            PRIMARY KEY (path, file_bytes, mtime_ns)) STRICT, WITHOUT ROWID""",
        "CREATE INDEX documents_by_file ON documents (file_bytes, mtime_ns, name)",
        "CREATE TABLE opened (path BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE INDEX opened_by_time ON opened (at)",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
)
"""Statements that lead from one version to the next; never changed once released, only added to."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the store that the photographer should know. Codes: `moved_aside`,
    `in_memory`, `newer`.
    """

    code: str
    reason: str
    remedy: str


class NewerDatabaseError(Exception):
    """A later Venus has written this file."""


def default_path() -> Path:
    """Where this system keeps an application's data."""
    return Path(platformdirs.user_data_dir("venus", appauthor=False)) / "venus.sqlite3"


def open_database(path: Path) -> tuple[sqlite3.Connection, Notice | None]:
    """Open or make the database, in autocommit; always gives one that works.

    A damaged file is moved aside, never deleted. Where the file cannot be written, its content is
    taken into memory, as far as it can be read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _opened(path), None
        except sqlite3.OperationalError:
            raise  # a lock, a missing right, a full disk: not the file's fault
        except sqlite3.DatabaseError:
            aside = _moved_aside(path)
            return _opened(path), Notice(
                "moved_aside",
                f"The file that keeps your crops was damaged; it is now {aside.name}.",
                f"Venus started a new one. The old one is in {aside.parent}.",
            )
    except NewerDatabaseError:
        return _in_memory(None), Notice(
            "newer",
            "Your crops were last kept by a newer version of Venus.",
            "Start that version. What you do now is not kept.",
        )
    except (sqlite3.Error, OSError):
        return _in_memory(path), Notice(
            "in_memory",
            f"Venus cannot write to {path}.",
            "What you do now is not kept. Check the folder's permissions and free space.",
        )


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _use_write_ahead_log(database)
        database.execute("PRAGMA synchronous = NORMAL")  # safe with WAL, and no wait for the disk
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick_check found damage")
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _use_write_ahead_log(database: sqlite3.Connection) -> None:
    """Readers and a writer side by side. The switch itself does not wait for a lock: we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def writing(database: sqlite3.Connection) -> Iterator[None]:
    """One transaction that has the right to write from its start."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def migrate(database: sqlite3.Connection) -> None:
    """Bring the database to the present version; NewerDatabaseError where it is beyond that."""
    with writing(database):
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise NewerDatabaseError
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _moved_aside(path: Path) -> Path:
    """Give the damaged file, and what belongs to it, a free name beside it."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{ending}").rename(f"{aside}{ending}")
    return aside


def _in_memory(path: Path | None) -> sqlite3.Connection:
    """A database without a file, with the content of the one that cannot be written."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    if path is not None and os.access(path, os.R_OK):
        with suppress(sqlite3.Error), closing(_read_only(path)) as source:
            source.backup(database)
    try:
        migrate(database)
    except (sqlite3.Error, NewerDatabaseError):
        database.close()
        database = sqlite3.connect(":memory:", isolation_level=None)
        migrate(database)
    return database


def _read_only(path: Path) -> sqlite3.Connection:
    # immutable: a write-ahead log needs a lock file beside it, which cannot be made here.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
