"""Documents by their scores, on a real runner with a model of random weights."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.models import make_llama
from tests.support.rankers import make_ranker

from hearth.engine.builtin import BuiltinEngine
from hearth.errors import BadRequest, ContextExceeded, Unsupported
from hearth.gguf import MetadataValue
from hearth.inference import rerank
from hearth.inference.catalog import Catalog
from hearth.inference.plan import Defaults
from hearth.inference.service import Inference
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.messages import ChatRequest, EmbedRequest, GenerateRequest, Message, RerankRequest
from hearth.names import ModelName
from hearth.scheduler.service import Scheduler
from hearth.scheduler.wants import Limits

CONTEXT = 64
DOCUMENTS = ("the cat sat on the dog", "red blue", "hello world", "red blue", "")
ASKED = RerankRequest("ranker", "the cat", DOCUMENTS)
LONG = "the cat sat on the dog and went home " * 20


@asynccontextmanager
async def road(directory: Path, extra: dict[str, MetadataValue] | None = None) -> AsyncIterator[Inference]:
    """The road to a model that ranks, of 64 tokens of context, and to `plain`, one that does not."""

    async def defaults() -> Defaults:
        return Defaults(context=CONTEXT, slots=2)

    files = {
        "ranker": make_ranker(directory / "ranker.gguf", context=CONTEXT, extra_metadata=extra),
        "plain": make_llama(directory / "plain.gguf"),
    }
    with Library(directory / "models", embedded=None) as library:
        for name, path in files.items():
            layer = Layer(MediaType.MODEL, *library.add_file(path, move=True))
            library.put(ModelName.parse(name), ModelConfig(), [layer])
        limits = Limits(max_loaded=2, max_queue=8, keep_alive=60.0, load_timeout=None)
        inference = Inference(Catalog(library), Scheduler(BuiltinEngine(), limits), defaults)
        yield inference
        await inference.close()


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    async with road(tmp_path) as made:
        yield made


async def scores(inference: Inference, request: RerankRequest) -> list[float]:
    """The scores in the order of the documents."""
    found = await inference.rerank(request)
    return [item.score for item in sorted(found.results, key=lambda item: item.index)]


@pytest.mark.slow
async def test_documents_come_back_in_the_order_of_their_scores(inference: Inference) -> None:
    found = await inference.rerank(ASKED)
    values = [item.score for item in found.results]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) > 2
    assert all(0 < value < 1 for value in values)
    assert sorted(item.index for item in found.results) == list(range(len(DOCUMENTS)))
    assert found.truncated == 0
    assert found.usage.prompt_tokens > 5 * len(DOCUMENTS)
    assert found.usage.load_ns > 0
    best = await inference.rerank(replace(ASKED, top_n=2))
    assert [item.index for item in best.results] == [item.index for item in found.results[:2]]


@pytest.mark.slow
async def test_a_document_has_the_same_score_alone_and_among_others(inference: Inference) -> None:
    together = await scores(inference, ASKED)
    for text, score in zip(DOCUMENTS, together, strict=True):
        (alone,) = await scores(inference, replace(ASKED, documents=(text,)))
        assert alone == pytest.approx(score, abs=1e-4)


@pytest.mark.slow
async def test_raw_scores_are_logits(inference: Inference) -> None:
    raw = await scores(inference, replace(ASKED, normalise=False))
    usual = await scores(inference, ASKED)
    assert [1 / (1 + math.exp(-value)) for value in raw] == pytest.approx(usual, abs=1e-4)


@pytest.mark.slow
async def test_a_document_that_is_too_long_is_refused_or_cut_and_told(inference: Inference) -> None:
    request = replace(ASKED, documents=("hello", LONG))
    with pytest.raises(ContextExceeded, match="context window holds 64"):
        await inference.rerank(request)
    cut = await inference.rerank(replace(request, truncate=True))
    assert cut.truncated == 1
    assert CONTEXT < cut.usage.prompt_tokens <= CONTEXT + 10


@pytest.mark.slow
async def test_only_so_many_tokens_of_a_document_are_looked_at(inference: Inference) -> None:
    start, word = "the cat sat", " went"
    short = await scores(inference, replace(ASKED, documents=(start,)))
    found = await inference.rerank(replace(ASKED, documents=(start + word * 100,), document_tokens=3))
    assert found.truncated == 1
    assert found.results[0].score == pytest.approx(short[0], abs=1e-4)


@pytest.mark.slow
async def test_a_query_that_is_too_long_is_refused_even_where_documents_are_cut(inference: Inference) -> None:
    with pytest.raises(ContextExceeded):
        await inference.rerank(replace(ASKED, query=LONG, truncate=True))


@pytest.mark.slow
async def test_a_template_of_the_model_joins_query_and_document(tmp_path: Path) -> None:
    template = "<s>hello {query} world {document}</s>"
    async with road(tmp_path, {"tokenizer.chat_template.rerank": template}) as inference:
        found = await inference.rerank(replace(ASKED, documents=(LONG,), truncate=True))
        assert found.truncated == 1
        assert found.usage.prompt_tokens in range(CONTEXT - 3, CONTEXT + 1)


@pytest.mark.slow
async def test_each_model_does_what_it_can_and_says_so(inference: Inference) -> None:
    assert inference.catalog.open("ranker").capabilities == ("rerank",)
    with pytest.raises(Unsupported, match="does not support rerank; it supports completion"):
        await inference.rerank(replace(ASKED, model="plain"))
    with pytest.raises(Unsupported, match=r'"ranker" does not support embedding.*/api/rerank'):
        await inference.embed(EmbedRequest("ranker", ("hello",)))
    with pytest.raises(Unsupported, match="does not support chat"):
        await anext(inference.chat(ChatRequest("ranker", (Message("user", "hi"),))))
    with pytest.raises(Unsupported, match="does not support generate"):
        await anext(inference.generate(GenerateRequest("ranker", "hi")))
    assert inference.residents() == []


@pytest.mark.parametrize(("field", "value"), [("documents", ()), ("top_n", 0), ("top_n", -3)])
async def test_what_cannot_be_ranked_is_named(inference: Inference, field: str, value: object) -> None:
    with pytest.raises(BadRequest) as caught:
        await inference.rerank(replace(ASKED, **{field: value}))  # type: ignore[arg-type]
    assert caught.value.field == field


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_probabilities_keep_the_order_of_logits(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= rerank._probability(low) <= rerank._probability(high) <= 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e6])
def test_a_score_that_is_no_number_is_an_error(value: float) -> None:
    with pytest.raises(BadRequest, match="not a number"):
        rerank._checked(value)
