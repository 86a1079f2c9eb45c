"""Writes GGUF files, version 3, with tensor data that is never in memory as a whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from hearth.errors import GGUFError, StorageFull
from hearth.gguf.encode import MetadataValue, encode_metadata
from hearth.gguf.quants import TensorType
from hearth.gguf.reader import DEFAULT_ALIGNMENT, GGUF, MAGIC
from hearth.gguf.tensors import MAX_DIMENSIONS, MAX_TENSOR_NAME, aligned, tensor_size
from hearth.gguf.values import U32

VERSION: Final = 3

Chunk: TypeAlias = "bytes | bytearray | memoryview"

Progress = Callable[[int, int], None]
"""Called with the bytes of tensor data written so far and in all."""


@dataclass(frozen=True, slots=True)
class TensorSource:
    """A tensor to write. `shape` is in ggml's order (row length first)."""

    name: str
    shape: tuple[int, ...]
    type: TensorType
    chunks: Iterable[Chunk]
    """The data in pieces that add up to the exact size; taken when the tensor's turn comes."""

    @property
    def size(self) -> int:
        return tensor_size(self.type, self.shape)


def write_gguf(
    target: str | os.PathLike[str] | BinaryIO,
    metadata: Mapping[str, MetadataValue],
    tensors: Sequence[TensorSource] = (),
    *,
    alignment: int = DEFAULT_ALIGNMENT,
    progress: Progress | None = None,
) -> int:
    """Write a GGUF file and give its size in bytes.

    A path is replaced only by a whole and synced file; to an open binary file the bytes are appended at its
    position. `alignment` is a power of two; unless it is 32 it is added to the metadata. Raises GGUFError for
    values or tensors that cannot be written, StorageFull where the disk is full.
    """
    header = _header(metadata, tensors, alignment)
    with storage_errors():
        if not isinstance(target, str | os.PathLike):
            return _write(target, header, tensors, alignment, progress)
        with replacing(Path(target)) as file:
            return _write(file, header, tensors, alignment, progress)


def rewrite(
    source: GGUF,
    target: str | os.PathLike[str] | BinaryIO,
    changes: Mapping[str, MetadataValue | None],
    *,
    progress: Progress | None = None,
) -> int:
    """Copy `source` with some metadata changed (None removes a key); everything else stays byte for byte."""
    metadata: dict[str, MetadataValue] = dict(source.entries)
    for key, value in changes.items():
        if value is None:
            metadata.pop(key, None)
        else:
            metadata[key] = value
    return write_gguf(target, metadata, copies(source), alignment=source.alignment, progress=progress)


def copies(source: GGUF) -> list[TensorSource]:
    """The tensors of an open file as they are, to be written elsewhere."""
    return [TensorSource(t.name, t.shape, t.type, source.chunks(t)) for t in source.tensors]


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A temporary file beside `path`: synced and put in its place if the block ends well, else removed."""
    temporary = path.with_name(f".hearth-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turns a full disk or quota into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "the disk is full: free some space and try again; nothing was changed"
            ) from error
        raise


def _header(metadata: Mapping[str, MetadataValue], tensors: Sequence[TensorSource], alignment: int) -> bytes:
    if alignment < 1 or alignment & (alignment - 1):
        raise GGUFError(f"an alignment of {alignment} cannot be written; it must be a power of two")
    if alignment != DEFAULT_ALIGNMENT or "general.alignment" in metadata:
        metadata = {**metadata, "general.alignment": U32(alignment)}
    head = MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)) + encode_metadata(metadata)
    head += _table(tensors, alignment)
    return head.ljust(aligned(len(head), alignment), b"\0")


def _table(tensors: Sequence[TensorSource], alignment: int) -> bytes:
    lines, offset, names = [], 0, set()
    for tensor in tensors:
        name = tensor.name.encode()
        if not 0 < len(name) <= MAX_TENSOR_NAME or tensor.name in names:
            raise GGUFError(f'the tensor name "{tensor.name}" is empty, too long or used twice')
        if not 1 <= len(tensor.shape) <= MAX_DIMENSIONS or min(tensor.shape) < 1:
            raise GGUFError(
                f'tensor "{tensor.name}" has the shape {list(tensor.shape)}, which cannot be written'
            )
        names.add(tensor.name)
        lines.append(
            struct.pack("<Q", len(name))
            + name
            + struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
            + struct.pack("<IQ", tensor.type, offset)
        )
        offset += aligned(tensor.size, alignment)
    return b"".join(lines)


def _write(
    file: BinaryIO, header: bytes, tensors: Sequence[TensorSource], alignment: int, progress: Progress | None
) -> int:
    total = sum(tensor.size for tensor in tensors)
    file.write(header)
    position, done = len(header), 0
    for tensor in tensors:
        for piece in _exact(tensor):
            file.write(piece)
            done += piece.nbytes
            if progress is not None:
                progress(done, total)
        padding = aligned(tensor.size, alignment) - tensor.size
        file.write(bytes(padding))
        position += tensor.size + padding
    return position


def _exact(tensor: TensorSource) -> Iterator[memoryview]:
    """The tensor's pieces; GGUFError where they are too few or too many."""
    left = tensor.size
    for chunk in tensor.chunks:
        piece = memoryview(chunk).cast("B")
        left -= piece.nbytes
        if left < 0:
            break
        yield piece
    if left:
        raise GGUFError(f'the data of tensor "{tensor.name}" has not the size of its shape and type')
