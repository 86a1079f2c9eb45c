"""Blocking calls, kept off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a blocking call returns or raises, run in the loop's default pool of threads.

    A thread cannot be interrupted. A cancellation therefore takes effect when the call has returned, so that
    whoever cleans up after it never does so while it still runs.
    """
    return await run_in(None, partial(call, *args, **kwargs))


async def run_in(pool: Executor | None, call: Callable[[], T]) -> T:
    """As `in_thread`, in a pool of one's own (None: the default one)."""
    running = asyncio.get_running_loop().run_in_executor(pool, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({running})
        if not running.cancelled():
            running.exception()
        raise
