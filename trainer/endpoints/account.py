"""What answers cost: tokens and money of each role, what this run paid and what was paid before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trainer.endpoints.asking import Reply

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens, read and written, in whatever currency."""

    prompt: float = 0.0
    answer: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Prices:
        """From "2.5,10". ValueError where it is no pair of prices."""
        prompt, _, answer = text.partition(",")
        found = cls(float(prompt), float(answer))
        if not (0 <= found.prompt < float("inf") and 0 <= found.answer < float("inf")):
            raise ValueError(f"{text} holds what is no price")
        return found


@dataclass(slots=True)
class Tokens:
    """Counted answers. `uncounted` are those whose prompts nobody counted: the true sum is more."""

    answers: int = 0
    prompt: int = 0
    answer: int = 0
    uncounted: int = 0

    def add(self, reply: Reply) -> None:
        self.answers += 1
        self.prompt += reply.heard.prompt_tokens or 0
        self.answer += reply.heard.answer_tokens
        self.uncounted += reply.heard.prompt_tokens is None

    def cost(self, prices: Prices) -> float:
        return (self.prompt * prices.prompt + self.answer * prices.answer) / _MILLION


class Account:
    """One role's answers: those that were paid in this run and those that were there before.

    The same answer used twice counts once.
    """

    def __init__(self, role: str, model: str, prices: Prices | None = None) -> None:
        self.role = role
        self.model = model
        self.prices = prices
        self.now = Tokens()
        self.before = Tokens()
        self._counted: set[str] = set()

    def paid(self, reply: Reply) -> None:
        """An answer that came now."""
        self._count(reply, self.now)

    def known(self, reply: Reply) -> None:
        """An answer that was kept."""
        self._count(reply, self.before)

    def _count(self, reply: Reply, side: Tokens) -> None:
        if reply.request not in self._counted:
            self._counted.add(reply.request)
            side.add(reply)

    def as_json(self) -> dict[str, object]:
        """For account.json."""
        return {
            "role": self.role,
            "model": self.model,
            "now": self._side(self.now),
            "before": self._side(self.before),
            "price_per_million": None
            if self.prices is None
            else {"prompt": self.prices.prompt, "answer": self.prices.answer},
        }

    def _side(self, side: Tokens) -> dict[str, object]:
        return {
            "answers": side.answers,
            "prompt_tokens": side.prompt,
            "answer_tokens": side.answer,
            "prompts_not_counted": side.uncounted,
            "cost": None if self.prices is None else round(side.cost(self.prices), 6),
        }


def account_table(accounts: Iterable[Account]) -> str:
    """For a terminal: a row a role and time, and the sum where there are prices."""
    told = list(accounts)
    lines = [f"{'':<22}{'answers':>9}{'tokens read':>14}{'written':>12}{'cost':>12}"]
    for each in told:
        for when, side in (("now", each.now), ("before", each.before)):
            more = "+" if side.uncounted else ""
            cost = "" if each.prices is None else f"{side.cost(each.prices):.4f}{more}"
            lines.append(
                f"{each.role + ', ' + when:<22}{side.answers:>9}"
                f"{f'{side.prompt}{more}':>14}{side.answer:>12}{cost:>12}"
            )
    priced = [(each, each.prices) for each in told if each.prices is not None]
    if priced:
        now = sum(each.now.cost(prices) for each, prices in priced)
        whole = now + sum(each.before.cost(prices) for each, prices in priced)
        lines.append(f"paid now {now:.4f}, in all {whole:.4f}")
    if any(each.now.uncounted or each.before.uncounted for each in told):
        lines.append("+: the server did not count every prompt; the true number is larger.")
    return "\n".join(lines)
