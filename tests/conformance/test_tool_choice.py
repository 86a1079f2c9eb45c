"""`tool_choice` and the bound on parallel calls hold for models that would do anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx
import openai
import pytest
from anthropic.types import ToolUseBlock
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionMessageFunctionToolCall
from tests.conformance.conftest import create
from tests.support.daemon import Daemon
from tests.support.models import make_llama

pytestmark = pytest.mark.slow

TURNS = (
    "{% for tool in tools or [] %}{{ tool | tojson }}\n{% endfor %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "{% for call in message.tool_calls or [] %}CALL{{ call | tojson }}{% endfor %}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
TEMPLATES = {
    "hermes": TURNS.replace("CALL", "<tool_call>"),
    "mistral": TURNS.replace("CALL", "[TOOL_CALLS]"),
    "mistral-each": TURNS.replace("CALL", "[TOOL_CALLS][ARGS]"),
    "llama": TURNS.replace("CALL", "<|python_tag|>"),
    "plain": TURNS,
    "thinker": TURNS.replace("CALL", "<tool_call>")
    + "{{ '<think></think>' if not enable_thinking else '' }}",
    "opener": TURNS.replace("CALL", "<tool_call>") + "<think>\n{# </think> #}",
}
"""Chat templates by the name of the model that has it; its weights are random."""

SCHEMAS: dict[str, dict[str, Any]] = {
    "get_weather": {
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Rome"]}, "days": {"type": "integer", "maximum": 9}},
        "required": ["city"],
    },
    "add": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    },
}
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": schema}}
    for name, schema in SCHEMAS.items()
]
ADD: Any = {"type": "function", "function": {"name": "add"}}
HELLO: list[Any] = [{"role": "user", "content": "hello"}]
WEATHER: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]


@pytest.fixture(scope="session")
def models(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    """The daemon, with a model of random weights for each template."""
    home = tmp_path_factory.mktemp("callers")
    for name, template in TEMPLATES.items():
        create(daemon, name, make_llama(home / f"{name}.gguf", kind="bpe", context=4096, template=template))
    return daemon


@pytest.fixture
def client(models: Daemon) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{models.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


def ask(client: openai.OpenAI, model: str, seed: int = 1, **fields: Any) -> tuple[list[Any], Any]:
    """The calls of an answer, checked against the schemas, and its choice."""
    body: dict[str, Any] = {
        "model": model,
        "messages": HELLO,
        "tools": TOOLS,
        "seed": seed,
        "max_tokens": 900,
    }
    reply = client.chat.completions.create(**body | fields)
    (choice,) = reply.choices
    assert reply.usage
    assert reply.usage.completion_tokens > 0
    assert reply.usage.prompt_tokens > 0
    for call in choice.message.tool_calls or []:
        assert isinstance(call, ChatCompletionMessageFunctionToolCall)
        Draft202012Validator(SCHEMAS[call.function.name]).validate(json.loads(call.function.arguments))
    return list(choice.message.tool_calls or []), choice


@pytest.mark.parametrize("model", ["hermes", "mistral", "mistral-each", "llama", "plain"])
def test_a_required_call_is_made_whatever_the_model(client: openai.OpenAI, model: str) -> None:
    for seed in range(3):
        calls, choice = ask(client, model, seed, tool_choice="required", temperature=1)
        assert calls
        assert choice.finish_reason in {"tool_calls", "length"}
        assert not choice.message.content


@pytest.mark.parametrize("model", ["hermes", "mistral", "mistral-each", "llama", "plain"])
def test_a_named_tool_is_called_once_without_parallel_calls(client: openai.OpenAI, model: str) -> None:
    for seed in range(3):
        calls, choice = ask(client, model, seed, tool_choice=ADD, parallel_tool_calls=False, temperature=1)
        assert [call.function.name for call in calls] == ["add"]
        assert choice.finish_reason == "tool_calls"


@pytest.mark.parametrize("model", ["thinker", "opener"])
def test_thinking_comes_before_a_required_call(client: openai.OpenAI, model: str) -> None:
    # A random model hardly ever ends its thinking by itself; a bias on "<" and "/" makes it.
    calls: list[Any] = []
    for seed in range(4):
        calls, choice = ask(
            client, model, seed, tool_choice="required", parallel_tool_calls=False,
            logit_bias={"60": 6, "47": 6}, temperature=1, reasoning_effort="medium",
        )  # fmt: skip
        assert not choice.message.content
        assert len(calls) == (choice.finish_reason != "length")
        if calls:
            break
    assert calls


def test_a_model_that_is_told_not_to_think_calls_at_once(client: openai.OpenAI) -> None:
    calls, choice = ask(client, "thinker", tool_choice=ADD, reasoning_effort="none")
    assert calls
    assert "reasoning" not in (choice.message.model_extra or {})


def test_the_guide_calls_what_it_is_told_to(client: openai.OpenAI) -> None:
    for effort in ("none", "medium"):
        calls, _ = ask(client, "guide", tool_choice="required", reasoning_effort=effort)
        assert calls
        calls, _ = ask(client, "guide", tool_choice=ADD, parallel_tool_calls=False, reasoning_effort=effort)
        assert [call.function.name for call in calls] == ["add"]


def test_no_tool_is_called_or_shown_where_none_may_be(client: openai.OpenAI) -> None:
    calls, choice = ask(client, "guide", messages=WEATHER, tool_choice="none", reasoning_effort="none")
    assert calls == []
    assert choice.message.content
    shown = client.chat.completions.create(
        model="hermes", messages=HELLO, tools=TOOLS, tool_choice="none",
        extra_body={"_debug_render_only": True},
    )  # fmt: skip
    assert "get_weather" not in (shown.model_extra or {})["_debug_info"]["rendered_template"]


def test_only_the_allowed_tools_are_offered(client: openai.OpenAI) -> None:
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [ADD]}}
    calls, _ = ask(client, "hermes", tool_choice=allowed)
    assert {call.function.name for call in calls} == {"add"}


def test_the_first_call_ends_an_answer_that_may_have_only_one(client: openai.OpenAI) -> None:
    ask_guide: dict[str, Any] = {"messages": WEATHER, "reasoning_effort": "none"}
    free, _ = ask(client, "guide", **ask_guide)
    calls, choice = ask(client, "guide", **ask_guide, parallel_tool_calls=False)
    assert [call.function.arguments for call in calls] == [call.function.arguments for call in free[:1]]
    assert choice.finish_reason == "tool_calls"
    with client.chat.completions.stream(
        model="guide",
        messages=WEATHER,
        tools=TOOLS,
        parallel_tool_calls=False,
        reasoning_effort="none",
        stream_options={"include_usage": True},
    ) as stream:
        final = stream.get_final_completion()
    assert len(final.choices[0].message.tool_calls or []) == 1
    assert final.usage
    assert final.usage.completion_tokens > 0


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tool_choice": "required", "tools": []}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "nowhere"}}}, "tool_choice"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(
    client: openai.OpenAI, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, "guide", **fields)
    assert refused.value.param == param


def test_the_choice_holds_through_anthropic_s_client(models: Daemon) -> None:
    tools: list[Any] = [{"name": name, "input_schema": schema} for name, schema in SCHEMAS.items()]
    choices: list[tuple[Any, set[str]]] = [
        ({"type": "any", "disable_parallel_tool_use": True}, set(SCHEMAS)),
        ({"type": "tool", "name": "add", "disable_parallel_tool_use": True}, {"add"}),
    ]
    with anthropic.Anthropic(base_url=models.url, api_key="any", max_retries=0) as client:
        for model in ("hermes", "guide"):
            for choice, names in choices:
                reply = client.messages.create(
                    model=model, max_tokens=900, messages=HELLO, tools=tools, tool_choice=choice
                )
                (call,) = reply.content
                assert isinstance(call, ToolUseBlock)
                assert call.name in names
                Draft202012Validator(SCHEMAS[call.name]).validate(call.input)
                assert reply.stop_reason == "tool_use"


def test_the_choice_holds_on_ollama_s_route(models: Daemon) -> None:
    body = {"model": "hermes", "messages": HELLO, "tools": TOOLS, "stream": False, "options": {"seed": 3}}
    reply = httpx.post(f"{models.url}/api/chat", json=body | {"tool_choice": ADD}, timeout=60).json()
    assert {call["function"]["name"] for call in reply["message"]["tool_calls"]} == {"add"}
    none = httpx.post(
        f"{models.url}/api/chat",
        json=body | {"tool_choice": "none", "options": {"num_predict": 20}},
        timeout=60,
    ).json()
    assert "tool_calls" not in none["message"]
