"""What the handlers of every dialect work with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from hearth.config import Config
from hearth.inference.catalog import Catalog
from hearth.library import Library
from hearth.messages import (
    ChatRequest,
    DetokenizeRequest,
    Embeddings,
    EmbedRequest,
    Event,
    GenerateRequest,
    Piece,
    Ranking,
    RerankRequest,
    TokenizeRequest,
)
from hearth.scheduler.service import Resident
from hearth.settings import MAX_BODY


class Road(Protocol):
    """What the server needs of inference. An error before the first event is raised by the first step."""

    catalog: Catalog

    def chat(self, request: ChatRequest) -> AsyncIterator[Event]: ...
    def generate(self, request: GenerateRequest) -> AsyncIterator[Event]: ...
    async def embed(self, request: EmbedRequest) -> Embeddings: ...
    async def rerank(self, request: RerankRequest) -> Ranking: ...
    async def tokenize(self, request: TokenizeRequest) -> list[Piece]: ...
    async def detokenize(self, request: DetokenizeRequest) -> str: ...
    async def count(self, request: ChatRequest) -> int: ...
    def residents(self) -> Sequence[Resident]: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the daemon, wired once."""

    inference: Road
    library: Library
    config: Config
    workers: Executor
    """Threads for work that takes minutes, apart from those for short calls."""

    @property
    def max_body(self) -> int:
        """Bytes of the largest JSON body."""
        return self.config.get(MAX_BODY)
