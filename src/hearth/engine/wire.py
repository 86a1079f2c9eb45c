"""HTTP/1.1 over a unix socket to a runner: one connection for each request.

Dropping the connection is how llama.cpp is told to stop, so a cancelled task closes its socket and nothing
else is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httptools
import msgspec

_READ: Final = 65536
_encode: Final = msgspec.json.Encoder().encode


class Response:
    """A response being received: `status`, then its body in pieces."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._headers_done = False
        self._done = False
        self.status = 0

    def on_headers_complete(self) -> None:
        self._headers_done = True
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        self._done = True

    async def start(self) -> None:
        """Wait for the status line and headers; raises ConnectionError if the peer hangs up."""
        while not self._headers_done:
            await self._fill()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives; raises ConnectionError if it ends early."""
        while True:
            if self._pieces:
                data = b"".join(self._pieces)
                self._pieces.clear()
                yield data
            if self._done:
                return
            await self._fill()

    async def body(self) -> bytes:
        """The whole body."""
        return b"".join([piece async for piece in self.pieces()])

    async def _fill(self) -> None:
        data = await self._reader.read(_READ)
        if not data:
            raise ConnectionError("the runner closed the connection")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ConnectionError(f"the runner answered with something that is not HTTP: {error}") from error


@asynccontextmanager
async def request(socket: Path, method: str, path: str, body: Any = None) -> AsyncIterator[Response]:
    """Send one request; the connection closes with the block, which also stops the runner's work on it."""
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=2**20)
    try:
        payload = b"" if body is None else _encode(body)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: runner\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        writer.write(head.encode("ascii") + payload)
        response = Response(reader)
        await response.start()
        yield response
    finally:
        writer.transport.abort()


async def events(response: Response) -> AsyncIterator[bytes]:
    """The `data` of each server-sent event of a response, without the final `[DONE]`."""
    rest = b""
    async for piece in response.pieces():
        *blocks, rest = (rest + piece).split(b"\n\n")
        for block in blocks:
            data = _data(block)
            if data and data != b"[DONE]":
                yield data


def _data(block: bytes) -> bytes:
    lines = (line for line in block.split(b"\n") if line.startswith((b"data:", b"error:")))
    return b"\n".join(line.partition(b":")[2].strip() for line in lines)
