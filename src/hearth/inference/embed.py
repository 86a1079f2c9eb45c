"""Texts to vectors."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from hearth.engine.contract import Runner
from hearth.errors import BadRequest, ContextExceeded
from hearth.messages import Embeddings, EmbedRequest, Usage
from hearth.scheduler.service import Lease


async def run(request: EmbedRequest, lease: Lease, started: int) -> Embeddings:
    """The vectors of all inputs, in order, cut to `dimensions`; of length one unless raw ones are wanted.

    Raises:
        ContextExceeded: an input is too long and may not be cut.
        BadRequest: a vector holds values that are no numbers.
    """
    tokens = [await _tokens(lease.runner, item) for item in request.inputs]
    if not all(tokens):
        raise BadRequest(f"input {[bool(row) for row in tokens].index(False)} is empty; leave it out")
    limit = min(lease.runner.spec.context, lease.runner.spec.batch)
    cut = sum(len(row) > limit for row in tokens)
    if cut and not request.truncate:
        raise ContextExceeded(max(map(len, tokens)), limit, embedded=True)
    fitting = await _fitting(lease.runner, tokens, limit) if cut else tokens
    vectors = await _vectors(lease.runner, fitting, request)
    usage = Usage(
        prompt_tokens=sum(map(len, fitting)),
        total_ns=time.perf_counter_ns() - started,
        load_ns=lease.load_ns,
    )
    return Embeddings(vectors, usage, truncated=cut)


async def _tokens(runner: Runner, item: str | tuple[int, ...]) -> list[int]:
    return await runner.tokenize(item) if isinstance(item, str) else list(item)


async def _fitting(runner: Runner, tokens: Sequence[list[int]], limit: int) -> list[list[int]]:
    """Each text cut to `limit` tokens, before the token that ends it where the model has one."""
    empty = await runner.tokenize("")
    endings = [row[-1:] if row[-1:] == empty[-1:] else [] for row in tokens]
    return [
        row if len(row) <= limit else [*row[: limit - len(ending)], *ending]
        for row, ending in zip(tokens, endings, strict=True)
    ]


async def _vectors(
    runner: Runner, tokens: Sequence[Sequence[int]], request: EmbedRequest
) -> tuple[tuple[float, ...], ...]:
    if not tokens:
        return ()
    raw = await runner.embed(tokens, request.normalise)
    return tuple(_shaped(vector, request.dimensions, request.normalise) for vector in raw)


def _shaped(vector: Sequence[float], dimensions: int | None, normalise: bool) -> tuple[float, ...]:
    if not all(map(math.isfinite, vector)):
        raise BadRequest("embedding contains NaN or Inf values: the model or the input is not usable")
    if not dimensions or dimensions >= len(vector):
        return tuple(vector)
    short = tuple(vector[:dimensions])
    length = math.hypot(*short) if normalise else 1.0
    return tuple(value / length for value in short) if length else short
