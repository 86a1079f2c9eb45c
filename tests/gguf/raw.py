"""Builds GGUF files field by field, so that a test can get any field wrong."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

from hearth.gguf import GGUF

U32 = 4
STRING = 8
ARRAY = 9


def string(text: bytes | str) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw)) + raw


def entry(key: bytes | str, kind: int, payload: bytes) -> bytes:
    return string(key) + struct.pack("<I", kind) + payload


def u32(key: str, value: int) -> bytes:
    return entry(key, U32, struct.pack("<I", value))


def array(key: str, element_type: int, count: int, payload: bytes = b"") -> bytes:
    return entry(key, ARRAY, struct.pack("<IQ", element_type, count) + payload)


def line(
    name: bytes | str = "a.weight", shape: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0
) -> bytes:
    head = string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return head + struct.pack("<IQ", kind, offset)


@dataclass
class Raw:
    """A file in pieces; the counts follow from the pieces unless they are set."""

    entries: list[bytes] = field(default_factory=list)
    tensors: list[bytes] = field(default_factory=list)
    data: bytes = b""
    version: int = 3
    magic: bytes = b"GGUF"
    entry_count: int | None = None
    tensor_count: int | None = None
    alignment: int = 32

    def bytes(self) -> bytes:
        entries = len(self.entries) if self.entry_count is None else self.entry_count
        tensors = len(self.tensors) if self.tensor_count is None else self.tensor_count
        head = self.magic + struct.pack("<IQQ", self.version, tensors, entries)
        head += b"".join(self.entries) + b"".join(self.tensors)
        return head + bytes(-len(head) % self.alignment) + self.data

    def open(self, path: Path) -> GGUF:
        path.write_bytes(self.bytes())
        return GGUF.open(path)
