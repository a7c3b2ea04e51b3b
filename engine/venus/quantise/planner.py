"""Decides how each part of a model is held and where, so that it fits; pure, nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.choice import MemoryPlan
from engine.contract import EngineError
from engine.venus.quantise.expect import seconds_a_photo, tokens_a_second
from engine.venus.quantise.holding import LARGEST_MATRIX, Held, Holding, Part, Place
from engine.venus.quantise.memory import FourBit, Room
from engine.venus.quantise.plan import GIB, HOST_SLACK, Plan, Width
from engine.venus.quantise.sizes import Sizes


def choose(
    sizes: Sizes, rooms: Sequence[Room], wanted: MemoryPlan, *, width: Width | None = None
) -> Plan:
    """The plan for the first room that the model fits; its notes say why others were passed over.

    Raises EngineError when it fits none, with what would.
    """
    passed: list[str] = []
    refused: EngineError | None = None
    for room in rooms:
        try:
            found = plan(sizes, room, wanted, width=width)
        except EngineError as error:
            refused = refused or error
            passed.append(f"{room.device} is not used. {error.reason}")
        else:
            return replace(found, notes=(*passed, *found.notes))
    if refused is None:
        raise ValueError("no room was given to choose from")
    if len(passed) == 1:
        raise refused
    raise EngineError(refused.code, " ".join(passed), refused.remedy)


def plan(sizes: Sizes, room: Room, wanted: MemoryPlan, *, width: Width | None = None) -> Plan:
    """The best plan that fits one room: parts give way first, then the width of a batch.

    Raises EngineError when nothing fits, with what would.
    """
    width = width or Width()
    without = room.four_bit is FourBit.NONE
    if wanted is MemoryPlan.NF4 and without:
        raise EngineError(
            "quantise",
            f"4 bits need bitsandbytes: {room.without or 'it is not here'}.",
            "Install bitsandbytes for this machine, or choose 8 bits, which need nothing.",
        )
    least: Plan | None = None
    for narrow in width.narrower():
        for candidate in _candidates(sizes, room, wanted, narrow):
            if _fits(candidate, sizes):
                return replace(candidate, notes=tuple(_given_up(candidate, width)))
            least = candidate if least is None else min(least, candidate, key=_weight)
    if least is None:
        raise ValueError(f"no way of holding a model is known for {wanted}")
    raise _refusal(least, sizes, wanted)


def _candidates(sizes: Sizes, room: Room, wanted: MemoryPlan, width: Width) -> Iterator[Plan]:
    compute = {MemoryPlan.BF16: Held.BF16, MemoryPlan.FP32: Held.FP32}.get(wanted, room.compute)
    for language in _languages(wanted, room, compute):
        for holdings in _holdings(language, compute, room, sizes):
            yield _planned(sizes, room, holdings, compute=compute, width=width)


def _languages(wanted: MemoryPlan, room: Room, compute: Held) -> list[Held]:
    """What the language model may be held in, the best first."""
    if wanted is MemoryPlan.NF4:
        return [Held.NF4]
    if wanted is MemoryPlan.INT8:
        return [Held.INT8]
    if wanted is not MemoryPlan.AUTO:
        return [compute]
    return {
        FourBit.FUSED: [compute, Held.NF4],
        # Where each product widens the whole matrix, 8 bits are both quicker and closer.
        FourBit.UNPACKED: [compute, Held.INT8, Held.NF4],
        # A CPU is as quick as its memory: 4 bits are five times quicker than bf16.
        FourBit.PACKED: [Held.NF4],
        FourBit.NONE: [compute, Held.INT8],
    }[room.four_bit]


def _holdings(
    language: Held, compute: Held, room: Room, sizes: Sizes
) -> Iterator[dict[Part, Holding]]:
    """Ever smaller ways of holding all parts, by what it costs to do without: nothing to see for
    embeddings in the computer's memory; half a second a photo for a streamed tower; then numbers.
    """
    now = dict.fromkeys(Part, Holding(compute))
    now[Part.LANGUAGE] = Holding(language)
    yield now
    steps: list[tuple[Part, Holding]] = []
    if not room.shared:
        steps.append((Part.EMBEDDINGS, Holding(compute, Place.HOST)))
    if language.quantised and not room.shared:
        steps.append((Part.HEAD, Holding(Held.INT8)))
    if not room.shared and sizes.parts[Part.VISION].blocks:
        steps.append((Part.VISION, Holding(compute, Place.STREAMED)))
    if language.quantised:
        steps += [(Part.HEAD, Holding(language)), (Part.VISION, Holding(language))]
    for part, holding in steps:
        if now[part] != holding:
            now = {**now, part: holding}
            yield now


def _planned(
    sizes: Sizes, room: Room, holdings: dict[Part, Holding], *, compute: Held, width: Width
) -> Plan:
    packed = room.four_bit is FourBit.PACKED and compute is Held.BF16
    return Plan(
        device=room.device,
        compute=compute,
        packed=packed,
        holdings=holdings,
        weights=weights(sizes, holdings, compute=compute, packed=packed),
        width=width,
        cache=_cache(sizes, compute=compute, width=width),
        working=_working(sizes, holdings, compute=compute, width=width),
        room=room,
        tokens_a_second=tokens_a_second(sizes, holdings, room, compute=compute),
        seconds_a_photo=seconds_a_photo(
            sizes, holdings, room, compute=compute, prefix=width.prefix
        ),
    )


def weights(
    sizes: Sizes, holdings: dict[Part, Holding], *, compute: Held, packed: bool
) -> dict[Part, tuple[int, int]]:
    """Each part's bytes (on the device, in the computer's own memory), equal to the loaded ones."""
    found: dict[Part, tuple[int, int]] = {}
    for part, size in sizes.parts.items():
        holding = holdings[part]
        whole = size.size(holding.held, compute=compute, packed=packed)
        away = {
            Place.DEVICE: 0,
            Place.HOST: whole,
            Place.STREAMED: sum(size.blocks) * compute.number_bytes,
        }[holding.place]
        found[part] = (whole - away, away)
    if sizes.tied and holdings[Part.HEAD] == holdings[Part.EMBEDDINGS]:
        matrix = sizes.parts[Part.HEAD].matrix_numbers * holdings[Part.HEAD].held.number_bytes
        on_device, on_host = found[Part.HEAD]
        found[Part.HEAD] = (on_device - matrix, on_host)
    return found


def _cache(sizes: Sizes, *, compute: Held, width: Width) -> int:
    """Bytes of keys and values; a running state is copied for each row and kept once besides."""
    state = sizes.state_bytes(compute)
    tokens = width.tokens(copied=state > 0)
    rows = width.rows + width.beside + 2
    return tokens * sizes.cache_numbers * compute.number_bytes + rows * state


def _working(sizes: Sizes, holdings: dict[Part, Holding], *, compute: Held, width: Width) -> int:
    """What the widest step needs besides weights and cache; an estimate, on the safe side."""
    number = compute.number_bytes
    step = width.prefix * (4 * sizes.hidden + 3 * sizes.inner) * number
    # In the dtype of computing, in fp32, and once more joined with those of the first token.
    judged = width.scored * width.suffix * sizes.vocabulary * (number + 4 + 4)
    logits = max(width.rows * sizes.vocabulary * 4 * 4, judged)
    vision = sizes.parts[Part.VISION]
    # Families join about four patches to one token.
    widest = max((rows for rows, _, _ in vision.matrices), default=0)
    seen = 4 * width.prefix * widest * 3 * number
    lent = max(vision.blocks, default=0) * number
    widened = min(sizes.largest, LARGEST_MATRIX) * number
    quantised = any(holding.held.quantised for holding in holdings.values())
    streamed = any(holding.place is Place.STREAMED for holding in holdings.values())
    return max(step + logits, seen) + (widened if quantised else 0) + (lent if streamed else 0)


def _fits(candidate: Plan, sizes: Sizes) -> bool:
    room = candidate.room
    # Tensors are read one by one; the largest may be fp32 on disk, and an adapter makes a copy.
    reading = 4 * sizes.largest
    if room.shared:
        while_reading = candidate.device_weights + reading + HOST_SLACK
        return max(candidate.needed, while_reading) <= min(room.free, room.host_free)
    on_host = candidate.host_weights + reading + HOST_SLACK
    return candidate.needed <= room.free and on_host <= room.host_free


def _weight(candidate: Plan) -> tuple[int, int]:
    return candidate.needed, candidate.host_weights


def _given_up(candidate: Plan, width: Width) -> Iterator[str]:
    room = candidate.room
    language = candidate.of(Part.LANGUAGE).held
    if room.without and language is not Held.NF4:
        yield f"No 4 bits here: {room.without}."
    if language is candidate.compute is Held.BF16 and room.compute is not Held.BF16:
        yield f"{room.device} has no bf16 of its own: it will be slow."
    if candidate.width.rows < width.rows:
        yield (
            f"Crops are drawn {candidate.width.rows} at a time instead of {width.rows}, to fit the"
            " free memory."
        )
    if candidate.width.conversation < width.conversation:
        yield (
            f"A conversation may be {candidate.width.conversation} tokens long instead of"
            f" {width.conversation}."
        )


def _refusal(least: Plan, sizes: Sizes, wanted: MemoryPlan) -> EngineError:
    """Why even the smallest plan does not fit, and what would."""
    room = least.room
    where = "this computer" if room.shared else room.device
    reason = (
        f"The model needs {least.needed / GIB:.1f} GiB on {where} even at its smallest"
        f" ({least.of(Part.LANGUAGE).held.words}); {room.free / GIB:.1f} GiB are free."
    )
    if least.needed <= room.free:
        short = least.host_weights + 4 * sizes.largest + HOST_SLACK
        reason = (
            f"Loading the model needs {short / GIB:.1f} GiB of the computer's own memory;"
            f" {room.host_free / GIB:.1f} GiB are free."
        )
    ways = []
    if wanted is not MemoryPlan.AUTO:
        try:
            other = plan(sizes, room, MemoryPlan.AUTO)
        except EngineError:
            pass
        else:
            held = other.of(Part.LANGUAGE).held
            ways.append(f"Choose {held.words} ({other.needed / GIB:.1f} GiB)")
    if not room.shared:
        ways.append("Choose the processor (cpu) as the device")
    ways.append("Close other programs that use this memory, or choose a smaller checkpoint")
    return EngineError("memory", reason, "; or ".join(ways) + ".")
