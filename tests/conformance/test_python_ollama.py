"""PyPI's `ollama` client, unchanged, against the daemon."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from typing import Any

import ollama
import pytest
from pydantic import BaseModel
from tests.support.daemon import Daemon

pytestmark = pytest.mark.slow

WEATHER: dict[str, Any] = {
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
def client(daemon: Daemon) -> Iterator[ollama.Client]:
    made = ollama.Client(host=daemon.url)
    yield made
    made._client.close()


def test_chat_answers(client: ollama.Client) -> None:
    reply = client.chat("guide", messages=[{"role": "user", "content": "What is Hearth?"}], think=False)
    assert "Hearth" in (reply.message.content or "")
    assert reply.message.role == "assistant"
    assert reply.done
    assert reply.done_reason == "stop"
    assert reply.prompt_eval_count
    assert reply.eval_count
    assert reply.total_duration


def test_chat_streams_what_it_answers_at_once(client: ollama.Client) -> None:
    messages = [{"role": "user", "content": "How do I list my models?"}]
    whole = client.chat("guide", messages=messages, think=False)
    parts = list(client.chat("guide", messages=messages, think=False, stream=True))
    assert len(parts) > 3
    assert "".join(part.message.content or "" for part in parts) == whole.message.content
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]


def test_thinking_comes_apart_from_the_answer(client: ollama.Client) -> None:
    messages = [{"role": "user", "content": "What is Hearth?"}]
    thought = client.chat("guide", messages=messages, think=True)
    assert thought.message.thinking
    assert "<think>" not in (thought.message.content or "")
    silent = client.chat("guide", messages=messages, think=False)
    assert not silent.message.thinking
    assert silent.message.content


def test_thinking_streams_before_the_answer(client: ollama.Client) -> None:
    parts = list(
        client.chat("guide", [{"role": "user", "content": "What is Hearth?"}], think=True, stream=True)
    )
    kinds = ["thinking" if part.message.thinking else "content" for part in parts[:-1]]
    assert kinds == sorted(kinds, reverse=True)
    assert {"thinking", "content"} == set(kinds)


def test_a_tool_is_called_and_its_result_is_used(client: ollama.Client) -> None:
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]
    asked = client.chat("guide", messages=messages, tools=[WEATHER], think=False)
    (call,) = asked.message.tool_calls or ()
    assert call.function.name == "get_weather"
    assert call.function.arguments == {"city": "Paris"}
    messages += [
        asked.message,
        {"role": "tool", "content": "22 degrees and sunny", "tool_name": "get_weather"},
    ]
    told = client.chat("guide", messages=messages, tools=[WEATHER], think=False)
    assert "22" in (told.message.content or "")


def test_a_tool_call_streams(client: ollama.Client) -> None:
    messages = [{"role": "user", "content": "What is the weather in Rome?"}]
    parts = list(client.chat("guide", messages=messages, tools=[WEATHER], think=False, stream=True))
    calls = [call for part in parts for call in part.message.tool_calls or ()]
    assert [call.function.arguments for call in calls] == [{"city": "Rome"}]


class Answer(BaseModel):
    topic: str
    score: int
    sure: bool


def test_a_schema_is_held_to(client: ollama.Client) -> None:
    reply = client.chat(
        "guide",
        messages=[{"role": "user", "content": "Describe Hearth in JSON"}],
        format=Answer.model_json_schema(),
        options={"num_predict": 200},
    )
    Answer.model_validate_json(reply.message.content or "")


def test_json_mode_gives_an_object(client: ollama.Client) -> None:
    reply = client.generate(
        "guide", "Answer in JSON: what is Hearth?", format="json", options={"num_predict": 200}
    )
    if reply.done_reason == "stop":
        assert isinstance(json.loads(reply.response or ""), dict)
    else:
        assert (reply.response or "").lstrip().startswith("{")


def test_generate_answers_and_streams(client: ollama.Client) -> None:
    whole = client.generate("guide", "What is Hearth?", think=False)
    parts = list(client.generate("guide", "What is Hearth?", think=False, stream=True))
    assert whole.response == "".join(part.response or "" for part in parts)
    assert "Hearth" in whole.response


def test_generate_gives_a_context_to_go_on_from(client: ollama.Client) -> None:
    first = client.generate("guide", "What is Hearth?", think=False)
    assert first.context
    second = client.generate("guide", "Thanks", context=first.context, think=False)
    assert (second.prompt_eval_count or 0) > (first.prompt_eval_count or 0)


def test_raw_prompts_are_not_rendered(client: ollama.Client) -> None:
    reply = client.generate("guide", "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", raw=True)
    assert reply.context is None
    assert reply.response


def test_options_take_effect(client: ollama.Client) -> None:
    options = {"num_predict": 3, "temperature": 0, "seed": 1}
    reply = client.generate("guide", "What is Hearth?", options=options, think=False)
    assert reply.eval_count == 3
    assert reply.done_reason == "length"


def test_stop_ends_the_answer(client: ollama.Client) -> None:
    whole = client.generate("guide", "What is Hearth?", think=False).response or ""
    stop = whole.split()[3]
    cut = client.generate("guide", "What is Hearth?", options={"stop": [stop]}, think=False)
    assert cut.response == whole[: whole.index(stop)]
    assert cut.done_reason == "stop"


def test_logprobs_come_with_their_alternatives(client: ollama.Client) -> None:
    reply = client.chat(
        "guide", [{"role": "user", "content": "hi"}], think=False, logprobs=True, top_logprobs=3
    )
    assert reply.logprobs
    assert all(entry.logprob <= 0 and len(entry.top_logprobs or ()) == 3 for entry in reply.logprobs)


def test_embed_gives_unit_vectors_in_order(client: ollama.Client) -> None:
    both = client.embed("embedder", ["hello world", "the cat sat"])
    alone = client.embed("embedder", "the cat sat")
    assert len(both.embeddings) == 2
    assert math.isclose(math.hypot(*both.embeddings[0]), 1.0, rel_tol=1e-4)
    assert both.embeddings[1] == pytest.approx(alone.embeddings[0], abs=1e-3)
    assert len(client.embed("embedder", "x", dimensions=8).embeddings[0]) == 8
    assert client.embeddings("embedder", "hello").embedding


def test_models_are_listed_shown_copied_and_deleted(client: ollama.Client) -> None:
    assert {"guide:latest", "tiny:latest"} <= {model.model for model in client.list().models}
    shown = client.show("guide")
    assert set(shown.capabilities or ()) >= {"completion", "tools", "thinking"}
    assert shown.modelinfo
    assert shown.modelinfo["general.architecture"] == "llama"
    client.copy("tiny", "other")
    assert client.show("other").details == client.show("tiny").details
    client.delete("other")
    with pytest.raises(ollama.ResponseError) as caught:
        client.show("other")
    assert caught.value.status_code == 404


def test_a_model_is_created_from_another(client: ollama.Client) -> None:
    statuses = list(
        client.create("parrot", from_="guide", system="Be brief.", parameters={"num_predict": 4}, stream=True)
    )
    assert statuses[-1].status == "success"
    assert client.generate("parrot", "What is Hearth?", think=False).eval_count == 4
    assert "Be brief." in (client.show("parrot").modelfile or "")
    client.delete("parrot")


def test_running_models_are_told(client: ollama.Client) -> None:
    client.generate("tiny", "hello", options={"num_predict": 1}, keep_alive="10m")
    (running,) = [model for model in client.ps().models if model.model == "tiny:latest"]
    assert running.size
    assert running.context_length
    client.generate("tiny", "", keep_alive=0)
    assert "tiny:latest" not in [model.model for model in client.ps().models]


def test_errors_say_what_to_do(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as missing:
        client.chat("nowhere", [{"role": "user", "content": "hi"}])
    assert missing.value.status_code == 404
    with pytest.raises(ollama.ResponseError) as unable:
        client.chat("tiny", [{"role": "user", "content": "hi"}], think=True)
    assert unable.value.status_code == 400
    with pytest.raises(ollama.ResponseError) as long:
        client.generate("guide", "word " * 20_000)
    assert long.value.status_code == 400
    assert "another model" in long.value.error


async def test_the_asynchronous_client_streams_several_at_once(daemon: Daemon) -> None:
    client = ollama.AsyncClient(host=daemon.url)

    async def ask(text: str) -> str:
        stream = await client.chat("guide", [{"role": "user", "content": text}], think=False, stream=True)
        return "".join([part.message.content or "" async for part in stream])

    questions = ["What is Hearth?", "How do I list my models?", "hello", "What is GGUF?"]
    together = await asyncio.gather(*map(ask, questions))
    apart = [await ask(question) for question in questions]
    await client._client.aclose()
    assert together == apart


def test_a_thinking_model_thinks_freely_before_a_constrained_answer(client: ollama.Client) -> None:
    reply = client.chat(
        "guide",
        messages=[{"role": "user", "content": "What is Hearth?"}],
        think=True,
        format=Answer.model_json_schema(),
        options={"num_predict": 400},
    )
    assert reply.message.thinking
    Answer.model_validate_json(reply.message.content or "")


def test_an_overlong_chat_is_cut_only_on_request_and_says_so(daemon: Daemon) -> None:
    turn = [{"role": role, "content": "hello " * 60} for role in ("user", "assistant")]
    body = {
        "model": "guide",
        "messages": [
            {"role": "system", "content": "Be brief."},
            *turn * 30,
            {"role": "user", "content": "hello"},
        ],
        "options": {"num_predict": 16},
        "think": False,
        "stream": False,
    }
    status, refused = daemon.post("/api/chat", body)
    assert status == 400
    assert "2048" in refused["error"]
    status, reply = daemon.post("/api/chat", {**body, "truncate": True})
    assert status == 200
    assert reply["truncated"]["dropped_messages"] > 0
    assert reply["prompt_eval_count"] < 2048
