"""Reads one metadata value after the other, with every length held against the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import Final, TypeAlias

from hearth.errors import GGUFError
from hearth.gguf.arrays import LazyArray
from hearth.gguf.cursor import Cursor
from hearth.gguf.values import (
    EAGER_ARRAY,
    FIXED_SIZES,
    MAX_ARRAY,
    MAX_KEY,
    MAX_STRING,
    STRUCT_CODES,
    Scalar,
    ValueType,
)

Value: TypeAlias = "Scalar | tuple[Scalar, ...] | LazyArray"
"""A metadata value: arrays of up to 64 elements are tuples, longer ones stay in the file."""

_SMALLEST_ENTRY: Final = 8 + 4 + 1
_MAX_ENTRIES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One metadata value with its type on disk; may be written again byte for byte."""

    type: ValueType
    value: Value
    start: int
    end: int
    buffer: mmap

    @property
    def element_type(self) -> ValueType | None:
        """Of an array: the type of its elements."""
        if self.type is not ValueType.ARRAY:
            return None
        return ValueType(int.from_bytes(self.buffer[self.start : self.start + 4], "little"))

    def raw(self) -> bytes:
        """The value as it is in the file, without its type."""
        return self.buffer[self.start : self.end]


def read_entries(cursor: Cursor, count: int) -> dict[str, Entry]:
    """The metadata of a file; `cursor` stands at its first key."""
    if count > _MAX_ENTRIES:
        raise GGUFError(f"the GGUF file declares {count} metadata entries; at most {_MAX_ENTRIES} are read")
    if count * _SMALLEST_ENTRY > cursor.remaining:
        raise GGUFError(f"the GGUF file is damaged: {count} metadata entries do not fit in it")
    entries: dict[str, Entry] = {}
    for _ in range(count):
        key = _read_key(cursor)
        if key in entries:
            raise GGUFError(f'the GGUF file is damaged: the metadata key "{key}" occurs twice')
        entries[key] = _read_entry(cursor, key)
    return entries


def _read_key(cursor: Cursor) -> str:
    raw = cursor.string("a metadata key", MAX_KEY)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise GGUFError(f"the GGUF file is damaged: the metadata key {raw[:64]!r} is not UTF-8") from None


def _read_entry(cursor: Cursor, key: str) -> Entry:
    what = f'the value of "{key[:200]}"'
    value_type = _value_type(cursor.u32(f"the type of {what}"), what)
    start = cursor.position
    value: Value
    if value_type is ValueType.ARRAY:
        value = _read_array(cursor, what)
    elif value_type is ValueType.STRING:
        value = cursor.string(what, MAX_STRING).decode("utf-8", "replace")
    else:
        value = _read_fixed(cursor, value_type, what)
    return Entry(value_type, value, start, cursor.position, cursor.buffer)


def _value_type(number: int, what: str) -> ValueType:
    try:
        return ValueType(number)
    except ValueError:
        raise GGUFError(
            f"the GGUF file is damaged: {what} has the unknown type {number} (0 to 12 exist)"
        ) from None


def _read_fixed(cursor: Cursor, value_type: ValueType, what: str) -> Scalar:
    start = cursor.advance(FIXED_SIZES[value_type], what)
    value: Scalar = struct.unpack_from("<" + STRUCT_CODES[value_type], cursor.buffer, start)[0]
    return value


def _read_array(cursor: Cursor, what: str) -> tuple[Scalar, ...] | LazyArray:
    element_type = _value_type(cursor.u32(f"the element type of {what}"), what)
    if element_type is ValueType.ARRAY:
        raise GGUFError(f"{what} is an array of arrays, which no model uses; the GGUF file is refused")
    width = 8 if element_type is ValueType.STRING else FIXED_SIZES[element_type]
    length = cursor.count(f"the number of elements in {what}", width)
    if length > MAX_ARRAY:
        raise GGUFError(f"{what} has {length} elements; at most {MAX_ARRAY} are read")
    start = cursor.position
    marks: list[int] = []
    if element_type is ValueType.STRING:
        marks = cursor.skip_strings(length, MAX_STRING, what)
    else:
        cursor.advance(length * width, what)
    array = LazyArray(cursor.buffer, element_type, length, start, cursor.position - start, marks)
    return array if length > EAGER_ARRAY else tuple(array)
