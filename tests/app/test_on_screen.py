"""The whole program on the real platform plugin, under Xvfb."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from desk import save, scene

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
]

SCRIPT = Path(__file__).parents[1] / "support" / "on_screen.py"


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of 1440 × 900."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            name = f":{number.readline().strip()}"
        yield name
        server.terminate()


@pytest.fixture
def environment(display: str, tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
    return {**kept, "DISPLAY": display, "VENUS_DATA_DIR": str(tmp_path / "data")}


def test_the_main_job(environment: dict[str, str], tmp_path: Path) -> None:
    picture = scene(width=1200, height=800)
    photo = save(tmp_path / "photo.png", picture)
    target = tmp_path / "out.png"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(photo), str(target)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["platform"] == "xcb"
    assert facts["dragged"] == pytest.approx([0.25, 0.25, 0.9, 0.65], abs=0.01)
    assert facts["about"] == facts["dragged"]
    assert facts["impression"]
    assert facts["for"]
    assert facts["against"]

    def painted(x: float, y: float) -> np.ndarray:
        return picture[round(y * 800) - 4 : round(y * 800) + 4, round(x * 1200)].mean(axis=0)

    assert facts["inside"] == pytest.approx(painted(0.6, 0.5), abs=25)
    assert sum(facts["outside"]) < 0.75 * painted(0.1, 0.5).sum()
    exported = cv2.cvtColor(cv2.imread(str(target)), cv2.COLOR_BGR2RGB)
    left, top, right, bottom = (
        round(edge * side) for edge, side in zip(facts["dragged"], (1200, 800) * 2, strict=True)
    )
    assert exported.shape[:2] == pytest.approx((bottom - top, right - left), abs=1)
    height, width = exported.shape[:2]
    assert np.array_equal(exported, picture[top : top + height, left : left + width])
    forbidden = {"torch", "transformers", "bitsandbytes", "trainer", "engine.builtin"}
    assert not forbidden & set(facts["modules"])


def test_a_killed_window_leaves_no_process(environment: dict[str, str], tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", scene())
    command = [sys.executable, "-m", "app", str(photo)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as window:
        tree = psutil.Process(window.pid)
        deadline = time.monotonic() + 30
        while not (children := tree.children(recursive=True)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        window.send_signal(signal.SIGKILL)
        window.wait()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert gone
    assert not alive


def test_a_display_that_does_not_answer_is_told(tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", scene())
    kept = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "app", str(photo)],
        env={**kept, "DISPLAY": ":987", "VENUS_DATA_DIR": str(tmp_path / "data")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "There is no display here" in done.stderr
    assert "Impression" in done.stdout
    assert (tmp_path / "photo.critique.png").exists()
