"""For or against a crop, from what the model's posterior says about it; between the two, both."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class Verdict(Enum):
    """What the model is asked about a crop: why it is good, why it is not, or both."""

    FOR = auto()
    AGAINST = auto()
    BOTH = auto()


FOR_FROM: Final = 0.8
AGAINST_BELOW: Final = 0.5
"""Limits of the percentile among a fixed grid of crops. On 63 photos of FLMS, with the other
annotators of a photo for a posterior, 77 % of the crops that people drew reach the first and
9 % lie below the second; of random boxes with sides of 0.3 to 0.7, 1 % and 91 %."""

_CONTRADICTS: Final = 1.0
"""Nats of log-likelihood, against that on a grey photo, that speak clearly for or against."""


def verdict(percentile: float | None, preference: float | None = None) -> Verdict:
    """The verdict on a crop; BOTH where nothing is known, or the two contradict each other.

    `percentile` (0..1) is `Posterior.percentile` of its score, `preference` (nats) as
    `Speaker.preferences` gives it.
    """
    if percentile is None:
        return Verdict.BOTH
    if percentile >= FOR_FROM:
        against = preference is not None and preference < -_CONTRADICTS
        return Verdict.BOTH if against else Verdict.FOR
    if percentile < AGAINST_BELOW:
        in_favour = preference is not None and preference > _CONTRADICTS
        return Verdict.BOTH if in_favour else Verdict.AGAINST
    return Verdict.BOTH
