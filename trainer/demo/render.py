"""Draws a scene: sky, ground with its pattern, subject; what went wrong comes after that."""

from __future__ import annotations

from functools import cache
from math import pi
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.demo.scenes import Place, Scene, Subject, Tint, turned

Rgb = NDArray[np.uint8]

_SKY: Final = {
    Place.SEA: (150, 190, 225),
    Place.MEADOW: (165, 200, 230),
    Place.DESERT: (190, 205, 220),
    Place.SNOW: (140, 160, 190),
}
_GROUND: Final = {
    Place.SEA: (45, 95, 140),
    Place.MEADOW: (85, 140, 60),
    Place.DESERT: (200, 165, 110),
    Place.SNOW: (200, 205, 210),
}
_TINTS: Final = {
    Tint.NEUTRAL: (1.0, 1.0, 1.0),
    Tint.ORANGE: (1.25, 0.95, 0.5),
    Tint.BLUE: (0.6, 0.85, 1.35),
}
_SIGN: Final = (250, 225, 30)
_WAVES: Final = 14
"""Of the ground's pattern over the picture: so fine that a soft lens swallows them."""
_FINER: Final = 2
"""Drawn at so many times the size and reduced: edges lie between pixels."""
_ROOM: Final = 0.25
"""Drawn beyond every border of a scene that is turned, so that its corners are filled."""
_FIXED: Final = 4
"""Binary places of OpenCV's coordinates."""


def render(scene: Scene, side: int) -> Rgb:
    """The picture, `side` pixels square: (side, side, 3) of sRGB, the same for the same scene."""
    fine = side * _FINER
    picture = _tilted(scene, fine) if scene.tilt else _level(scene, fine, room=0.0)
    if scene.distraction is not None:
        left, top, right, bottom = (round(edge * fine) for edge in scene.distraction)
        picture[top:bottom, left:right] = _SIGN
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    if scene.blur:
        small = cv2.GaussianBlur(small, (0, 0), scene.blur * side)
    light = np.array(_TINTS[scene.tint], np.float32) * np.float32(scene.gain * scene.shade)
    return np.minimum(small * light, np.float32(255)).astype(np.uint8)


def _tilted(scene: Scene, fine: int) -> Rgb:
    level = _level(scene, fine, room=_ROOM)
    whole = level.shape[0]
    middle = (whole - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), -scene.tilt, 1.0)
    turn[:, 2] -= round(fine * _ROOM)
    return _picture(cv2.warpAffine(level, turn, (fine, fine), flags=cv2.INTER_LINEAR))


def _level(scene: Scene, fine: int, *, room: float) -> Rgb:
    """The scene before it is turned, `room` of its side wider on every border."""
    margin = round(fine * room)
    whole = fine + 2 * margin
    horizon = margin + round(scene.horizon * fine)
    picture = np.empty((whole, whole, 3), np.uint8)
    # The sky grows lighter towards the horizon.
    rise = np.linspace(0.8, 1.0, horizon, dtype=np.float32)
    picture[:horizon] = (rise[:, None] * np.array(_SKY[scene.place], np.float32))[:, None]
    start = round(scene.phase * fine / _WAVES)
    picture[horizon:] = _ground(scene.place, fine)[horizon:whole, start : start + whole]
    _draw_subject(picture, scene, fine, margin)
    return picture


@cache
def _ground(place: Place, fine: int) -> Rgb:
    """A ground with waves across it, larger than any picture of `fine` pixels needs."""
    steps = np.arange(2 * fine, dtype=np.float32) / np.float32(fine)
    x, y = np.meshgrid(steps, steps)
    bent = x * np.float32(_WAVES) + np.sin(y * np.float32(10 * pi)) / np.float32(pi)
    wave = np.float32(1.0) + np.float32(0.15) * np.sin(np.float32(2 * pi) * bent)
    return np.minimum(wave[..., None] * np.array(_GROUND[place], np.float32), 255).astype(np.uint8)


def _draw_subject(picture: Rgb, scene: Scene, fine: int, margin: int) -> None:
    """In the middle of its place, in units of its size, down and right positive."""
    x, y = (margin + each * fine for each in turned(scene.centre, -scene.tilt))
    size = scene.size * fine

    def polygon(colour: tuple[int, int, int], *corners: tuple[float, float]) -> None:
        places = np.array([(x + u * size, y + v * size) for u, v in corners])
        fixed = np.rint(places * 2**_FIXED).astype(np.int32)
        cv2.fillPoly(picture, [fixed], colour, lineType=cv2.LINE_8, shift=_FIXED)

    def block(colour: tuple[int, int, int], half: float, top: float, bottom: float) -> None:
        polygon(colour, (-half, top), (half, top), (half, bottom), (-half, bottom))

    match scene.subject:
        case Subject.HOUSE:
            block((205, 40, 35), 0.42, -0.1, 0.5)
            polygon((120, 25, 25), (-0.5, -0.1), (0.5, -0.1), (0.0, -0.5))
        case Subject.TREE:
            block((90, 60, 35), 0.07, 0.0, 0.5)
            middle = (round(x * 2**_FIXED), round((y - 0.12 * size) * 2**_FIXED))
            cv2.circle(
                picture, middle, round(0.38 * size * 2**_FIXED), (225, 60, 20), -1, shift=_FIXED
            )
        case Subject.TOWER:
            block((215, 30, 40), 0.25, -0.5, 0.5)
            block((245, 240, 230), 0.25, -0.15, 0.15)


def _picture(values: NDArray[np.generic]) -> Rgb:
    return np.asarray(values, np.uint8)
