"""What is known of a model at rest, read once for each manifest: the facts of its layers and its GGUF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from hearth.errors import BlobNotFound, GGUFError, StoreDamaged
from hearth.gguf import GGUF, LazyArray, file_type_name
from hearth.gguf.estimate import MemoryModel
from hearth.inference.capabilities import capabilities
from hearth.inference.fim import fim_tokens
from hearth.inference.templates import choose
from hearth.library import Layer, Library, MediaType, StoredModel
from hearth.messages import Message, Options
from hearth.names import Digest
from hearth.numbers import human_number
from hearth.output.parsers import parser_capabilities
from hearth.prompt import Template

T = TypeVar("T")
_TEXT_LIMIT: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """A model as the rest of Hearth sees it. Paths are those of blobs."""

    stored: StoredModel
    model_path: Path
    projector_path: Path | None
    adapters: tuple[tuple[Path, float], ...]
    draft_path: Path | None
    architecture: str
    parameter_count: int
    context_length: int
    """Tokens of the training context; 0 where the file does not say."""
    embedding_length: int
    file_type: str
    jinja: str
    """The chat template in the GGUF; empty if it has none."""
    go_template: str
    """The template layer; empty if there is none."""
    go: Template | None
    """The template layer, parsed; None if there is none, or if it cannot be parsed."""
    uses_go: bool
    """The template layer is in force, and not the template in the GGUF."""
    system: str
    licenses: tuple[str, ...]
    parameters: Options
    messages: tuple[Message, ...]
    capabilities: tuple[str, ...]
    fim: tuple[int, int, int] | None
    """Token numbers of prefix, suffix and middle, for filling in."""
    pooled: bool
    """The GGUF names a pooling type: the model makes embeddings or scores."""
    vocabulary: int
    """How many tokens there are; their numbers begin at 0."""
    rerank_template: str
    """How query and document become one text; empty where they are joined by special tokens."""
    memory: MemoryModel
    layer_key: str
    """Equal for models that can share a runner: the digests of all their weights."""

    @property
    def template(self) -> str:
        """The text of the prompt template in force; empty if the model has none."""
        return self.go_template if self.uses_go else self.jinja

    @property
    def family(self) -> str:
        return self.stored.config.model_family or self.architecture

    @property
    def families(self) -> tuple[str, ...]:
        return self.stored.config.model_families or (self.family,)

    @property
    def format(self) -> str:
        return self.stored.config.model_format or "gguf"

    @property
    def parameter_size(self) -> str:
        """The number of parameters as people write it: `8.0B`, `3.1M`."""
        return self.stored.config.model_type or human_number(self.parameter_count)

    def supports(self, capability: str) -> bool:
        """Whether the model has a capability, such as `tools`."""
        return capability in self.capabilities


def read_card(library: Library, stored: StoredModel, prefer_go: bool | None = None) -> Card:
    """Read the layers and the GGUF of a stored model; `prefer_go` is the setting `go_template`.

    Raises:
        StoreDamaged: a layer is missing or is not what its manifest says.
    """
    try:
        return _read(library, stored, prefer_go)
    except BlobNotFound as error:
        raise StoreDamaged(
            f"model '{stored.name}' is damaged: {error.message}; create or pull it again"
        ) from error
    except GGUFError as error:
        raise StoreDamaged(f"model '{stored.name}' is damaged: {error.message}") from error


def _read(library: Library, stored: StoredModel, prefer_go: bool | None) -> Card:
    weights = stored.layers(MediaType.MODEL)
    if not weights:
        raise StoreDamaged(f"model '{stored.name}' has no weights layer that llama.cpp can run")
    texts = _Texts(library, stored)
    projector = _first(library, stored, MediaType.PROJECTOR)
    adapters = tuple((library.blob_path(layer.digest), 1.0) for layer in stored.layers(MediaType.ADAPTER))
    path = library.blob_path(weights[0].digest)
    with GGUF.open(path) as gguf:
        jinja = gguf.string("tokenizer.chat_template", "")
        go_template = texts.one(MediaType.TEMPLATE) or texts.one(MediaType.PROMPT)
        go, uses_go = choose(jinja, go_template, prefer_go)
        declared = (*stored.config.capabilities, *parser_capabilities(stored.config.parser))
        pooled = f"{gguf.arch}.pooling_type" in gguf.metadata
        return Card(
            stored=stored,
            model_path=path,
            projector_path=projector,
            adapters=adapters,
            draft_path=_first(library, stored, MediaType.DRAFT),
            architecture=gguf.arch,
            parameter_count=sum(tensor.elements for tensor in gguf.tensors),
            context_length=gguf.arch_integer("context_length", 0),
            embedding_length=gguf.arch_integer("embedding_length", 0),
            file_type=stored.config.file_type or file_type_name(gguf.integer("general.file_type", 0)),
            jinja=jinja,
            go_template=go_template,
            go=go,
            uses_go=uses_go,
            system=texts.one(MediaType.SYSTEM),
            licenses=texts.all(MediaType.LICENSE),
            parameters=texts.json(MediaType.PARAMS, dict[str, Any], dict),
            messages=_messages(texts),
            capabilities=capabilities(gguf, declared, projector, jinja, go, uses_go=uses_go),
            fim=fim_tokens(gguf),
            pooled=pooled,
            vocabulary=_length(gguf, "tokenizer.ggml.tokens"),
            rerank_template=gguf.string("tokenizer.chat_template.rerank", ""),
            memory=MemoryModel.read(gguf, projector),
            layer_key=_layer_key(stored),
        )


class _Texts:
    """The small layers of a model."""

    def __init__(self, library: Library, stored: StoredModel) -> None:
        self._library = library
        self._stored = stored

    def all(self, kind: MediaType) -> tuple[str, ...]:
        return tuple(self._read(layer).decode("utf-8", "replace") for layer in self._stored.layers(kind))

    def one(self, kind: MediaType) -> str:
        found = self.all(kind)
        return found[-1] if found else ""

    def json(self, kind: MediaType, shape: type[T], default: Callable[[], T]) -> T:
        layers = self._stored.layers(kind)
        if not layers:
            return default()
        try:
            return msgspec.json.decode(self._read(layers[-1]), type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreDamaged(
                f"a layer of model '{self._stored.name}' is not what it must be: {error}"
            ) from error

    def _read(self, layer: Layer) -> bytes:
        return self._library.read_layer(layer, _TEXT_LIMIT)


class _StoredMessage(msgspec.Struct):
    role: str = "user"
    content: str = ""


def _messages(texts: _Texts) -> tuple[Message, ...]:
    rows = texts.json(MediaType.MESSAGES, list[_StoredMessage], list)
    return tuple(Message(row.role, row.content) for row in rows)


def _first(library: Library, stored: StoredModel, kind: MediaType) -> Path | None:
    layers = stored.layers(kind)
    return library.blob_path(layers[0].digest) if layers else None


def _length(gguf: GGUF, key: str) -> int:
    value = gguf.metadata.get(key)
    return len(value) if isinstance(value, tuple | LazyArray) else 0


def _layer_key(stored: StoredModel) -> str:
    kinds = (MediaType.MODEL, MediaType.PROJECTOR, MediaType.ADAPTER, MediaType.DRAFT)
    digests: list[Digest] = [layer.digest for kind in kinds for layer in stored.layers(kind)]
    return "+".join(digest.hex for digest in digests)
