"""What can go wrong with files, in words that a person can act on."""

from __future__ import annotations

import errno
from pathlib import Path


class FileError(Exception):
    """Something could not be done with a file or folder: its path, a code for programs, a reason
    and a remedy for people.
    """

    def __init__(self, path: Path, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path.name}: {reason} {remedy}")
        self.path = path
        self.code = code
        self.reason = reason
        self.remedy = remedy


class ExportError(FileError):
    """A crop could not be exported; nothing was left behind and no file was changed.

    Codes: `exists`, `disk_full`, `read_only`, `no_folder`, `bad_name`, `write_failed`, `stopped`,
    `outside`, `too_large`, `unreadable`, and those of engine.photo.PhotoError.
    """


class FolderError(FileError):
    """A folder cannot be listed. Codes: `no_folder`, `not_a_folder`, `no_permission`,
    `unreadable`.
    """


def export_error(path: Path, error: OSError) -> ExportError:
    """The operating system's complaint about writing `path`, in plain words."""
    folder = path.parent
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return ExportError(
                path,
                "disk_full",
                "There is no room left where it should be saved.",
                "Free some space or choose another folder.",
            )
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return ExportError(
                path,
                "read_only",
                f"The folder {folder} does not let Venus write into it.",
                "Choose another folder.",
            )
        case errno.ENOENT | errno.ENOTDIR:
            return ExportError(
                path,
                "no_folder",
                f"There is no folder {folder}.",
                "Make the folder or choose another one.",
            )
        case errno.ENAMETOOLONG | errno.EINVAL:
            return ExportError(
                path,
                "bad_name",
                "The file system does not take this name.",
                "Choose a shorter name without special characters.",
            )
        case _:
            return ExportError(
                path,
                "write_failed",
                f"Saving failed ({error.strerror or 'no reason was given'}).",
                "Try again, or choose another folder.",
            )
