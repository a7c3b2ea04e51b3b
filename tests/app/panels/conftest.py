"""Sessions and pictures for panels: what a controller would hand them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain.session import Answer, Framing, Progress, Session
from app.services.picture import Picture, levels_of
from engine.vocabulary import (
    CRITIQUE_TASKS,
    EVERYWHERE,
    Box,
    Critique,
    Crop,
    Finding,
    FindingKind,
    Line,
    Measurement,
    Purpose,
    Size,
    Strength,
    StrengthKind,
    Task,
    Where,
)

SIZE = Size(600, 400)
TILT = Finding(
    FindingKind.TILTED_HORIZON,
    0.5,
    Where(line=Line(0, 0.5, 1, 0.55)),
    Measurement(2.4, "deg", "leans 2.4° clockwise"),
    "Hold the camera level.",
    "Turn it back.",
)
DARK = Finding(
    FindingKind.UNDEREXPOSED,
    0.8,
    EVERYWHERE,
    Measurement(-1.0, "EV", "1 EV too dark"),
    "Open up.",
    "Raise the exposure.",
)
SHARP = Strength(StrengthKind.SHARP, EVERYWHERE, Measurement(1.0, "px", "edges 1 px wide"))
CROPS = (
    Crop(Box(0.1, 0.1, 0.9, 0.9), rationale="It keeps what matters.", score=0.8),
    Crop(Box(0.0, 0.0, 0.5, 0.5), purpose=Purpose.TIGHTER, rationale="Closer."),
)


def finished(critique: Critique, crops: tuple[Crop, ...] = CROPS) -> Session:
    """A session whose critique is complete."""
    framing = Framing(crops, 0 if crops else None)
    session = Session(Path("photo.jpg"), SIZE, critique, framing=framing)
    for task in CRITIQUE_TASKS:
        session = session.with_progress(task, Progress.DONE)
    return session


@pytest.fixture
def session() -> Session:
    critique = Critique("One.", "Two.", "Three.", "Four.", (DARK, TILT), (SHARP,))
    return finished(critique)


@pytest.fixture
def answered_session(session: Session) -> Session:
    why = Answer(
        7,
        Task.WHY,
        crop=CROPS[1],
        arguments_for="Pro.",
        arguments_against="Contra.",
        progress=Progress.DONE,
    )
    return replace(session, answers=(why,))


@pytest.fixture
def quarters() -> Picture:
    """Red, green; blue, white: one colour a quarter."""
    pixels = np.zeros((400, 600, 3), np.uint8)
    pixels[:200, :300] = (255, 0, 0)
    pixels[:200, 300:] = (0, 255, 0)
    pixels[200:, :300] = (0, 0, 255)
    pixels[200:, 300:] = (255, 255, 255)
    return Picture(Path("photo.jpg"), SIZE, levels_of(pixels), complete=True)
