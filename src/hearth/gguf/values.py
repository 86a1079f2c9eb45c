"""The metadata values of a GGUF file: their types on disk, their limits, and typed values to write.

The type numbers and layouts are those of the GGUF specification (versions 2 and 3).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Final, TypeAlias

MAX_STRING: Final = 16 << 20
"""Bytes of the longest string."""
MAX_ARRAY: Final = 64 << 20
"""Elements of the longest array."""
MAX_KEY: Final = 65535
"""Bytes of the longest metadata key."""
EAGER_ARRAY: Final = 64
"""Arrays of up to so many elements are read at once, into a tuple."""


class ValueType(IntEnum):
    """The type of a metadata value, as numbered in the file."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


STRUCT_CODES: Final[dict[ValueType, str]] = {
    ValueType.UINT8: "B",
    ValueType.INT8: "b",
    ValueType.UINT16: "H",
    ValueType.INT16: "h",
    ValueType.UINT32: "I",
    ValueType.INT32: "i",
    ValueType.FLOAT32: "f",
    ValueType.BOOL: "?",
    ValueType.UINT64: "Q",
    ValueType.INT64: "q",
    ValueType.FLOAT64: "d",
}
"""The `struct` letter of each type of fixed size."""

FIXED_SIZES: Final[dict[ValueType, int]] = {t: struct.calcsize("<" + c) for t, c in STRUCT_CODES.items()}

Scalar: TypeAlias = "str | int | float | bool"


@dataclass(frozen=True, slots=True)
class Typed:
    """A single value to write with a stated type, such as `U32(7)`."""

    type: ValueType
    value: Scalar


@dataclass(frozen=True, slots=True)
class Array:
    """An array to write; `values` are numbers, or for STRING texts or bytes."""

    element_type: ValueType
    values: Sequence[Scalar | bytes]


U8: Final = partial(Typed, ValueType.UINT8)
I8: Final = partial(Typed, ValueType.INT8)
U16: Final = partial(Typed, ValueType.UINT16)
I16: Final = partial(Typed, ValueType.INT16)
U32: Final = partial(Typed, ValueType.UINT32)
I32: Final = partial(Typed, ValueType.INT32)
F32: Final = partial(Typed, ValueType.FLOAT32)
U64: Final = partial(Typed, ValueType.UINT64)
I64: Final = partial(Typed, ValueType.INT64)
F64: Final = partial(Typed, ValueType.FLOAT64)
