"""The ways of holding a part of a model, and the exact bytes that each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NF4_BLOCK: Final = 64
"""Numbers that share one scale."""
NESTED_BLOCK: Final = 256
"""Scales that share one scale of their own (double quantisation)."""
LARGEST_MATRIX: Final = 2**26
"""Numbers; a larger matrix is held in 4 bits as several, so that unpacking one stays small."""
PACKED_ROWS: Final = 32
CODE_BYTES: Final = 16 * 4
"""The 16 values of NF4 in fp32."""
NESTED_CODE_BYTES: Final = 256 * 4
"""The 256 values that scales are held in."""


class Part(StrEnum):
    """The parts of a model that a plan decides about."""

    LANGUAGE = "language"
    VISION = "vision"
    CONNECTOR = "connector"
    EMBEDDINGS = "embeddings"
    HEAD = "head"


class Held(StrEnum):
    """What the matrices of a part are held in; all else in a part is in the plan's `compute`."""

    NF4 = "nf4"
    INT8 = "int8"
    BF16 = "bf16"
    FP16 = "fp16"
    FP32 = "fp32"

    @property
    def quantised(self) -> bool:
        return self in (Held.NF4, Held.INT8)

    @property
    def words(self) -> str:
        return {Held.NF4: "4 bits", Held.INT8: "8 bits"}.get(self, self.value)

    @property
    def number_bytes(self) -> int:
        """Bytes of one number; ValueError for 4 and 8 bits, where it depends on the shape."""
        if self.quantised:
            raise ValueError(f"{self.value} has no fixed number of bytes")
        return 4 if self is Held.FP32 else 2


class Place(StrEnum):
    """Where a part lies: with the processor that runs it, or in the computer's own memory.

    HOST: the part runs there too. STREAMED: its blocks are lent to the device one by one as they
    run, which pays for a part that runs once a photo.
    """

    DEVICE = "device"
    HOST = "host"
    STREAMED = "streamed"


@dataclass(frozen=True, slots=True)
class Holding:
    """How one part is held, and where."""

    held: Held
    place: Place = Place.DEVICE


def row_chunks(rows: int, columns: int) -> list[int]:
    """The rows of each matrix that a matrix is split into for 4 bits; one number if it is not."""
    if rows * columns <= LARGEST_MATRIX:
        return [rows]
    step = max(LARGEST_MATRIX // columns // NF4_BLOCK * NF4_BLOCK, NF4_BLOCK)
    return [min(step, rows - start) for start in range(0, rows, step)]


def packable(rows: int, columns: int) -> bool:
    """True if bitsandbytes can lay this matrix out for the AVX-512 kernel of a CPU."""
    return rows % PACKED_ROWS == 0 and columns % NF4_BLOCK == 0


def nf4_bytes(rows: int, columns: int, *, packed: bool) -> int:
    """Bytes of a matrix in NF4 with its scales, without the tables of codes.

    `packed`: as a CPU with AVX-512 BF16 holds it, where the scales are plain bf16.
    """
    return sum(_nf4_chunk(each, columns, packed=packed) for each in row_chunks(rows, columns))


def _nf4_chunk(rows: int, columns: int, *, packed: bool) -> int:
    numbers = rows * columns
    if packed and packable(rows, columns):
        return numbers // 2 + 2 * (numbers // NF4_BLOCK)
    scales = _blocks(numbers, NF4_BLOCK)
    # A byte for each scale; an fp32 for each block of them; their common offset.
    return _blocks(numbers, 2) + scales + 4 * _blocks(scales, NESTED_BLOCK) + 4


def int8_bytes(rows: int, columns: int) -> int:
    """Bytes of a matrix in 8 bits with one fp32 scale a row."""
    return rows * columns + 4 * rows


def _blocks(numbers: int, size: int) -> int:
    return -(-numbers // size)
