"""The scheduler as the layers above use it: carries out what the state machine decides.

Everything here runs in one event loop, and every event is taken and carried out without awaiting, so that
no two events can overlap. Tasks exist only for what takes time: loads, closes, and waiting for a death.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from hearth.engine.contract import Engine, Runner, RunnerSpec
from hearth.errors import EngineError, HearthError, LoadError, LoadTimeout
from hearth.scheduler.effects import CancelLoad, Close, Effect, Grant, Reject, StartLoad, WakeAt
from hearth.scheduler.memory import available_memory
from hearth.scheduler.residency import Phase, Residency
from hearth.scheduler.state import State
from hearth.scheduler.wants import Limits, Want

logger = logging.getLogger(__name__)

_CENTURY: Final = 100 * 365 * 86400.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A slot of a runner, for as long as the context of `Scheduler.acquire` lasts."""

    runner: Runner
    load_ns: int
    """Nanoseconds from the request to the slot: waiting and loading."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A model in memory, or on its way in or out."""

    name: str
    key: str
    details: Any
    bytes: int
    vram_bytes: int
    """The part of `bytes` that is GPU memory."""
    context: int
    expires_at: datetime | None
    """When it goes if no request comes; None: never. In the past when it is on its way out."""
    loading: bool
    active: int
    """Requests being answered."""
    waiting: int
    """Requests waiting for this model."""
    stopping: bool


class Scheduler:
    """Keeps models resident within limits and gives requests slots of them."""

    def __init__(
        self,
        engine: Engine,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        available: Callable[[], int] = available_memory,
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._clock = clock
        self._available = available
        self._state = State(limits)
        self._requests = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Runner | HearthError]] = {}
        self._runners: dict[int, Runner] = {}
        self._loads: dict[int, asyncio.Task[Runner]] = {}
        self._watchers: dict[int, asyncio.Task[None]] = {}
        self._closers: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def acquire(self, want: Want) -> AsyncIterator[Lease]:
        """Wait for a slot of a runner that suits `want`, loading the model if need be.

        The slot is free again as soon as the context ends. A task may be cancelled at any point.

        Raises:
            ServerBusy: too many requests wait already.
            LoadError: the model could not be loaded (also LoadTimeout and OutOfMemory).
            EngineError: the scheduler is closed.
        """
        if self._closed:
            raise _closing()
        asked, request = self._clock(), next(self._requests)
        answer = self._answers[request] = asyncio.get_running_loop().create_future()
        try:
            self._observe(want.key)
            self._do(self._state.arrive(request, want))
            outcome = await answer
            if isinstance(outcome, HearthError):
                raise outcome.with_traceback(None)
            yield Lease(outcome, round((self._clock() - asked) * 1e9))
        finally:
            self._answers.pop(request, None)
            self._observe(want.key)
            self._do(self._state.leave(request, self._clock()))

    @property
    def queue_length(self) -> int:
        """Requests that wait for a slot."""
        return len(self._state.waiting)

    def residents(self) -> list[Resident]:
        """The models that take memory, in the order in which their loads began."""
        return [self._resident(runner) for runner in self._state.runners.values()]

    def limit_loaded(self, most: int) -> None:
        """Let `most` models be resident at once from now on."""
        self._limits = self._state.limits = replace(self._limits, max_loaded=most)

    async def unload(self, key: str) -> bool:
        """Let a model go: at once if idle, else when its running requests are done.

        Returns whether it was resident; one that was idle is then gone and its memory free.
        """
        runner = self._state.runners.get(key)
        self._do(self._state.unload(key))
        if runner is not None and runner.phase is Phase.CLOSING and self._closers:
            await asyncio.wait(self._closers)
        return runner is not None

    async def close(self) -> None:
        """Cancel loads, close all runners, fail whoever waits. Running answers end as their runner does."""
        self._closed = True
        self._set_timer(None)
        for answer in self._answers.values():
            _resolve(answer, _closing())
        tasks: list[asyncio.Task[Any]] = [*self._loads.values(), *self._watchers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._closers, return_exceptions=True)
        await asyncio.gather(*map(_close_quietly, self._runners.values()))
        self._runners.clear()
        self._state = State(self._limits)

    def _do(self, effects: list[Effect]) -> None:
        if self._closed:
            return
        for effect in effects:
            match effect:
                case Grant(request, runner):
                    _resolve(self._answers[request], self._runners[runner])
                case Reject(request, error):
                    _resolve(self._answers[request], error)
                case StartLoad(runner, spec):
                    self._start_load(runner, spec)
                case CancelLoad(runner):
                    self._loads[runner].cancel()
                case Close(runner):
                    self._start_close(runner)
                case WakeAt(at):
                    self._set_timer(at)

    def _observe(self, key: str = "") -> None:
        """Tell the state of deaths, and of the memory where a load might start."""
        for number, runner in self._runners.items():
            if not runner.alive:
                self._do(self._state.died(number))
        if self._state.waiting or key not in self._state.runners:
            self._do(self._state.memory_changed(self._available()))

    def _start_load(self, number: int, spec: RunnerSpec) -> None:
        task = asyncio.get_running_loop().create_task(self._load(spec))
        self._loads[number] = task
        # A task that is cancelled before its first step never runs, so its end is seen from outside.
        task.add_done_callback(lambda done: self._end_load(number, done))

    async def _load(self, spec: RunnerSpec) -> Runner:
        limit = self._limits.load_timeout
        loop = asyncio.get_running_loop()
        deadline = asyncio.timeout(limit)

        def progress(share: float) -> None:
            # A report that comes late finds the deadline over, which is no fault of the engine.
            if limit is not None:
                with suppress(RuntimeError):
                    deadline.reschedule(loop.time() + limit)

        try:
            async with deadline:
                return await self._engine.load(spec, progress)
        except TimeoutError:
            raise LoadTimeout(
                f"the model made no progress in loading for {limit:g} seconds and was given up; "
                "a longer OLLAMA_LOAD_TIMEOUT gives a slow disk more time"
            ) from None

    def _end_load(self, number: int, task: asyncio.Task[Runner]) -> None:
        del self._loads[number]
        self._observe()
        if task.cancelled():
            self._do(self._state.closed(number))
        elif error := task.exception():
            self._do(self._state.load_failed(number, _as_load_error(error)))
        else:
            self._welcome(number, task.result())

    def _welcome(self, number: int, runner: Runner) -> None:
        self._runners[number] = runner
        if not self._closed:
            self._watchers[number] = asyncio.get_running_loop().create_task(self._watch(number, runner))
            self._do(self._state.loaded(number, runner.resident_bytes()[0], self._clock()))

    async def _watch(self, number: int, runner: Runner) -> None:
        await runner.wait_dead()
        self._do(self._state.died(number))

    def _start_close(self, number: int) -> None:
        task = asyncio.get_running_loop().create_task(self._close_runner(number))
        self._closers.add(task)
        task.add_done_callback(self._closers.discard)

    async def _close_runner(self, number: int) -> None:
        self._watchers.pop(number).cancel()
        await _close_quietly(self._runners.pop(number))
        self._observe()
        self._do(self._state.closed(number))

    def _set_timer(self, at: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if at is not None:
            delay = max(0.0, at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._do(self._state.tick(self._clock()))

    def _resident(self, runner: Residency) -> Resident:
        live = self._runners.get(runner.id)
        size, vram = live.resident_bytes() if live is not None and live.alive else (runner.size, 0)
        stopping = runner.stopping or runner.leaving or runner.phase is Phase.CLOSING
        return Resident(
            name=runner.want.name,
            key=runner.want.key,
            details=runner.want.details,
            bytes=size,
            vram_bytes=vram,
            context=runner.spec.context,
            expires_at=self._expiry(runner, stopping),
            loading=runner.phase is Phase.LOADING,
            active=len(runner.serving),
            waiting=sum(w.want.key == runner.want.key for w in self._state.waiting.values()),
            stopping=stopping,
        )

    def _expiry(self, runner: Residency, stopping: bool) -> datetime | None:
        """On the wall clock; for a busy model as if it fell idle now."""
        now = datetime.now(UTC)
        if stopping:
            return now - timedelta(seconds=1)
        if runner.keep_alive is None:
            return None
        at = runner.expires_at
        left = runner.keep_alive if at is None else at - self._clock()
        return now + timedelta(seconds=min(left, _CENTURY))


def _resolve(answer: asyncio.Future[Runner | HearthError], outcome: Runner | HearthError) -> None:
    if not answer.done():
        answer.set_result(outcome)


async def _close_quietly(runner: Runner) -> None:
    try:
        await runner.close()
    except Exception:
        logger.exception("a runner could not be closed in order")


def _as_load_error(error: BaseException) -> HearthError:
    if isinstance(error, HearthError):
        return error
    logger.error("a load failed in an unforeseen way", exc_info=error)
    return LoadError(
        f"the model could not be loaded ({type(error).__name__}); the server's log has the details"
    )


def _closing() -> EngineError:
    return EngineError("the server is shutting down; try again once it runs")
