"""llama.cpp takes the grammars, and a model of random weights then writes valid documents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator
from tests.output.grammar.schemas import SCHEMAS
from tests.support.models import make_llama

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import Completion, RunnerSpec
from hearth.messages import Json
from hearth.output.grammar import json_grammar, regex_grammar, schema_grammar

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(params=["spm", "bpe"])
async def runner(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BuiltinRunner]:
    model = make_llama(tmp_path / "tiny.gguf", kind=request.param, context=2048)
    loaded = await BuiltinEngine().load(RunnerSpec(model, context=2048))
    yield loaded
    await loaded.close()


async def write(runner: BuiltinRunner, grammar: str, seed: int = 1) -> tuple[str, bool]:
    """What the model writes, and whether it came to an end."""
    sampling: dict[str, Json] = {"n_predict": 300, "temperature": 1.0, "seed": seed, "top_k": 0}
    text, reason = "", ""
    async for chunk in runner.complete(Completion("Write: ", sampling=sampling, grammar=grammar)):
        text += chunk.text
        reason = chunk.final.reason if chunk.final else ""
    return text, reason == "stop"


async def test_documents_that_a_model_writes_are_valid(runner: BuiltinRunner) -> None:
    complete = 0
    for name, schema in SCHEMAS.items():
        text, ended = await write(runner, schema_grammar(schema))
        assert text, name
        # Byte tokens may spell characters that are not UTF-8, which then count as several.
        if ended and "\ufffd" not in text:
            assert isinstance(schema, bool | dict)
            found = Draft202012Validator(schema).iter_errors(json.loads(text))
            assert [error.message for error in found if error.validator != "uniqueItems"] == [], (name, text)
            complete += 1
    assert complete > len(SCHEMAS) // 2


async def test_any_object_is_an_object(runner: BuiltinRunner) -> None:
    written = [await write(runner, json_grammar(), seed) for seed in range(8)]
    documents = [json.loads(text) for text, ended in written if ended]
    assert all(isinstance(document, dict) for document in documents)
    assert all(text.startswith("{") for text, _ in written)


async def test_long_lengths_and_many_values_are_accepted(runner: BuiltinRunner) -> None:
    schema: Json = {
        "type": "object",
        "properties": {
            "kind": {"enum": [f"value {at}" for at in range(1000)]},
            "text": {"type": "string", "minLength": 1, "maxLength": 50_000},
            "list": {"type": "array", "items": {"type": "integer"}, "maxItems": 3000},
        },
        "required": ["kind", "text"],
    }
    text, _ = await write(runner, schema_grammar(schema))
    assert text.startswith("{")
    assert '"kind":' in text


async def test_a_regular_expression_holds_the_model(runner: BuiltinRunner) -> None:
    text, ended = await write(runner, regex_grammar(r"^(red|green) [a-f]{3,5}(\d\d)?$"))
    assert ended
    assert text.split()[0] in {"red", "green"}
