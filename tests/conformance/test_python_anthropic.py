"""PyPI's `anthropic` client, unchanged, against the daemon."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import anthropic
import pytest
from anthropic.types import Message, TextBlock, ThinkingBlock, ToolUseBlock
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.conformance.conftest import create
from tests.support.daemon import Daemon
from tests.support.models import make_llama

pytestmark = pytest.mark.slow

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "Get the current weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city"}},
        "required": ["city"],
    },
}
THINKING: dict[str, Any] = {"type": "enabled", "budget_tokens": 1024}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}

STRICT = (
    "{% for message in messages %}{% if message.role == 'system' and not loop.first %}"
    "{{ raise_exception('System message must be at the beginning.') }}{% endif %}"
    "<{{ message.role }}>{{ message.content }}\n{% endfor %}<assistant>"
)


@pytest.fixture
def client(daemon: Daemon) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=daemon.url, api_key="any", max_retries=0) as made:
        yield made


def ask(client: anthropic.Anthropic, words: str, **fields: Any) -> Message:
    """The whole answer to a question."""
    body: dict[str, Any] = {"model": "guide", "max_tokens": 200, "messages": question(words)} | fields
    reply = client.messages.create(**body)
    assert isinstance(reply, Message)
    return reply


def question(words: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": words}]


def text_of(message: Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


def test_a_message_is_answered(client: anthropic.Anthropic) -> None:
    reply = ask(client, "What is Hearth?")
    assert "Hearth" in text_of(reply)
    assert (reply.type, reply.role, reply.model) == ("message", "assistant", "guide")
    assert (reply.stop_reason, reply.stop_sequence) == ("end_turn", None)
    assert reply.usage.output_tokens
    assert reply._request_id


@settings(max_examples=25, deadline=None)
@given(
    words=st.sampled_from(
        [
            "What is Hearth?",
            "How do I list my models?",
            "What is GGUF?",
            "What is the weather in Rome?",
            "hello",
        ]
    ),
    fields=st.fixed_dictionaries(
        {"max_tokens": st.sampled_from([1, 3, 20, 200])},
        optional={
            "system": st.sampled_from(["Be brief.", "You are Hearth's guide."]),
            "thinking": st.just(THINKING),
            "tools": st.just([WEATHER]),
            "stop_sequences": st.lists(
                st.sampled_from([" ", ".", "model", "e", "the"]), min_size=1, max_size=2
            ),
        },
    ),
)
def test_a_stream_adds_up_to_the_whole_answer(daemon: Daemon, words: str, fields: dict[str, Any]) -> None:
    with anthropic.Anthropic(base_url=daemon.url, api_key="any", max_retries=0) as client:
        whole = ask(client, words, **fields)
        body: dict[str, Any] = {"model": "guide", "messages": question(words)} | fields
        with client.messages.stream(**body) as stream:
            streamed = stream.get_final_message()
    assert shape(streamed) == shape(whole)
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert prompt_tokens(streamed) == prompt_tokens(whole)


def shape(message: Message) -> Any:
    """What must be equal in two answers to the same question."""
    blocks = [
        block.model_dump(include={"type", "text", "thinking", "name", "input"}) for block in message.content
    ]
    return blocks, message.stop_reason, message.stop_sequence


def prompt_tokens(message: Message) -> int:
    return message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0)


def test_a_stream_has_its_events_in_order(client: anthropic.Anthropic) -> None:
    with client.messages.create(
        model="guide",
        max_tokens=200,
        messages=[{"role": "user", "content": "What is Hearth?"}],
        thinking={"type": "enabled", "budget_tokens": 1024},
        stream=True,
    ) as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    starts = [event.content_block.type for event in events if event.type == "content_block_start"]
    deltas = [event.delta.type for event in events if event.type == "content_block_delta"]
    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
    assert starts == ["thinking", "text"]
    assert deltas.index("signature_delta") == deltas.count("thinking_delta")
    assert deltas[-1] == "text_delta"
    assert len(deltas) > 5


def test_thinking_comes_only_if_asked_for(client: anthropic.Anthropic) -> None:
    thought = ask(client, "What is Hearth?", thinking=THINKING)
    assert [block.type for block in thought.content] == ["thinking", "text"]
    assert isinstance(thought.content[0], ThinkingBlock)
    assert thought.content[0].thinking
    assert thought.content[0].signature
    assert [block.type for block in ask(client, "What is Hearth?").content] == ["text"]


def test_a_model_that_cannot_think_answers_without(client: anthropic.Anthropic) -> None:
    reply = ask(client, "hello", model="tiny", max_tokens=4, thinking=THINKING)
    assert "thinking" not in [block.type for block in reply.content]


def test_a_tool_is_called_and_its_result_is_used(client: anthropic.Anthropic) -> None:
    words = "What is the weather in Paris?"
    asked = ask(client, words, tools=[WEATHER])
    (call,) = (block for block in asked.content if isinstance(block, ToolUseBlock))
    assert (call.name, call.input, asked.stop_reason) == ("get_weather", {"city": "Paris"}, "tool_use")
    messages = [
        *question(words),
        {"role": "assistant", "content": asked.content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "22 degrees and sunny"}],
        },
    ]
    told = ask(client, words, messages=messages, tools=[WEATHER])
    assert "sunny" in text_of(told)
    assert told.stop_reason == "end_turn"


def test_no_tool_is_called_where_none_may_be(client: anthropic.Anthropic) -> None:
    reply = ask(client, "What is the weather in Paris?", tools=[WEATHER], tool_choice={"type": "none"})
    assert [block.type for block in reply.content] == ["text"]


def test_a_stop_sequence_ends_the_answer_and_is_told(client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client, "What is Hearth?"))
    stop = whole.split()[3]
    cut = ask(client, "What is Hearth?", stop_sequences=["no such words", stop])
    assert (cut.stop_reason, cut.stop_sequence) == ("stop_sequence", stop)
    assert text_of(cut) == whole[: whole.index(stop)]


def test_the_limit_of_tokens_is_told(client: anthropic.Anthropic) -> None:
    reply = ask(client, "What is Hearth?", max_tokens=3)
    assert (reply.stop_reason, reply.usage.output_tokens) == ("max_tokens", 3)


def test_the_start_of_an_answer_can_be_given(client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client, "What is Hearth?"))
    start = " ".join(whole.split()[:3])
    messages = [*question("What is Hearth?"), {"role": "assistant", "content": start}]
    assert not text_of(ask(client, "", messages=messages)).startswith(start)


class Answer(BaseModel):
    topic: str
    score: int
    sure: bool


def test_a_schema_is_held_to(client: anthropic.Anthropic) -> None:
    reply = client.messages.parse(
        model="guide",
        max_tokens=300,
        messages=[{"role": "user", "content": "Describe Hearth in JSON"}],
        output_format=Answer,
    )
    assert isinstance(reply.parsed_output, Answer)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("guide", {}),
        ("guide", {"system": "Be brief."}),
        ("guide", {"tools": [WEATHER]}),
        ("guide", {"thinking": THINKING}),
        ("tiny", {}),
        ("tiny", {"system": "Be brief.", "thinking": THINKING}),
    ],
)
def test_counted_tokens_are_those_of_the_prompt(
    client: anthropic.Anthropic, model: str, fields: dict[str, Any]
) -> None:
    messages: Any = question("What is Hearth? Grüße! 😀")
    counted = client.messages.count_tokens(model=model, messages=messages, **fields)
    reply = ask(client, "", model=model, messages=messages, max_tokens=1, **fields)
    assert counted.input_tokens == prompt_tokens(reply)


def test_a_second_question_finds_the_first_in_the_cache(client: anthropic.Anthropic) -> None:
    messages = question("How do I stop a model from using memory?")
    first = ask(client, "", messages=messages)
    messages += [{"role": "assistant", "content": text_of(first)}, *question("And how do I start it?")]
    second = ask(client, "", messages=messages)
    assert second.usage.cache_read_input_tokens
    assert second.usage.cache_creation_input_tokens == 0


def test_a_system_message_between_turns_suits_every_template(
    client: anthropic.Anthropic, daemon: Daemon, tmp_path: Path
) -> None:
    create(daemon, "strict", make_llama(tmp_path / "strict.gguf", context=512, template=STRICT))
    messages = [*question("one"), {"role": "system", "content": "two"}]
    joined = question("one\n\ntwo")
    counts = [
        client.messages.count_tokens(model="strict", messages=cast("Any", turns)).input_tokens
        for turns in (messages, joined)
    ]
    assert counts[0] == counts[1]
    assert ask(client, "", model="strict", max_tokens=1, messages=messages).usage.output_tokens == 1


def test_errors_are_of_the_clients_own_kinds(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as missing:
        ask(client, "hi", model="nowhere")
    assert missing.value.request_id
    assert "nowhere" in missing.value.message
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        ask(client, "word " * 20_000)
    with pytest.raises(anthropic.BadRequestError, match="does not support vision"):
        ask(client, "", messages=[{"role": "user", "content": [IMAGE]}])
    with pytest.raises(anthropic.BadRequestError, match="web_search_20250305"):
        ask(client, "hi", tools=[{"type": "web_search_20250305", "name": "web_search"}])
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        ask(client, "hi", extra_body={"temperature": -1})


def test_beta_requests_are_answered(client: anthropic.Anthropic) -> None:
    reply = client.beta.messages.create(
        model="guide",
        max_tokens=5,
        betas=["interleaved-thinking-2025-05-14", "context-management-2025-06-27"],
        messages=[{"role": "user", "content": "What is Hearth?"}],
        metadata={"user_id": "someone"},
    )
    assert reply.content


def test_an_answer_ends_when_its_client_goes(client: anthropic.Anthropic, daemon: Daemon) -> None:
    gone = "the client of POST '/v1/messages' went away"
    before = daemon.log.read_text(errors="replace").count(gone)
    with client.messages.create(
        model="tiny",
        max_tokens=1500,
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
        extra_body={"temperature": 0},
    ) as stream:
        next(event for event in stream if event.type == "content_block_delta")
    deadline = time.monotonic() + 10
    while daemon.log.read_text(errors="replace").count(gone) == before:
        assert time.monotonic() < deadline, daemon.tail()
        daemon.get("/api/version")
    assert ask(client, "What is Hearth?").stop_reason == "end_turn"


async def test_the_asynchronous_client_streams_several_at_once(daemon: Daemon) -> None:
    async with anthropic.AsyncAnthropic(base_url=daemon.url, api_key="any", max_retries=0) as client:

        async def answer(words: str) -> str:
            async with client.messages.stream(
                model="guide", max_tokens=100, messages=[{"role": "user", "content": words}]
            ) as stream:
                return "".join([text async for text in stream.text_stream])

        questions = ["What is Hearth?", "How do I list my models?", "hello", "What is GGUF?"]
        together = await asyncio.gather(*map(answer, questions))
        apart = [await answer(words) for words in questions]
    assert together == apart
