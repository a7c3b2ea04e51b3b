"""How many bytes of keys and values a model may keep; what was not used for longest gives way."""

from __future__ import annotations

from typing import Protocol

from engine.contract import EngineError

_MIB = 1 << 20


class Holder(Protocol):
    """Something whose bytes are counted, and that can do without them."""

    @property
    def nbytes(self) -> int: ...

    def forget(self) -> None:
        """Let go of everything that can be computed again."""
        ...


class Shelf:
    """Counts the bytes of its holders, and keeps them under `limit` (None: no limit).

    `token_bytes` is what one token takes, which the first holder learns for all others.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.token_bytes = 0
        self._holders: list[Holder] = []

    @property
    def nbytes(self) -> int:
        """Bytes of all holders together."""
        return sum(holder.nbytes for holder in self._holders)

    def use(self, holder: Holder, *, more: int = 0) -> None:
        """`holder` is used now and needs `more` bytes. Others give way, longest unused first.

        Raises EngineError when it does not fit alone.
        """
        self.drop(holder)
        self._holders.append(holder)
        if self.limit is None:
            return
        for other in self._holders[:-1]:
            if self.nbytes + more <= self.limit:
                return
            other.forget()
        if self.nbytes + more > self.limit:
            raise EngineError(
                "memory",
                f"The question needs {(self.nbytes + more) / _MIB:.0f} MiB of memory for what was"
                f" said so far, and {self.limit / _MIB:.0f} MiB are set aside for it.",
                "Ask a shorter question, begin a new conversation, or load the model by a plan"
                " with more memory.",
            )

    def left(self, holder: Holder) -> int | None:
        """Bytes that `holder` could still have if all others gave way; None without a limit."""
        return None if self.limit is None else max(self.limit - holder.nbytes, 0)

    def drop(self, holder: Holder) -> None:
        """Count it no longer."""
        self._holders = [other for other in self._holders if other is not holder]
