"""The road as the server drives it: chat, generate, embed, rerank and tokens for any dialect."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

from hearth.errors import ContextExceeded, Unsupported
from hearth.inference import chat, embed, generate, rerank
from hearth.inference.card import Card
from hearth.inference.catalog import Catalog
from hearth.inference.checks import check_chat, check_embed, check_generate, check_rerank, check_tokens
from hearth.inference.plan import Defaults, Plan, plan
from hearth.messages import (
    ChatRequest,
    DetokenizeRequest,
    Embeddings,
    EmbedRequest,
    Event,
    Finished,
    GenerateRequest,
    KeepAlive,
    Options,
    Piece,
    Ranking,
    RerankRequest,
    TokenizeRequest,
    Usage,
)
from hearth.scheduler.service import Lease, Resident, Scheduler
from hearth.scheduler.wants import Want

logger = logging.getLogger(__name__)


class Inference:
    """Answers requests with the models of a catalog on a scheduler's runners."""

    def __init__(
        self, catalog: Catalog, scheduler: Scheduler, defaults: Callable[[], Awaitable[Defaults]]
    ) -> None:
        self.catalog = catalog
        self._scheduler = scheduler
        self._defaults = defaults

    async def close(self) -> None:
        """Close every runner; running answers end with an error."""
        await self._scheduler.close()

    def residents(self) -> list[Resident]:
        """The models in memory; `details` of each is its `Card`."""
        return self._scheduler.residents()

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        """Answer a conversation; without messages the model is loaded, or unloaded if it shall not stay.

        Raises:
            HearthError: before the first event what is wrong with the request, later what broke.
        """
        started = time.perf_counter_ns()
        card = await self._open(request.model)
        if not request.messages:
            yield await self._load_or_unload(card, request.keep_alive, request.sampling.options, started)
            return
        check_chat(card, request)
        sampling = request.sampling
        async with (
            self._lease(card, sampling.options, request.keep_alive, shift=sampling.shift) as (lease, wanted),
            aclosing(chat.run(card, request, wanted, lease, started)) as events,
        ):
            async for event in events:
                yield event

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """Answer a prompt; without one the model is loaded, or unloaded if it shall not stay.

        Raises:
            HearthError: before the first event what is wrong with the request, later what broke.
        """
        started = time.perf_counter_ns()
        card = await self._open(request.model)
        if not (request.prompt or request.tokens or request.images or request.suffix):
            yield await self._load_or_unload(card, request.keep_alive, request.sampling.options, started)
            return
        check_generate(card, request)
        sampling = request.sampling
        async with (
            self._lease(card, sampling.options, request.keep_alive, shift=sampling.shift) as (lease, wanted),
            aclosing(generate.run(card, request, wanted, lease, started)) as events,
        ):
            async for event in events:
                yield event

    async def embed(self, request: EmbedRequest) -> Embeddings:
        """One vector for each input; without inputs the model is only loaded.

        Raises:
            HearthError: what is wrong with the request, or what broke.
        """
        started = time.perf_counter_ns()
        card = await self._open(request.model)
        check_embed(card, request)
        async with self._lease(card, request.options, request.keep_alive, embedding=True) as (lease, _):
            return await embed.run(request, lease, started)

    async def rerank(self, request: RerankRequest) -> Ranking:
        """The documents of a request, the best first.

        Raises:
            HearthError: what is wrong with the request, or what broke.
        """
        started = time.perf_counter_ns()
        card = await self._open(request.model)
        check_rerank(card, request)
        async with self._lease(card, request.options, request.keep_alive, embedding=True) as (lease, _):
            return await rerank.run(card, request, lease, started)

    async def tokenize(self, request: TokenizeRequest) -> list[Piece]:
        """The tokens of a text; the model is loaded for it.

        Raises:
            HearthError: what is wrong with the request, or what broke.
        """
        card = await self._open(request.model)
        async with self._lease(card, request.options, request.keep_alive) as (lease, _):
            return await lease.runner.pieces(request.text, special=request.special)

    async def detokenize(self, request: DetokenizeRequest) -> str:
        """The text of tokens, U+FFFD where they are no text; the model is loaded for it.

        Raises:
            HearthError: what is wrong with the request, or what broke.
        """
        card = await self._open(request.model)
        check_tokens(card, request.tokens, "tokens")
        async with self._lease(card, request.options, request.keep_alive) as (lease, _):
            return await lease.runner.detokenize(request.tokens)

    async def count(self, request: ChatRequest) -> int:
        """Tokens of the prompt that a conversation makes; the model is loaded to render and count it.

        Raises:
            HearthError: what is wrong with the request, or what broke.
        """
        card = await self._open(request.model)
        check_chat(card, request)
        async with self._lease(card, request.sampling.options, request.keep_alive) as (lease, _):
            return await chat.count(card, request, lease)

    async def _open(self, name: str) -> Card:
        return await asyncio.to_thread(self.catalog.open, name)

    @asynccontextmanager
    async def _lease(
        self,
        card: Card,
        options: Options,
        keep_alive: KeepAlive | None,
        *,
        embedding: bool = False,
        shift: bool = False,
    ) -> AsyncIterator[tuple[Lease, Plan]]:
        """A slot of the model, loaded as the options ask, and the plan that was made of them."""
        wanted = plan(card, options, await self._defaults(), embedding=embedding, shift=shift)
        want = Want(
            key=card.layer_key,
            name=str(card.stored.name),
            spec=wanted.spec,
            explicit=wanted.explicit,
            keep_alive=keep_alive,
            bytes_needed=wanted.bytes_needed,
            details=card,
        )
        async with self._scheduler.acquire(want) as lease:
            try:
                yield lease, wanted
            except ContextExceeded as error:
                raise error.of_model(card.context_length) from error

    async def _load_or_unload(
        self, card: Card, keep_alive: KeepAlive | None, options: Options, started: int
    ) -> Finished:
        if keep_alive is not None and keep_alive.unload_now:
            await self._scheduler.unload(card.layer_key)
            return Finished("unload")
        if not card.supports("completion") and not card.pooled:
            raise Unsupported(f'"{card.stored.name}" does not support generate')
        async with self._lease(card, options, keep_alive) as (lease, _):
            usage = Usage(total_ns=time.perf_counter_ns() - started, load_ns=lease.load_ns)
            return Finished("load", usage)
