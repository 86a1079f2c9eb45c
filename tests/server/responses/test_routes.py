"""The responses API over HTTP: whole replies and streams, what is kept, and errors in the standard shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.support import ScriptedRoad, app_of, client_of, settings

from hearth.config import Config
from hearth.errors import ContextExceeded, ModelNotFound, RunnerCrashed, SchemaError, ServerBusy
from hearth.library import Library
from hearth.messages import Called, ChatRequest, Finished, Message, Text, Thinking, ToolCall

PATH = "/v1/responses"
ANSWER = Message("assistant", "Hello there")


async def ask(client: httpx.AsyncClient, **fields: Any) -> Any:
    reply = await client.post(PATH, json={"model": "m", "input": "hi", **fields})
    assert reply.status_code == 200, reply.text
    return reply.json()


def events(text: str) -> list[Any]:
    blocks = text.removesuffix("\n\n").split("\n\n")
    return [json.loads(block.split("\n", 1)[1].removeprefix("data: ")) for block in blocks]


def last_asked(road: ScriptedRoad) -> tuple[Message, ...]:
    asked = road.asked[-1]
    assert isinstance(asked, ChatRequest)
    return asked.messages


async def test_a_whole_reply_is_the_default(client: httpx.AsyncClient) -> None:
    reply = await ask(client, metadata={"a": "b"}, instructions="Be brief.")
    assert reply["object"] == "response"
    assert reply["status"] == "completed"
    assert reply["output"][0]["content"][0]["text"] == "Hello there"
    assert reply["usage"]["total_tokens"] == 12
    assert (reply["store"], reply["metadata"]) == (True, {"a": "b"})
    assert reply["instructions"] == "Be brief."


async def test_a_stream_is_of_named_events(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, json={"model": "m", "input": "hi", "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert found[0]["type"] == "response.created"
    assert found[-1]["type"] == "response.completed"
    assert "".join(event.get("delta", "") for event in found) == "Hello there"
    assert "[DONE]" not in answer.text
    kept = await client.get(f"{PATH}/{found[-1]['response']['id']}")
    assert kept.json() == found[-1]["response"]


async def test_a_conversation_goes_on_from_what_is_kept(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    first = await ask(client, instructions="Be brief.")
    second = await ask(client, input="and?", previous_response_id=first["id"], instructions="Be long.")
    assert second["previous_response_id"] == first["id"]
    assert last_asked(road) == (
        Message("system", "Be long."), Message("user", "hi"), ANSWER, Message("user", "and?"),
    )  # fmt: skip
    await client.delete(f"{PATH}/{first['id']}")
    await ask(client, input="so?", previous_response_id=second["id"])
    assert last_asked(road) == (
        Message("user", "hi"), ANSWER, Message("user", "and?"), ANSWER, Message("user", "so?"),
    )  # fmt: skip


async def test_a_tool_s_result_finds_its_call(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    call = ToolCall("f", {"a": 1}, "call_1")
    road.script = [Thinking("hm"), Called(call), Finished("stop")]
    first = await ask(client, tools=[{"type": "function", "name": "f", "parameters": {}}])
    output = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    await ask(client, input=[output], previous_response_id=first["id"])
    assert last_asked(road) == (
        Message("user", "hi"),
        Message("assistant", thinking="hm", tool_calls=(call,)),
        Message("tool", "sunny", tool_name="f", tool_call_id="call_1"),
    )


async def test_items_may_be_named_by_their_ids(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    call = ToolCall("f", {"a": 1}, "call_1")
    road.script = [Thinking("hm"), Text("I ask."), Called(call), Finished("stop")]
    first = await ask(client)
    named = [{"type": "item_reference", "id": item["id"]} for item in first["output"]]
    output = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    second = await ask(client, input=[{"role": "user", "content": "hi"}, *named, output])
    assert last_asked(road) == (
        Message("user", "hi"),
        Message("assistant", "I ask.", "hm", tool_calls=(call,)),
        Message("tool", "sunny", tool_name="f", tool_call_id="call_1"),
    )
    listed = (await client.get(f"{PATH}/{second['id']}/input_items?order=asc")).json()["data"]
    assert listed[1:4] == first["output"]
    unknown = {"model": "m", "input": [*named, {"id": "msg_unknown"}]}
    refused = await client.post(PATH, json=unknown)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "input[3].id")


async def test_what_is_kept_outlives_the_daemon(
    client: httpx.AsyncClient, library: Library, config: Config
) -> None:
    first = await ask(client)
    road = ScriptedRoad(library)
    async with client_of(app_of(road, library, config)) as other:
        assert (await other.get(f"{PATH}/{first['id']}")).json() == first
        await ask(other, previous_response_id=first["id"])
    assert len(last_asked(road)) == 3


async def test_a_deleted_response_is_gone(client: httpx.AsyncClient) -> None:
    key = (await ask(client))["id"]
    gone = await client.delete(f"{PATH}/{key}")
    assert gone.json() == {"id": key, "object": "response", "deleted": True}
    for answer in (
        await client.delete(f"{PATH}/{key}"),
        await client.get(f"{PATH}/{key}"),
        await client.get(f"{PATH}/{key}/input_items"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["type"] == "not_found_error"
    refused = await client.post(PATH, json={"model": "m", "input": "hi", "previous_response_id": key})
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert (error["param"], error["code"]) == ("previous_response_id", "previous_response_not_found")


async def test_what_is_not_to_be_stored_is_not(client: httpx.AsyncClient, config: Config) -> None:
    reply = await ask(client, store=False)
    assert reply["store"] is False
    assert (await client.get(f"{PATH}/{reply['id']}")).status_code == 404
    assert not (config.state / "responses.sqlite3").exists()


async def test_a_conversation_that_failed_is_not_kept(
    client: httpx.AsyncClient, road: ScriptedRoad, config: Config
) -> None:
    road.script = [Text("a"), RunnerCrashed("the runner died")]
    answer = await client.post(PATH, json={"model": "m", "input": "hi", "stream": True})
    last = events(answer.text)[-1]
    assert answer.status_code == 200
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {"code": "server_error", "message": "the runner died"}
    assert last["response"]["store"] is False
    assert not (config.state / "responses.sqlite3").exists()


async def test_storing_can_be_switched_off(road: ScriptedRoad, tmp_path: Path) -> None:
    config = settings(tmp_path, HEARTH_RESPONSES_MAX="0")
    async with client_of(app_of(road, road.catalog.library, config)) as client:
        reply = await ask(client)
        assert reply["store"] is False
        assert (await client.get(f"{PATH}/{reply['id']}")).status_code == 404
        assert (await client.delete(f"{PATH}/{reply['id']}")).status_code == 404
        refused = await client.post(PATH, json={"model": "m", "input": "hi", "store": True})
        assert refused.json()["error"]["param"] == "store"
    assert not (config.state / "responses.sqlite3").exists()


async def test_a_response_too_large_to_keep_says_so(
    road: ScriptedRoad, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = settings(tmp_path, HEARTH_RESPONSES_MAX="40000")
    async with client_of(app_of(road, road.catalog.library, config)) as client:
        assert (await ask(client, input="x" * 20_000))["store"] is False
        assert (await ask(client))["store"] is True
    assert "HEARTH_RESPONSES_MAX" in caplog.text


async def test_a_store_that_cannot_be_written_costs_no_answer(
    client: httpx.AsyncClient, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    (config.state / "responses.sqlite3").mkdir(parents=True)
    reply = await ask(client)
    assert reply["store"] is False
    assert reply["output"]
    assert "could not be stored" in caplog.text
    unread = await client.get(f"{PATH}/{reply['id']}")
    assert unread.status_code == 500
    assert str(config.state) not in unread.text


async def test_the_items_of_an_input_are_listed(client: httpx.AsyncClient) -> None:
    items = [{"role": "user", "content": str(number)} for number in range(5)]
    path = f"{PATH}/{(await ask(client, input=items))['id']}/input_items"

    async def texts(query: str) -> tuple[list[str], bool, str]:
        page = (await client.get(path + query)).json()
        assert page["object"] == "list"
        found = [item["content"][0]["text"] for item in page["data"]]
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        return found, page["has_more"], page["last_id"]

    assert (await texts(""))[:2] == (["4", "3", "2", "1", "0"], False)
    found, more, last = await texts("?order=asc&limit=2")
    assert (found, more) == (["0", "1"], True)
    assert (await texts(f"?order=asc&limit=3&after={last}"))[:2] == (["2", "3", "4"], False)
    for query, param in (
        ("?limit=0", "limit"),
        ("?limit=x", "limit"),
        ("?order=up", "order"),
        ("?after=x", "after"),
    ):
        refused = await client.get(path + query)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("error", "param", "code"),
    [
        (ModelNotFound("m"), "model", "model_not_found"),
        (ServerBusy(), None, None),
        (ContextExceeded(900, 512), "input", "context_length_exceeded"),
        (SchemaError("bad"), "text.format", None),
    ],
)
async def test_an_error_before_the_first_piece_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad, stream: bool, error: Exception, param: str | None,
    code: str | None,
) -> None:  # fmt: skip
    road.script = [error]
    answer = await client.post(PATH, json={"model": "m", "input": "hi", "stream": stream})
    assert answer.status_code == getattr(error, "status", None)
    found = answer.json()["error"]
    assert (found["message"], found["param"], found["code"]) == (str(error), param, code)


async def test_a_refused_field_is_named(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post(PATH, json={"model": "m", "input": "hi", "background": True})
    assert answer.status_code == 400
    found = answer.json()["error"]
    assert (found["param"], found["code"]) == ("background", "unsupported_value")
    assert road.asked == []


async def test_a_stored_response_is_not_streamed_again(client: httpx.AsyncClient) -> None:
    key = (await ask(client))["id"]
    answer = await client.get(f"{PATH}/{key}?stream=true")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "stream")
