"""Measure everything that a GPU is for, in one call, each case in a process of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from bench.gpu import page
from bench.gpu.answering import Case, Run, measure
from bench.gpu.cases import cases
from bench.gpu.checkpoint import Size, write
from bench.gpu.training import TrainingCase, TrainingRun, measure_training, training_cases

LENGTHS = {Size.FULL: 2048, Size.TINY: 160}
"""Tokens of a training sample."""
DOCS = Path(__file__).parents[2] / "docs" / "gpu.md"
PREAMBLE = """\
# Measured on a GPU

Made by `make gpu`: a Venus-Q of random weights in the released configuration ({size}), on
{device}, {date}; {versions}.
"""
LEGEND = """
The driver's count is the most that it saw, everything included, over what was taken before.
A photo of 24 megapixels; greedy or sampled as the checkpoint says; every figure is one run.
"""
TRAINING_LEGEND = """
Two micro-batches a step, every sample cut to the same length; foretold by the trainer before the
start, on the safe side. Weights are random, so losses say no more than that something is learnt.
"""


def main() -> int:
    """Run the cases and write the page; the exit status is 1 if any case failed."""
    options = _parser().parse_args()
    if options.case:
        return _one(options)
    write(options.folder / "venus-q", Size(options.size))
    runs: list[Run] = []
    trained: list[TrainingRun] = []
    failed = 0
    for case in (*cases(options.device), *_training(options)):
        command = [sys.executable, "-m", "bench.gpu", "--case", case.name]
        command += ["--size", options.size, "--device", options.device]
        command += ["--folder", str(options.folder)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        print(f"── {case.name} ──\n{ended.stderr[-2000:] if ended.returncode else ''}", flush=True)
        failed += ended.returncode != 0
        if ended.returncode == 0:
            figures = json.loads(ended.stdout.splitlines()[-1])
            if isinstance(case, Case):
                runs.append(Run(**figures))
                print(page.answering(runs[-1:]), flush=True)
            else:
                trained.append(TrainingRun(**figures))
                print(page.training(trained[-1:]), flush=True)
    text = PREAMBLE.format(
        size=options.size,
        device=page.device_words(options.device),
        date=datetime.now(UTC).date().isoformat(),
        versions=page.versions(),
    )
    text += f"\n## The engine\n\n{page.answering(runs)}\n{LEGEND}"
    text += f"\n## Training\n\n{page.training(trained)}\n{TRAINING_LEGEND}"
    options.out.write_text(text, "utf-8")
    return 1 if failed else 0


def _one(options: argparse.Namespace) -> int:
    """One case, in this process; its figures are the last line."""
    everything = (*cases(options.device), *_training(options))
    case = next(each for each in everything if each.name == options.case)
    checkpoint = options.folder / "venus-q"
    if isinstance(case, Case):
        run = measure(case, checkpoint, options.folder)
    else:
        with TemporaryDirectory(dir=options.folder) as folder:
            run = measure_training(case, checkpoint, Path(folder))
    print(json.dumps(asdict(run)))
    return 0


def _training(options: argparse.Namespace) -> list[TrainingCase]:
    return training_cases(options.device, length=LENGTHS[Size(options.size)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("--size", choices=list(Size), default=Size.FULL)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--out", type=Path, default=DOCS)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "venus-gpu")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
