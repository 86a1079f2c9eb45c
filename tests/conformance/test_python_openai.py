"""PyPI's `openai` client, unchanged, against the daemon."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types import EmbeddingCreateParams, chat, completion_create_params
from openai.types.chat import (
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)
from pydantic import BaseModel
from tests.support.daemon import Daemon

pytestmark = pytest.mark.slow

QUESTION: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is Hearth?"}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the current weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "The city"}},
            "required": ["city"],
        },
    },
}


@pytest.fixture
def client(daemon: Daemon) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


def test_chat_answers(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="guide", messages=QUESTION, reasoning_effort="none")
    (choice,) = reply.choices
    assert "Hearth" in (choice.message.content or "")
    assert choice.finish_reason == "stop"
    assert reply.usage
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens
    assert reply.usage.prompt_tokens_details


def test_a_stream_joined_is_the_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="guide", messages=QUESTION, reasoning_effort="none")
    chunks = list(
        client.chat.completions.create(
            model="guide",
            messages=QUESTION,
            reasoning_effort="none",
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    *deltas, last = chunks
    assert len({chunk.id for chunk in chunks}) == 1
    assert (
        "".join(chunk.choices[0].delta.content or "" for chunk in deltas) == whole.choices[0].message.content
    )
    assert [chunk.choices[0].delta.role for chunk in deltas] == ["assistant"] + [None] * (len(deltas) - 1)
    assert deltas[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert last.usage
    assert whole.usage
    assert last.usage.completion_tokens == whole.usage.completion_tokens


def test_the_client_s_own_stream_helper_puts_the_answer_together(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="guide", messages=QUESTION, reasoning_effort="none", n=2, seed=1
    ) as stream:
        final = stream.get_final_completion()
    assert [choice.index for choice in final.choices] == [0, 1]
    assert all(choice.message.content for choice in final.choices)


def test_thinking_comes_apart_from_the_answer(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="guide", messages=QUESTION, reasoning_effort="medium")
    extra = reply.choices[0].message.model_extra or {}
    assert extra["reasoning"]
    assert extra["reasoning_content"] == extra["reasoning"]
    assert "<think>" not in (reply.choices[0].message.content or "")
    silent = client.chat.completions.create(model="guide", messages=QUESTION, reasoning_effort="none")
    assert "reasoning" not in (silent.choices[0].message.model_extra or {})


def test_a_tool_is_called_and_its_result_is_used(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = client.chat.completions.create(
        model="guide", messages=messages, tools=[WEATHER], reasoning_effort="none"
    )
    assert asked.choices[0].finish_reason == "tool_calls"
    (call,) = asked.choices[0].message.tool_calls or []
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    messages += [
        asked.choices[0].message,
        {"role": "tool", "tool_call_id": call.id, "content": "22 degrees and sunny"},
    ]
    told = client.chat.completions.create(
        model="guide", messages=messages, tools=[WEATHER], reasoning_effort="none"
    )
    assert "22" in (told.choices[0].message.content or "")


def test_a_tool_call_streams(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="guide",
        messages=[{"role": "user", "content": "What is the weather in Rome?"}],
        tools=[WEATHER],
        reasoning_effort="none",
    ) as stream:
        choice = stream.get_final_completion().choices[0]
    (call,) = choice.message.tool_calls or []
    assert json.loads(call.function.arguments) == {"city": "Rome"}
    assert choice.finish_reason == "tool_calls"


def test_a_model_that_may_not_call_does_not(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="guide",
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=[WEATHER],
        tool_choice="none",
        reasoning_effort="none",
    )
    assert not reply.choices[0].message.tool_calls


class Answer(BaseModel):
    topic: str
    score: int
    sure: bool


def test_a_schema_is_held_to(client: openai.OpenAI) -> None:
    reply = client.chat.completions.parse(
        model="guide",
        messages=[{"role": "user", "content": "Describe Hearth in JSON"}],
        response_format=Answer,
        max_completion_tokens=200,
    )
    assert isinstance(reply.choices[0].message.parsed, Answer)


def test_json_mode_gives_an_object(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="guide",
        messages=[{"role": "user", "content": "Answer in JSON: what is Hearth?"}],
        response_format={"type": "json_object"},
        max_tokens=200,
    )
    text = reply.choices[0].message.content or ""
    if reply.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(text), dict)
    else:
        assert text.lstrip().startswith("{")


def test_several_answers_are_reproducible_by_their_seed(client: openai.OpenAI) -> None:
    def ask(seed: int, n: int) -> list[str | None]:
        reply = client.chat.completions.create(
            model="tiny", messages=QUESTION, n=n, seed=seed, temperature=1, max_tokens=8
        )
        return [choice.message.content for choice in reply.choices]

    three = ask(5, 3)
    assert len(set(three)) == 3
    assert three[1:] == ask(6, 2)


def test_the_bound_and_the_stop_end_an_answer(client: openai.OpenAI) -> None:
    ask: dict[str, Any] = {"model": "guide", "messages": QUESTION, "reasoning_effort": "none"}
    whole = client.chat.completions.create(**ask).choices[0].message.content or ""
    stop = whole.split()[3]
    cut = client.chat.completions.create(**ask, stop=stop)
    assert cut.choices[0].message.content == whole[: whole.index(stop)]
    assert cut.choices[0].finish_reason == "stop"
    short = client.chat.completions.create(**ask, max_completion_tokens=3)
    assert short.choices[0].finish_reason == "length"
    assert short.usage
    assert short.usage.completion_tokens == 3


def test_an_answer_goes_on_from_what_it_is_given(client: openai.OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [*QUESTION, {"role": "assistant", "content": "Hearth is a"}]
    rendered = client.chat.completions.create(
        model="guide", messages=messages, extra_body={"_debug_render_only": True}
    )
    assert (rendered.model_extra or {})["_debug_info"]["rendered_template"].endswith("Hearth is a")
    reply = client.chat.completions.create(model="guide", messages=messages, max_tokens=5)
    assert reply.choices[0].message.content


def test_logprobs_come_with_their_alternatives(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="guide", messages=QUESTION, reasoning_effort="none", logprobs=True, top_logprobs=3, max_tokens=8
    )
    (choice,) = reply.choices
    tokens = (choice.logprobs.content if choice.logprobs else None) or []
    assert "".join(token.token for token in tokens) == choice.message.content
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 3 for token in tokens)


def test_a_bias_decides_the_token(client: openai.OpenAI) -> None:
    common: dict[str, Any] = {"model": "tiny", "prompt": "hello", "max_tokens": 3, "temperature": 0}
    forced = client.completions.create(**common, logit_bias={"65": 100})
    assert (
        forced.choices[0].text == client.completions.create(**common, logit_bias={"65": 999}).choices[0].text
    )
    assert len(set(forced.choices[0].text)) == 1
    banned = client.completions.create(**common, logit_bias={"65": -100})
    assert banned.choices[0].text != forced.choices[0].text


def test_a_prompt_is_continued(client: openai.OpenAI) -> None:
    reply = client.completions.create(model="guide", prompt="Hearth is", max_tokens=5, logprobs=2, seed=1)
    (choice,) = reply.choices
    assert choice.logprobs
    assert "".join(choice.logprobs.tokens or ()) == choice.text
    assert choice.logprobs.text_offset
    assert choice.logprobs.text_offset[0] == 0
    chunks = client.completions.create(model="guide", prompt="Hearth is", max_tokens=5, seed=1, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == choice.text


def test_prompts_of_texts_and_of_tokens(client: openai.OpenAI) -> None:
    texts = client.completions.create(model="tiny", prompt=["a", "b"], n=2, max_tokens=2, echo=True)
    assert [choice.index for choice in texts.choices] == [0, 1, 2, 3]
    assert [choice.text[0] for choice in texts.choices] == ["a", "a", "b", "b"]
    tokens = client.completions.create(model="tiny", prompt=[[1, 2, 3], [4]], max_tokens=2)
    assert tokens.usage
    assert tokens.usage.prompt_tokens == 4
    with pytest.raises(openai.BadRequestError):
        client.completions.create(model="tiny", prompt=[1, 2_000_000_000], max_tokens=2)


def test_what_is_too_long_is_cut_only_on_request_and_tells(client: openai.OpenAI) -> None:
    reply = client.completions.create(
        model="tiny", prompt=[5] * 4000, max_tokens=2, extra_body={"truncate": True}
    )
    assert (reply.choices[0].model_extra or {})["truncated"]["dropped_tokens"] > 1900
    cut = client.embeddings.create(model="embedder", input="word " * 5000, extra_body={"truncate": True})
    assert (cut.model_extra or {})["truncated_inputs"] == 1


def test_embeddings_come_in_order_and_both_encodings(client: openai.OpenAI) -> None:
    texts = ["hello world", "the cat sat"]
    packed = client.embeddings.create(model="embedder", input=texts)
    plain = client.embeddings.create(model="embedder", input=texts, encoding_format="float")
    assert [row.index for row in packed.data] == [0, 1]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert math.isclose(math.hypot(*one.embedding), 1.0, rel_tol=1e-4)
        assert one.embedding == pytest.approx(other.embedding, abs=1e-3)
    assert len(client.embeddings.create(model="embedder", input="x", dimensions=8).data[0].embedding) == 8
    assert packed.usage.prompt_tokens > 0


def test_token_numbers_are_embedded_as_their_text(client: openai.OpenAI) -> None:
    reply = client.embeddings.create(model="embedder", input=[[5, 6, 7], [8]])
    alone = client.embeddings.create(model="embedder", input=[8])
    assert reply.data[1].embedding == pytest.approx(alone.data[0].embedding, abs=1e-3)
    assert reply.usage.prompt_tokens == 4


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    listed = {model.id for model in client.models.list()}
    assert {"guide:latest", "tiny:latest", "embedder:latest"} <= listed
    assert client.models.retrieve("guide").id == "guide:latest"
    assert client.models.retrieve("library/guide").owned_by == "library"


def test_errors_have_the_client_s_own_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="nowhere", messages=QUESTION)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no/where")
    with pytest.raises(openai.BadRequestError) as unable:
        client.chat.completions.create(model="guide", messages=QUESTION, store=True)
    assert unable.value.param == "store"
    with pytest.raises(openai.BadRequestError) as thoughtless:
        client.chat.completions.create(model="tiny", messages=QUESTION, reasoning_effort="low")
    assert thoughtless.value.param == "reasoning_effort"
    with pytest.raises(openai.BadRequestError) as long:
        client.completions.create(model="tiny", prompt="word " * 20_000)
    assert long.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as too_long:
        client.embeddings.create(model="embedder", input="word " * 5000)
    assert too_long.value.param == "input"


async def test_leaving_a_stream_ends_the_answer(daemon: Daemon) -> None:
    before = len(daemon.log.read_text())
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key="unused", max_retries=0) as client:
        async with await client.completions.create(
            model="tiny", prompt="a", temperature=0, stream=True
        ) as stream:
            await anext(aiter(stream))
        async with asyncio.timeout(20):
            reply = await client.completions.create(model="tiny", prompt="b", max_tokens=2)
    assert reply.usage
    assert "the client of POST '/v1/completions' went away" in daemon.log.read_text()[before:]


async def test_several_streams_at_once_stay_apart(daemon: Daemon) -> None:
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key="unused", max_retries=0) as client:

        async def ask(text: str) -> str:
            messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": text}]
            stream = await client.chat.completions.create(
                model="guide", messages=messages, reasoning_effort="none", stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        questions = ["What is Hearth?", "How do I list my models?", "hello", "What is GGUF?"]
        together = await asyncio.gather(*map(ask, questions))
        apart = [await ask(question) for question in questions]
    assert together == apart


def test_every_field_of_the_published_api_is_accounted_for() -> None:
    fields = {
        *completion_create_params.CompletionCreateParamsBase.__annotations__,
        *EmbeddingCreateParams.__annotations__,
        *chat.completion_create_params.CompletionCreateParamsBase.__annotations__,
        *chat.ChatCompletionAssistantMessageParam.__annotations__,
        *chat.ChatCompletionToolMessageParam.__annotations__,
        *chat.ChatCompletionStreamOptionsParam.__annotations__,
    }
    text = (Path(__file__).parents[2] / "docs" / "openai.md").read_text(encoding="utf-8")
    assert {field for field in fields if f"`{field}`" not in text} == set()
