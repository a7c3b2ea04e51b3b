"""A run's circumstances and costs in words, as its own page and the leaderboard show them."""

from __future__ import annotations

from trainer.leaderboard.result import Figure, Machine, Result

_GIB = 1 << 30


def conditions(result: Result) -> list[tuple[str, str]]:
    """What ran where, on what, when: names and values."""
    machine = result.machine
    told = [
        ("Engine", f"{result.engine} {result.engine_version}".strip()),
        ("Asked for as", result.chosen),
        ("How it answers", result.answers),
        ("Notes", " ".join(result.notes)),
        ("Date", result.date),
        ("Data", result.data),
        ("Hash of the data", result.data_hash),
        ("Photos", f"{result.photos} measured, {result.failed} not"),
        ("Time for a photo", seconds(result.seconds)),
        ("Memory", memory(machine)),
        ("Device", machine.device),
        ("Processor", machine.processor),
        ("System", machine.system),
        ("Versions", ", ".join(machine.versions)),
    ]
    return [(name, value) for name, value in told if value]


def seconds(taken: float) -> str:
    """A time for one photo."""
    if taken < 1:
        return f"{1000 * taken:.0f} ms"
    return f"{taken:.1f} s" if taken < 100 else f"{taken:.0f} s"


def memory(machine: Machine) -> str:
    """What a run held, as far as it is known."""
    told = [
        f"{size(amount)} {what}"
        for amount, what in (
            (machine.model_bytes, "for the model"),
            (machine.graphics_bytes, "of graphics memory at most"),
            (machine.peak_bytes, "for the whole process at most"),
        )
        if amount
    ]
    return ", ".join(told) or "not known"


def size(amount: int) -> str:
    """Bytes for people."""
    if amount >= _GIB / 10:
        return f"{amount / _GIB:.1f} GiB"
    return f"{amount / (1 << 20):.0f} MiB"


def with_interval(figure: Figure | None) -> str:
    """A mean and its bounds; a dash where there is none."""
    if figure is None:
        return "–"
    if figure.low is None or figure.high is None:
        return figure.words
    return f"{figure.words} ({figure.low:.{figure.digits}f} … {figure.high:.{figure.digits}f})"


def gain(figure: Figure | None) -> str:
    """A paired difference and its bounds; a dash where there is none."""
    if figure is None or figure.gain is None:
        return "–"
    told = f"{figure.gain:+.{figure.digits}f}"
    if figure.gain_low is None or figure.gain_high is None:
        return told
    return f"{told} ({figure.gain_low:+.{figure.digits}f} … {figure.gain_high:+.{figure.digits}f})"
