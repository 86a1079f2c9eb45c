"""The Messages API over HTTP: whole replies, streams, counts, and errors before and after the first piece."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.support import RawClient, ScriptedRoad, app_of, client_of, serving, settings
from tests.support.models import make_llama

from hearth.config import Config
from hearth.errors import ContextExceeded, ModelNotFound, RunnerCrashed, ServerBusy
from hearth.library import Library
from hearth.messages import ChatRequest, Finished, Message, Text

PATHS = ["/v1/messages", "/v1/messages/count_tokens"]
BODY: dict[str, Any] = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
HEADERS = {
    "x-api-key": "any",
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "claude-code-20250219,mid-conversation-system-2026-04-07",
}


def names(stream: str) -> list[str]:
    return [line.removeprefix("event: ") for line in stream.splitlines() if line.startswith("event: ")]


async def test_a_whole_reply_is_the_default(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages?beta=true", json=BODY, headers=HEADERS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["request-id"].startswith("req_")
    reply = answer.json()
    assert reply["content"] == [{"type": "text", "text": "Hello there"}]
    assert reply["stop_reason"] == "end_turn"
    assert reply["usage"] == {
        "input_tokens": 3,
        "output_tokens": 7,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 2,
    }


AGENT: dict[str, Any] = {
    "model": "m",
    "max_tokens": 32000,
    "stream": True,
    "system": [
        {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.0; cch=1a2b3;"},
        {"type": "text", "text": "You write code.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "<system-reminder>Be careful.</system-reminder>"},
                {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}},
            ],
        },
        {"role": "system", "content": "These agents exist."},
    ],
    "tools": [
        {
            "name": "Bash",
            "description": "Run a command",
            "input_schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
            "eager_input_streaming": True,
        }
    ],
    "thinking": {"type": "disabled"},
    "output_config": {"effort": "medium"},
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    "metadata": {"user_id": "user_1"},
}


async def test_a_request_of_a_coding_agent_is_served(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post("/v1/messages?beta=true", json=AGENT, headers=HEADERS)
    assert names(answer.text)[-1] == "message_stop"
    (asked,) = road.asked
    assert isinstance(asked, ChatRequest)
    assert asked.messages == (
        Message("system", "You write code."),
        Message("user", "<system-reminder>Be careful.</system-reminder>hi"),
        Message("system", "These agents exist."),
    )
    assert [tool.name for tool in asked.tools] == ["Bash"]


async def test_a_stream_is_server_sent_events(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages", json=BODY | {"stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["request-id"].startswith("req_")
    assert names(answer.text) == [
        "message_start", "ping", "content_block_start", "content_block_delta", "content_block_delta",
        "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip


async def test_tokens_are_counted(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post("/v1/messages/count_tokens", json=BODY | {"stream": True})
    assert answer.json() == {"input_tokens": 42}
    assert answer.headers["request-id"].startswith("req_")
    assert isinstance(road.asked[0], ChatRequest)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ModelNotFound("m"), 404, "not_found_error"),
        (ServerBusy(), 503, "overloaded_error"),
        (ContextExceeded(900, 512), 400, "invalid_request_error"),
        (RunnerCrashed("it died"), 500, "api_error"),
        (ValueError("a defect"), 500, "api_error"),
    ],
)
async def test_an_error_before_the_first_piece_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, error: Exception, status: int, kind: str
) -> None:
    road.script = [error]
    answer = await client.post(path, json=BODY | {"stream": True})
    assert answer.status_code == status
    reply = answer.json()
    assert (reply["type"], reply["error"]["type"]) == ("error", kind)
    assert reply["request_id"] == answer.headers["request-id"]
    assert "defect" not in reply["error"]["message"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model": 5}', b'{"model": "m"}', b"\xff"])
async def test_a_body_that_is_no_request_is_refused(
    client: httpx.AsyncClient, path: str, body: bytes
) -> None:
    answer = await client.post(path, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_a_body_that_is_too_large_is_refused(
    road: ScriptedRoad, library: Library, tmp_path: Path
) -> None:
    small = settings(tmp_path, HEARTH_MAX_BODY="100")
    async with client_of(app_of(road, library, small)) as client:
        answer = await client.post("/v1/messages", json=BODY | {"system": "x" * 100})
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "request_too_large"


async def test_errors_outside_the_handler_have_the_same_form(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/v1/messages"), await client.post("/v1/messages/batches", json={})):
        assert answer.status_code in {404, 405}
        assert answer.json()["type"] == "error"
        assert answer.json()["error"]["message"]
    stranger = await client.post("/v1/messages", json=BODY, headers={"origin": "https://evil.example"})
    assert stranger.status_code == 403
    assert stranger.json()["error"]["type"] == "permission_error"


async def test_an_error_in_mid_stream_is_its_last_event(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    road.script = [Text("Hel"), RunnerCrashed("it died")]
    answer = await client.post("/v1/messages", json=BODY | {"stream": True})
    assert answer.status_code == 200
    assert names(answer.text)[-1] == "error"
    last = json.loads(answer.text.strip().splitlines()[-1].removeprefix("data: "))
    assert last["error"] == {"type": "api_error", "message": "it died"}
    assert last["request_id"] == answer.headers["request-id"]


async def test_an_error_in_the_middle_of_a_whole_reply_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    road.script = [Text("Hel"), RunnerCrashed("it died")]
    answer = await client.post("/v1/messages", json=BODY)
    assert answer.status_code == 500


async def test_thinking_is_left_out_where_the_model_cannot_think(
    client: httpx.AsyncClient, road: ScriptedRoad, tmp_path: Path
) -> None:
    weights = make_llama(tmp_path / "tiny.gguf").read_bytes()
    digest = await upload(client, weights)
    body = {"model": "tiny", "files": {"tiny.gguf": digest}, "stream": False}
    assert (await client.post("/api/create", json=body)).status_code == 200
    fields = {"model": "tiny", "thinking": {"type": "enabled", "budget_tokens": 1024}}
    for path in PATHS:
        assert (await client.post(path, json=BODY | fields)).status_code == 200
    assert [asked.think for asked in road.asked if isinstance(asked, ChatRequest)] == [False, False]


async def upload(client: httpx.AsyncClient, data: bytes) -> str:
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    assert (await client.post(f"/api/blobs/{digest}", content=data)).status_code == 201
    return digest


async def test_thinking_on_a_missing_model_is_a_missing_model(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/messages", json=BODY | {"thinking": {"type": "adaptive"}})
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"


async def test_the_answer_ends_when_its_client_goes(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    road.script = [Text("Hel"), asyncio.Event(), Finished("stop")]
    body = json.dumps(BODY | {"stream": True}).encode()
    async with serving(app_of(road, library, config)) as port:
        raw = await RawClient.connect(port)
        await raw.send("POST", "/v1/messages", body)
        await raw.until(b'"text":"Hel"')
        await raw.drop()
        await asyncio.wait_for(road.ended.wait(), 10)
