"""Making, listing, showing, copying and deleting models over HTTP, on a real library."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.support import ScriptedRoad, lines
from tests.support.models import make_llama

from hearth.library import Library
from hearth.scheduler.service import Resident

LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_llama(tmp_path_factory.mktemp("weights") / "tiny.gguf").read_bytes()


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


async def upload(client: httpx.AsyncClient, data: bytes) -> str:
    answer = await client.post(f"/api/blobs/{digest_of(data)}", content=data)
    assert answer.status_code in {200, 201}, answer.text
    return digest_of(data)


async def make(client: httpx.AsyncClient, weights: bytes, name: str = "tiny", **fields: Any) -> None:
    digest = await upload(client, weights)
    body = {"model": name, "files": {"tiny.gguf": digest}, "stream": False, **fields}
    answer = await client.post("/api/create", json=body)
    assert answer.json() == {"status": "success"}


async def names(client: httpx.AsyncClient) -> list[str]:
    return [model["name"] for model in (await client.get("/api/tags")).json()["models"]]


async def test_create_streams_its_steps(client: httpx.AsyncClient, weights: bytes) -> None:
    digest = await upload(client, weights)
    answer = await client.post("/api/create", json={"model": "tiny", "files": {"a.gguf": digest}})
    assert answer.headers["content-type"] == "application/x-ndjson"
    steps = [line["status"] for line in lines(answer.text)]
    assert steps[0] == "parsing GGUF"
    assert steps[-2:] == ["writing manifest", "success"]
    assert await names(client) == ["tiny:latest"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "neither 'from' or 'files' was specified"),
        ({"files": {"../a.gguf": "sha256:" + "0" * 64}}, "file path must be relative"),
        ({"files": {"a.gguf": "sha256:../../etc/passwd"}}, "invalid digest format"),
        ({"files": {"a.gguf": ""}}, "invalid digest format"),
        ({"from": "x", "license": 5}, "license must be"),
        ({"from": "x", "remote_host": "https://example.com"}, "remote models are not supported"),
        ({"from": "x", "model": "../x"}, "invalid model name"),
        ({"from": "x", "model": ""}, "model is required"),
        ({"from": "x", "parameters": {"temperature": "hot"}}, "temperature"),
    ],
)
async def test_create_refuses_what_it_cannot_make(
    client: httpx.AsyncClient, fields: dict[str, Any], text: str
) -> None:
    answer = await client.post("/api/create", json={"model": "tiny", **fields})
    assert answer.status_code == 400
    assert text in answer.json()["error"]
    assert await names(client) == []


async def test_create_from_a_missing_model_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/create", json={"model": "tiny", "from": "nowhere"})
    assert answer.status_code == 404


async def test_tags_tell_what_a_model_is(client: httpx.AsyncClient, weights: bytes) -> None:
    await make(client, weights)
    [model] = (await client.get("/api/tags")).json()["models"]
    assert (model["name"], model["model"]) == ("tiny:latest", "tiny:latest")
    assert re.fullmatch("[0-9a-f]{64}", model["digest"])
    assert model["size"] > len(weights)
    assert LOCAL_TIME.fullmatch(model["modified_at"])
    assert model["details"]["format"] == "gguf"
    assert model["details"]["family"] == "llama"
    assert model["details"]["families"] == ["llama"]
    assert model["details"]["quantization_level"] == "F32"
    assert "completion" in model["capabilities"]


async def test_an_empty_library_lists_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/tags")).json() == {"models": []}
    assert (await client.get("/api/ps")).json() == {"models": []}


async def test_show_tells_everything(client: httpx.AsyncClient, weights: bytes) -> None:
    await make(
        client,
        weights,
        system="Be brief.",
        license=["First.", "Second."],
        parameters={"stop": ["</a>", 'say "b"'], "temperature": 1.0, "num_ctx": 256},
        messages=[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}],
    )
    found = (await client.post("/api/show", json={"model": "TINY"})).json()
    assert found["system"] == "Be brief."
    assert found["license"] == "First.\nSecond."
    assert found["messages"] == [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]
    assert found["parameters"].splitlines() == [
        f"{'num_ctx':<30} 256",
        f"{'stop':<30} " + '"</a>"',
        f"{'stop':<30} " + r'"say \"b\""',
        f"{'temperature':<30} 1",
    ]
    assert "<|im_start|>" in found["template"]
    assert "\nSYSTEM Be brief.\n" in found["modelfile"]
    assert LOCAL_TIME.fullmatch(found["modified_at"])


async def test_show_has_the_metadata_with_long_arrays_only_when_asked(
    client: httpx.AsyncClient, weights: bytes
) -> None:
    await make(client, weights)
    info = (await client.post("/api/show", json={"name": "tiny"})).json()["model_info"]
    assert info["general.architecture"] == "llama"
    assert info["llama.context_length"] == 512
    assert info["general.parameter_count"] > 0
    assert info["tokenizer.ggml.tokens"] == []
    assert "tokenizer.chat_template" not in info
    assert "general.name" not in info
    full = (await client.post("/api/show", json={"model": "tiny", "verbose": True})).json()["model_info"]
    assert len(full["tokenizer.ggml.tokens"]) == 512


async def test_show_lists_the_tensors(client: httpx.AsyncClient, weights: bytes) -> None:
    await make(client, weights)
    tensors = (await client.post("/api/show", json={"model": "tiny"})).json()["tensors"]
    assert {"name": "token_embd.weight", "type": "F32", "shape": [64, 512]} in tensors


async def test_show_names_what_is_missing(client: httpx.AsyncClient) -> None:
    missing = await client.post("/api/show", json={"model": "nowhere:7b"})
    assert (missing.status_code, missing.json()) == (404, {"error": "model 'nowhere:7b' not found"})
    unnamed = await client.post("/api/show", json={})
    assert (unnamed.status_code, unnamed.json()) == (400, {"error": "model is required"})
    invalid = await client.post("/api/show", json={"model": "a/../b"})
    assert invalid.status_code == 400


async def test_copy_and_delete(client: httpx.AsyncClient, weights: bytes, library: Library) -> None:
    await make(client, weights)
    copied = await client.post("/api/copy", json={"source": "tiny", "destination": "you/copy:v1"})
    assert (copied.status_code, copied.text) == (200, "")
    assert sorted(await names(client)) == ["tiny:latest", "you/copy:v1"]
    deleted = await client.request("DELETE", "/api/delete", json={"model": "tiny"})
    assert (deleted.status_code, deleted.text) == (200, "")
    assert await names(client) == ["you/copy:v1"]
    await client.request("DELETE", "/api/delete", json={"name": "you/copy:v1"})
    assert await names(client) == []
    assert (await client.head(f"/api/blobs/{digest_of(weights)}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"source": "nowhere", "destination": "b"}, 404, 'model "nowhere" not found'),
        ({"source": "../x", "destination": "b"}, 400, 'source "../x" is invalid'),
        ({"source": "a", "destination": ""}, 400, 'destination "" is invalid'),
    ],
)
async def test_copy_refuses(client: httpx.AsyncClient, body: dict[str, str], status: int, text: str) -> None:
    answer = await client.post("/api/copy", json=body)
    assert answer.status_code == status
    assert text in answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("nowhere", 404, "model 'nowhere' not found"),
        ("../../etc/passwd", 400, 'name "../../etc/passwd" is invalid'),
        ("", 400, "model is required"),
    ],
)
async def test_delete_refuses(client: httpx.AsyncClient, name: str, status: int, text: str) -> None:
    answer = await client.request("DELETE", "/api/delete", json={"model": name})
    assert answer.status_code == status
    assert text in answer.json()["error"]


async def test_ps_tells_what_is_in_memory_the_longest_stay_first(
    client: httpx.AsyncClient, road: ScriptedRoad, weights: bytes
) -> None:
    await make(client, weights)
    await make(client, weights, "other")
    soon = datetime.now(UTC) + timedelta(minutes=5)
    road.resident = [resident(road, "tiny:latest", soon), resident(road, "other:latest", None)]
    forever, timed = (await client.get("/api/ps")).json()["models"]
    assert (forever["name"], timed["name"]) == ("other:latest", "tiny:latest")
    assert (timed["size"], timed["size_vram"], timed["context_length"]) == (1000, 400, 256)
    assert datetime.fromisoformat(timed["expires_at"]) == soon
    assert datetime.fromisoformat(forever["expires_at"]).year > soon.year + 200
    assert timed["details"]["family"] == "llama"
    assert re.fullmatch("[0-9a-f]{64}", timed["digest"])


def resident(road: ScriptedRoad, name: str, expires_at: datetime | None) -> Resident:
    return Resident(
        name=name,
        key=name,
        details=road.catalog.open(name),
        bytes=1000,
        vram_bytes=400,
        context=256,
        expires_at=expires_at,
        loading=False,
        active=0,
        waiting=0,
        stopping=False,
    )


async def test_a_damaged_file_is_refused_and_leaves_no_model(
    client: httpx.AsyncClient, weights: bytes, tmp_path: Path
) -> None:
    for data in (b"GGUF", weights[:-1], b"not a model"):
        digest = await upload(client, data)
        body = {"model": "bad", "files": {"bad.gguf": digest}, "stream": False}
        answer = await client.post("/api/create", json=body)
        assert answer.status_code == 400, answer.text
        assert str(tmp_path) not in answer.text
    assert await names(client) == []
