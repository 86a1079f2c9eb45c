"""Texts to tokens and back, on a real runner; numbers that are no tokens never reach it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from tests.support.models import make_llama

from hearth.engine.builtin import BuiltinEngine
from hearth.errors import BadRequest
from hearth.inference.catalog import Catalog
from hearth.inference.plan import Defaults
from hearth.inference.service import Inference
from hearth.library import Layer, Library, MediaType, ModelConfig
from hearth.messages import DetokenizeRequest, EmbedRequest, GenerateRequest, TokenizeRequest
from hearth.names import ModelName
from hearth.scheduler.service import Scheduler
from hearth.scheduler.wants import Limits

VOCABULARY = 512
TEXT = "Grüße, 世界 🙂 <|im_start|>"
KINDS: tuple[Literal["spm", "bpe"], ...] = ("spm", "bpe")


@pytest.fixture
async def inference(tmp_path: Path) -> AsyncIterator[Inference]:
    """The road to two models, `spm` and `bpe`, of 512 tokens each."""

    async def defaults() -> Defaults:
        return Defaults(context=128, slots=1)

    with Library(tmp_path / "models", embedded=None) as library:
        for kind in KINDS:
            path = make_llama(tmp_path / f"{kind}.gguf", kind=kind, vocab=VOCABULARY)
            layer = Layer(MediaType.MODEL, *library.add_file(path, move=True))
            library.put(ModelName.parse(kind), ModelConfig(), [layer])
        limits = Limits(max_loaded=2, max_queue=8, keep_alive=60.0, load_timeout=None)
        made = Inference(Catalog(library), Scheduler(BuiltinEngine(), limits), defaults)
        yield made
        await made.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_tokens_turn_back_into_the_text(inference: Inference, kind: str) -> None:
    pieces = await inference.tokenize(TokenizeRequest(kind, TEXT, special=False))
    text = await inference.detokenize(DetokenizeRequest(kind, tuple(piece.token for piece in pieces)))
    assert text.strip() == TEXT
    assert b"".join(piece.data for piece in pieces).decode().strip() == TEXT


@pytest.mark.slow
async def test_special_tokens_are_added_unless_they_are_not_wanted(inference: Inference) -> None:
    with_them = await inference.tokenize(TokenizeRequest("spm", "hello"))
    without = await inference.tokenize(TokenizeRequest("spm", "hello", special=False))
    assert with_them[0].token == 1
    assert with_them[1:] == without


@pytest.mark.slow
async def test_the_highest_token_is_one(inference: Inference) -> None:
    assert await inference.detokenize(DetokenizeRequest("spm", (VOCABULARY - 1,)))
    assert await inference.detokenize(DetokenizeRequest("spm", ())) == ""


@pytest.mark.parametrize("token", [-1, VOCABULARY, 2**31, 2**80])
async def test_numbers_that_are_no_tokens_are_refused_before_a_model_is_loaded(
    inference: Inference, token: int
) -> None:
    told = rf"\[1\] is no token of spm:latest: its tokens are numbered from 0 to {VOCABULARY - 1}"
    with pytest.raises(BadRequest, match="tokens" + told):
        await inference.detokenize(DetokenizeRequest("spm", (0, token)))
    with pytest.raises(BadRequest, match="context" + told):
        await anext(inference.generate(GenerateRequest("spm", "hi", context=(0, token))))
    with pytest.raises(BadRequest, match="prompt" + told):
        await anext(inference.generate(GenerateRequest("spm", "", tokens=(0, token))))
    with pytest.raises(BadRequest, match=r"input\[0\]" + told):
        await inference.embed(EmbedRequest("spm", ((0, token),)))
    assert inference.residents() == []
