"""generate, chat and embed over HTTP: streams, whole replies, and errors before and after the first piece."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.server.support import ScriptedRoad, app_of, client_of, lines, settings

from hearth.errors import ContextExceeded, ModelNotFound, RunnerCrashed, ServerBusy
from hearth.messages import Embeddings, Finished, GenerateRequest, Rendered, Text

ROUTES = ["/api/generate", "/api/chat"]


@pytest.mark.parametrize("path", ROUTES)
async def test_a_stream_is_ndjson_and_the_default(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json={"model": "m"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [line["done"] for line in lines(answer.text)] == [False, False, True]
    assert {line["model"] for line in lines(answer.text)} == {"m"}


@pytest.mark.parametrize("path", ROUTES)
async def test_a_whole_reply_is_one_object(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json={"model": "m", "stream": False})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    found = answer.json()
    assert "Hello there" in (found.get("response"), found.get("message", {}).get("content"))
    assert found["done_reason"] == "stop"
    assert found["eval_count"] == 7


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("reason", ["load", "unload"])
async def test_a_load_is_a_single_object_even_in_a_stream(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, reason: str
) -> None:
    road.script = [Finished("load" if reason == "load" else "unload")]
    answer = await client.post(path, json={"model": "m"})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["done_reason"] == reason


async def test_a_rendered_prompt_is_a_single_object(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    road.script = [Rendered("<s>hi"), Finished("stop")]
    answer = await client.post("/api/chat", json={"model": "m", "_debug_render_only": True})
    assert answer.json()["_debug_info"] == {"rendered_template": "<s>hi"}


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("error", [ModelNotFound("m"), ServerBusy(), ContextExceeded(900, 512)])
async def test_an_error_before_the_first_piece_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, stream: bool, error: Exception
) -> None:
    road.script = [error]
    answer = await client.post(path, json={"model": "m", "stream": stream})
    assert answer.status_code == getattr(error, "status", None)
    assert answer.json() == {"error": str(error)}


@pytest.mark.parametrize("path", ROUTES)
async def test_an_error_after_the_first_piece_is_the_last_line(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str
) -> None:
    road.script = [Text("a"), RunnerCrashed("the runner died")]
    answer = await client.post(path, json={"model": "m"})
    assert answer.status_code == 200
    assert lines(answer.text)[-1] == {"error": "the runner died"}


@pytest.mark.parametrize("path", ROUTES)
async def test_an_error_after_the_first_piece_of_a_whole_reply_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str
) -> None:
    road.script = [Text("a"), RunnerCrashed("the runner died")]
    answer = await client.post(path, json={"model": "m", "stream": False})
    assert answer.status_code == 500
    assert answer.json() == {"error": "the runner died"}


@pytest.mark.parametrize("stream", [True, False])
async def test_a_surprise_is_logged_and_tells_the_client_nothing(
    client: httpx.AsyncClient, road: ScriptedRoad, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    road.script = [OSError("/home/someone/secret")]
    answer = await client.post("/api/chat", json={"model": "m", "stream": stream})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "internal server error" in answer.json()["error"]
    assert "secret" in caplog.text


async def test_the_request_reaches_inference(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    await client.post("/api/generate", json={"model": "m", "prompt": "hi"})
    assert road.asked == [GenerateRequest("m", "hi")]


async def test_the_content_type_of_a_request_does_not_matter(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/chat", content=b'{"model":"m"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200


async def test_a_body_beyond_the_cap_is_refused_with_the_setting(road: ScriptedRoad, tmp_path: Path) -> None:
    config = settings(tmp_path, HEARTH_MAX_BODY="100")
    async with client_of(app_of(road, road.catalog.library, config)) as client:
        for body in (b"x" * 101, _pieces()):
            answer = await client.post("/api/chat", content=body)
            assert answer.status_code == 413
            assert "HEARTH_MAX_BODY" in answer.json()["error"]
    assert road.asked == []


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(11):
        yield b"x" * 10


async def test_embed_gives_a_vector_for_each_input(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post("/api/embed", json={"model": "m", "input": "hi"})
    assert answer.json() == {
        "model": "m",
        "embeddings": [[0.6, 0.8]],
        "total_duration": 10,
        "load_duration": 4,
        "prompt_eval_count": 3,
    }
    empty = await client.post("/api/embed", json={"model": "m", "input": []})
    assert empty.json() == {"model": "m", "embeddings": []}


async def test_embed_says_how_many_inputs_were_cut(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    road.embeddings = Embeddings(((1.0,), (1.0,)), truncated=1)
    answer = await client.post("/api/embed", json={"model": "m", "input": ["a", "b"]})
    assert answer.json()["truncated_inputs"] == 1


async def test_the_older_embeddings_gives_one_vector(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/embeddings", json={"model": "m", "prompt": "hi"})
    assert answer.json() == {"embedding": [0.6, 0.8]}
    empty = await client.post("/api/embeddings", json={"model": "m"})
    assert empty.json() == {"embedding": []}


async def test_embed_hints_at_pulling_a_missing_model(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    road.script = [ModelNotFound("m")]
    answer = await client.post("/api/embed", json={"model": "m", "input": "hi"})
    assert answer.status_code == 404
    assert answer.json() == {"error": 'model "m" not found, try pulling it first'}
