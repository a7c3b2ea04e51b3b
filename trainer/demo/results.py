"""The figures of a demo: held against the bars, as a table for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any, Final

from engine.wire import to_json
from trainer.demo.legs import ABLATIONS, PATH, STAGE_2, Amount, Leg
from trainer.demo.measuring import Figures, Yardsticks
from trainer.demo.opening import Reply
from trainer.demo.path import Walked
from trainer.page.facts import versions

LEAST_CROP: Final = 0.80
LEAST_FAULT: Final = 0.85
LEAST_KIND: Final = 0.70
MOST_FALSE_ALARMS: Final = 0.15

_TITLES: Final = {leg.name: leg.title for leg in (*PATH, *ABLATIONS)}


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that the last checkpoint must reach, in words, and whether it does."""

    words: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One figure of a leg over seeds: mean and sample standard deviation (0 for one seed)."""

    leg: str
    name: str
    mean: float
    spread: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that a demo found. `ablations` is empty where they were not asked for."""

    amount: Amount
    seed: int
    parameters: int
    threads: int
    walked: tuple[Walked, ...]
    yardsticks: Yardsticks
    replies: tuple[Reply, ...]
    ablations: tuple[Spread, ...] = ()

    @property
    def last(self) -> Figures:
        """What the path's end reached."""
        return next(each.figures for each in self.walked if each.leg == STAGE_2.name)

    @property
    def seconds(self) -> float:
        """Of the clock: training and measuring, all legs of the path."""
        return sum(each.training_seconds + each.measuring_seconds for each in self.walked)

    @property
    def cpu_seconds(self) -> float:
        """The same on all processors together."""
        return sum(each.training_cpu_seconds + each.measuring_cpu_seconds for each in self.walked)


def title_of(leg: str) -> str:
    return _TITLES[leg]


def bars(found: Figures) -> tuple[Bar, ...]:
    """The bars, held against the figures of the path's end."""
    worst = min(found.kinds, key=lambda each: each.right)
    return (
        Bar(f"crop IoU {found.crop:.3f}, wanted {LEAST_CROP:.2f}", found.crop >= LEAST_CROP),
        Bar(f"fault {found.fault:.3f}, wanted {LEAST_FAULT:.2f}", found.fault >= LEAST_FAULT),
        Bar(
            f"worst kind ({worst.kind}) {worst.right:.3f}, wanted {LEAST_KIND:.2f}",
            worst.right >= LEAST_KIND,
        ),
        Bar(
            f"false alarms {found.false_alarms:.3f}, at most {MOST_FALSE_ALARMS:.2f}",
            found.false_alarms <= MOST_FALSE_ALARMS,
        ),
    )


def spreads(seeds: Sequence[Sequence[Walked]]) -> tuple[Spread, ...]:
    """Crop IoU, fault and false alarms after each way to Stage 2, over seeds."""
    legs: tuple[Leg, ...] = (STAGE_2, *ABLATIONS)
    found: list[Spread] = []
    for leg in legs:
        each = [one.figures for walked in seeds for one in walked if one.leg == leg.name]
        columns = {
            "crop": [one.crop for one in each],
            "fault": [one.fault for one in each],
            "false alarms": [one.false_alarms for one in each],
        }
        found += [
            Spread(
                leg=leg.name,
                name=name,
                mean=mean(values),
                spread=stdev(values) if len(values) > 1 else 0.0,
                values=tuple(values),
            )
            for name, values in columns.items()
        ]
    return tuple(found)


def as_table(outcome: Outcome) -> str:
    """For a terminal: every leg beside the yardsticks, the bars, the time."""
    marks = outcome.yardsticks
    rows = [
        ("", "crop IoU", "fault", "false alarms"),
        ("chance", f"{marks.chance:.3f}", f"{marks.fault_chance:.3f}", ""),
        ("full frame", f"{marks.full_frame:.3f}", "", ""),
        ("mean box", f"{marks.mean_box:.3f}", "", ""),
    ]
    for each in outcome.walked:
        found = each.figures
        crop, fault = f"{found.crop:.3f}", f"{found.fault:.3f}"
        rows.append((f"after {title_of(each.leg)}", crop, fault, f"{found.false_alarms:.3f}"))
    lines = [f"{name:<16}{crop:>9}{fault:>9}{alarms:>14}" for name, crop, fault, alarms in rows]
    kinds = ", ".join(f"{each.kind} {each.right:.2f}" for each in outcome.last.kinds)
    lines += ["", f"each kind: {kinds}"]
    lines += [f"{'met' if bar.met else 'MISSED':<7}{bar.words}" for bar in bars(outcome.last)]
    lines.append(
        f"{outcome.seconds:.0f} s by the clock, {outcome.cpu_seconds:.0f} s of processor time,"
        f" {outcome.threads} threads"
    )
    for each in outcome.ablations:
        lines.append(f"{title_of(each.leg)}: {each.name} {each.mean:.3f} ± {each.spread:.3f}")
    return "\n".join(lines)


def as_json(outcome: Outcome) -> Mapping[str, Any]:
    """All figures, with what made them."""
    return {
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "bars": to_json(bars(outcome.last)),
        **to_json(outcome),
        "versions": versions(),
    }
