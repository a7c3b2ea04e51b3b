"""Small FLMS, FCDB and GAICD folders of generated photos, in their published layouts."""

from __future__ import annotations

import json
from pathlib import Path

import generated_scenes

SIZE = (300, 200)


def flms(folder: Path, *, photos: int = 3) -> Path:
    """Each photo with two boxes: the same two for all."""
    (folder / "json").mkdir(parents=True)
    boxes = [[20, 10, 290, 190], [30, 20, 300, 200]]
    names = [_photo(folder / "images", number) for number in range(photos)]
    table = dict.fromkeys(names, boxes)
    (folder / "json" / "image_crops.json").write_text(json.dumps(table))
    return folder


def fcdb(folder: Path, *, photos: int = 3) -> tuple[Path, Path]:
    """Each photo with one box, 30, 20 to 270, 180. The file, and the folder of pictures."""
    names = [_photo(folder / "pictures", number) for number in range(photos)]
    entries = [
        {"url": f"https://farm.example/{name}", "crop": [30, 20, 240, 160]} for name in names
    ]
    file = folder / "cropping_testing_set.json"
    file.write_text(json.dumps(entries))
    return file, folder / "pictures"


def gaicd(folder: Path, *, photos: int = 3, part: str = "test") -> Path:
    """Each photo with twelve boxes about the centre: the larger, the better rated."""
    (folder / "annotations").mkdir(parents=True)
    for number in range(photos):
        name = _photo(folder / "images" / part, number)
        rows = [f"{5 * i} {8 * i} {200 - 5 * i} {300 - 8 * i} {5 - i / 4:.2f}" for i in range(12)]
        rows.append("0 0 10 10 -2")
        (folder / "annotations" / f"{Path(name).stem}.txt").write_text("\n".join(rows))
    return folder


def _photo(folder: Path, number: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{number}.jpg"
    generated_scenes.save(folder / name, generated_scenes.striking(number, size=SIZE))
    return name
