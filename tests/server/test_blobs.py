"""Uploading the files of a model."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.server.support import RawClient, ScriptedRoad, app_of, serving

from hearth.config import Config
from hearth.library import Library

DATA = b"weights " * 1000
PATH = "/api/blobs/sha256:" + hashlib.sha256(DATA).hexdigest()


async def test_a_blob_is_new_once_and_then_there(client: httpx.AsyncClient) -> None:
    assert (await client.head(PATH)).status_code == 404
    assert (await client.post(PATH, content=DATA)).status_code == 201
    assert (await client.head(PATH)).status_code == 200
    assert (await client.post(PATH, content=b"whatever")).status_code == 200


async def test_a_blob_may_come_in_pieces_and_be_larger_than_the_cap_of_json(
    road: ScriptedRoad, library: Library, client: httpx.AsyncClient
) -> None:
    data = bytes(range(256)) * 40_000
    path = "/api/blobs/sha256-" + hashlib.sha256(data).hexdigest()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 100_000):
            yield data[start : start + 100_000]

    assert (await client.post(path, content=pieces())).status_code == 201
    assert (await client.head(path)).status_code == 200


async def test_bytes_that_do_not_hash_to_the_digest_are_refused_and_go(
    client: httpx.AsyncClient, library: Library, config: Config
) -> None:
    answer = await client.post(PATH, content=DATA + b"x")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith('digest mismatch, expected "sha256:')
    assert blobs(config) == []


@pytest.mark.parametrize(
    "digest", ["sha256:12", "sha512:" + "0" * 64, "sha256:" + "g" * 64, "..", "%2e%2e%2fx"]
)
async def test_a_digest_that_is_none_is_refused(
    client: httpx.AsyncClient, digest: str, config: Config
) -> None:
    answer = await client.post(f"/api/blobs/{digest}", content=DATA)
    assert answer.status_code in {400, 404, 405}
    assert blobs(config) == []


async def test_a_blob_that_cannot_fit_is_refused_before_it_is_sent(
    client: httpx.AsyncClient, config: Config
) -> None:
    request = client.build_request("POST", PATH, content=DATA)
    request.headers["content-length"] = str(2**60)
    answer = await client.send(request)
    assert answer.status_code == 507
    assert blobs(config) == []


async def test_a_client_that_goes_in_the_middle_leaves_nothing(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2**30}\r\n\r\n"
        client.writer.write(head.encode())
        for _ in range(6):
            client.writer.write(b"x" * 2**20)
            await client.writer.drain()
        await client.drop()
    # The server ends when every request has, with whatever a request cleans up behind itself.
    assert blobs(config) == []


def blobs(config: Config) -> list[Path]:
    return list((config.models / "blobs").iterdir())
