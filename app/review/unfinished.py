"""Words that a reviewer typed and has not decided with, kept beside their decisions. No Qt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from app.review.desk import Unfinished
from engine.review.decisions import log_of
from engine.review.records import ReviewError
from engine.saving import write_whole
from engine.wire import WireError, from_json, to_json


def place_of(records: Path, reviewer: str) -> Path:
    """The file of a reviewer's unfinished words about a file of records."""
    return log_of(records, reviewer).with_suffix(".unfinished.json")


def load(records: Path, reviewer: str) -> dict[str, Unfinished]:
    """By the record's id; ReviewError where there are some and they cannot be read."""
    place = place_of(records, reviewer)
    try:
        data = json.loads(place.read_bytes())
        return {str(record): from_json(Unfinished, each) for record, each in data.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ReviewError(f"{place} cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError, WireError) as error:
        aside = place.with_suffix(".broken")
        try:
            place.replace(aside)
        except OSError:
            aside = place
        reason = f"{place} has no unfinished words ({error})"
        raise ReviewError(f"{reason}: look for them in {aside}") from error


def save(records: Path, reviewer: str, unfinished: Mapping[str, Unfinished]) -> None:
    """Keep them; OSError where that cannot be."""
    data = {record: to_json(each) for record, each in unfinished.items()}
    write_whole(place_of(records, reviewer), json.dumps(data, ensure_ascii=False).encode("utf-8"))
