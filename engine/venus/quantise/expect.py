"""How fast a plan will be: rules of thumb, said to people as such and never relied upon."""

from __future__ import annotations

from typing import Final

from engine.venus.quantise.holding import Held, Holding, Part, Place
from engine.venus.quantise.memory import FourBit, Room
from engine.venus.quantise.sizes import Sizes

REACHED: Final = 0.6
"""The share of a memory's measured speed that decoding reaches."""
LENT: Final = 8e9
"""Bytes a second from the computer's memory to a card, pageable, on PCIe of the last ten years."""
PATCHES: Final = 4
"""Patches of a vision tower for each token that they become, in most families."""
MOVED_ON_CPU: Final = {Held.INT8: 2.7, Held.NF4: 9.5}
"""Bytes moved for each number that is widened first, measured against bf16 on one core."""
FOUR_BITS: Final = 0.53
"""Bytes of one number with its share of the scales."""


def moved(held: Held, room: Room, *, compute: Held) -> float:
    """Bytes that pass through memory for one number of a matrix, each time it is used."""
    if not held.quantised:
        return held.number_bytes
    if held is Held.NF4 and room.four_bit in (FourBit.FUSED, FourBit.PACKED):
        return FOUR_BITS
    if room.kind == "cpu":
        return MOVED_ON_CPU[held]
    # Read narrow, written wide, read wide.
    return (1 if held is Held.INT8 else FOUR_BITS) + 2 * compute.number_bytes


def tokens_a_second(
    sizes: Sizes, holdings: dict[Part, Holding], room: Room, *, compute: Held
) -> float:
    """For one answer: each token needs every number of the language model and the head once."""
    if not room.bandwidth:
        return 0.0
    read = sum(
        sizes.parts[part].all_numbers * moved(holdings[part].held, room, compute=compute)
        for part in (Part.LANGUAGE, Part.HEAD)
    )
    return REACHED * room.bandwidth / max(read, 1)


def seconds_a_photo(
    sizes: Sizes, holdings: dict[Part, Holding], room: Room, *, compute: Held, prefix: int
) -> float:
    """To see a photo and read `prefix` tokens, before the first word."""
    if not room.speed:
        return 0.0
    language, vision = sizes.parts[Part.LANGUAGE], sizes.parts[Part.VISION]
    operations = 2 * prefix * (language.all_numbers + PATCHES * vision.all_numbers)
    lent = sum(vision.blocks) if holdings[Part.VISION].place is Place.STREAMED else 0
    return operations / (REACHED * room.speed) + lent * compute.number_bytes / LENT
