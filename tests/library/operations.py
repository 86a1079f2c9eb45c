"""The changes of a store that the crash tests cut off: where each starts, what it does, where it ends.

Every store of these tests begins as `prepare` makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.library.support import State, add_model, name, write_model

from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.names import Digest

START: State = {"mine:latest": ("shared", "only mine"), "team/yours:v1": ("shared",)}
GUIDE = b"guide weights"


@dataclass(frozen=True)
class Operation:
    """One change, and the state it leads to from `START`."""

    run: Callable[[Library], object]
    after: State
    blobs: tuple[bytes, ...] = ()
    """Blobs that it stores without a model."""


def prepare(root: Path, embedded: Path) -> None:
    """Make the store that operations start from, and the package's own."""
    with Library(root, embedded=None) as library:
        for text, contents in START.items():
            add_model(library, text, *contents)
    write_model(embedded, "registry.ollama.ai/library/guide/latest", GUIDE)


def _upload(library: Library) -> None:
    with library.blob_writer(Digest.of(b"uploaded"), size=8) as writer:
        writer.write(b"uplo")
        writer.write(b"aded")
        writer.commit()


def _move(library: Library) -> None:
    with library.temp_path() as path:
        path.write_bytes(b"quantised")
        library.add_file(path, move=True)


def _put_embedded(library: Library) -> None:
    layer = Layer(MediaType.MODEL, Digest.of(GUIDE), len(GUIDE))
    library.put(name("tuned"), ModelConfig(), [layer])


_YOURS = {"team/yours:v1": START["team/yours:v1"]}
OPERATIONS = {
    "upload": Operation(_upload, START, (b"uploaded",)),
    "move": Operation(_move, START, (b"quantised",)),
    "put": Operation(
        lambda it: add_model(it, "host/new/one:v1", "a", "shared"),
        {**START, "host/new/one:v1": ("a", "shared")},
    ),
    "replace": Operation(
        lambda it: add_model(it, "mine", "shared", "new"), {**START, "mine:latest": ("shared", "new")}
    ),
    "copy": Operation(
        lambda it: it.copy(name("mine"), name("b")), {**START, "b:latest": START["mine:latest"]}
    ),
    "copy over": Operation(
        lambda it: it.copy(name("team/yours:v1"), name("mine")), {**_YOURS, "mine:latest": ("shared",)}
    ),
    "copy embedded": Operation(
        lambda it: it.copy(name("guide"), name("b")), {**START, "b:latest": (GUIDE.decode(),)}
    ),
    "put embedded": Operation(_put_embedded, {**START, "tuned:latest": (GUIDE.decode(),)}),
    "delete": Operation(lambda it: it.delete(name("mine")), _YOURS),
    "open": Operation(lambda it: None, START),
}
