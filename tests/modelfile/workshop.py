"""A library to create models in, and the small GGUF files to make them of."""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.models import make_llama

from hearth.gguf import GGUF, I32, U16, MetadataValue, TensorSource, TensorType, copies, write_gguf
from hearth.library import Library, MediaType, StoredModel
from hearth.modelfile import CreateRequest, Status, create
from hearth.names import Digest, ModelName

DIM = 64


class Workshop:
    """Creates models and remembers the steps that were reported."""

    def __init__(self, library: Library, root: Path, scratch: Path) -> None:
        self.library = library
        self.root = root
        self.scratch = scratch
        self.statuses: list[Status] = []
        self.cancelled = threading.Event()

    def upload(self, path: Path) -> Digest:
        """Put a file into the library as `/api/blobs` does."""
        return self.library.add_file(path, move=False)[0]

    def create(self, name: str = "made", **fields: Any) -> StoredModel:
        """Create a model, collecting the steps in `statuses`."""
        self.statuses.clear()
        request = CreateRequest(ModelName.parse(name), **fields)
        return create(self.library, request, self.statuses.append, self.cancelled)

    def create_from(self, path: Path, name: str = "made", **fields: Any) -> StoredModel:
        """Create a model of one file."""
        return self.create(name, files={path.name: self.upload(path)}, **fields)

    def text(self, model: StoredModel, kind: MediaType) -> list[str]:
        """The contents of the layers of one type."""
        return [self.library.read_layer(layer, 1 << 20).decode() for layer in model.layers(kind)]

    def steps(self) -> list[str]:
        """The reported steps without digests."""
        return [status.status.split(" sha256:")[0] for status in self.statuses]

    def files(self) -> set[Path]:
        """Every file of the store but its lock."""
        return {path for path in self.root.rglob("*") if path.is_file() and path.name != ".hearth.lock"}

    def llama(self, name: str = "model.gguf", **fields: Any) -> Path:
        """A tiny llama model."""
        return make_llama(self.scratch / name, dim=DIM, **fields)

    def write(
        self, name: str, metadata: Mapping[str, MetadataValue], tensors: Mapping[str, tuple[int, ...]]
    ) -> Path:
        """A GGUF file with tensors of ones."""
        path = self.scratch / name
        write_gguf(path, metadata, [ones(tensor, shape) for tensor, shape in tensors.items()])
        return path

    def adapter(self, name: str = "lora.gguf", arch: str = "llama", dim: int = DIM) -> Path:
        """A LoRA adapter for one matrix of `llama`."""
        metadata: dict[str, MetadataValue] = {
            "general.architecture": arch,
            "general.type": "adapter",
            "adapter.type": "lora",
            "adapter.lora.alpha": 1.0,
        }
        shapes = {"blk.0.attn_q.weight.lora_a": (dim, 2), "blk.0.attn_q.weight.lora_b": (2, dim)}
        return self.write(name, metadata, shapes)

    def projector(self, name: str = "mmproj.gguf", **extra: MetadataValue) -> Path:
        """A vision projector, as far as creating looks at one."""
        metadata: dict[str, MetadataValue] = {"general.architecture": "clip", "general.type": "mmproj"}
        if "projector_type" in extra:
            metadata["clip.projector_type"] = extra["projector_type"]
        return self.write(name, metadata, {"mm.0.weight": (32, 32)})

    def split(self, path: Path, count: int = 3) -> list[Path]:
        """The file in several parts, as llama.cpp's splitter writes them."""
        with GGUF.open(path) as source:
            tensors = copies(source)
            share = -(-len(tensors) // count)
            parts = []
            for number in range(count):
                metadata: dict[str, MetadataValue] = dict(source.entries) if number == 0 else {}
                metadata["general.architecture"] = "llama"
                metadata |= {"split.no": U16(number), "split.count": U16(count)}
                metadata["split.tensors.count"] = I32(len(tensors))
                part = path.with_name(f"{path.stem}-{number + 1:05}-of-{count:05}.gguf")
                write_gguf(part, metadata, tensors[number * share : (number + 1) * share])
                parts.append(part)
        return parts


def ones(name: str, shape: tuple[int, ...]) -> TensorSource:
    count = 1
    for size in shape:
        count *= size
    return TensorSource(name, shape, TensorType.F32, [struct.pack("<f", 1.0) * count])
