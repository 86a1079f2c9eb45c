"""Opens GGUF files that come from anywhere.

A GGUF file is the most attacked input of every llama.cpp front end, so nothing in it is believed: each count,
length and offset is held against the file before it is used, and nothing is allocated by a declared size.
"""

from __future__ import annotations

import mmap
import os
import stat
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from hearth.errors import GGUFError
from hearth.gguf.cursor import Cursor
from hearth.gguf.entries import Entry, Value, read_entries
from hearth.gguf.getters import TypedMetadata
from hearth.gguf.tensors import TensorInfo, aligned, place, read_table
from hearth.gguf.values import ValueType

MAGIC: Final = b"GGUF"
DEFAULT_ALIGNMENT: Final = 32
_MAX_ALIGNMENT: Final = 1 << 20
_CHUNK: Final = 4 << 20


class GGUF(TypedMetadata):
    """A GGUF file, open for reading. Its tensor table and metadata are checked when it is opened.

    Usable as a context manager; without one the file is closed with the object.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        """Takes over `descriptor`, a regular file of `size` bytes; use `GGUF.open` instead."""
        self._finalizer = weakref.finalize(self, os.close, descriptor)
        self._descriptor = descriptor
        self.size = size
        self._map = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        cursor = Cursor(self._map, size)
        self.version = _read_version(cursor)
        tensor_count = cursor.u64("the number of tensors")
        entry_count = cursor.u64("the number of metadata entries")
        self.entries: Mapping[str, Entry] = MappingProxyType(read_entries(cursor, entry_count))
        self.metadata: Mapping[str, Value] = MappingProxyType({k: e.value for k, e in self.entries.items()})
        self.alignment = _alignment(self.entries)
        table = read_table(cursor, tensor_count)
        self.data_offset = aligned(cursor.position, self.alignment)
        self.tensors: tuple[TensorInfo, ...] = tuple(place(table, self.data_offset, self.alignment, size))
        self._by_name = {tensor.name: tensor for tensor in self.tensors}

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> GGUF:
        """Open the file at `path`. GGUFError: it is no sound GGUF file; OSError: it cannot be read."""
        # A FIFO would block in open, a device never ends: opened without waiting, then refused.
        descriptor = os.open(Path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            _check_file(status)
        except GGUFError:
            os.close(descriptor)
            raise
        return cls(descriptor, status.st_size)

    def tensor(self, name: str) -> TensorInfo:
        """The tensor of that name; GGUFError where there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise GGUFError(f'the GGUF file has no tensor "{name}"') from None

    def read(self, tensor: TensorInfo, start: int, size: int) -> bytes:
        """`size` bytes of a tensor's data from byte `start` of it."""
        if start < 0 or size < 0 or start + size > tensor.size:
            raise ValueError(f'bytes {start} to {start + size} are outside tensor "{tensor.name}"')
        data = os.pread(self._descriptor, size, tensor.position + start)
        while len(data) < size:
            more = os.pread(self._descriptor, size - len(data), tensor.position + start + len(data))
            if not more:
                raise GGUFError(f'the GGUF file was cut while tensor "{tensor.name}" was read')
            data += more
        return data

    def chunks(self, tensor: TensorInfo, size: int = _CHUNK) -> Iterator[bytes]:
        """A tensor's data in pieces of at most `size` bytes."""
        for start in range(0, tensor.size, size):
            yield self.read(tensor, start, min(size, tensor.size - start))

    def close(self) -> None:
        """Close the file; lazy arrays cannot be read any more."""
        self._map.close()
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise GGUFError("not a regular file; a GGUF model must be a file on disk")
    if status.st_size < 4:
        raise GGUFError(f"not a GGUF file: it has {status.st_size} bytes")


def _read_version(cursor: Cursor) -> int:
    magic = cursor.buffer[:4]
    if magic != MAGIC:
        raise GGUFError(f'not a GGUF file: it begins with {magic!r}, expected "GGUF"')
    cursor.advance(4, "the header")
    version = cursor.u32("the version")
    if version in (2, 3):
        return version
    if version and version & 0xFFFF == 0:
        raise GGUFError(
            "the GGUF file is big-endian, which is not supported; convert it to little-endian first "
            "(gguf-convert-endian of the gguf package does)"
        )
    if version == 1:
        raise GGUFError(
            "GGUF version 1 is not supported (versions 2 and 3 are); convert the original model again "
            "with a current tool"
        )
    raise GGUFError(f"GGUF version {version} is not supported; versions 2 and 3 are")


def _alignment(entries: Mapping[str, Entry]) -> int:
    entry = entries.get("general.alignment")
    if entry is None:
        return DEFAULT_ALIGNMENT
    value = entry.value
    if entry.type is not ValueType.UINT32 or not isinstance(value, int):
        raise GGUFError(f'"general.alignment" is of type {entry.type.name}; expected UINT32')
    if not 1 <= value <= _MAX_ALIGNMENT or value & (value - 1):
        raise GGUFError(f'"general.alignment" is {value}; expected a power of two from 1 to {_MAX_ALIGNMENT}')
    return value
