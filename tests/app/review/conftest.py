"""A file of three records and a reviewer before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from at_desk import Seat, records_at, seat
from pytestqt.qtbot import QtBot

from app.domain.settings import Theme
from app.theme.apply import apply_theme


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return records_at(tmp_path)


@pytest.fixture
def ada(qtbot: QtBot, file: Path) -> Iterator[Seat]:
    with seat(qtbot, file) as ada:
        yield ada
    apply_theme(Theme.DARK)
