"""What the uploaded GGUF files of a create request are, and whether they belong together.

Each file is opened with every length and offset in it checked before anything is made of it. What it is, text
model, adapter or projector, stands in its metadata; its name plays no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hearth.errors import BadRequest, GGUFError
from hearth.gguf import GGUF
from hearth.gguf.estimate import MemoryModel
from hearth.gguf.split import MAX_PARTS, Parts
from hearth.library import Library, MediaType
from hearth.names import Digest

CLIP: Final = "clip"
_A: Final = ".lora_a"
_B: Final = ".lora_b"
_EMBEDDING: Final = "token_embd.weight"
_MOST_CONTEXT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Part:
    """One uploaded file, open and checked; `key` is its name in the request."""

    key: str
    digest: Digest
    path: Path
    gguf: GGUF
    kind: MediaType

    @property
    def is_split(self) -> bool:
        """Whether it is one of several files of a model."""
        return self.gguf.integer("split.count", 1, minimum=0, maximum=MAX_PARTS) > 1


@dataclass(frozen=True, slots=True)
class Weights:
    """The files by what they are; `model` holds all parts of one text model."""

    model: tuple[Part, ...] = ()
    projector: Part | None = None
    adapters: tuple[Part, ...] = ()
    draft: Part | None = None


def open_weights(library: Library, files: Mapping[str, Digest], stack: ExitStack) -> list[Part]:
    """Open each file, sorted by key, until `stack` closes.

    Raises:
        BlobNotFound: a digest that was not uploaded.
        BadRequest: a file that is no GGUF, is damaged, or is of no use in a model.
    """
    parts = []
    for key, digest in sorted(files.items()):
        path = library.blob_path(digest)
        try:
            gguf = stack.enter_context(GGUF.open(path))
            kind = kind_of(gguf)
            if kind is MediaType.MODEL and not gguf.integer("split.no", 0):
                check_model(gguf)
            parts.append(Part(key, digest, path, gguf, kind))
        except GGUFError as error:
            raise GGUFError(f"{key!r} cannot be used: {error.message}") from error
    return parts


def kind_of(gguf: GGUF) -> MediaType:
    """Whether a file is a text model, an adapter or a projector.

    Raises:
        GGUFError: anything else.
    """
    kind = gguf.string("general.type", "model")
    if kind == "adapter" or "adapter.type" in gguf.metadata:
        if gguf.string("adapter.type", "lora") != "lora":
            raise GGUFError("only adapters of the type lora are supported")
        return MediaType.ADAPTER
    if kind == "mmproj" or gguf.arch == CLIP:
        return MediaType.PROJECTOR
    if kind != "model":
        raise GGUFError(f"unknown type {kind[:40]!r}; expected a model, an adapter or a projector")
    return MediaType.MODEL


def check_model(gguf: GGUF) -> None:
    """Whether what is read of a text model later has values that can be: a model that is made can be listed.

    Raises:
        GGUFError: the key whose value cannot be.
    """
    MemoryModel.read(gguf)
    gguf.arch_integer("context_length", 0, minimum=1, maximum=_MOST_CONTEXT)
    gguf.arch_integer("pooling_type", 0)
    gguf.string("tokenizer.chat_template", "")


def sort_weights(files: Iterable[Part], adapters: Iterable[Part], drafts: Iterable[Part]) -> Weights:
    """Tell the files apart.

    Raises:
        BadRequest: two of something that a model has once, or a file in the wrong place.
    """
    files, adapters, drafts = list(files), list(adapters), list(drafts)
    _require(adapters, MediaType.ADAPTER, "an adapter")
    _require(drafts, MediaType.MODEL, "a text model")
    return Weights(
        model=_one_model([part for part in files if part.kind is MediaType.MODEL]),
        projector=_single([part for part in files if part.kind is MediaType.PROJECTOR], "projectors"),
        adapters=(*(part for part in files if part.kind is MediaType.ADAPTER), *adapters),
        draft=_single(drafts, "draft models"),
    )


def check_adapter(adapter: Part, base: Parts) -> None:
    """Whether an adapter can be put on a model: the same architecture, tensors that exist, sizes that match.

    Raises:
        BadRequest: what does not match.
    """
    if adapter.gguf.arch != base.first.arch:
        raise BadRequest(
            f"the adapter {adapter.key!r} is for {adapter.gguf.arch!r} models and the base is a "
            f"{base.first.arch!r} model: use the base that the adapter was trained on"
        )
    shapes = {tensor.name: tensor.shape for _, tensor in base.tensors}
    lora = {tensor.name: tensor.shape for tensor in adapter.gguf.tensors}
    for name in lora:
        if name.endswith(_A) and not _fits(name.removesuffix(_A), lora, shapes):
            raise BadRequest(
                f"the adapter {adapter.key!r} does not fit the base: the tensor {name.removesuffix(_A)!r} is "
                "missing there or has another size; use the base that the adapter was trained on"
            )


def _fits(name: str, lora: Mapping[str, tuple[int, ...]], shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """llama.cpp's own condition; for the token embedding the two matrices stand the other way round."""
    a, b, base = lora[name + _A], lora.get(name + _B), shapes.get(name)
    if b is None or base is None or len(base) < 2 or len(a) < 2 or len(b) < 2:
        return False
    if name == _EMBEDDING:
        return base[0] == b[1] and base[1] == a[1]
    return base[0] == a[0] and base[1] == b[1]


def _one_model(parts: list[Part]) -> tuple[Part, ...]:
    if len(parts) > 1 and not all(part.is_split for part in parts):
        raise BadRequest(f"several text models were given ({_keys(parts)}); name the one that is meant")
    if parts and not any(part.gguf.tensors for part in parts):
        raise BadRequest(f"there are no tensors in {_keys(parts)}; a model cannot be made of it")
    return tuple(parts)


def _single(parts: list[Part], what: str) -> Part | None:
    if len(parts) > 1:
        raise BadRequest(f"several {what} were given ({_keys(parts)}); a model has one")
    return parts[0] if parts else None


def _keys(parts: Iterable[Part]) -> str:
    return ", ".join(repr(part.key) for part in parts)


def _require(parts: Iterable[Part], kind: MediaType, what: str) -> None:
    for part in parts:
        if part.kind is not kind:
            raise BadRequest(f"{part.key!r} is not {what}")
