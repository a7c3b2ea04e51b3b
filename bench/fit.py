"""Fits the verdicts of the built-in engine on the tuning half of the photos and prints the table.

    python -m bench.fit [--photos DIR] [--kinds noise soft_focus …]

Each verdict is a logistic regression on named measurements: the injected fault at its fixed
strengths against the untouched photos and the other faults. Its zero lies where at most `FALSE`
of the untouched photos are accused; half way to the weakest strength, where that lies above it.
The printed lines go into engine/builtin/verdicts.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.cases import PHOTOS, Case, cases, held_out, photos, read_photo
from engine.builtin.features import Features, detail_features, tilt_features, tone_features
from engine.builtin.measured import Measured
from engine.builtin.pictures import Pictures
from engine.builtin.verdicts import LEAST_TILT


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verdict weighs, which faults it is taught with, and how often it may accuse an
    untouched photo of the tuning half.
    """

    source: Callable[[Measured], Features]
    names: tuple[str, ...]
    faults: tuple[str, ...]
    false: float
    miss: float = 0.03


_TONE: Final = ("", "exposure", "contrast", "cast")
_DETAIL: Final = ("", "blur", "motion", "noise")
PLANS: Final = {
    "underexposed": Plan(
        tone_features,
        (
            "headroom_ev",
            "middle_ev",
            "white_ev",
            "black_ev",
            "bright_share",
            "dark_share",
            "black",
            "spread",
        ),
        _TONE,
        0.08,
    ),
    "overexposed": Plan(
        tone_features,
        ("middle_ev", "black_ev", "log_highlights", "log_white", "bright_share", "dark_share"),
        _TONE,
        0.1,
    ),
    "low_contrast": Plan(
        tone_features, ("spread", "black", "middle_spread", "deviation"), _TONE, 0.1
    ),
    "soft_focus": Plan(
        detail_features,
        ("fine_worst", "fine_uneven", "fine_98", "fine_90", "fine_50", "coarse_worst"),
        _DETAIL,
        0.06,
    ),
    "noise": Plan(
        detail_features,
        ("log_sigma", "log_floor", "log_coarse", "texture", "fine_90", "fine_50"),
        _DETAIL,
        0.06,
    ),
    "tilted_horizon": Plan(
        tilt_features,
        (
            "angle",
            "log_support",
            "share",
            "log_longest",
            "log_straight",
            "prominence",
            "rival",
            "coherence",
            "coherence_lost",
            "lean",
            "log_lines",
        ),
        ("", "tilt"),
        0.07,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--kinds", nargs="*", default=list(PLANS))
    arguments = parser.parse_args()
    chosen = {kind: PLANS[kind] for kind in arguments.kinds}
    samples = _samples(arguments.photos, chosen)
    for kind, plan in chosen.items():
        print(_fitted(kind, plan, samples))


def _samples(folder: Path, plans: dict[str, Plan]) -> list[tuple[Case, Features]]:
    found = []
    for path in photos(folder):
        if held_out(path):
            continue
        rgb = read_photo(path)
        for case in cases(path, unseen=False):
            sources = {plan.source for plan in plans.values() if case.fault in plan.faults}
            if not sources:
                continue
            measured = Measured(Pictures.from_array(case.make(rgb)))
            features: Features = {}
            for source in sources:
                features |= source(measured)
            found.append((case, features))
    return found


def _fitted(kind: str, plan: Plan, samples: list[tuple[Case, Features]]) -> str:
    chosen = [
        (case, [features[name] for name in plan.names])
        for case, features in samples
        if case.fault in plan.faults and set(plan.names) <= features.keys()
    ]
    values = np.array([row for _, row in chosen])
    wrong = np.array([case.finds == kind for case, _ in chosen])
    untouched = np.array([case.fault == "" for case, _ in chosen])
    weakest = min((abs(case.strength) for case, _ in chosen if case.finds == kind), default=0.0)
    if kind == "low_contrast":
        weakest = 0.5
    weak = np.array([case.finds == kind and abs(case.strength) == weakest for case, _ in chosen])
    taught = np.ones(len(chosen), bool)
    if kind == "tilted_horizon":
        lean = values[:, plan.names.index("angle")]
        off = np.abs(lean - np.array([case.truth for case, _ in chosen]))
        values = np.delete(values, plan.names.index("angle"), axis=1)
        wrong &= off < 1
        taught = (np.abs(lean) >= LEAST_TILT) | ~untouched
    importance = np.where(untouched, 6.0, 1.0)
    weights = logistic(values[taught], wrong[taught], importance[taught])
    z = np.where(taught, values @ weights[:-1] + weights[-1], -np.inf)
    accused, missed = np.quantile(z[untouched], 1 - plan.false), np.quantile(z[weak], plan.miss)
    zero = max(accused, (accused + missed) / 2)
    scale = float(np.median(z[wrong]) - zero)
    names = [name for name in plan.names if name != "angle"]
    named = ", ".join(f'"{n}": {w:.4g}' for n, w in zip(names, weights[:-1], strict=True))
    return (
        f'    "{kind}": Verdict({{{named}}}, {weights[-1] - zero:.4g}, {scale:.3g}),'
        f"  # accused {np.mean(z[untouched] > zero):.3f}, found {np.mean(z[weak] > zero):.3f}"
    )


def logistic(
    values: np.ndarray, wrong: np.ndarray, importance: np.ndarray, *, ridge: float = 2e-3
) -> np.ndarray:
    """Weights for the raw values, then the bias, of a ridge-regularised logistic regression.

    values (n, k), wrong (n,) bool, importance (n,). Newton's method on standardised values.
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    design = np.c_[(values - mean) / deviation, np.ones(len(values))]
    importance = importance / importance.mean()
    penalty = ridge * len(values) * np.r_[np.ones(values.shape[1]), 0.0]
    beta = np.zeros(design.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        slope = design.T @ (importance * (chance - wrong)) + penalty * beta
        spread = importance * chance * (1 - chance) + 1e-6
        curve = (design * spread[:, None]).T @ design + np.diag(penalty)
        beta = beta - np.linalg.solve(curve, slope)
    weights = beta[:-1] / deviation
    return np.r_[weights, beta[-1] - weights @ mean]


if __name__ == "__main__":
    main()
