"""README's picture of the window: `make screenshot`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main(target: Path) -> None:
    """Open the sample, wait for its critique, and keep what the window shows."""
    with tempfile.TemporaryDirectory() as data:
        os.environ["VENUS_DATA_DIR"] = data
        from bench.stage import Stage
        from resources.samples import RACCOON

        stage = Stage(RACCOON)
        stage.until(lambda: stage.complete(RACCOON) and stage.critiqued())
        stage.rest(0.5)
        target.parent.mkdir(exist_ok=True)
        stage.window.grab().save(str(target), quality=92)
        stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
