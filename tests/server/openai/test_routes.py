"""OpenAI's routes over HTTP: streams, whole replies, errors in the standard shape."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.support import ScriptedRoad, app_of, client_of, settings
from tests.support.models import make_llama

from hearth.errors import ContextExceeded, MediaError, ModelNotFound, RunnerCrashed, SchemaError, ServerBusy
from hearth.library import Library
from hearth.messages import ChatRequest, Embeddings, Event, GenerateRequest, Rendered, Text, Usage
from hearth.server.openai.answers import each

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
GENERATING = [CHAT, COMPLETIONS]


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], "prompt": "hi", **fields}


def events(text: str) -> list[Any]:
    """The objects of a stream; the mark of its end as text."""
    blocks = [block.removeprefix("data: ") for block in text.removesuffix("\n\n").split("\n\n")]
    return [block if block == "[DONE]" else json.loads(block) for block in blocks]


@pytest.mark.parametrize("path", GENERATING)
async def test_a_whole_reply_is_the_default(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json=body())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    (choice,) = answer.json()["choices"]
    assert "Hello there" in (choice.get("text"), choice.get("message", {}).get("content"))
    assert answer.json()["usage"]["total_tokens"] == 12


@pytest.mark.parametrize("path", GENERATING)
async def test_a_stream_is_of_server_sent_events(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json=body(stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer.text)[-1] == "[DONE]"
    assert len(events(answer.text)) == 4


@pytest.mark.parametrize("stream", [True, False])
async def test_several_answers_are_run_one_by_one(
    client: httpx.AsyncClient, road: ScriptedRoad, stream: bool
) -> None:
    options = {"include_usage": True}
    answer = await client.post(CHAT, json=body(n=3, seed=1, stream=stream, stream_options=options))
    seeds = [asked.sampling.options["seed"] for asked in road.asked if isinstance(asked, ChatRequest)]
    assert seeds == [1, 2, 3]
    if stream:
        *chunks, usage, _ = events(answer.text)
        assert [chunk["choices"][0]["index"] for chunk in chunks] == [0] * 3 + [1] * 3 + [2] * 3
        assert usage["usage"]["completion_tokens"] == 21
    else:
        assert [choice["index"] for choice in answer.json()["choices"]] == [0, 1, 2]
        assert answer.json()["usage"]["completion_tokens"] == 21
        assert answer.json()["usage"]["prompt_tokens"] == 5


async def test_the_prompts_of_a_completion_each_count(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = (await client.post(COMPLETIONS, json=body(prompt=["a", "b"], n=2))).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    assert answer["usage"]["prompt_tokens"] == 10
    assert answer["usage"]["completion_tokens"] == 28
    assert len(road.asked) == 4


@pytest.mark.parametrize("path", GENERATING)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (ModelNotFound("m"), "not_found_error", "model_not_found"),
        (ServerBusy(), "api_error", None),
        (ContextExceeded(900, 512), "invalid_request_error", "context_length_exceeded"),
        (SchemaError("bad"), "invalid_request_error", None),
        (MediaError("bad"), "invalid_request_error", None),
    ],
)
async def test_an_error_before_the_first_piece_has_its_status(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str, stream: bool,
    error: Exception, kind: str, code: str | None,
) -> None:  # fmt: skip
    road.script = [error]
    answer = await client.post(path, json=body(stream=stream))
    assert answer.status_code == getattr(error, "status", None)
    found = answer.json()["error"]
    assert (found["message"], found["type"], found["code"]) == (str(error), kind, code)


@pytest.mark.parametrize(
    ("error", "param"),
    [
        (ModelNotFound("m"), "model"),
        (ContextExceeded(900, 512), "messages"),
        (SchemaError("bad"), "response_format"),
        (ServerBusy(), None),
    ],
)
async def test_an_error_names_the_field_it_is_about(
    client: httpx.AsyncClient, road: ScriptedRoad, error: Exception, param: str | None
) -> None:
    road.script = [error]
    assert (await client.post(CHAT, json=body())).json()["error"]["param"] == param


@pytest.mark.parametrize("path", GENERATING)
async def test_an_error_after_the_first_piece_ends_the_stream(
    client: httpx.AsyncClient, road: ScriptedRoad, path: str
) -> None:
    road.script = [Text("a"), RunnerCrashed("the runner died")]
    answer = await client.post(path, json=body(stream=True))
    assert answer.status_code == 200
    assert events(answer.text)[-1]["error"]["message"] == "the runner died"


@pytest.mark.parametrize("path", [*GENERATING, "/v1/embeddings"])
@pytest.mark.parametrize(
    ("sent", "param"),
    [(b"", None), (b"[]", None), (b"{", None), (b'{"model": 1}', "model"), (b"\xff", None)],
)
async def test_a_body_that_is_none_is_refused(
    client: httpx.AsyncClient, path: str, sent: bytes, param: str | None
) -> None:
    answer = await client.post(path, content=sent)
    assert answer.status_code == 400
    found = answer.json()["error"]
    assert (found["type"], found["param"]) == ("invalid_request_error", param)


async def test_a_refused_field_is_named(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    answer = await client.post(CHAT, json=body(store=True))
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "store"
    assert answer.json()["error"]["code"] == "unsupported_value"
    assert road.asked == []


@pytest.mark.parametrize("stream", [True, False])
async def test_echo_puts_the_prompt_in_front(client: httpx.AsyncClient, stream: bool) -> None:
    answer = await client.post(COMPLETIONS, json=body(prompt="Say: ", echo=True, stream=stream))
    found = events(answer.text)[:-1] if stream else [answer.json()]
    assert "".join(piece["choices"][0]["text"] for piece in found) == "Say: Hello there"


async def test_an_error_comes_before_the_echo(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    road.script = [ModelNotFound("m")]
    answer = await client.post(COMPLETIONS, json=body(echo=True, stream=True))
    assert answer.status_code == 404


class _Rendering(ScriptedRoad):
    """Answers a request to render as the script would not."""

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Event]:
        if request.render_only:
            yield Rendered("<" + ",".join(map(str, request.tokens)) + ">")
            return
        async for event in super().generate(request):
            yield event


async def test_token_numbers_are_echoed_as_their_text(library: Library, tmp_path: Path) -> None:
    road = _Rendering(library)
    async with client_of(app_of(road, library, settings(tmp_path))) as client:
        answer = await client.post(COMPLETIONS, json=body(prompt=[[1, 2], [3]], echo=True))
    texts = [choice["text"] for choice in answer.json()["choices"]]
    assert texts == ["<1,2>Hello there", "<3>Hello there"]


async def test_embeddings_are_numbers_or_packed(client: httpx.AsyncClient, road: ScriptedRoad) -> None:
    road.embeddings = Embeddings(((0.5, -1.0), (0.25, 0.0)), Usage(prompt_tokens=3))
    answer = await client.post("/v1/embeddings", json={"model": "m", "input": ["a", "b"]})
    assert answer.json() == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [0.5, -1.0]},
            {"object": "embedding", "index": 1, "embedding": [0.25, 0.0]},
        ],
        "model": "m",
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    asked = {"model": "m", "input": ["a", "b"], "encoding_format": "base64"}
    packed = (await client.post("/v1/embeddings", json=asked)).json()["data"]
    assert [struct.unpack("<2f", base64.b64decode(row["embedding"])) for row in packed] == [
        (0.5, -1.0), (0.25, 0.0),
    ]  # fmt: skip


async def test_more_dimensions_than_there_are_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"model": "m", "input": "a", "dimensions": 3})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "dimensions"


async def test_a_text_too_long_to_embed_names_the_input(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    road.script = [ContextExceeded(900, 512)]
    answer = await client.post("/v1/embeddings", json={"model": "m", "input": "a"})
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    assert answer.json()["error"]["param"] == "input"


async def test_embeddings_tell_how_many_inputs_were_cut(
    client: httpx.AsyncClient, road: ScriptedRoad
) -> None:
    road.embeddings = Embeddings(((1.0,),), truncated=1)
    answer = await client.post("/v1/embeddings", json={"model": "m", "input": "a", "truncate": True})
    assert answer.json()["truncated_inputs"] == 1


async def test_an_empty_library_has_an_empty_list(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/models")).json() == {"object": "list", "data": []}


async def test_models_are_found_by_any_of_their_names(client: httpx.AsyncClient, tmp_path: Path) -> None:
    weights = make_llama(tmp_path / "tiny.gguf").read_bytes()
    digest = "sha256:" + hashlib.sha256(weights).hexdigest()
    await client.post(f"/api/blobs/{digest}", content=weights)
    for name in ("plain", "ada/own:v1"):
        made = {"model": name, "files": {"model.gguf": digest}, "stream": False}
        assert (await client.post("/api/create", json=made)).status_code == 200
    listed = (await client.get("/v1/models")).json()["data"]
    assert {(row["id"], row["owned_by"]) for row in listed} == {
        ("plain:latest", "library"),
        ("ada/own:v1", "ada"),
    }
    assert all(row["object"] == "model" and row["created"] > 0 for row in listed)
    for name in ("ada/own:v1", "ada%2Fown%3Av1", "registry.ollama.ai/ada/own:v1"):
        assert (await client.get(f"/v1/models/{name}")).json()["id"] == "ada/own:v1"
    missing = await client.get("/v1/models/ada/other")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "model_not_found"
    assert (await client.get("/v1/models/a/b/c/d/e")).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nowhere", 404, "not_found_error"),
        ("POST", "/v1/models", 405, "invalid_request_error"),
        ("GET", CHAT, 405, "invalid_request_error"),
    ],
)
async def test_an_unknown_path_or_method_has_the_standard_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, kind: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == kind
    assert ("allow" in answer.headers) == (status == 405)


async def test_paths_of_ollama_keep_ollama_s_shape(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/nowhere")).text == "404 page not found"
    assert (await client.get("/api/chat")).text == "405 method not allowed"


async def test_a_refused_origin_has_the_shape_of_the_path(client: httpx.AsyncClient) -> None:
    headers = {"Origin": "https://evil.example"}
    refused = await client.post(CHAT, json=body(), headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["type"] == "permission_error"
    assert isinstance((await client.post("/api/chat", json={}, headers=headers)).json()["error"], str)


async def test_a_body_beyond_the_cap_is_refused_in_shape(road: ScriptedRoad, tmp_path: Path) -> None:
    config = settings(tmp_path, HEARTH_MAX_BODY="100")
    async with client_of(app_of(road, road.catalog.library, config)) as client:
        for path in (*GENERATING, "/v1/embeddings"):
            answer = await client.post(path, content=b"x" * 101)
            assert answer.status_code == 413
            assert "HEARTH_MAX_BODY" in answer.json()["error"]["message"]


async def test_a_surprise_tells_the_client_nothing(
    client: httpx.AsyncClient, road: ScriptedRoad, caplog: pytest.LogCaptureFixture
) -> None:
    road.script = [OSError("/home/someone/secret")]
    for path in (*GENERATING, "/v1/embeddings"):
        answer = await client.post(path, json=body(input="a"))
        assert answer.status_code == 500
        assert answer.json()["error"]["type"] == "api_error"
        assert "secret" not in answer.text
    assert "secret" in caplog.text


async def test_leaving_a_stream_closes_the_answer() -> None:
    closed = []

    async def talk(request: ChatRequest) -> AsyncIterator[Event]:
        try:
            yield Text("a")
            yield Text("b")
        finally:
            closed.append(request.model)

    told = each(talk, [[ChatRequest("first", ()), ChatRequest("second", ())]])
    await anext(told)
    await told.aclose()
    assert closed == ["first"]
