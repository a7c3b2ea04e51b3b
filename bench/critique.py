"""First text and whole critique of 24-megapixel JPEGs, decoding included, beside the decoder alone.

`python -m bench.critique`: the engine in its own process, as the window uses it, already running.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import simplejpeg

from app.critique import critique, loaded
from bench.photos import write_jpeg
from bench.timing import line, seconds
from engine.process import ProcessEngine
from engine.vocabulary import EngineInfo, Event, Task, Text

RUNS = 5


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        plain = write_jpeg(Path(folder) / "srgb.jpg", megapixels=24)
        p3 = write_jpeg(Path(folder) / "p3.jpg", megapixels=24, display_p3=True, orientation=6)
        engine = ProcessEngine()
        try:
            info = loaded(engine)
            for name, photo in (("sRGB", plain), ("Display P3, orientation 6", p3)):
                data = photo.read_bytes()
                floor = seconds(lambda data=data: simplejpeg.decode_jpeg(data))
                first, whole = _critiques(engine, info, photo)
                line(f"24 MP {name}: decoding alone (the floor)", f"{floor:.3f} s")
                line(f"24 MP {name}: first text", f"{first:.3f} s", "<= 0.4 s")
                line(f"24 MP {name}: whole critique", f"{whole:.3f} s", "<= 1.0 s")
        finally:
            engine.end()


def _critiques(engine: ProcessEngine, info: EngineInfo, photo: Path) -> tuple[float, float]:
    firsts, wholes = [], []
    for _ in range(RUNS + 1):
        texts: list[float] = []
        began = time.perf_counter()

        def listen(_task: Task, event: Event, texts: list[float] = texts) -> None:
            if isinstance(event, Text):
                texts.append(time.perf_counter())

        result = critique(engine, photo, info=info, listener=listen)
        assert result.failure is None, result.failure
        firsts.append(texts[0] - began)
        wholes.append(result.seconds)
    return median(firsts[1:]), median(wholes[1:])


if __name__ == "__main__":
    main()
