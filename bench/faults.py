"""How often the built-in engine names an injected fault rightly, and accuses an untouched photo.

    python -m bench.faults [--photos DIR] [--limit N] [--large] [--seen]

A fault counts as found when its kind is among the first two findings at severity 0.3 or more (for
exposure that is its sign as well). Both halves of the photos are reported: "tune" set the
thresholds, "held" did not; strengths marked * were in no fit. `--large` puts the faults, at full
resolution, into a stand-in of 24 megapixels (see `bench.inject.enlarged`: no photo of that size
is at hand). `--seen` leaves the unseen strengths out.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.cases import PHOTOS, Case, cases, held_out, photos, read_photo
from bench.inject import enlarged
from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation, observe
from engine.builtin.pictures import Pictures
from engine.vocabulary import FindingKind

LARGE_SIDE: Final = 6000
TILT_ERROR: Final = 0.7
HUE_ERROR: Final = 60.0
FIRST: Final = 2

_OPPOSITE: Final = {"underexposed": "overexposed", "overexposed": "underexposed"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine said about one case: the kinds at severity 0.3 or more, gravest first."""

    case: Case
    held: bool
    kinds: tuple[str, ...]
    error: float | None
    wrong_sign: bool

    @property
    def found(self) -> bool:
        return self.case.finds in self.kinds[:FIRST]


def outcome(case: Case, held: bool, observations: tuple[Observation, ...]) -> Outcome:
    """Compare what was observed with what was injected."""
    grave = [
        o
        for o in observations
        if isinstance(o.kind, FindingKind) and o.severity >= WORTH_MENTIONING
    ]
    kinds = tuple(str(o.kind) for o in grave)
    named = next((o for o in grave if o.kind == case.finds), None)
    error, wrong = None, _OPPOSITE.get(case.finds) in kinds
    if named is not None and case.fault == "tilt":
        error = abs(named.value - case.truth)
        wrong = named.value * case.truth < 0
    if named is not None and case.fault == "cast":
        error = abs((float(named.facts["angle"]) - case.truth + 180) % 360 - 180)
        wrong = error > HUE_ERROR
    if named is not None and case.fault == "exposure":
        wrong = named.value * case.truth < 0
    return Outcome(case, held, kinds, error, wrong)


def report(outcomes: list[Outcome]) -> str:
    """The tables as text."""
    lines = ["", "injected                    tune   held    n   wrong sign   error (median, ok)"]
    groups: dict[tuple[str, bool, str], list[Outcome]] = defaultdict(list)
    for o in outcomes:
        if o.case.fault:
            groups[o.case.fault, False, ""].append(o)
            groups[
                o.case.fault, True, f"{o.case.strength:+g}{'*' if o.case.unseen else ''}"
            ].append(o)
    order = sorted(
        groups, key=lambda key: (list(dict.fromkeys(k[0] for k in groups)).index(key[0]), key[1])
    )
    for fault, detail, strength in order:
        group = groups[fault, detail, strength]
        if not detail:
            group = [o for o in group if not o.case.unseen]
        name = f"   {strength}" if detail else fault
        errors = [o.error for o in group if o.error is not None]
        limit = {"tilt": TILT_ERROR, "cast": HUE_ERROR}.get(fault, 0.0)
        tail = ""
        if errors:
            tail = f"{statistics.median(errors):6.2f} {np.mean(np.array(errors) <= limit):6.3f}"
        lines.append(
            f"{name:24s}{_share(group, False):8s}{_share(group, True):7s}{len(group):5d}"
            f"{sum(o.wrong_sign for o in group):8d}      {tail}"
        )
    untouched = [o for o in outcomes if not o.case.fault]
    lines += ["", "untouched                   tune   held"]
    for kind in FindingKind:
        shares = [
            np.mean([kind in o.kinds for o in untouched if o.held is held] or [0.0])
            for held in (False, True)
        ]
        if any(shares):
            lines.append(f"{kind:24s}{shares[0]:8.3f}{shares[1]:7.3f}")
    counts = [len(o.kinds) for o in untouched]
    lines.append(f"findings at >= {WORTH_MENTIONING}: median {statistics.median(counts)}")
    return "\n".join(lines)


def _share(group: list[Outcome], held: bool) -> str:
    found = [o.found for o in group if o.held is held]
    return f"{np.mean(found):7.3f}" if found else "      -"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--seen", action="store_true")
    arguments = parser.parse_args()
    outcomes = []
    for path in photos(arguments.photos, arguments.limit):
        rgb = read_photo(path)
        if arguments.large:
            rgb = enlarged(rgb, LARGE_SIDE)
        for case in cases(path, unseen=not arguments.seen):
            measured = Measured(Pictures.from_array(case.make(rgb)))
            outcomes.append(outcome(case, held_out(path), observe(measured)))
    print(report(outcomes))


if __name__ == "__main__":
    main()
