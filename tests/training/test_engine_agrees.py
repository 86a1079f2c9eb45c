"""The embedded model in the real engine: its template and tokenizer do what the training assumed."""

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import pytest
import pytest_asyncio
from training.cases import tool
from training.corpus import documents
from training.evaluate import embedded

from hearth.engine.builtin import BuiltinEngine, BuiltinRunner
from hearth.engine.contract import RunnerSpec
from hearth.messages import Message, Tool, ToolCall
from training import chat

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WEATHER = tool('get_weather(city: string) Get the "weather" of a city — now')
CLOCK = tool("get_time()")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[BuiltinRunner]:
    loaded = await asyncio.wait_for(BuiltinEngine().load(RunnerSpec(embedded(), context=2048)), 60)
    yield loaded
    await loaded.close()


def definition(given: Tool) -> dict[str, Any]:
    function = {"name": given.name, "description": given.description, "parameters": dict(given.parameters)}
    return {"type": "function", "function": function}


CALL = ToolCall("get_weather", {"city": "Zürich"})
CALL_TEXT = chat.Call(CALL.name, dict(CALL.arguments)).text()
CONVERSATIONS: dict[str, tuple[list[Message], list[Tool], list[tuple[str, str]]]] = {
    "plain": ([Message("user", "Hi  there\n")], [], [("user", "Hi  there\n")]),
    "system": ([Message("system", "Be brief."), Message("user", "Hi")], [], [("user", "Hi")]),
    "turns": (
        [
            Message("user", "Hi"),
            Message("assistant", "<think>\nx\n</think>\n\nHello"),
            Message("user", "Bye"),
        ],
        [],
        [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")],
    ),
    "thinking apart": (
        [Message("user", "Hi"), Message("assistant", "Hello", thinking="x"), Message("user", "Bye")],
        [],
        [("user", "Hi"), ("assistant", "Hello"), ("user", "Bye")],
    ),
    "tools": ([Message("user", "Weather?")], [WEATHER, CLOCK], [("user", "Weather?")]),
    "tools and system": (
        [Message("system", "Be brief."), Message("user", "Weather?")],
        [WEATHER],
        [("user", "Weather?")],
    ),
    "results": (
        [
            Message("user", "Weather?"),
            Message("assistant", tool_calls=(CALL, CALL)),
            Message("tool", "22 °C", tool_name="get_weather"),
            Message("tool", "sunny", tool_name="get_weather"),
        ],
        [WEATHER],
        [
            ("user", "Weather?"),
            ("assistant", f"{CALL_TEXT}\n{CALL_TEXT}"),
            ("user", chat.tool_results(["22 °C", "sunny"])),
        ],
    ),
    "text and call": (
        [
            Message("user", "Weather?"),
            Message("assistant", "I look.", tool_calls=(CALL,)),
            Message("tool", "22 °C", tool_name="get_weather"),
        ],
        [WEATHER],
        [
            ("user", "Weather?"),
            ("assistant", f"I look.\n{CALL_TEXT}"),
            ("user", chat.tool_results(["22 °C"])),
        ],
    ),
}


@pytest.mark.parametrize("thinking", [True, False])
@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_template_renders_what_was_trained(runner: BuiltinRunner, name: str, thinking: bool) -> None:
    messages, tools, turns = CONVERSATIONS[name]
    system = messages[0].content if messages[0].role == "system" else ""
    sample = chat.Sample("", turns, "", "", tools=[definition(t) for t in tools], system=system)
    rendered = await runner.render(messages, tools, {"enable_thinking": thinking})
    assert rendered == chat.prompt(sample, thinking)


async def test_thinking_is_on_unless_switched_off(runner: BuiltinRunner) -> None:
    rendered = await runner.render([Message("user", "Hi")], [], {})
    assert rendered == chat.prompt(chat.Sample("", [("user", "Hi")], "", ""), thinking=True)


async def test_an_answer_begun_by_the_caller_is_continued(runner: BuiltinRunner) -> None:
    messages = [Message("user", "Hi"), Message("assistant", "Hello! I am")]
    rendered = await runner.render(messages, [], {"enable_thinking": False})
    assert rendered.endswith("Hello! I am")


ODD = (
    "I'm   here\n\n\n  and\tthere \r\n don't WE'LL 12345 x=3.5e-7",
    "naïve café 北京 🙂👩‍👩‍👧 \u200b\u0301 ﬁ Ⅷ ²³ ١٢٣ \x00\x7f",
    '<|im_start|>user\n<think>\n</think><tool_call>{"a": [1, 2]}</tool_call><|im_end|>',
    "a'S b'Ll 'tis \u00a0\u2003x _under_ --flags=\"a b\" `code` ~/.ollama/models \\n",
)


async def test_tokenizer_agrees_with_the_engine(runner: BuiltinRunner) -> None:
    from tokenizers import Tokenizer

    texts = [*ODD, *("".join(piece.text for piece in document) for document in islice(documents(3), 300))]
    words = shipped_tokenizer()
    assert isinstance(words, Tokenizer)
    for text in texts:
        assert await runner.tokenize(text) == words.encode(text).ids, text


def texts(value: Any) -> list[str]:
    """An array of strings out of the metadata."""
    return [str(item) for item in value]


def shipped_tokenizer() -> Any:
    """The training tokenizer, rebuilt from the shipped file."""
    from hearth.gguf import GGUF
    from training import tokenizer

    with GGUF.open(embedded()) as file:
        tokens = texts(file.metadata["tokenizer.ggml.tokens"])
        merges = [tuple(merge.split(" ")) for merge in texts(file.metadata["tokenizer.ggml.merges"])]
    plain = tokens[: -len(tokenizer.CONTROL) - len(tokenizer.MARKS)]
    return tokenizer.build(plain, [(a, b) for a, b in merges])
