"""The pictures of a folder: which files, in which order, and a photo's neighbours."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.files.errors import FolderError
from engine.photo import OPENABLE_SUFFIXES

DIGITS: Final = re.compile(r"(\d+)")
HIDDEN_ON_WINDOWS: Final = 2  # FILE_ATTRIBUTE_HIDDEN

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Sorts names as people count: IMG_2 before IMG_10, whatever the case."""
    folded = unicodedata.normalize("NFC", name).casefold()
    parts = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in DIGITS.split(folded)
        if part
    )
    return parts, name  # the name itself decides between a.jpg and A.JPG


def is_photo_name(name: str) -> bool:
    """Whether a file of this name is one that Venus opens."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in OPENABLE_SUFFIXES  # noqa: PTH122


def photos_in(folder: Path) -> tuple[Path, ...]:
    """The folder's own photos in natural order, without hidden files; not those of its folders.

    Raises FolderError.
    """
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if is_photo_name(e.name) and _is_visible_file(e)]
    except OSError as error:
        raise _folder_error(folder, error) from error
    return tuple(folder / name for name in sorted(names, key=natural_key))


def _is_visible_file(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_file():
            return False
        if os.name != "nt":
            return True
        return not entry.stat().st_file_attributes & HIDDEN_ON_WINDOWS  # pyright: ignore[reportAttributeAccessIssue]
    except OSError:  # gone since it was listed, or a link that goes nowhere
        return False


def neighbours(photo: Path, photos: Sequence[Path]) -> tuple[Path | None, Path | None]:
    """The photos before and after `photo` among `photos_in`'s; None at either end.

    A photo that is no longer in the sequence has the neighbours that it would have.
    """
    at = bisect_left(photos, natural_key(photo.name), key=lambda other: natural_key(other.name))
    after = at + 1 if at < len(photos) and photos[at] == photo else at
    return (
        photos[at - 1] if at > 0 else None,
        photos[after] if after < len(photos) else None,
    )


def _folder_error(folder: Path, error: OSError) -> FolderError:
    if isinstance(error, FileNotFoundError):
        return FolderError(
            folder, "no_folder", "There is no such folder any more.", "Open another folder."
        )
    if isinstance(error, NotADirectoryError):
        return FolderError(
            folder, "not_a_folder", "This is a file and not a folder.", "Open it as a photo."
        )
    if isinstance(error, PermissionError):
        return FolderError(
            folder,
            "no_permission",
            "You are not allowed to look into this folder.",
            "Change the folder's permissions or open another one.",
        )
    return FolderError(
        folder,
        "unreadable",
        f"The folder cannot be read ({error.strerror or 'no reason was given'}).",
        "Check that its drive is connected, then try again.",
    )
