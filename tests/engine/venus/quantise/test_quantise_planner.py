import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_plans import card, computer

from engine.choice import MemoryPlan
from engine.contract import EngineError
from engine.venus.quantise.holding import Held, Part, Place
from engine.venus.quantise.memory import FourBit, Room
from engine.venus.quantise.plan import CONTEXT, GIB, HOST_SLACK, Plan, Width
from engine.venus.quantise.planner import choose, plan
from engine.venus.quantise.sizes import Sizes

AUTO = MemoryPlan.AUTO


def told(found: Plan) -> str:
    """A plan on one line: part=held@place."""
    each = {part.value: found.of(part) for part in Part}
    return " ".join(
        f"{name}={holding.held.value}"
        + ("" if holding.place is Place.DEVICE else f"@{holding.place.value}")
        for name, holding in each.items()
    )


def apple(free: float, four_bit: FourBit = FourBit.UNPACKED) -> Room:
    size = int(free * GIB)
    return Room(
        device="mps",
        free=size,
        total=size,
        host_free=size,
        four_bit=four_bit,
        without="bitsandbytes is not installed" if four_bit is FourBit.NONE else "",
    )


# Free memory is what is left after the desktop and the context: 1 to 2 GiB less than is printed on
# the box; of Apple's memory the system recommends two thirds to three quarters.
MACHINES = [
    (card(4.8), "language=nf4 vision=bf16@streamed connector=bf16 embeddings=bf16@host head=nf4"),
    (card(6.0), "language=nf4 vision=bf16@streamed connector=bf16 embeddings=bf16@host head=nf4"),
    (
        card(6.0, host=6.5),
        "language=nf4 vision=nf4 connector=bf16 embeddings=bf16@host head=nf4",
    ),
    (card(10.5), "language=nf4 vision=bf16 connector=bf16 embeddings=bf16@host head=int8"),
    (card(14.5), "language=nf4 vision=bf16 connector=bf16 embeddings=bf16 head=bf16"),
    (card(22), "language=bf16 vision=bf16 connector=bf16 embeddings=bf16 head=bf16"),
    (card(46), "language=bf16 vision=bf16 connector=bf16 embeddings=bf16 head=bf16"),
    (
        card(22, compute=Held.FP16),
        "language=fp16 vision=fp16 connector=fp16 embeddings=fp16 head=fp16",
    ),
    (
        card(14.5, four_bit=FourBit.NONE, without="bitsandbytes is not installed"),
        "language=int8 vision=bf16 connector=bf16 embeddings=bf16@host head=bf16",
    ),
    (
        computer(11, FourBit.PACKED),
        "language=nf4 vision=nf4 connector=bf16 embeddings=bf16 head=nf4",
    ),
    (
        computer(26, FourBit.PACKED),
        "language=nf4 vision=bf16 connector=bf16 embeddings=bf16 head=bf16",
    ),
    (
        computer(11, FourBit.UNPACKED),
        "language=nf4 vision=nf4 connector=fp32 embeddings=fp32 head=nf4",
    ),
    (
        computer(26, FourBit.NONE),
        "language=int8 vision=fp32 connector=fp32 embeddings=fp32 head=fp32",
    ),
    (
        computer(58, FourBit.NONE),
        "language=fp32 vision=fp32 connector=fp32 embeddings=fp32 head=fp32",
    ),
    (apple(10.6), "language=nf4 vision=nf4 connector=bf16 embeddings=bf16 head=nf4"),
    (apple(21.3), "language=bf16 vision=bf16 connector=bf16 embeddings=bf16 head=bf16"),
    (
        apple(16, FourBit.NONE),
        "language=int8 vision=bf16 connector=bf16 embeddings=bf16 head=bf16",
    ),
]


@pytest.mark.parametrize(
    ("room", "expected"),
    MACHINES,
    ids=[f"{room.device}-{room.free / GIB:.1f}-{room.four_bit}" for room, _ in MACHINES],
)
def test_the_released_model_fits_these_machines(venus_q: Sizes, room: Room, expected: str):
    found = plan(venus_q, room, AUTO)
    assert told(found) == expected
    assert found.needed <= room.free


@pytest.mark.parametrize(
    "room",
    [card(3.2), card(6, four_bit=FourBit.NONE), computer(6, FourBit.PACKED), apple(6)],
    ids=["4 GB card", "no bitsandbytes", "8 GB of memory", "8 GB Apple"],
)
def test_too_little_is_refused_with_what_is_missing_and_what_to_do(venus_q: Sizes, room: Room):
    with pytest.raises(EngineError, match="GiB") as refused:
        plan(venus_q, room, AUTO)
    assert refused.value.code == "memory"
    needs, free = map(float, re.findall(r"([\d.]+) GiB", refused.value.reason))
    assert needs > free
    assert free == round(room.free / GIB, 1)
    assert "smaller checkpoint" in refused.value.remedy


def test_an_8_gb_card_with_a_desktop_is_enough(venus_q: Sizes):
    """Without the context's share, 6.0 GiB are 6.5 by the driver's own count."""
    found = plan(venus_q, card(6.0), MemoryPlan.NF4)
    assert found.total == found.needed + CONTEXT <= 6.5 * GIB
    assert found.width.rows >= 4
    assert found.width.conversation == 2048
    # The weights alone, worked out by hand: blocks and head with 0.516 bytes a number; in bf16 the
    # resampler and what stands before and after the tower's blocks.
    by_hand = 0.515869 * (6.4760e9 + 0.6223e9) + 2 * (0.0761e9 + 0.0182e9)
    assert found.device_weights == pytest.approx(by_hand, rel=0.001)


@pytest.mark.parametrize("wanted", [MemoryPlan.NF4, MemoryPlan.INT8, MemoryPlan.BF16])
def test_what_is_asked_for_is_what_the_language_model_is_held_in(
    venus_q: Sizes, wanted: MemoryPlan
):
    found = plan(venus_q, card(46), wanted)
    assert found.of(Part.LANGUAGE).held.value == wanted.value
    assert found.of(Part.VISION).held is Held.BF16


def test_fp32_is_fp32_throughout(venus_q: Sizes):
    found = plan(venus_q, card(46), MemoryPlan.FP32)
    assert found.compute is Held.FP32
    assert {holding.held for holding in found.holdings.values()} == {Held.FP32}


def test_bf16_is_never_silently_anything_else(venus_q: Sizes):
    with pytest.raises(EngineError) as refused:
        plan(venus_q, card(10), MemoryPlan.BF16)
    assert "bf16" in refused.value.reason
    assert "Choose 4 bits" in refused.value.remedy
    slow = plan(venus_q, computer(58, FourBit.UNPACKED), MemoryPlan.BF16)
    assert slow.compute is Held.BF16
    assert "slow" in slow.words()


def test_4_bits_without_bitsandbytes_are_refused_with_the_reason(venus_q: Sizes):
    room = card(22, four_bit=FourBit.NONE, without="no kernel image is available")
    with pytest.raises(EngineError, match="no kernel image") as refused:
        plan(venus_q, room, MemoryPlan.NF4)
    assert "8 bits" in refused.value.remedy


def test_without_bitsandbytes_the_plan_says_why_it_is_another(venus_q: Sizes):
    found = plan(venus_q, apple(16, FourBit.NONE), AUTO)
    assert "bitsandbytes is not installed" in found.words()


def test_parts_give_way_before_the_width_and_the_width_before_a_refusal(venus_q: Sizes):
    wide = plan(venus_q, card(10.5), AUTO)
    narrow = plan(venus_q, card(6.0), AUTO)
    assert wide.width == Width()
    assert narrow.width.rows < Width().rows
    assert f"{narrow.width.rows} at a time instead of {Width().rows}" in narrow.words()
    assert wide.notes == ()


def test_widths_narrow_to_one_answer_of_one_photo():
    widths = list(Width().narrower())
    assert widths[0] == Width()
    tokens = [width.tokens() for width in widths]
    assert tokens == sorted(tokens, reverse=True)
    assert len(set(tokens)) == len(tokens)
    last = widths[-1]
    assert (last.rows, last.beside, last.scored) == (1, 0, 1)
    assert last.conversation >= last.prefix + 512


def test_a_long_prompt_makes_room_for_answers():
    assert Width.of(448) == Width()
    long = Width.of(3400)
    assert long.conversation >= 3400 + 512
    assert all(each.conversation >= 3400 + 512 for each in long.narrower())


def test_the_cache_is_counted_by_the_token(venus_q: Sizes):
    width = Width(rows=2, suffix=10, prefix=100, beside=1, conversation=1000)
    found = plan(venus_q, card(46), AUTO, width=width)
    assert found.cache == (1000 + 100 + 2 * 10) * 512 * 1024


def test_the_first_device_that_it_fits_is_chosen_and_the_others_are_named(venus_q: Sizes):
    rooms = [card(3), computer(26, FourBit.PACKED)]
    found = choose(venus_q, rooms, AUTO)
    assert found.device == "cpu"
    assert "cuda:0 is not used" in found.words()
    assert choose(venus_q, [card(22), rooms[1]], AUTO).notes == ()


def test_where_nothing_fits_every_device_says_why(venus_q: Sizes):
    with pytest.raises(EngineError) as refused:
        choose(venus_q, [card(3), computer(5, FourBit.PACKED)], AUTO)
    assert "cuda:0" in refused.value.reason
    assert "cpu" in refused.value.reason
    with pytest.raises(EngineError) as refused:
        choose(venus_q, [card(3)], AUTO)
    assert "is not used" not in refused.value.reason


def test_the_plan_is_said_in_words_with_its_numbers_and_its_speed(venus_q: Sizes):
    found = plan(venus_q, card(6.0), AUTO)
    words = found.words()
    assert "the language model and the head in 4 bits" in words
    assert "the vision tower in bf16 lent from the computer's memory once a photo" in words
    assert "the connector in bf16" in words
    assert f"about {found.total / GIB:.1f} GiB" in words
    assert "8.0 GiB" in words
    assert "estimate" in words
    assert "tokens a second" in words
    assert "rule of thumb" in words


def test_slow_machines_are_told_so_before_they_begin(venus_q: Sizes):
    quick = plan(venus_q, card(22), AUTO)
    slow = plan(venus_q, computer(58, FourBit.NONE), AUTO)
    assert slow.tokens_a_second < 2 < quick.tokens_a_second
    assert slow.seconds_a_photo > 10 > quick.seconds_a_photo
    assert "to look at a photo" in slow.words()


def test_an_unknown_speed_is_not_made_up(venus_q: Sizes):
    found = plan(venus_q, card(22, bandwidth=0.0, speed=0.0), AUTO)
    assert "not known" in found.words()


@settings(deadline=None)
@given(
    free=st.integers(0, 60 * GIB),
    host=st.integers(0, 60 * GIB),
    device=st.sampled_from(["cuda:0", "mps", "cpu"]),
    four_bit=st.sampled_from(list(FourBit)),
    compute=st.sampled_from([Held.BF16, Held.FP16, Held.FP32]),
    wanted=st.sampled_from(list(MemoryPlan)),
)
def test_a_plan_never_takes_more_than_there_is(
    venus_q: Sizes,
    free: int,
    host: int,
    device: str,
    four_bit: FourBit,
    compute: Held,
    wanted: MemoryPlan,
):
    room = Room(
        device=device, free=free, total=free, host_free=host, compute=compute, four_bit=four_bit
    )
    try:
        found = plan(venus_q, room, wanted)
    except EngineError as refused:
        assert refused.remedy
        assert refused.code in ("memory", "quantise")
        return
    taken = found.needed + (found.host_weights if room.shared else 0)
    assert taken <= (min(free, host) if room.shared else free)
    assert found.host_weights + HOST_SLACK <= host
    assert found.of(Part.CONNECTOR).held is found.compute
    assert found.of(Part.EMBEDDINGS).held is found.compute
    if four_bit is FourBit.NONE:
        assert Held.NF4 not in {holding.held for holding in found.holdings.values()}
    assert found.words()
