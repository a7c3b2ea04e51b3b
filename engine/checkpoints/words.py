"""Sizes and times as people read them."""

from __future__ import annotations


def in_gb(size: float) -> str:
    """Bytes in the units of disks and downloads: powers of 1000."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= worth:
            return f"{size / worth:.1f} {unit}"
    return f"{size:.0f} bytes"


def in_gib(size: float) -> str:
    """Bytes in the units of memory: powers of 1024."""
    return f"{size / 2**30:.1f} GiB"


def in_time(seconds: float) -> str:
    """A duration to one digit that matters: 40 s, 12 min, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
