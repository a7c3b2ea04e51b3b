"""The window's words for models and engines: sizes, speeds, times, plans, families, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from engine.choice import MemoryPlan, Wording

if TYPE_CHECKING:
    from engine.checkpoints.progress import Transfer

translate = QCoreApplication.translate  # pyside6-lupdate looks for this name

_FIRM = "\u00a0"
"""A space at which no line breaks."""

_FAMILIES = {
    "internvl": "InternVL",
    "llava": "LLaVA",
    "minicpm_v": "MiniCPM-V",
    "qwen2_5_vl": "Qwen2.5-VL",
    "qwen3_vl": "Qwen3-VL",
    "qwen_vl": "Qwen-VL",
}
"""Names, which no language translates."""


def family_title(family: str) -> str:
    """What a family of models is called."""
    return _FAMILIES.get(family, family)


def plan_title(plan: MemoryPlan) -> str:
    """How the weights are held, in a few words."""
    titles = {
        MemoryPlan.AUTO: translate("Models", "What fits"),
        MemoryPlan.NF4: translate("Models", "4 bits"),
        MemoryPlan.INT8: translate("Models", "8 bits"),
        MemoryPlan.BF16: translate("Models", "16 bits"),
        MemoryPlan.FP32: translate("Models", "32 bits"),
    }
    return titles[plan]


def wording_title(wording: Wording) -> str:
    """Which prompts a model is asked with."""
    titles = {
        Wording.AUTO: translate("Models", "As its family is usually asked"),
        Wording.RELEASE: translate("Models", "As the released Venus models were trained"),
        Wording.PAPER: translate("Models", "As the paper describes it"),
        Wording.BASE: translate("Models", "In plain words, for a model without our training"),
    }
    return titles[wording]


def disk_text(size: float) -> str:
    """Bytes in the units of disks and downloads: powers of 1000."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6)):
        if size >= worth:
            return f"{_number(size / worth)}{_FIRM}{unit}"
    return f"{_number(size / 1e3)}{_FIRM}kB"


def memory_text(size: float) -> str:
    """Bytes in the units of memory: powers of 1024."""
    if size < 0.1 * 2**30:
        return f"{_number(size / 2**20)}{_FIRM}MiB"
    return f"{_number(size / 2**30)}{_FIRM}GiB"


def speed_text(tokens: float) -> str:
    """How fast an engine answers."""
    return translate("Models", "{number} tokens/s").format(number=_number(tokens))


def time_text(seconds: float) -> str:
    """A duration as far as it matters: 40 s, 12 min, 2 h 5 min."""
    if seconds < 60:
        return translate("Models", "{seconds} s").format(seconds=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return translate("Models", "{minutes} min").format(minutes=minutes)
    words = translate("Models", "{hours} h {minutes} min")
    return words.format(hours=minutes // 60, minutes=minutes % 60)


def transfer_text(transfer: Transfer) -> str:
    """What is being done, how much of it is done, how fast, and how long it will take."""
    from engine.checkpoints.progress import Phase

    what = {
        Phase.ASKING: translate("Models", "Asking for the list of files"),
        Phase.CHECKING: translate("Models", "Checking {file}"),
        Phase.FETCHING: translate("Models", "Downloading {file}"),
        Phase.WAITING: translate("Models", "The connection is lost, trying again"),
        Phase.FINISHING: translate("Models", "Putting it in place"),
    }[transfer.phase].format(file=transfer.file)
    parts = [what]
    if transfer.total:
        words = translate("Models", "{done} of {total}")
        done, total = disk_text(transfer.done), disk_text(transfer.total)
        parts.append(words.format(done=done, total=total))
    if transfer.speed > 0:
        words = translate("Models", "{amount} a second")
        parts.append(words.format(amount=disk_text(transfer.speed)))
    if transfer.seconds_left is not None and transfer.done < transfer.total:
        words = translate("Models", "{time} left")
        parts.append(words.format(time=time_text(transfer.seconds_left)))
    return " · ".join(parts)


def _number(value: float) -> str:
    """One digit after the point where it matters."""
    return QLocale().toString(float(value), "f", 1 if value < 100 else 0)
