"""A session controller with all that belongs to it, for tests: real loader, store and engine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.files.store import Store
from app.services.browser import Browser
from app.services.engine_client import EngineClient
from app.services.engines import Engines
from app.services.exporter import Exporter
from app.services.image_loader import ImageLoader
from app.services.keeper import Keeper
from app.services.models import Models
from app.services.session_controller import SessionController

BUILTIN = (sys.executable, "-P", "-m", "engine.host")


def scene(*, width: int = 600, height: int = 400, seed: int = 0) -> NDArray[np.uint8]:
    """A picture with a horizon, a bright ball and some grain: (height, width, 3) RGB."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(200, 120, height)[:, None, None]
    picture = np.broadcast_to(rows, (height, width, 3)) * np.array([0.8, 0.9, 1.0])
    picture = picture.copy()
    picture[int(height * 0.6) :] *= np.array([0.5, 0.6, 0.3])
    centre = (int(width * (0.25 + 0.1 * (seed % 5))), int(height * 0.55))
    cv2.circle(picture, centre, height // 9, (230, 60, 40), -1, cv2.LINE_AA)
    picture += rng.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def save(path: Path, picture: NDArray[np.uint8]) -> Path:
    """Write an RGB picture in the format that the name says."""
    done, data = cv2.imencode(path.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert done
    path.write_bytes(data.tobytes())
    return path


@contextmanager
def desk(
    folder: Path,
    *,
    command: Sequence[str] = BUILTIN,
    in_view_ms: int = 400,
    models: Models | None = None,
) -> Iterator[SessionController]:
    """A running controller whose store lies in `folder`; shut down at the end."""
    controller = SessionController(
        Engines(lambda choice, ids: EngineClient(choice=choice, command=command, ids=ids)),
        Browser(ImageLoader()),
        Keeper(Store(folder / "sessions.sqlite3")),
        Exporter(),
        Models(root=folder / "checkpoints") if models is None else models,
        in_view_ms=in_view_ms,
    )
    try:
        yield controller
    finally:
        controller.shut_down()


def until(qtbot: QtBot, truth: Callable[[], bool], *, seconds: float = 15) -> None:
    """Let Qt run until something is true."""
    qtbot.waitUntil(truth, timeout=int(seconds * 1000))
