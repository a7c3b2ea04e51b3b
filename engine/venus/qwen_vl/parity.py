"""Shows that our Qwen-VL gives the original's numbers.

    python -m engine.venus.qwen_vl.parity FIXTURE_DIR

runs every case of a fixture folder in fp32 and prints the largest differences; it ends with 0
only if every one is within its limit.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.venus.qwen_vl.errors import CheckpointError
from engine.venus.qwen_vl.fixture import Fixture, read_fixture
from engine.venus.qwen_vl.parity_cases import (
    ANSWERED,
    COMPARED,
    Difference,
    compare_answer,
    compare_training,
    compare_visual,
)
from engine.venus.qwen_vl.parity_texts import compare_texts, understood
from engine.venus.qwen_vl.tokenizer import TokenizerError


def differences(fixture: Fixture) -> Iterator[Difference]:
    """Every comparison that the fixture allows, in the order in which they are made."""
    if fixture.visual:
        yield from compare_visual(fixture)
    if fixture.texts:
        yield from compare_texts(fixture)
    for case, wanted in fixture.cases.items():
        name = case.removeprefix("case_")
        if "loss" in wanted:
            yield from compare_training(fixture, name, wanted)
        elif ANSWERED & set(wanted):
            yield from compare_answer(fixture, name, wanted)
        elif "labels" not in wanted or not fixture.texts:
            yield Difference(name, "case not understood", 1, 0)


def not_compared(fixture: Fixture) -> list[str]:
    """What lies in the fixture and is not looked at, in words."""
    texts = [name for name, entry in fixture.texts.items() if not understood(entry)]
    arrays = {name for wanted in fixture.cases.values() for name in set(wanted) - COMPARED}
    return [f"cases.json: {name}" for name in texts] + [f"array {name}" for name in sorted(arrays)]


def table(found: Sequence[Difference]) -> str:
    """The differences as lines of text, then the largest of each kind."""
    lines = [f"{'case':28} {'what':28} {'largest':>11} {'limit':>9}"]
    lines += [_line(one) for one in found if one.limit or one.worst]
    equal = [one for one in found if not one.limit and not one.worst]
    lines += ["", f"{len(equal)} comparisons of whole numbers and texts without a difference", ""]
    kinds: dict[str, Difference] = {}
    for one in found:
        if one.what not in kinds or not one.worst <= kinds[one.what].worst:
            kinds[one.what] = one
    lines.append("the largest of each kind:")
    lines += [_line(one) for one in kinds.values() if one.limit or one.worst]
    return "\n".join(lines)


def _line(one: Difference) -> str:
    verdict = "" if one.passed else "  ← too large"
    return f"{one.case:28} {one.what:28} {one.worst:11.2e} {one.limit:9.0e}{verdict}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison. 0: all within limits; 1: some are not; 2: no fixture there."""
    parser = argparse.ArgumentParser(prog="python -m engine.venus.qwen_vl.parity")
    parser.add_argument("folder", type=Path, metavar="FIXTURE_DIR")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        fixture = read_fixture(options.folder)
        found = list(differences(fixture))
    except (CheckpointError, TokenizerError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(table(found))
    for left in not_compared(fixture):
        print(f"not compared: {left}")
    failed = [one for one in found if not one.passed]
    seconds = time.monotonic() - began
    print(f"\n{len(found)} comparisons, {len(failed)} beyond their limit, {seconds:.0f} s")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
