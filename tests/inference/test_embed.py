"""Texts that are too long to embed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.support.models import make_llama

from hearth.engine.builtin import BuiltinEngine
from hearth.engine.contract import Runner, RunnerSpec
from hearth.errors import BadRequest, ContextExceeded
from hearth.gguf import U32, MetadataValue
from hearth.inference import embed
from hearth.messages import EmbedRequest
from hearth.scheduler.service import Lease

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(params=[False, True], ids=["plain", "ended"])
async def runner(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Runner]:
    """A model that makes embeddings of at most 16 tokens, with and without a token that ends a text."""
    extra: dict[str, MetadataValue] = {
        "llama.pooling_type": U32(1),
        "tokenizer.ggml.add_eos_token": bool(request.param),
    }
    model = make_llama(tmp_path / "pooled.gguf", extra_metadata=extra)
    loaded = await BuiltinEngine().load(RunnerSpec(model, context=256, batch=16, embedding=True))
    yield loaded
    await loaded.close()


async def test_a_long_text_is_cut_before_its_ending(runner: Runner) -> None:
    text = "the cat sat on the dog and went home " * 4
    tokens = await runner.tokenize(text)
    ended = tokens[-1] == 2
    kept = [*tokens[:15], 2] if ended else tokens[:16]
    cut = await embed.run(EmbedRequest("m", (text, "hello")), Lease(runner, 0), 0)
    assert cut.truncated == 1
    assert cut.usage.prompt_tokens == 16 + len(await runner.tokenize("hello"))
    (expected,) = await runner.embed([kept], True)
    assert cut.vectors[0] == pytest.approx(expected, abs=1e-3)


async def test_a_long_text_is_refused_where_it_may_not_be_cut(runner: Runner) -> None:
    with pytest.raises(ContextExceeded, match="the input length exceeds the context length"):
        await embed.run(EmbedRequest("m", ("hello " * 40,), truncate=False), Lease(runner, 0), 0)


async def test_an_empty_list_of_tokens_is_named(runner: Runner) -> None:
    with pytest.raises(BadRequest, match="input 1"):
        await embed.run(EmbedRequest("m", ("hello", ())), Lease(runner, 0), 0)
