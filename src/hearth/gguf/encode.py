"""Turns metadata values into the bytes of a GGUF file."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from hearth.errors import GGUFError
from hearth.gguf.arrays import LazyArray
from hearth.gguf.entries import Entry
from hearth.gguf.values import MAX_KEY, MAX_STRING, STRUCT_CODES, Array, Scalar, Typed, ValueType

MetadataValue: TypeAlias = "Scalar | Sequence[str] | Typed | Array | Entry | LazyArray"
"""What may be written: a text, a boolean, a whole number (as UINT32), a fraction (as FLOAT32), a sequence of
texts, a value with its type stated (`U64(1)`, `Array(ValueType.INT32, [1, 2])`), or one as it was read."""


def encode_metadata(metadata: Mapping[str, MetadataValue]) -> bytes:
    """All entries, one after the other; GGUFError names the key of a value that cannot be written."""
    parts = []
    for key, value in metadata.items():
        raw_key = key.encode()
        if not 0 < len(raw_key) <= MAX_KEY:
            raise GGUFError(f"a metadata key of {len(raw_key)} bytes cannot be written; 1 to {MAX_KEY} can")
        try:
            parts.append(_string(raw_key) + _encode_value(value))
        except (struct.error, OverflowError, TypeError, AttributeError, UnicodeEncodeError) as error:
            raise GGUFError(f'the metadata value of "{key}" cannot be written: {error}') from None
    return b"".join(parts)


def _encode_value(value: MetadataValue) -> bytes:
    match value:
        case Entry():
            return _u32(value.type) + value.raw()
        case LazyArray():
            return _array_head(value.element_type, len(value)) + value.data()
        case Array():
            return _encode_array(value)
        case Typed():
            return _u32(value.type) + _encode_scalar(value.type, value.value)
        case str() | bool() | int() | float():
            kind = _natural_type(value)
            return _u32(kind) + _encode_scalar(kind, value)
        case _:
            return _encode_array(Array(ValueType.STRING, value))


def _natural_type(value: Scalar) -> ValueType:
    match value:
        case bool():
            return ValueType.BOOL
        case int():
            return ValueType.UINT32
        case float():
            return ValueType.FLOAT32
        case str():
            return ValueType.STRING


def _encode_array(array: Array) -> bytes:
    head = _array_head(array.element_type, len(array.values))
    if array.element_type is ValueType.STRING:
        return head + b"".join(_encode_scalar(ValueType.STRING, value) for value in array.values)
    if array.element_type is ValueType.ARRAY:
        raise TypeError("arrays of arrays are not supported")
    return head + struct.pack(f"<{len(array.values)}{STRUCT_CODES[array.element_type]}", *array.values)


def _array_head(element_type: ValueType, length: int) -> bytes:
    return _u32(ValueType.ARRAY) + _u32(element_type) + struct.pack("<Q", length)


def _encode_scalar(kind: ValueType, value: Scalar | bytes) -> bytes:
    if kind is not ValueType.STRING:
        return struct.pack("<" + STRUCT_CODES[kind], value)
    if isinstance(value, bytes):
        return _string(value)
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return _string(value.encode())


def _string(raw: bytes) -> bytes:
    if len(raw) > MAX_STRING:
        raise OverflowError(f"a text of {len(raw)} bytes is over the limit of {MAX_STRING}")
    return struct.pack("<Q", len(raw)) + raw


def _u32(number: int) -> bytes:
    return struct.pack("<I", number)
