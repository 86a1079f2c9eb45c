"""Documents by how well they answer a query.

A model that ranks reads a query and a document as one text and gives one number for the pair. Most give a
logit; those of the Qwen3 family give the probability of "yes", which llama.cpp has made of their two logits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hearth.engine.contract import Runner
from hearth.errors import BadRequest, ContextExceeded
from hearth.inference.card import Card
from hearth.messages import Ranked, Ranking, RerankRequest, Usage
from hearth.scheduler.service import Lease

_PROBABILITIES: Final = frozenset({"qwen3", "qwen3vl"})
"""Architectures of which the scores are probabilities already."""
_SEPARATORS: Final = 4
"""Special tokens around query and document, at most."""
_LONGEST: Final = 64
"""Characters of a token that a cut reckons with."""
_FAILED: Final = -1e6
"""What llama.cpp gives for a document that it has no score for."""


async def run(card: Card, request: RerankRequest, lease: Lease, started: int) -> Ranking:
    """The best `top_n` documents, equal ones in their own order.

    Raises:
        ContextExceeded: the query, or a document with it, is too long and may not be cut.
        BadRequest: a score is not a number.
    """
    pairs = _Pairs(lease.runner, card.rerank_template, request)
    alone = await pairs.count("")
    documents = [await pairs.fitting(text, alone) for text in request.documents]
    scores = await lease.runner.rerank(request.query, documents)
    values = [_checked(value) for value in scores.values]
    if request.normalise and card.architecture not in _PROBABILITIES:
        values = [_probability(value) for value in values]
    usage = Usage(
        prompt_tokens=scores.prompt_tokens,
        total_ns=time.perf_counter_ns() - started,
        load_ns=lease.load_ns,
    )
    cut = sum(len(kept) < len(whole) for kept, whole in zip(documents, request.documents, strict=True))
    return Ranking(_ranked(values, request.top_n), usage, cut)


def _ranked(values: Sequence[float], top_n: int | None) -> tuple[Ranked, ...]:
    best = sorted(range(len(values)), key=lambda index: -values[index])
    return tuple(Ranked(index, values[index]) for index in best[:top_n])


def _checked(value: float) -> float:
    if not math.isfinite(value) or value == _FAILED:
        raise BadRequest("a score is not a number: the model or the input is not usable")
    return value


def _probability(logit: float) -> float:
    """The logistic function, in the form that does not overflow."""
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    return math.exp(logit) / (1 + math.exp(logit))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Counts the tokens of query and document together, and cuts documents that are too long."""

    runner: Runner
    template: str
    request: RerankRequest

    async def fitting(self, document: str, alone: int) -> str:
        """The document, or as much of its beginning as may be looked at; `alone` is what the query takes."""
        limit = min(self.runner.spec.context, self.runner.spec.batch)
        tokens = await self.count(document)
        if alone >= limit or (
            tokens > limit and not self.request.truncate and not self._short(limit - alone)
        ):
            raise ContextExceeded(max(tokens, alone), limit)
        room = min(limit - alone, self.request.document_tokens or limit)
        return document if tokens - alone <= room else await self._cut(document, alone + room, room)

    def _short(self, room: int) -> bool:
        """Whether the request itself cuts documents so short that all of them fit."""
        return self.request.document_tokens is not None and self.request.document_tokens <= room

    async def _cut(self, document: str, limit: int, room: int) -> str:
        """The longest beginning that fits; found in as many steps as its length has bits."""
        fits, fails = 0, min(len(document), room * _LONGEST)
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if await self.count(document[:middle]) <= limit:
                fits = middle
            else:
                fails = middle
        return document[:fits]

    async def count(self, document: str) -> int:
        """Tokens of the query and this document, with what stands around them."""
        query = self.request.query
        if self.template:
            text = self.template.replace("{query}", query).replace("{document}", document)
            return len(await self.runner.tokenize(text))
        parts = [await self.runner.tokenize(text, special=False, names=False) for text in (query, document)]
        return sum(map(len, parts)) + _SEPARATORS
