"""Fits the colour cast of the built-in engine on the tuning half and prints its weights.

    python -m bench.fit_cast [--photos DIR]

A conditional logit: of all the neutrals that are tried, which one was injected? Each tuning photo
is taught untouched (its neutral is grey) and with casts of many hues and strengths, so that no hue
is favoured. The zero of the odds lies where `FALSE` of the untouched photos are accused. The
printed lines go into engine/builtin/measure/colour.py, the scale into engine/builtin/verdicts.py.
"""

from __future__ import annotations

import argparse
import hashlib
from math import cos, radians, sin
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench import inject
from bench.cases import PHOTOS, held_out, photos, read_photo
from bench.pool import spread
from engine.builtin.measure.colour import NEUTRALS, neutral_fits, odds_of
from engine.builtin.pictures import REDUCED_SIDE, SMALL_SIDE, fitted

FALSE: Final = 0.125
"""Share of the untouched tuning photos that may be accused; the bar for unseen ones is 0.15."""

HUES: Final = 18
WEAKEST, STRONGEST = 6.0, 17.0
_NEAR_TRUTH: Final = 2.5
"""In ΔE: how exactly a neutral must be met; most photos have a slight cast of their own."""
_UNTOUCHED: Final = 6.0
"""How many casts an untouched photo weighs as much as; there are `HUES` of them."""
_RIDGE: Final = 1e-3


def taught(path: Path) -> list[tuple[float, float, NDArray[np.float64]]]:
    """(a, b, fits) of the photo untouched and with casts of `HUES` hues, half of them by light."""
    seed = int.from_bytes(hashlib.sha1(path.name.encode()).digest()[1:4], "big")
    rng = np.random.default_rng(seed)
    rgb = fitted(read_photo(path), REDUCED_SIDE)
    found = [(0.0, 0.0, neutral_fits(fitted(rgb, SMALL_SIDE)))]
    for i in range(HUES):
        hue = (i + float(rng.random())) * 360 / HUES
        delta_e = float(rng.uniform(WEAKEST, STRONGEST))
        cast = inject.tinted(rgb, delta_e, hue, by_light=i % 2 == 1)
        a, b = delta_e * cos(radians(hue)), delta_e * sin(radians(hue))
        found.append((a, b, neutral_fits(fitted(cast, SMALL_SIDE))))
    return found


def conditional_logit(
    fits: NDArray[np.float64], chances: NDArray[np.float64], importance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The weights (k,) for fits (n, m, k) whose softmax over m comes nearest to the chances (n, m).

    Newton's method with halved steps on standardised fits, ridge-regularised.
    """
    count = fits.shape[2]
    deviation = fits.reshape(-1, count).std(axis=0) + 1e-9
    values = fits / deviation
    values -= values.mean(axis=1, keepdims=True)
    importance = importance / importance.sum()
    beta = np.zeros(count)

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = values @ beta
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        total = -float((importance[:, None] * chances * logs).sum())
        return total + _RIDGE / 2 * float(beta @ beta), np.exp(logs)

    now, said = loss(beta)
    for _ in range(40):
        weight = importance[:, None] * said
        off = weight - importance[:, None] * chances
        slope = off.ravel() @ values.reshape(-1, count) + _RIDGE * beta
        mean = np.matmul(said[:, None, :], values)[:, 0]
        rooted = (values * np.sqrt(weight)[..., None]).reshape(-1, count)
        curve = rooted.T @ rooted - (mean * importance[:, None]).T @ mean + _RIDGE * np.eye(count)
        step = np.linalg.solve(curve, slope)
        while (attempt := loss(beta - step))[0] > now and np.abs(step).max() > 1e-6:
            step /= 2
        beta, gained = beta - step, now - attempt[0]
        now, said = attempt
        if gained < 1e-7:
            break
    return beta / deviation


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    arguments = parser.parse_args()
    tuning = [path for path in photos(arguments.photos) if not held_out(path)]
    rows = [row for found in spread(taught, tuning) for row in found]
    truth = np.array([(a, b) for a, b, _ in rows])
    fits = np.stack([f for _, _, f in rows])
    untouched = ~truth.any(axis=1)
    far = ((NEUTRALS[None] - truth[:, None]) ** 2).sum(axis=2)
    chances = np.exp(-far / (2 * _NEAR_TRUTH**2))
    chances /= chances.sum(axis=1, keepdims=True)
    weights = conditional_logit(fits, chances, np.where(untouched, _UNTOUCHED, 1.0))
    weights = np.round(weights, 3)
    odds = np.array([odds_of(f @ weights)[0] for f in fits])
    zero = float(np.quantile(odds[untouched], 1 - FALSE))
    strong = np.hypot(*truth.T) > (WEAKEST + STRONGEST) / 2
    print(f"_FIT_WEIGHTS = {weights.tolist()}")
    print(f"_ZERO = {zero:.3f}")
    print(f"CAST_SCALE = {np.median(odds[strong]) - zero:.2f}")
    print(f"found: weak {np.mean(odds[~strong & ~untouched] > zero):.3f},", end=" ")
    print(f"strong {np.mean(odds[strong] > zero):.3f}")


if __name__ == "__main__":
    main()
