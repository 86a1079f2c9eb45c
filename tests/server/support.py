"""A road that plays a script in place of inference, and ways to reach an app with and without a socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from starlette.applications import Starlette

from hearth.config import Config
from hearth.inference.catalog import Catalog
from hearth.library import Library
from hearth.messages import (
    ChatRequest,
    DetokenizeRequest,
    Embeddings,
    EmbedRequest,
    Event,
    Finished,
    GenerateRequest,
    Piece,
    Ranked,
    Ranking,
    RerankRequest,
    Text,
    TokenizeRequest,
    Usage,
)
from hearth.scheduler.service import Resident
from hearth.server.app import build_app
from hearth.server.httpd import Server

Step: TypeAlias = "Event | Exception | asyncio.Event"
"""An event to give, an error to raise, or something to wait for."""

Asked: TypeAlias = (
    "ChatRequest | GenerateRequest | EmbedRequest | RerankRequest | TokenizeRequest | DetokenizeRequest"
)

HELLO: Sequence[Step] = (
    Text("Hello"),
    Text(" there"),
    Finished("stop", Usage(5, 2, 7, total_ns=900, load_ns=100, prompt_ns=300, completion_ns=500)),
)


class ScriptedRoad:
    """Has the surface of inference; remembers what it was asked and plays `script` for every request."""

    def __init__(self, library: Library, script: Sequence[Step] = HELLO) -> None:
        self.catalog = Catalog(library)
        self.script = script
        self.asked: list[Asked] = []
        self.resident: list[Resident] = []
        self.embeddings = Embeddings(((0.6, 0.8),), Usage(prompt_tokens=3, total_ns=10, load_ns=4))
        self.ranking_usage = Usage(prompt_tokens=9, total_ns=10, load_ns=4)
        self.tokens = 42
        """What every prompt counts."""
        self.waiting = asyncio.Event()
        """Set when the script waits."""
        self.ended = asyncio.Event()
        """Set when a stream's own clean-up has run."""
        self.closed = False

    async def chat(self, request: ChatRequest) -> AsyncIterator[Event]:
        async for event in self._play(request):
            yield event

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Event]:
        async for event in self._play(request):
            yield event

    async def embed(self, request: EmbedRequest) -> Embeddings:
        self.asked.append(request)
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                await self._pause(step)
        finally:
            self.ended.set()
        return self.embeddings if request.inputs else Embeddings(())

    async def rerank(self, request: RerankRequest) -> Ranking:
        await self._before(request)
        places = range(len(request.documents))[: request.top_n]
        return Ranking(tuple(Ranked(place, 1 / (place + 1)) for place in places), self.ranking_usage)

    async def tokenize(self, request: TokenizeRequest) -> list[Piece]:
        await self._before(request)
        return [Piece(index, bytes([byte])) for index, byte in enumerate(request.text.encode())]

    async def detokenize(self, request: DetokenizeRequest) -> str:
        await self._before(request)
        return " ".join(map(str, request.tokens))

    async def count(self, request: ChatRequest) -> int:
        self.asked.append(request)
        for step in self.script:
            if isinstance(step, Exception):
                raise step
        return self.tokens

    def residents(self) -> list[Resident]:
        return self.resident

    async def close(self) -> None:
        self.closed = True

    async def _play(self, request: ChatRequest | GenerateRequest) -> AsyncIterator[Event]:
        self.asked.append(request)
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await self._pause(step)
                else:
                    yield step
        finally:
            self.ended.set()

    async def _before(self, request: Asked) -> None:
        """Remember what was asked, and fail or wait as the script says."""
        self.asked.append(request)
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            await self._pause(step)

    async def _pause(self, step: Step) -> None:
        if isinstance(step, asyncio.Event):
            self.waiting.set()
            await step.wait()


def settings(models: Path, **values: str) -> Config:
    """Settings from these variables alone."""
    return Config.load({"HOME": str(models), "HEARTH_CONFIG": "", "OLLAMA_MODELS": str(models), **values})


def client_of(app: Starlette, host: str = "localhost:11434") -> httpx.AsyncClient:
    """A client that speaks to the app without a socket."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}")


def app_of(road: ScriptedRoad, library: Library, config: Config) -> Starlette:
    return build_app(road, library, config)


def lines(text: str) -> list[dict[str, Any]]:
    """The objects of an NDJSON body."""
    return [json.loads(line) for line in text.splitlines()]


@contextlib.asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """The app behind a real server on a loopback socket; gives the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    up = asyncio.Event()
    server = Server(app, up.set)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.wait_for(up.wait(), 10)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await running


class RawClient:
    """A connection that sends what it is told and can be dropped at any moment."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> RawClient:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, method: str, path: str, body: bytes = b"", headers: str = "") -> None:
        """Send a request; `headers` has its own line ends. Host and Content-Length are added."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.writer.write(head.encode() + body)
        await self.writer.drain()

    async def until(self, text: bytes) -> bytes:
        """What came until `text` did."""
        return await asyncio.wait_for(self.reader.readuntil(text), 10)

    async def drop(self) -> None:
        """Close the connection at once."""
        self.writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()
