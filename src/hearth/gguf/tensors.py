"""The tensor table of a GGUF file, and the checks that keep every tensor inside the file.

llama.cpp trusted these numbers more than once and read or wrote out of bounds; here no tensor is handed on
before all of them were held against the size of the file, in integers that cannot overflow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Final

from hearth.errors import GGUFError
from hearth.gguf.cursor import Cursor
from hearth.gguf.quants import TensorType, row_size

MAX_DIMENSIONS: Final = 4
MAX_TENSOR_NAME: Final = 63
"""Bytes; ggml keeps names in 64 bytes with a closing zero."""
_MAX_DIMENSION: Final = (1 << 63) - 1
_MAX_TENSORS: Final = 1 << 20
_SMALLEST_ENTRY: Final = 8 + 4 + 8 + 4 + 8


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """Where a tensor is and how it is stored."""

    name: str
    shape: tuple[int, ...]
    """Elements in each dimension in ggml's order: the row length first."""
    type: TensorType
    offset: int
    """Bytes from the start of the data section."""
    size: int
    """Bytes."""
    position: int
    """Bytes from the start of the file."""

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def rows(self) -> int:
        return prod(self.shape[1:])

    @property
    def row_bytes(self) -> int:
        return row_size(self.type, self.shape[0])


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """A line of the table, before the place of the data section is known."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int
    size: int


def tensor_size(tensor_type: TensorType, shape: Sequence[int]) -> int:
    """Bytes of a tensor; GGUFError where its rows do not fill whole blocks."""
    return row_size(tensor_type, shape[0]) * prod(shape[1:])


def aligned(offset: int, alignment: int) -> int:
    """The first multiple of `alignment` that is not below `offset`."""
    return -(-offset // alignment) * alignment


def read_table(cursor: Cursor, count: int) -> list[TensorEntry]:
    """The tensor table; `cursor` stands at its first line."""
    if count > _MAX_TENSORS:
        raise GGUFError(f"the GGUF file declares {count} tensors; at most {_MAX_TENSORS} are read")
    if count * _SMALLEST_ENTRY > cursor.remaining:
        raise GGUFError(f"the GGUF file is damaged: {count} tensors do not fit in it")
    names: set[str] = set()
    entries = []
    for _ in range(count):
        entry = _read_line(cursor)
        if entry.name in names:
            raise GGUFError(f'the GGUF file is damaged: it has two tensors named "{entry.name}"')
        names.add(entry.name)
        entries.append(entry)
    return entries


def _read_line(cursor: Cursor) -> TensorEntry:
    raw = cursor.string("a tensor name", MAX_TENSOR_NAME)
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise GGUFError(f"the GGUF file is damaged: the tensor name {raw!r} is not UTF-8") from None
    what = f'tensor "{name}"'
    shape = _read_shape(cursor, what)
    tensor_type = _tensor_type(cursor.u32(f"the type of {what}"), what)
    offset = cursor.u64(f"the offset of {what}")
    try:
        size = tensor_size(tensor_type, shape)
    except GGUFError as error:
        raise GGUFError(f"the GGUF file is damaged: {what}: {error.message}") from None
    return TensorEntry(name, shape, tensor_type, offset, size)


def _read_shape(cursor: Cursor, what: str) -> tuple[int, ...]:
    dimensions = cursor.u32(f"the dimensions of {what}")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise GGUFError(f"the GGUF file is damaged: {what} has {dimensions} dimensions, expected 1 to 4")
    shape = tuple(cursor.u64(f"the shape of {what}") for _ in range(dimensions))
    if not all(1 <= size <= _MAX_DIMENSION for size in shape):
        raise GGUFError(f"the GGUF file is damaged: {what} has the shape {list(shape)}")
    return shape


def _tensor_type(number: int, what: str) -> TensorType:
    try:
        return TensorType(number)
    except ValueError:
        raise GGUFError(
            f"{what} has the type {number}, which is unknown or was removed from the format; "
            "convert or quantise the model again with a current tool"
        ) from None


def place(
    entries: Sequence[TensorEntry], data_offset: int, alignment: int, file_size: int
) -> list[TensorInfo]:
    """Give every tensor its place in the file; GGUFError where one is outside it or lies over another."""
    available = file_size - data_offset
    for entry in entries:
        _check_bounds(entry, available, alignment)
    _check_overlaps(entries, alignment, available)
    return [TensorInfo(e.name, e.shape, e.type, e.offset, e.size, data_offset + e.offset) for e in entries]


def _check_bounds(entry: TensorEntry, available: int, alignment: int) -> None:
    if entry.offset % alignment:
        raise GGUFError(
            f'the GGUF file is damaged: tensor "{entry.name}" starts at {entry.offset}, '
            f"which is not a multiple of the alignment {alignment}"
        )
    if entry.offset + entry.size > available:
        raise GGUFError(
            f'the GGUF file is cut short or damaged: tensor "{entry.name}" ends at byte '
            f"{entry.offset + entry.size} of the data, which has {max(available, 0)}; get the file again"
        )


def _check_overlaps(entries: Sequence[TensorEntry], alignment: int, available: int) -> None:
    ordered = sorted(entries, key=lambda entry: entry.offset)
    for before, after in pairwise(ordered):
        if before.offset + before.size > after.offset:
            raise GGUFError(f'the GGUF file is damaged: tensors "{before.name}" and "{after.name}" overlap')
    # llama.cpp sums the padded sizes to size a buffer; a sum beyond the file is an attack on that sum.
    total = sum(aligned(entry.size, alignment) for entry in entries)
    if total > available + alignment:
        raise GGUFError("the GGUF file is damaged: its tensors are larger than the file")
