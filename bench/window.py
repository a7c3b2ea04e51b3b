"""The window's figures: on the screen, the longest stall of its event loop, memory.

`python -m bench.window` starts the real window as other processes do and looks at them; run it
under a display (`xvfb-run -a`), or with QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil

from bench.photos import write_jpeg
from bench.timing import line

PHOTOS = 10
RUNS = 5


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        photos.mkdir()
        for number in range(1, PHOTOS + 1):
            write_jpeg(photos / f"{number}.jpg", megapixels=24, seed=number)
        large = write_jpeg(Path(folder) / "61.jpg", megapixels=61)
        shown = [_run("shown", photos / "1.jpg")["shown"] for _ in range(6)][1:]
        line("window on screen, warm", f"{median(shown):.2f} s", "<= 2 s")
        stalls = [_run("stalls", photos / "1.jpg", large) for _ in range(RUNS)]
        for what in stalls[0]:
            milliseconds = median(each[what] for each in stalls)
            line(f"longest stall: {what}", f"{milliseconds:.0f} ms", "<= 50 ms")
        print(f"(each the median of {RUNS} runs of the longest stall in a run)")
        memory = _run("memory", photos)
        second, last = memory["second"], memory["last"]
        line("memory (PSS of the process tree) after 2 photos", f"{second:.0f} MB", "<= 700 MB")
        line("memory after 10 photos", f"{last:.0f} MB", "<= 700 MB")
        line("growth from the 2nd to the 10th", f"{100 * (last / second - 1):+.1f} %", "<= 5 %")


def _run(scene: str, *photos: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "VENUS_DATA_DIR": data, "VENUS_BENCH_T0": repr(time.time())}
        words = [sys.executable, "-m", "bench.window", scene, *map(str, photos)]
        done = subprocess.run(words, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


# ── inside the window's process ──────────────────────────────────────────────────────────────────


def play(scene: str, photos: list[Path]) -> dict[str, float]:
    """Run one scene in this process and return its figures."""
    from bench.stage import Stage

    stage = Stage(photos[0])
    try:
        return SCENES[scene](stage, photos)
    finally:
        stage.close()


def _shown(stage, _photos: list[Path]) -> dict[str, float]:
    stage.until(stage.painted)
    return {"shown": stage.first_paint - float(os.environ["VENUS_BENCH_T0"])}


def _stalls(stage, photos: list[Path]) -> dict[str, float]:
    figures = {}
    stage.until(stage.critiqued)
    stage.rest(1.0)
    with stage.stalls() as stall:
        stage.rest(1.0)
    figures["nothing to do"] = stall()
    for number, photo in enumerate(photos):
        with stage.stalls() as stall:
            stage.controller.open_path(photo)
            stage.until(lambda photo=photo: stage.complete(photo) and stage.critiqued())
            stage.rest(0.5)
        figures[f"opening {'24' if number == 0 else '61'} MP and its critique"] = stall()
        with stage.stalls() as stall:
            stage.drag(seconds=3.0)
        figures[f"dragging a crop, {'24' if number == 0 else '61'} MP"] = stall()
        with stage.stalls() as stall:
            for _ in range(5):
                stage.controller.ask_why()
                stage.until(stage.answered)
        figures[f"answers streaming, {'24' if number == 0 else '61'} MP"] = stall()
    return figures


def _memory(stage, photos: list[Path]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for number in range(1, PHOTOS + 1):
        photo = photos[0] / f"{number}.jpg"
        if number > 1:
            stage.controller.show_next()
        stage.until(lambda photo=photo: stage.complete(photo) and stage.critiqued())
        stage.rest(1.0)
        if number in (2, PHOTOS):
            figures["second" if number == 2 else "last"] = _tree_pss() / 1e6
    return figures


def _tree_pss() -> int:
    """Proportional set size of this process and its children, in bytes."""
    here = psutil.Process()
    return sum(p.memory_full_info().pss for p in (here, *here.children(recursive=True)))


SCENES: dict[str, Callable] = {"shown": _shown, "stalls": _stalls, "memory": _memory}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(play(sys.argv[1], [Path(word) for word in sys.argv[2:]])))
    else:
        main()
