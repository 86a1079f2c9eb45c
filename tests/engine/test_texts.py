"""What a runner does with texts beside completing them: scores of pairs, and tokens with their bytes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.support.models import make_llama
from tests.support.rankers import make_ranker

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import RunnerSpec
from hearth.engine.replies import ranking
from hearth.errors import BadRequest, EngineError
from hearth.gguf import U32

pytestmark = pytest.mark.slow


async def test_scores_come_in_the_order_of_the_documents(tmp_path: Path) -> None:
    ranker = make_ranker(tmp_path / "ranker.gguf")
    runner = await BuiltinEngine().load(
        RunnerSpec(ranker, context=64, slots=2, embedding=True, pooling="rank")
    )
    texts = ("the cat sat", "red", "the cat sat", "home")
    together = await runner.rerank("cat", texts)
    alone = [await runner.rerank("cat", (text,)) for text in texts]
    with pytest.raises(BadRequest):
        await runner.rerank("cat", ())
    await runner.close()
    assert together.values == pytest.approx([score.values[0] for score in alone], abs=1e-3)
    assert together.prompt_tokens == sum(score.prompt_tokens for score in alone)


def test_a_score_that_json_cannot_write_is_no_number() -> None:
    rows = [{"index": 1, "relevance_score": None}, {"index": 0, "relevance_score": 2}]
    first, second = ranking({"results": rows, "usage": {"prompt_tokens": 3}}, 2).values
    assert first == 2.0
    assert math.isnan(second)


async def test_a_model_that_makes_vectors_gives_no_scores(tmp_path: Path) -> None:
    pooled = make_llama(tmp_path / "pooled.gguf", extra_metadata={"llama.pooling_type": U32(1)})
    runner = await BuiltinEngine().load(RunnerSpec(pooled, context=64, embedding=True))
    with pytest.raises(EngineError):
        await runner.rerank("cat", ("dog",))
    await runner.close()


async def test_the_bytes_of_tokens_are_those_of_the_text(runner: BuiltinRunner) -> None:
    text = "Grüße, 世界 🙂 <|im_start|>"
    pieces = await runner.pieces(text, special=False)
    assert b"".join(piece.data for piece in pieces) == text.encode()
    assert [piece.token for piece in pieces] == await runner.tokenize(text, special=False)
    assert any(piece.data[0] >= 0x80 and len(piece.data) == 1 for piece in pieces)


async def test_names_of_special_tokens_can_be_plain_text(runner: BuiltinRunner) -> None:
    named = await runner.tokenize("<|im_start|>", special=False)
    plain = await runner.tokenize("<|im_start|>", special=False, names=False)
    assert len(named) == 1
    assert len(plain) > 1
