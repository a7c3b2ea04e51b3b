"""How whoever asked for long work says that it may end."""

from __future__ import annotations

from collections.abc import Callable

Stop = Callable[[], bool]
"""Asked now and then by whoever works: true once the work should end. Cheap, and asked from any
thread.
"""


def never() -> bool:
    """A stop that never comes."""
    return False
