"""Long blocking work as a stream of what it reports."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from typing import TypeVar

from hearth.server.threads import run_in

T = TypeVar("T")
Work = Callable[[Callable[[T], None], threading.Event], object]
"""Called with a function to report with, and an event that says that nobody waits any more."""


async def progress(work: Work[T], pool: Executor) -> AsyncGenerator[T, None]:
    """Run `work` in a thread of `pool` and give what it reports; then raise what it raised.

    Closing the stream sets the event and waits for the work to end, so that what it leaves behind is gone
    when the request is.
    """
    loop = asyncio.get_running_loop()
    reports: asyncio.Queue[T | None] = asyncio.Queue()
    cancelled = threading.Event()

    def report(item: T) -> None:
        loop.call_soon_threadsafe(reports.put_nowait, item)

    running = asyncio.ensure_future(run_in(pool, lambda: work(report, cancelled)))
    running.add_done_callback(lambda _: reports.put_nowait(None))
    try:
        while (item := await reports.get()) is not None:
            yield item
        await running
    finally:
        cancelled.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
