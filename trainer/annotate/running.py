"""One run of the factory over all subjects: results in their order, saved whole, counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.contract import EngineError
from engine.review.records import Record, read_records, write_records
from engine.saving import as_lines, write_whole
from engine.stop import Stop
from engine.wire import to_json
from trainer.annotate.making import Aside, Made
from trainer.endpoints.account import Account
from trainer.endpoints.working import Done, work

RECORDS: Final = "records.jsonl"
ASIDE: Final = "aside.jsonl"
ACCOUNT: Final = "account.json"


@dataclass(slots=True)
class Run:
    """What has come so far. `unanswered` are to be tried again by the next run; `halted` is what
    ended this one before its time.
    """

    made: dict[int, Made] = field(default_factory=dict)
    unanswered: dict[int, EngineError] = field(default_factory=dict)
    halted: EngineError | None = None

    @property
    def records(self) -> list[Record]:
        """In the order of the subjects."""
        return [each for _, each in sorted(self.made.items()) if isinstance(each, Record)]

    @property
    def aside(self) -> list[Aside]:
        """In the order of the subjects."""
        return [each for _, each in sorted(self.made.items()) if isinstance(each, Aside)]

    @property
    def done(self) -> int:
        return len(self.made) + len(self.unanswered)


def running(
    jobs: Sequence[Callable[[], Awaitable[Made]]], *, at_once: int, stop: Stop
) -> Iterator[Run]:
    """The run as it grows, one step a subject; the same value each time."""
    run = Run()
    try:
        for each in work(jobs, at_once=at_once, stop=stop):
            if isinstance(each, Done):
                run.made[each.number] = each.result
            else:
                run.unanswered[each.number] = each.error
            yield run
    except EngineError as error:
        run.halted = error
        yield run


def save(
    run: Run, out: Path, *, root: Path, accounts: Sequence[Account], whole: bool = True
) -> None:
    """Write records, what was kept aside, and the account. OSError, ReviewError.

    The kept answers are the truth: all three files follow from them and are made anew each time. Of
    a run that is not `whole`, records of an earlier one stay that this one has not come to.
    """
    records = run.records
    if not whole and (out / RECORDS).exists():
        anew = {each.id for each in run.made.values()}
        records += [each for each in read_records(out / RECORDS).records if each.id not in anew]
    write_records(out / RECORDS, records, root=root)
    write_whole(out / ASIDE, as_lines(to_json(each) for each in run.aside))
    told = json.dumps([each.as_json() for each in accounts], ensure_ascii=False, indent=1)
    write_whole(out / ACCOUNT, f"{told}\n".encode())


def told(run: Run, total: int) -> Iterator[str]:
    """What came of it, for a terminal."""
    results = Counter(each.checked.result.value for each in run.records)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(results.items()))
    yield f"{len(run.records)} of {total} became records{f': {counts}' if counts else ''}."
    if run.aside:
        yield f"{len(run.aside)} were kept aside, with their raw answers:"
        steps = Counter((each.step, each.reason) for each in run.aside)
        yield from (f"  {count} × {step}: {why}" for (step, why), count in steps.most_common(5))
    if run.unanswered:
        reasons = Counter(error.reason for error in run.unanswered.values())
        yield f"{len(run.unanswered)} got no answer and are asked again by the next run:"
        yield from (f"  {count} × {why}" for why, count in reasons.most_common(5))
