"""The photos and the injected faults of the benches, and which half each photo belongs to."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from bench import inject
from bench.inject import Picture

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = ROOT.parent / "shared" / "flms_dev" / "images"


@dataclass(frozen=True, slots=True)
class Case:
    """One fault put into one photo.

    fault     the table of tests/faults.toml it comes from; "" for the untouched photo
    strength  as there
    unseen    whether the strength was kept out of every fit
    finds     the finding kind that names it rightly
    truth     what the value's sign or size is checked against: EV, degrees of hue, or degrees of
              tilt with the photo's own
    make      the picture with the fault
    """

    fault: str
    strength: float
    unseen: bool
    finds: str
    truth: float
    make: Callable[[Picture], Picture]

    @property
    def name(self) -> str:
        return f"{self.fault} {self.strength:+g}" if self.fault else "untouched"


def _same(rgb: Picture) -> Picture:
    return rgb


UNTOUCHED: Final = Case("", 0.0, False, "", 0.0, _same)


def read_photo(path: Path) -> Picture:
    """The file as (H, W, 3) uint8 sRGB; ValueError where it is no picture."""
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise ValueError(f"{path} is not a picture")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def photos(folder: Path = PHOTOS, limit: int | None = None) -> list[Path]:
    """The picture files of a folder; with a limit, as many of either half, evenly spread."""
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if limit is None or limit >= len(found):
        return found
    chosen = []
    for held in (False, True):
        half, share = [p for p in found if held_out(p) is held], (limit + held) // 2
        chosen += [half[i * len(half) // share] for i in range(min(share, len(half)))]
    return sorted(chosen)


def held_out(path: Path) -> bool:
    """Whether the photo is in the half that no threshold was tuned on."""
    return hashlib.sha1(path.name.encode()).digest()[0] % 2 == 1


def horizons() -> dict[str, float]:
    """The tilt in degrees of each photo labelled by eye, by file name."""
    table = tomllib.loads((ROOT / "bench" / "horizons.toml").read_text(encoding="utf-8"))
    return {photo["name"]: photo["angle"] for photo in table["photo"]}


def cases(path: Path, *, unseen: bool = True, assume_level: bool = False) -> Iterator[Case]:
    """The untouched photo, then every fault that suits it: tilts where the photo's own tilt was
    labelled by eye, or, with `assume_level`, in any photo.
    """
    table = tomllib.loads((ROOT / "tests" / "faults.toml").read_text(encoding="utf-8"))
    seed = int.from_bytes(hashlib.sha1(path.name.encode()).digest()[1:4], "big")
    own_tilt = horizons().get(path.name)
    yield UNTOUCHED
    for fault, entry in table.items():
        for strength in (*entry["strengths"], *(entry["unseen"] if unseen else ())):
            new = strength in entry["unseen"]
            if fault == "tilt" and own_tilt is None and not assume_level:
                continue
            if fault == "cast":
                hues = [*entry["hues"], *entry["unseen_hues"]] if new else entry["hues"]
                for hue in hues:
                    yield _cast(strength, hue, new, seed)
                continue
            yield _case(fault, strength, new, seed, entry, own_tilt or 0.0)


def _case(
    fault: str, strength: float, new: bool, seed: int, entry: dict[str, Any], own_tilt: float
) -> Case:
    if fault == "exposure":
        kind = "underexposed" if strength < 0 else "overexposed"
        return Case(fault, strength, new, kind, strength, partial(inject.exposed, ev=strength))
    if fault == "tilt":
        truth = strength + own_tilt
        return Case(
            fault, strength, new, "tilted_horizon", truth, partial(inject.tilted, degrees=strength)
        )
    if fault == "blur":
        return Case(
            fault, strength, new, "soft_focus", 1, partial(inject.blurred, percent=strength)
        )
    if fault == "motion":
        directions = entry["directions"]
        angle = directions[seed % len(directions)]
        return Case(
            fault,
            strength,
            new,
            "soft_focus",
            1,
            partial(inject.smeared, percent=strength, direction=angle),
        )
    if fault == "noise":
        return Case(
            fault,
            strength,
            new,
            "noise",
            1,
            partial(inject.noisy, percent=strength, seed=seed, coloured=seed % 2 == 0),
        )
    if fault == "contrast":
        return Case(
            fault, strength, new, "low_contrast", 1, partial(inject.with_contrast, factor=strength)
        )
    raise ValueError(f"tests/faults.toml names a fault that no code injects: {fault}")


def _cast(strength: float, hue: float, new: bool, seed: int) -> Case:
    return Case(
        "cast",
        strength,
        new,
        "colour_cast",
        hue,
        partial(inject.tinted, delta_e=strength, hue=hue, by_light=seed // 2 % 2 == 0),
    )
