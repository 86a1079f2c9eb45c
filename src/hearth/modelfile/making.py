"""The blobs that a create makes: counted, so that they go again unless the model comes to be."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hearth.errors import HearthError, RequestCancelled
from hearth.gguf import GGUF, FileType, MetadataValue, rewrite
from hearth.gguf.split import merge
from hearth.library import Layer, Library
from hearth.names import Digest

QUANTISING: Final = "0" * 19
"""Stands for the digest in the progress of quantising; Ollama's clients draw one bar for each digest."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """A step of the work. Where it has progress, `completed` of `total` bytes are done, of blob `digest`."""

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


Report = Callable[[Status], None]


class Making:
    """Makes blobs. Leaving the context without `keep` removes those that nothing else uses."""

    def __init__(self, library: Library, report: Report, cancelled: threading.Event) -> None:
        self._library = library
        self._cancelled = cancelled
        self._stack = ExitStack()
        self._made: set[Digest] = set()
        self._kept = False
        self.report = report

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self._kept or not self._made:
            return
        try:
            self._library.discard(self._made)
        except HearthError as failure:
            _log.warning("blobs of a model that was not created stay until the next start: %s", failure)

    def keep(self) -> None:
        """The model is stored: its blobs stay."""
        self._kept = True

    def step(self, status: str) -> None:
        """Say what is done next. Raises RequestCancelled if nobody waits for it any more."""
        self._check()
        self.report(Status(status))

    def layer(self, media_type: str, data: bytes) -> Layer:
        """Store a small blob. Raises StorageFull, ReadOnly, RequestCancelled, like everything below."""
        self._check()
        digest = Digest.of(data)
        if not self._library.has_blob(digest):
            self._made.add(digest)
        digest, size = self._library.add_bytes(data)
        return Layer(media_type, digest, size)

    def file_layer(self, media_type: str, path: Path) -> Layer:
        """Move a finished temporary file into the store."""
        digest, size = self._library.add_file(path, move=True, progress=lambda _: self._check())
        self._made.add(digest)
        return Layer(media_type, digest, size)

    def changed(self, media_type: str, source: GGUF, changes: Mapping[str, MetadataValue | None]) -> Layer:
        """Store a copy of a GGUF file with some metadata changed."""
        path = self._temporary()
        with path.open("xb") as file:
            rewrite(source, file, changes, progress=lambda *_: self._check())
        return self.file_layer(media_type, path)

    def merged(self, paths: Sequence[Path]) -> Path:
        """A temporary file with the whole model of these parts, given in any order."""
        self.step("merging the parts of the model")
        path = self._temporary()
        with path.open("xb") as file:
            merge(paths, file, lambda *_: self._check())
        return path

    def quantised(self, paths: Sequence[Path], current: str, target: FileType) -> Path:
        """A temporary file with the model of these parts in another type."""
        # The engine imports the mixes of this package, so it cannot be imported before them.
        from hearth.engine.quantise import quantise

        self._check()
        path, text = self._temporary(), f"quantizing {current} model to {target.name}"
        quantise(
            paths,
            path,
            target.name,
            lambda done, total: self.report(Status(text, QUANTISING, total, done)),
            self._cancelled,
        )
        return path

    def report_layers(self, layers: Iterable[Layer]) -> None:
        """Say of each layer whether it is new."""
        for layer in layers:
            state = "creating new" if layer.digest in self._made else "using existing"
            self.step(f"{state} layer {layer.digest}")

    def _temporary(self) -> Path:
        return self._stack.enter_context(self._library.temp_path())

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise RequestCancelled
