"""A client that goes takes its work with it, wherever that work stands."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.server.support import RawClient, ScriptedRoad, app_of, serving

from hearth.config import Config
from hearth.library import Library
from hearth.messages import Finished, Text
from hearth.server.disconnect import CancelWhenGone
from hearth.server.progress import progress
from hearth.server.threads import in_thread

BODIES = [
    ("/api/chat", {"model": "m"}),
    ("/api/chat", {"model": "m", "stream": False}),
    ("/api/generate", {"model": "m"}),
    ("/api/embed", {"model": "m", "input": "hi"}),
]


@pytest.mark.parametrize(("path", "body"), BODIES)
async def test_a_client_that_goes_before_the_first_piece_ends_the_work(
    road: ScriptedRoad, library: Library, config: Config, path: str, body: dict[str, Any]
) -> None:
    road.script = [asyncio.Event()]
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        await client.send("POST", path, json.dumps(body).encode())
        await asyncio.wait_for(road.waiting.wait(), 10)
        assert not road.ended.is_set()
        await client.drop()
        await asyncio.wait_for(road.ended.wait(), 10)


async def test_a_client_that_goes_in_mid_stream_ends_the_work(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    road.script = [Text("one"), asyncio.Event()]
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        await client.send("POST", "/api/chat", b'{"model":"m"}')
        assert b"200 OK" in await client.until(b"one")
        assert not road.ended.is_set()
        await client.drop()
        await asyncio.wait_for(road.ended.wait(), 10)


async def test_a_client_that_does_not_read_blocks_nobody_and_ends_the_work_when_it_goes(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    road.script = [Text("x" * 100_000)] * 1000
    async with serving(app_of(road, library, config)) as port:
        slow = await RawClient.connect(port)
        await slow.send("POST", "/api/chat", b'{"model":"m"}')
        await slow.until(b"200 OK")
        other = await RawClient.connect(port)
        await other.send("GET", "/api/version")
        await other.until(b"hearth")
        assert not road.ended.is_set()
        await slow.drop()
        await asyncio.wait_for(road.ended.wait(), 10)
        await other.drop()


async def test_a_connection_serves_one_answer_after_the_other(
    road: ScriptedRoad, library: Library, config: Config
) -> None:
    road.script = [Text("one"), Finished("stop")]
    async with serving(app_of(road, library, config)) as port:
        client = await RawClient.connect(port)
        for _ in range(3):
            await client.send("POST", "/api/chat", b'{"model":"m"}')
            await client.until(b"\r\n0\r\n\r\n")
        await client.drop()
    assert len(road.asked) == 3


class Wire:
    """The two ends of one request, with a client that goes when told."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.sent: list[Message] = []
        self._body_given = False

    async def receive(self) -> Message:
        if not self._body_given:
            self._body_given = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)


SCOPE: Scope = {"type": "http", "method": "POST", "path": "/"}


async def run(handler: Callable[[Receive, Send], Any], wire: Wire) -> None:
    async def app(_: Scope, receive: Receive, send: Send) -> None:
        await handler(receive, send)

    await CancelWhenGone(app)(SCOPE, wire.receive, wire.send)


async def test_work_goes_on_after_the_answer_is_complete() -> None:
    wire, done = Wire(), asyncio.Event()

    async def handler(receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        wire.left.set()
        for _ in range(5):
            await asyncio.sleep(0)
        done.set()

    await run(handler, wire)
    assert done.is_set()


async def test_a_cancellation_from_elsewhere_is_passed_on() -> None:
    wire, begun = Wire(), asyncio.Event()

    async def handler(receive: Receive, send: Send) -> None:
        await receive()
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(run(handler, wire))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_client_that_goes_is_no_error_for_the_server() -> None:
    wire = Wire()

    async def handler(receive: Receive, send: Send) -> None:
        await receive()
        wire.left.set()
        await asyncio.Event().wait()

    await asyncio.wait_for(run(handler, wire), 10)
    assert wire.sent == []


async def test_blocking_work_reports_its_steps_and_its_error() -> None:
    def work(report: Callable[[int], None], cancelled: threading.Event) -> None:
        report(1)
        report(2)
        raise ValueError("broken")

    with ThreadPoolExecutor(1) as pool:
        steps = progress(work, pool)
        assert [await anext(steps), await anext(steps)] == [1, 2]
        with pytest.raises(ValueError, match="broken"):
            await anext(steps)


async def test_closing_the_steps_cancels_the_work_and_waits_for_its_end() -> None:
    ended = threading.Event()

    def work(report: Callable[[int], None], cancelled: threading.Event) -> None:
        report(1)
        assert cancelled.wait(10)
        ended.set()

    with ThreadPoolExecutor(1) as pool:
        steps = progress(work, pool)
        assert await anext(steps) == 1
        await steps.aclose()
        assert ended.is_set()


async def test_a_cancelled_call_is_over_when_the_cancellation_arrives() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert may_end.wait(10)
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
