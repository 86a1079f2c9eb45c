"""PyPI's `openai` client, unchanged, against the responses API of the daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.responses import FunctionToolParam, ResponseFunctionToolCall, ResponseInputParam
from pydantic import BaseModel
from tests.support.daemon import Daemon

pytestmark = pytest.mark.slow

QUESTION = "What is Hearth?"
ASK: dict[str, Any] = {"model": "guide", "reasoning": {"effort": "none"}}
WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather of a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city"}},
        "required": ["city"],
    },
    "strict": False,
}


@pytest.fixture
def client(daemon: Daemon) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key="unused", max_retries=0) as made:
        yield made


def test_a_response_answers(client: openai.OpenAI) -> None:
    reply = client.responses.create(**ASK, input=QUESTION, metadata={"a": "b"})
    assert "Hearth" in reply.output_text
    assert reply.status == "completed"
    assert reply.metadata == {"a": "b"}
    assert reply.usage
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens
    again = client.responses.create(**ASK, input=QUESTION)
    assert again.usage
    assert again.usage.input_tokens_details.cached_tokens > 0


def test_a_response_says_what_a_chat_says(client: openai.OpenAI) -> None:
    chat = client.chat.completions.create(
        model="guide",
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}],
        reasoning_effort="none",
        seed=1,
        temperature=0,
    )
    reply = client.responses.create(**ASK, instructions="Be brief.", input=QUESTION, temperature=0)
    assert reply.output_text == chat.choices[0].message.content


def test_a_stream_joined_is_the_answer(client: openai.OpenAI) -> None:
    whole = client.responses.create(**ASK, input=QUESTION)
    events = list(client.responses.create(**ASK, input=QUESTION, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == whole.output_text
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == text


def test_the_client_s_own_stream_helper_puts_the_response_together(client: openai.OpenAI) -> None:
    with client.responses.stream(model="guide", input=QUESTION, reasoning={"effort": "medium"}) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert "response.reasoning_summary_text.delta" in kinds
    assert [item.type for item in final.output] == ["reasoning", "message"]
    assert final.output_text
    assert "<think>" not in final.output_text


def test_a_response_goes_on_from_the_one_before(client: openai.OpenAI) -> None:
    first = client.responses.create(**ASK, input=QUESTION)
    second = client.responses.create(**ASK, input="And a model?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert first.usage
    assert second.usage
    spent = first.usage.input_tokens + first.usage.output_tokens
    assert second.usage.input_tokens > spent
    spelled = client.responses.create(
        **ASK,
        input=[
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": first.output_text},
            {"role": "user", "content": "And a model?"},
        ],
    )
    assert spelled.usage
    assert spelled.usage.input_tokens == second.usage.input_tokens
    assert spelled.output_text == second.output_text


def test_a_tool_is_called_and_its_result_is_used(client: openai.OpenAI) -> None:
    asked = client.responses.create(**ASK, input="What is the weather in Paris?", tools=[WEATHER])
    (call,) = [item for item in asked.output if item.type == "function_call"]
    assert isinstance(call, ResponseFunctionToolCall)
    assert json.loads(call.arguments) == {"city": "Paris"}
    result: ResponseInputParam = [
        {"type": "function_call_output", "call_id": call.call_id, "output": "22 degrees and sunny"}
    ]
    told = client.responses.create(**ASK, input=result, tools=[WEATHER], previous_response_id=asked.id)
    assert "22" in told.output_text
    spelled: ResponseInputParam = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
        *result,
    ]
    again = client.responses.create(**ASK, input=spelled, tools=[WEATHER], store=False)
    assert again.output_text == told.output_text


def test_a_tool_call_streams(client: openai.OpenAI) -> None:
    with client.responses.stream(**ASK, input="What is the weather in Rome?", tools=[WEATHER]) as stream:
        final = stream.get_final_response()
    (call,) = [item for item in final.output if item.type == "function_call"]
    assert json.loads(call.arguments) == {"city": "Rome"}


class Answer(BaseModel):
    topic: str
    score: int
    sure: bool


def test_a_schema_is_held_to(client: openai.OpenAI) -> None:
    reply = client.responses.parse(
        model="guide", input="Describe Hearth in JSON", text_format=Answer, max_output_tokens=200
    )
    assert isinstance(reply.output_parsed, Answer)


def test_the_bound_ends_an_answer_that_is_then_incomplete(client: openai.OpenAI) -> None:
    reply = client.responses.create(**ASK, input=QUESTION, max_output_tokens=3)
    assert reply.status == "incomplete"
    assert reply.incomplete_details
    assert reply.incomplete_details.reason == "max_output_tokens"
    assert reply.usage
    assert reply.usage.output_tokens == 3
    events = list(client.responses.create(**ASK, input=QUESTION, max_output_tokens=3, stream=True))
    assert events[-1].type == "response.incomplete"


def test_a_stored_response_is_found_listed_and_deleted(client: openai.OpenAI) -> None:
    reply = client.responses.create(**ASK, input=QUESTION, max_output_tokens=3)
    assert client.responses.retrieve(reply.id).output_text == reply.output_text
    (item,) = client.responses.input_items.list(reply.id).data
    assert item.type == "message"
    client.responses.delete(reply.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(reply.id)
    with pytest.raises(openai.BadRequestError) as gone:
        client.responses.create(**ASK, input=QUESTION, previous_response_id=reply.id)
    assert gone.value.code == "previous_response_not_found"
    secret = client.responses.create(**ASK, input=QUESTION, max_output_tokens=3, store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(secret.id)


def test_errors_have_the_client_s_own_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.responses.create(model="nowhere", input=QUESTION)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as tool:
        client.responses.create(**ASK, input=QUESTION, tools=[{"type": "web_search"}])
    assert tool.value.param == "tools[0].type"
    with pytest.raises(openai.BadRequestError) as thoughtless:
        client.responses.create(model="tiny", input=QUESTION, reasoning={"effort": "low"})
    assert thoughtless.value.param == "reasoning.effort"
    with pytest.raises(openai.BadRequestError) as long:
        client.responses.create(model="tiny", input="word " * 20_000)
    assert (long.value.code, long.value.param) == ("context_length_exceeded", "input")
