"""`venus-trainer benchmark`: measures engines. Each kind of benchmark adds its own parsers."""

from __future__ import annotations

from trainer.commands import aesguide, benchmark_crops
from trainer.commands.command import Parsers


def add(parsers: Parsers) -> None:
    """Make the command known."""
    benchmark = parsers.add_parser("benchmark", help="measure an engine")
    kinds = benchmark.add_subparsers(metavar="BENCHMARK", required=True)
    benchmark_crops.add(kinds)
    aesguide.add(kinds)
