"""Which engines there are, by the choice in a load request. Each is imported when asked for."""

from __future__ import annotations

from engine.choice import EngineChoice, EngineName
from engine.contract import Engine, EngineError


def named(name: str) -> EngineChoice:
    """The choice of an engine by its name alone; EngineError for a name that is not known here."""
    try:
        return EngineChoice(engine=EngineName(name))
    except ValueError as error:
        raise EngineError(
            "unknown_engine",
            f"There is no engine called {name!r}.",
            f"Choose one of {', '.join(EngineName)}.",
        ) from error


def create(choice: EngineChoice) -> Engine:
    """A new engine, not yet loaded; EngineError where the libraries that it needs are missing."""
    match choice.engine:
        case EngineName.BUILTIN:
            from engine.builtin.engine import BuiltinEngine

            return BuiltinEngine()
        case EngineName.REMOTE:
            from engine.remote.engine import RemoteEngine

            return RemoteEngine(choice)
        case EngineName.VENUS:
            return _venus(choice)


def _venus(choice: EngineChoice) -> Engine:
    try:
        from engine.venus.engine import VenusEngine
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "engine":
            raise
        raise EngineError(
            "model_libraries",
            f"The Venus engine needs the library {error.name}, which is not installed.",
            "Install it with: pip install 'venus-photo[model]'",
        ) from error
    except (ImportError, OSError) as error:  # torch there, and a shared library of its own not
        if isinstance(error, ImportError) and (error.name or "").startswith("engine."):
            raise  # a fault of ours: no library would mend it
        raise EngineError(
            "model_libraries",
            f"The libraries of the Venus engine cannot be loaded ({type(error).__name__}).",
            "Install them anew: pip install --force-reinstall 'venus-photo[model]'",
        ) from error
    return VenusEngine(choice)
