"""An engine in memory: its loads end when the test says so, its runners die when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from hearth.engine.contract import Chunk, Completion, Progress, RunnerSpec, Scores
from hearth.messages import Json, Message, Piece, Tool


@dataclass(eq=False)
class MemoryRunner:
    """Serves nothing; a slot of it is all that the scheduler hands out."""

    spec: RunnerSpec
    media_marker: str = ""
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def alive(self) -> bool:
        return not self.dead.is_set()

    def resident_bytes(self) -> tuple[int, int]:
        return (30, 20) if self.alive else (0, 0)

    async def wait_dead(self) -> None:
        await self.dead.wait()

    async def close(self) -> None:
        self.dead.set()
        self.closed.set()

    def complete(self, request: Completion) -> AsyncGenerator[Chunk, None]:
        raise NotImplementedError

    async def render(
        self, messages: Sequence[Message], tools: Sequence[Tool], template_args: dict[str, Json]
    ) -> str:
        raise NotImplementedError

    async def embed(self, inputs: Sequence[Sequence[int]], normalise: bool) -> list[list[float]]:
        raise NotImplementedError

    async def rerank(self, query: str, documents: Sequence[str]) -> Scores:
        raise NotImplementedError

    async def tokenize(self, text: str, *, special: bool = True, names: bool = True) -> list[int]:
        raise NotImplementedError

    async def pieces(self, text: str, *, special: bool = True) -> list[Piece]:
        raise NotImplementedError

    async def detokenize(self, tokens: Sequence[int]) -> str:
        raise NotImplementedError


@dataclass(eq=False)
class Load:
    """A load under way."""

    spec: RunnerSpec
    progress: Progress | None
    result: asyncio.Future[MemoryRunner]

    def finish(self) -> MemoryRunner:
        runner = MemoryRunner(self.spec)
        self.result.set_result(runner)
        return runner

    def fail(self, error: Exception) -> None:
        self.result.set_exception(error)


class MemoryEngine:
    """Hands every load to the test, or finishes it at once if `ready`."""

    def __init__(self, *, ready: bool = False) -> None:
        self.ready = ready
        self.loads: asyncio.Queue[Load] = asyncio.Queue()
        self.runners: list[MemoryRunner] = []
        self.cancelled = asyncio.Event()

    async def load(self, spec: RunnerSpec, progress: Progress | None = None) -> MemoryRunner:
        load = Load(spec, progress, asyncio.get_running_loop().create_future())
        self.loads.put_nowait(load)
        if self.ready:
            load.finish()
        try:
            runner = await load.result
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        self.runners.append(runner)
        return runner
