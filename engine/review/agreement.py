"""How far reviewers agree with one another, and with the model that checked the drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from engine.review.decisions import Action, Decision, Standing
from engine.review.records import Check, Record
from engine.review.statistics import cohen_kappa, fleiss_kappa, kendall, spearman

CHECKER = "the checking model"
"""Its name among the reviewers'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two raters: how many records both judged, on how many they said the same (an edit accepts),
    kappa, and the correlation of their scores where both gave one.
    """

    one: str
    other: str
    together: int
    same: int
    kappa: float | None
    scored: int = 0
    spearman: float | None = None
    kendall: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """All pairs of reviewers, each reviewer against the checking model, and all reviewers together
    (`fleiss`, over the `complete` records that each of the `reviewers` judged).
    """

    reviewers: tuple[str, ...]
    reviewed: int
    pairs: tuple[Pair, ...]
    checker: tuple[Pair, ...]
    complete: int
    fleiss: float | None


def accepts(decision: Decision) -> bool:
    """Whether a word lets the record pass; an edit does, with other words."""
    return decision.action in (Action.ACCEPT, Action.EDIT)


def agreement(records: Sequence[Record], words: Standing) -> Agreement:
    """From the words that stand; see `engine.review.decisions.standing`."""
    names = sorted({name for each in words.values() for name in each})
    judged = [words[each.id] for each in records if words.get(each.id)]
    complete = [each for each in judged if len(names) > 1 and len(each) == len(names)]
    counts = [_counts(list(each.values())) for each in complete]
    return Agreement(
        reviewers=tuple(names),
        reviewed=len(judged),
        pairs=tuple(_pair(one, other, judged) for one, other in combinations(names, 2)),
        checker=tuple(_against_checker(name, records, words) for name in names),
        complete=len(complete),
        fleiss=fleiss_kappa(counts),
    )


def agreement_lines(found: Agreement) -> Iterator[str]:
    """The same for a terminal."""
    if not found.reviewers:
        yield "Nobody has reviewed these records yet."
        return
    yield f"{found.reviewed} records were reviewed by {', '.join(found.reviewers)}."
    for each in (*found.pairs, *found.checker):
        yield (
            f"{each.one} and {each.other}: {each.together} records, the same word on {each.same},"
            f" Cohen's kappa {shown(each.kappa)}"
        )
        if each.scored:
            yield (
                f"  scores of {each.scored}: Spearman {shown(each.spearman)},"
                f" Kendall {shown(each.kendall)}"
            )
    if len(found.reviewers) > 1:
        yield (
            f"all {len(found.reviewers)} reviewers: {found.complete} records,"
            f" Fleiss' kappa {shown(found.fleiss)}"
        )


def shown(value: float | None) -> str:
    """A coefficient for people."""
    return "not defined" if value is None else f"{value:.3f}"


def _counts(decisions: Sequence[Decision]) -> tuple[int, int]:
    passed = sum(accepts(each) for each in decisions)
    return passed, len(decisions) - passed


def _pair(one: str, other: str, judged: Sequence[Mapping[str, Decision]]) -> Pair:
    both = [(each[one], each[other]) for each in judged if one in each and other in each]
    ours, theirs = [accepts(a) for a, _ in both], [accepts(b) for _, b in both]
    scores = [(a.score, b.score) for a, b in both if a.score is not None and b.score is not None]
    first, second = [a for a, _ in scores], [b for _, b in scores]
    return Pair(
        one=one,
        other=other,
        together=len(both),
        same=sum(a == b for a, b in zip(ours, theirs, strict=True)),
        kappa=cohen_kappa(ours, theirs),
        scored=len(scores),
        spearman=spearman(first, second),
        kendall=kendall(first, second),
    )


def _against_checker(name: str, records: Sequence[Record], words: Standing) -> Pair:
    """A correction of the model's counts as its acceptance: the corrected words were reviewed."""
    both = [
        (accepts(words[each.id][name]), each.checked.result is not Check.REJECTED)
        for each in records
        if name in words.get(each.id, {})
    ]
    return Pair(
        one=name,
        other=CHECKER,
        together=len(both),
        same=sum(a == b for a, b in both),
        kappa=cohen_kappa([a for a, _ in both], [b for _, b in both]),
    )
