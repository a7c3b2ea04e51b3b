"""Every figure that Venus quotes: `python -m bench`, or `make bench`.

The window is shown under Xvfb where there is one, else offscreen.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

FLMS = Path(__file__).parents[2] / "shared" / "flms_dev"
FLMS_COMMAND = ["-m", "trainer.cli", "benchmark", "flms"]


def main() -> int:
    """Run the benches one after the other; the exit status is the worst of theirs."""
    on_screen = ["xvfb-run", "-a"] if shutil.which("xvfb-run") else []
    runs = [
        ("Critique", ["-m", "bench.critique"], []),
        ("Window", ["-m", "bench.window"], on_screen),
    ]
    if find_spec("torch") is not None:
        runs.append(("Training, beside Hugging Face's Trainer", ["-m", "bench.throughput"], []))
    if FLMS.is_dir():
        runs += [
            (
                "FLMS, by its official rule",
                ["-m", "trainer.cli", "benchmark", "flms", str(FLMS)],
                [],
            ),
            ("Injected faults and untouched photos", ["-m", "bench.faults"], []),
            ("Masks, horizons, light, strengths", ["-m", "bench.evidence"], []),
            ("Composition, on photos labelled by eye", ["-m", "bench.composition"], []),
        ]
    worst = 0
    for title, words, before in runs:
        print(f"\n── {title} ──", flush=True)
        worst = max(
            worst, subprocess.run([*before, sys.executable, *words], check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
