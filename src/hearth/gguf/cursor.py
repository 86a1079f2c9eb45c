"""A position in a mapped file that never passes its end.

Every read states what it is for, so that a damaged file is reported by the field that broke.
"""

from __future__ import annotations

import struct
from mmap import mmap
from typing import Final

from hearth.errors import GGUFError

_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_GROUP: Final = 64


class Cursor:
    """Reads little-endian fields one after the other; GGUFError where the file is too short for one."""

    def __init__(self, buffer: mmap, size: int) -> None:
        self.buffer = buffer
        self.size = size
        self.position = 0

    @property
    def remaining(self) -> int:
        return self.size - self.position

    def advance(self, count: int, what: str) -> int:
        """Pass over `count` bytes and give the position of the first one."""
        if count > self.size - self.position:
            raise GGUFError(
                f"the GGUF file is cut short or damaged: {what} needs {count} bytes "
                f"at offset {self.position}, but only {self.remaining} are left; get the file again"
            )
        start = self.position
        self.position += count
        return start

    def u32(self, what: str) -> int:
        value: int = _U32.unpack_from(self.buffer, self.advance(4, what))[0]
        return value

    def u64(self, what: str) -> int:
        value: int = _U64.unpack_from(self.buffer, self.advance(8, what))[0]
        return value

    def count(self, what: str, smallest: int) -> int:
        """A number of items, refused where that many of `smallest` bytes each could not fit in the rest."""
        value = self.u64(what)
        if value * smallest > self.remaining:
            raise GGUFError(
                f"the GGUF file is damaged: it declares {value} for {what}, "
                f"more than fit in the {self.remaining} bytes that are left"
            )
        return value

    def string(self, what: str, limit: int) -> bytes:
        """A string with its length before it, of at most `limit` bytes."""
        length = self.u64(f"the length of {what}")
        if length > limit:
            raise GGUFError(f"the GGUF file is damaged: {what} is declared {length} bytes long, over {limit}")
        start = self.advance(length, what)
        return self.buffer[start : start + length]

    def skip_strings(self, count: int, limit: int, what: str) -> list[int]:
        """Pass over `count` strings; gives the position of every 64th one, for later access."""
        marks = []
        for first in range(0, count, _GROUP):
            marks.append(self.position)
            self._skip_group(min(_GROUP, count - first), limit, what)
        return marks

    def _skip_group(self, count: int, limit: int, what: str) -> None:
        # The bound is checked once for each group: a vocabulary has a quarter of a million strings, and a
        # length that is too big can only move the position too far, which is seen here before any use.
        unpack, buffer, position = _U64.unpack_from, self.buffer, self.position
        try:
            for _ in range(count):
                position += 8 + unpack(buffer, position)[0]
        except (struct.error, OverflowError):
            position = self.size + 1
        if position > self.size or position - self.position > limit:
            self._skip_slowly(count, limit, what)
        else:
            self.position = position

    def _skip_slowly(self, count: int, limit: int, what: str) -> None:
        for _ in range(count):
            self.skip_string(what, limit)

    def skip_string(self, what: str, limit: int) -> None:
        """Pass over one string of at most `limit` bytes."""
        length = self.u64(f"the length of {what}")
        if length > limit:
            raise GGUFError(f"the GGUF file is damaged: {what} is declared {length} bytes long, over {limit}")
        self.advance(length, what)
