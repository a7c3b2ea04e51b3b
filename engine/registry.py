"""Which engines there are, by the name in a load request. Each is imported when asked for."""

from __future__ import annotations

from engine.contract import Engine, EngineError


def create(name: str) -> Engine:
    """A new engine, not yet loaded; EngineError for a name that is not known here."""
    if name == "builtin":
        from engine.builtin.engine import BuiltinEngine

        return BuiltinEngine()
    raise EngineError(
        "unknown_engine",
        f"There is no engine called {name!r}.",
        "Choose the built-in engine (builtin).",
    )
