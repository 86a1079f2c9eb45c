"""Arrays of metadata that stay in the file until they are asked for.

A vocabulary has up to a quarter of a million tokens; most callers want a few of them or none.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import Final, overload

from hearth.gguf.values import FIXED_SIZES, STRUCT_CODES, Scalar, ValueType

_LENGTH: Final = struct.Struct("<Q")
_GROUP: Final = 64


class LazyArray(Sequence[Scalar]):
    """An array of numbers or texts, decoded on access; already checked to lie within the file.

    Texts are UTF-8; bytes that are not become U+FFFD, and `raw(i)` gives them as they are.
    """

    __slots__ = ("_buffer", "_length", "_marks", "_size", "_start", "element_type")

    def __init__(
        self, buffer: mmap, element_type: ValueType, length: int, start: int, size: int, marks: list[int]
    ) -> None:
        """`start` and `size` locate the elements; `marks` is where every 64th string starts (for STRING)."""
        self._buffer = buffer
        self._length = length
        self._start = start
        self._size = size
        self._marks = marks
        self.element_type = element_type

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"<LazyArray of {self._length} {self.element_type.name}>"

    @overload
    def __getitem__(self, index: int) -> Scalar: ...
    @overload
    def __getitem__(self, index: slice) -> list[Scalar]: ...
    def __getitem__(self, index: int | slice) -> Scalar | list[Scalar]:
        if isinstance(index, slice):
            return [self._element(i) for i in range(*index.indices(self._length))]
        return self._element(self._checked(index))

    def __iter__(self) -> Iterator[Scalar]:
        if self.element_type is ValueType.STRING:
            return (raw.decode("utf-8", "replace") for raw in self.iter_raw())
        return (value for (value,) in struct.iter_unpack("<" + STRUCT_CODES[self.element_type], self.data()))

    def to_list(self) -> list[Scalar]:
        """All elements."""
        return list(self)

    def raw(self, index: int) -> bytes:
        """The bytes of one element as they are in the file (for a string: without its length)."""
        index = self._checked(index)
        if self.element_type is not ValueType.STRING:
            width = FIXED_SIZES[self.element_type]
            start = self._start + index * width
            return self._buffer[start : start + width]
        position = self._marks[index // _GROUP]
        for _ in range(index % _GROUP):
            position += 8 + self._string_length(position)
        return self._buffer[position + 8 : position + 8 + self._string_length(position)]

    def find(self, text: bytes) -> int:
        """The index of a string in an array of strings, -1 where there is none; reads no other string."""
        if self.element_type is not ValueType.STRING:
            return -1
        written, end = _LENGTH.pack(len(text)) + text, self._start + self._size
        place = self._buffer.find(written, self._start, end)
        while place >= 0:
            index = self._index_at(place)
            if index >= 0:
                return index
            place = self._buffer.find(written, place + 1, end)
        return -1

    def iter_raw(self) -> Iterator[bytes]:
        """The bytes of every string, in order."""
        position = self._start
        for _ in range(self._length):
            end = position + 8 + self._string_length(position)
            yield self._buffer[position + 8 : end]
            position = end

    def data(self) -> bytes:
        """All elements as they are laid out in the file."""
        return self._buffer[self._start : self._start + self._size]

    def _index_at(self, place: int) -> int:
        """The index of the string that starts at `place`, -1 if that is in the middle of one."""
        group = bisect_right(self._marks, place) - 1
        index, position = group * _GROUP, self._marks[group]
        while position < place:
            position += 8 + self._string_length(position)
            index += 1
        return index if position == place else -1

    def _checked(self, index: int) -> int:
        if not -self._length <= index < self._length:
            raise IndexError(f"index {index} in an array of {self._length}")
        return index % self._length

    def _element(self, index: int) -> Scalar:
        if self.element_type is ValueType.STRING:
            return self.raw(index).decode("utf-8", "replace")
        value: Scalar = struct.unpack("<" + STRUCT_CODES[self.element_type], self.raw(index))[0]
        return value

    def _string_length(self, position: int) -> int:
        length: int = _LENGTH.unpack_from(self._buffer, position)[0]
        return length
