"""The questions that samples are built with, and which plan's questions samples ask."""

from __future__ import annotations

from collections.abc import Sequence

from engine.choice import Wording
from engine.dialogue.notation import PLAIN
from engine.dialogue.plans import Plan, plan
from trainer.data.sample import Sample


def prompts(wording: Wording) -> Plan:
    """The questions of a plan; those of the paper and of the release ask for no notation."""
    return plan(wording, notation=PLAIN)


def wording_of(samples: Sequence[Sample]) -> Wording:
    """The plan whose analysis or crop most samples ask for; AUTO where none asks in such words."""
    found: dict[Wording, int] = {}
    for wording in (Wording.PAPER, Wording.RELEASE):
        plan = prompts(wording)
        known = {plan.analysis.words, plan.crop.words}
        found[wording] = sum(
            any(each.question in known for each in sample.exchanges) for sample in samples
        )
    best = max(found, key=lambda each: found[each])
    return best if found[best] else Wording.AUTO
