"""Documents by how well they answer a query.

A model that ranks reads a query and a document as one text and gives one number for the pair. Most give a
logit; those of the Qwen3 family give the probability of "yes", which llama.cpp has made of their two logits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
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
    documents = await _Pairs(lease.runner, card.rerank_template, request).fitting(request.documents)
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


class _Pairs:
    """Counts the tokens of query and document together, and cuts documents that are too long."""

    def __init__(self, runner: Runner, template: str, request: RerankRequest) -> None:
        self._runner = runner
        self._template = template
        self._request = request
        self._alone = 0

    async def fitting(self, documents: Sequence[str]) -> list[str]:
        """Each document, or as much of its beginning as may be looked at.

        Raises:
            ContextExceeded: the query leaves no room, or a document is too long and may not be cut.
        """
        limit = min(self._runner.spec.context, self._runner.spec.batch)
        self._alone = await self._around()
        if self._alone >= limit:
            raise ContextExceeded(self._alone, limit)
        return [await self._fitted(document, limit) for document in documents]

    async def _fitted(self, document: str, limit: int) -> str:
        room = limit - self._alone
        tokens = await self._count(document)
        wanted = self._request.document_tokens or tokens
        if tokens <= min(room, wanted):
            return document
        if wanted > room and not self._request.truncate:
            raise ContextExceeded(self._alone + tokens, limit)
        return await self._cut(document, min(room, wanted))

    async def _cut(self, document: str, room: int) -> str:
        """The longest beginning that fits; found in as many steps as its length has bits."""
        fits, fails = 0, min(len(document), room * _LONGEST)
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if await self._count(document[:middle]) <= room:
                fits = middle
            else:
                fails = middle
        return document[:fits]

    async def _around(self) -> int:
        """Tokens of the query and of what stands around it and a document."""
        if self._template:
            return len(await self._runner.tokenize(self._joined("")))
        query = await self._runner.tokenize(self._request.query, special=False, names=False)
        return len(query) + _SEPARATORS

    async def _count(self, document: str) -> int:
        """Tokens that a document adds to those."""
        if self._template:
            return len(await self._runner.tokenize(self._joined(document))) - self._alone
        return len(await self._runner.tokenize(document, special=False, names=False))

    def _joined(self, document: str) -> str:
        return self._template.replace("{query}", self._request.query).replace("{document}", document)
