"""Stores made by hand and looked at from outside, for the tests of the library."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.library.atomic import Disk
from hearth.names import Digest, ModelName

State = dict[str, tuple[str, ...]]
"""Model name to the contents of its layers."""


class FastDisk(Disk):
    """Does not wait for the medium, for tests that make thousands of changes."""

    def fsync(self, fd: int) -> None:
        """Nothing is lost here by not waiting."""


def name(text: str) -> ModelName:
    return ModelName.parse(text)


def add_model(library: Library, text: str, *contents: str) -> None:
    """Store a model with one layer for each content, the first of them the model itself."""
    layers = []
    for index, content in enumerate(contents):
        digest, size = library.add_bytes(content.encode())
        layers.append(Layer(MediaType.LICENSE if index else MediaType.MODEL, digest, size))
    library.put(name(text), ModelConfig(model_family=text), layers)


def state(library: Library) -> State:
    """Every model with what its layers hold, read through the library, which checks the hashes."""
    return {
        str(model.name): tuple(library.read_layer(layer, 1 << 20).decode() for layer in model.manifest.layers)
        for model in library.models()
    }


def write_blob(root: Path, data: bytes) -> str:
    """Put a blob where Ollama would; gives its digest as text."""
    hexadecimal = hashlib.sha256(data).hexdigest()
    (root / "blobs").mkdir(parents=True, exist_ok=True)
    (root / "blobs" / f"sha256-{hexadecimal}").write_bytes(data)
    return f"sha256:{hexadecimal}"


def write_model(root: Path, path: str, data: bytes = b"weights") -> Path:
    """A plain model as Ollama would write it, its manifest at this path below `manifests`."""
    config = b'{"model_format":"gguf","model_family":"llama"}'
    manifest = root / "manifests" / path
    manifest.parent.mkdir(parents=True, exist_ok=True)
    layer = {"mediaType": str(MediaType.MODEL), "digest": write_blob(root, data), "size": len(data)}
    described = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "digest": write_blob(root, config),
        "size": len(config),
    }
    manifest.write_text(json.dumps({"schemaVersion": 2, "config": described, "layers": [layer]}))
    return manifest


def blob_names(root: Path) -> set[str]:
    return {path.name for path in (root / "blobs").iterdir()}


def blob_files(digests: Iterable[Digest]) -> set[str]:
    return {digest.filename for digest in digests}


def used_blobs(library: Library) -> set[str]:
    return blob_files(digest for model in library.models() for digest in model.manifest.digests)


def temporaries(root: Path) -> list[Path]:
    return [path for path in root.rglob(".hearth-*") if path.is_file()]


def age(path: Path, hours: float) -> None:
    """Make a file look as if it was last written hours ago."""
    then = time.time() - hours * 3600
    os.utime(path, (then, then), follow_symlinks=False)


def assert_sound(root: Path, *, embedded: Path | None = None) -> State:
    """Open the store as after a crash and check that it is whole; gives its state.

    Every model can be read, every blob has its digest, no temporary file is left, and once the blobs that
    nothing names are old, opening the store again removes them all.
    """
    with Library(root, embedded=embedded) as library:
        assert library.damaged() == []
        found = state(library)
        assert temporaries(root) == []
        for blob in (root / "blobs").iterdir():
            assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name.removeprefix("sha256-")
    for blob in (root / "blobs").iterdir():
        age(blob, 2)
    with Library(root, embedded=None) as library:
        assert blob_names(root) == used_blobs(library)
        assert {path.name for path in root.iterdir()} <= {"blobs", "manifests", ".hearth.lock"}
        assert all(any(path.iterdir()) for path in (root / "manifests").rglob("*") if path.is_dir())
    return found
