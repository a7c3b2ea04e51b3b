"""How often the built-in engine names an injected fault rightly, and accuses an untouched photo.

    python -m bench.faults [--photos DIR] [--limit N] [--held-out] [--seen] [--large] [--rows FILE]

A fault counts as found when its kind is among the first two findings at severity 0.3 or more (for
exposure that is its sign as well). Faults go into `--limit` photos, as many of either half, tilts
into every photo whose horizon was labelled by eye; untouched are all photos of the folder. "tune"
is the half that thresholds were set on, "held" the other (`--held-out` looks at that one alone);
columns marked * have strengths and hues that were in no fit (`--seen` leaves them out). `--large`
puts the faults, at full resolution, into a stand-in of 24 megapixels (see `bench.inject.enlarged`:
no photo of that size is at hand). `--rows` writes every outcome as a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench.cases import PHOTOS, UNTOUCHED, Case, cases, held_out, horizons, photos, read_photo
from bench.inject import enlarged
from bench.pool import spread
from engine.builtin.measured import Measured
from engine.builtin.observe import WORTH_MENTIONING, Observation, observe
from engine.builtin.pictures import Pictures
from engine.vocabulary import FindingKind

LARGE_SIDE: Final = 6000
TILT_ERROR: Final = 0.7
HUE_ERROR: Final = 60.0
FIRST: Final = 2
LIMIT: Final = 60
"""Photos with injected faults: a share of 0.9 over 60 has a standard error of 0.04."""
LARGE_LIMIT: Final = 12
"""The same at 24 megapixels, where each case takes seconds."""

_OPPOSITE: Final = {"underexposed": "overexposed", "overexposed": "underexposed"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine said about one case: the kinds at severity 0.3 or more, gravest first.

    `value` is that of the kind that was injected, if it was named; `error` its distance from the
    truth: degrees of tilt or of hue; None for the rest.
    """

    photo: str
    held: bool
    fault: str
    strength: float
    unseen: bool
    finds: str
    kinds: tuple[str, ...]
    value: float | None = None
    error: float | None = None
    wrong_sign: bool = False

    @property
    def found(self) -> bool:
        return self.finds in self.kinds[:FIRST]


def outcome(path: Path, case: Case, observations: Sequence[Observation]) -> Outcome:
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
    return Outcome(
        photo=path.name,
        held=held_out(path),
        fault=case.fault,
        strength=case.strength,
        unseen=case.unseen,
        finds=case.finds,
        kinds=kinds,
        value=None if named is None else named.value,
        error=error,
        wrong_sign=wrong,
    )


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with one photo."""

    path: Path
    inject: bool
    unseen: bool
    large: bool


def outcomes_of(job: Job) -> list[Outcome]:
    """The untouched photo; every fault if the job says so; every tilt where the truth is known."""
    rgb = read_photo(job.path)
    if job.large:
        rgb = enlarged(rgb, LARGE_SIDE)
    chosen = [
        case
        for case in cases(job.path, unseen=job.unseen)
        if case is UNTOUCHED or job.inject or case.fault == "tilt"
    ]
    done = []
    for case in chosen:
        measured = Measured(Pictures.from_array(case.make(rgb)))
        done.append(outcome(job.path, case, observe(measured)))
    return done


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def report(outcomes: Sequence[Outcome]) -> str:
    """The tables as text."""
    lines = [
        "",
        "injected               tune   held  tune*  held*     n   sign   error (median, ok)",
    ]
    for fault in dict.fromkeys(o.fault for o in outcomes if o.fault):
        group = [o for o in outcomes if o.fault == fault]
        lines.append(_row(fault, group))
        for strength in dict.fromkeys(o.strength for o in group):
            lines.append(_row(f"   {strength:+g}", [o for o in group if o.strength == strength]))
    untouched = [o for o in outcomes if not o.fault]
    lines += ["", f"untouched, n {len(untouched):<12}tune   held"]
    for kind in FindingKind:
        halves = [[kind in o.kinds for o in untouched if o.held is held] for held in (False, True)]
        if any(any(half) for half in halves):
            lines.append(f"{kind:21s}" + "".join(_share(half) for half in halves))
    counts = [len(o.kinds) for o in untouched]
    lines.append(f"findings at >= {WORTH_MENTIONING}: median {statistics.median(counts)}")
    return "\n".join([*lines, "", *_exposure_values(outcomes)])


def _row(name: str, group: Sequence[Outcome]) -> str:
    shares = [
        _share([o.found for o in group if o.held is held and o.unseen is unseen])
        for unseen in (False, True)
        for held in (False, True)
    ]
    errors = [o.error for o in group if o.error is not None]
    tail = ""
    if errors:
        limit = {"tilt": TILT_ERROR, "cast": HUE_ERROR}[group[0].fault]
        right = statistics.fmean(error <= limit for error in errors)
        tail = f"{statistics.median(errors):10.2f} {right:6.3f}"
    wrong = sum(o.wrong_sign for o in group)
    return f"{name:20s}{''.join(shares)}{len(group):6d}{wrong:7d}{tail}"


def _share(answers: Sequence[bool]) -> str:
    return f"{statistics.fmean(answers):7.3f}" if answers else "      -"


def _exposure_values(outcomes: Sequence[Outcome]) -> list[str]:
    """The stops that are named for injected ones."""
    lines = ["stops injected     named (median, quartiles)"]
    group = [o for o in outcomes if o.fault == "exposure"]
    for strength in dict.fromkeys(o.strength for o in group):
        named = [o.value for o in group if o.strength == strength and o.value is not None]
        if len(named) > 1:
            low, middle, high = statistics.quantiles(named, n=4)
            lines.append(f"   {strength:+10.2f}     {middle:+.2f}  {low:+.2f} {high:+.2f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--seen", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rows", type=Path)
    arguments = parser.parse_args()
    limit = arguments.limit or (LARGE_LIMIT if arguments.large else LIMIT)
    injected = set(photos(arguments.photos, limit))
    levelled = horizons()
    paths = sorted(injected) if arguments.large else photos(arguments.photos)
    job = partial(Job, unseen=not arguments.seen, large=arguments.large)
    jobs = [
        job(path, inject=path in injected)
        for path in paths
        if held_out(path) or not arguments.held_out
    ]
    # The long ones first, so that both processes end together.
    jobs.sort(key=lambda j: (not j.inject, j.path.name not in levelled))
    outcomes = [o for done in spread(outcomes_of, jobs) for o in done]
    if arguments.rows:
        lines = (json.dumps(asdict(o)) for o in outcomes)
        arguments.rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(report(outcomes))


if __name__ == "__main__":
    main()
