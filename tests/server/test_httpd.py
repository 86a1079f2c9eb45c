"""Bounds on what a connection may send before it is a request."""

from __future__ import annotations

import asyncio

import pytest
from tests.server.support import RawClient, ScriptedRoad, app_of, serving

from hearth.config import Config
from hearth.library import Library
from hearth.server import httpd


async def test_a_head_without_an_end_is_refused(road: ScriptedRoad, library: Library, config: Config) -> None:
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        client.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        for _ in range(40):
            client.writer.write(b"a" * 65536)
        assert b"400 Bad Request" in await client.until(b"\r\n")
        await client.drop()


async def test_a_large_head_in_pieces_is_served(road: ScriptedRoad, library: Library, config: Config) -> None:
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        client.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for number in range(20):
            client.writer.write(b"X-%d: " % number + b"a" * 1000 + b"\r\n")
            await client.writer.drain()
        client.writer.write(b"\r\n")
        assert b"Ollama is running" in await client.until(b"running")
        await client.drop()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
async def test_a_head_that_never_comes_ends_the_connection(
    road: ScriptedRoad, library: Library, config: Config, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpd, "HEAD_TIMEOUT", 0.05)
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        client.writer.write(sent)
        assert await asyncio.wait_for(client.reader.read(), 10) == b""
        await client.drop()
