"""The scheduler in a running event loop, with an engine whose loads and deaths the test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from tests.scheduler.engine import MemoryEngine, MemoryRunner
from tests.scheduler.world import want

from hearth.errors import EngineError, LoadError, LoadTimeout, OutOfMemory, ServerBusy
from hearth.scheduler import Lease, Limits, Scheduler, Want

T = TypeVar("T")
PassTime = Callable[[float], Awaitable[None]]


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, 5)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until something is so."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


@pytest.fixture
async def pass_time(monkeypatch: pytest.MonkeyPatch) -> PassTime:
    """Puts the event loop's clock forward and lets everything that is due happen."""
    loop = asyncio.get_running_loop()
    real, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: real() + passed)

    async def advance(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    return advance


@asynccontextmanager
async def open_scheduler(
    engine: MemoryEngine,
    *,
    max_loaded: int = 3,
    max_queue: int = 100,
    keep_alive: float | None = 300.0,
    load_timeout: float | None = None,
) -> AsyncIterator[Scheduler]:
    limits = Limits(max_loaded, max_queue, keep_alive, load_timeout)
    clock = asyncio.get_running_loop().time
    async with Scheduler(engine, limits, clock=clock, available=lambda: 1000) as scheduler:
        yield scheduler


class Client:
    """A request in a task of its own, which holds its slot until it is told to finish."""

    def __init__(self, scheduler: Scheduler, wanted: Want) -> None:
        self.lease: Lease | None = None
        self.done = asyncio.Event()
        self.task = asyncio.create_task(self._run(scheduler, wanted))

    async def _run(self, scheduler: Scheduler, wanted: Want) -> None:
        async with scheduler.acquire(wanted) as lease:
            self.lease = lease
            await self.done.wait()

    async def served(self) -> Lease:
        await until(lambda: self.lease is not None or self.task.done())
        if self.lease is None:
            await self.task
        assert self.lease is not None
        return self.lease

    async def finish(self) -> None:
        self.done.set()
        await soon(self.task)

    async def cancel(self) -> None:
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await soon(self.task)


async def test_a_request_gets_the_runner_that_was_loaded_for_it() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        client = Client(scheduler, want("a"))
        runner = (await soon(engine.loads.get())).finish()
        lease = await client.served()
        assert lease.runner is runner
        assert lease.load_ns > 0
        await client.finish()
        async with scheduler.acquire(want("a")) as again:
            assert again.runner is runner
    assert runner.closed.is_set()


async def test_cancelled_while_loading() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        client = Client(scheduler, want("a"))
        await soon(engine.loads.get())
        assert [resident.loading for resident in scheduler.residents()] == [True]
        await client.cancel()
        await soon(engine.cancelled.wait())
        await until(lambda: not scheduler.residents())


async def test_cancelled_before_the_load_took_its_first_step() -> None:
    async with open_scheduler(MemoryEngine()) as scheduler:
        client = Client(scheduler, want("a"))
        await until(lambda: bool(scheduler.residents()))
        await client.cancel()
        await until(lambda: not scheduler.residents())
        assert scheduler.queue_length == 0


async def test_cancelled_in_the_queue() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        first, second, third = (Client(scheduler, want("a", slots=1)) for _ in range(3))
        await first.served()
        assert scheduler.queue_length == 2
        await second.cancel()
        assert scheduler.queue_length == 1
        await first.finish()
        await third.served()
        await third.finish()


async def test_cancelled_while_it_is_served_frees_the_slot() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        first, second = (Client(scheduler, want("a", slots=1)) for _ in range(2))
        await first.served()
        await first.cancel()
        await second.served()
        await second.finish()


async def test_cancelled_as_the_slot_was_granted() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        first, second, third = (Client(scheduler, want("a", slots=1)) for _ in range(3))
        await first.served()
        first.done.set()
        await until(first.task.done)
        await second.cancel()
        await third.served()
        await third.finish()
        assert [resident.active for resident in scheduler.residents()] == [0]


@pytest.mark.parametrize(
    ("raised", "seen"), [(LoadError("damaged"), LoadError), (OutOfMemory("large"), OutOfMemory)]
)
async def test_a_failed_load_reaches_all_who_waited(raised: LoadError, seen: type[LoadError]) -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        clients = [Client(scheduler, want("a")) for _ in range(2)]
        (await soon(engine.loads.get())).fail(raised)
        for client in clients:
            with pytest.raises(seen, match=raised.message):
                await soon(client.task)
        later = Client(scheduler, want("a"))
        (await soon(engine.loads.get())).finish()
        await later.served()
        await later.finish()


async def test_an_unforeseen_failure_is_a_load_error_without_its_text() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        client = Client(scheduler, want("a"))
        (await soon(engine.loads.get())).fail(OSError("/secret/path"))
        with pytest.raises(LoadError) as caught:
            await soon(client.task)
        assert "secret" not in str(caught.value)


async def test_a_load_without_progress_times_out(pass_time: PassTime) -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine, load_timeout=60) as scheduler:
        client = Client(scheduler, want("a"))
        load = await soon(engine.loads.get())
        assert load.progress is not None
        for share in (0.3, 0.6, 0.9):
            await pass_time(50)
            load.progress(share)
        assert not client.task.done()
        await pass_time(70)
        with pytest.raises(LoadTimeout, match="60 seconds"):
            await soon(client.task)
        assert engine.cancelled.is_set()
        load.progress(1.0)


async def test_progress_may_be_reported_after_the_load() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine, load_timeout=60) as scheduler:
        client = Client(scheduler, want("a"))
        load = await soon(engine.loads.get())
        load.finish()
        await client.served()
        assert load.progress is not None
        load.progress(1.0)
        await client.finish()


async def test_a_dead_runner_is_replaced() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        async with scheduler.acquire(want("a")) as lease:
            assert isinstance(lease.runner, MemoryRunner)
            lease.runner.dead.set()
        async with scheduler.acquire(want("a")) as lease:
            assert lease.runner is engine.runners[1]
        assert engine.runners[0].closed.is_set()


async def test_the_death_of_an_idle_runner_is_noticed() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        async with scheduler.acquire(want("a")):
            pass
        engine.runners[0].dead.set()
        await until(lambda: not scheduler.residents())


async def test_those_who_wait_for_a_dead_runner_get_a_new_one() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        first, second = (Client(scheduler, want("a", slots=1)) for _ in range(2))
        await first.served()
        engine.runners[0].dead.set()
        assert (await second.served()).runner is engine.runners[1]
        await first.finish()
        await second.finish()


async def test_another_model_takes_the_place_of_an_idle_one() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine, max_loaded=1) as scheduler:
        async with scheduler.acquire(want("a")):
            pass
        async with scheduler.acquire(want("b")):
            assert [resident.name for resident in scheduler.residents()] == ["b"]
        assert engine.runners[0].closed.is_set()


async def test_memory_is_measured_before_a_load() -> None:
    engine = MemoryEngine(ready=True)
    limits = Limits(3, 100, None, None)
    free = lambda: 100 - 30 * sum(runner.alive for runner in engine.runners)  # noqa: E731
    async with Scheduler(engine, limits, available=free) as scheduler:
        for key, size in (("a", 10), ("b", 10), ("c", 60)):
            async with scheduler.acquire(want(key, size=size)):
                pass
        assert [resident.name for resident in scheduler.residents()] == ["b", "c"]


async def test_a_model_goes_when_its_keep_alive_is_over(pass_time: PassTime) -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine, keep_alive=300) as scheduler:
        async with scheduler.acquire(want("a")):
            await pass_time(1000)
        await pass_time(299)
        assert not engine.runners[0].closed.is_set()
        await pass_time(2)
        await soon(engine.runners[0].closed.wait())
        await until(lambda: not scheduler.residents())


async def test_a_full_queue_refuses() -> None:
    async with open_scheduler(MemoryEngine(), max_queue=1) as scheduler:
        waiting = Client(scheduler, want("a"))
        await until(lambda: scheduler.queue_length == 1)
        with pytest.raises(ServerBusy):
            await soon(Client(scheduler, want("a")).task)
        await waiting.cancel()


async def test_unload() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        assert not await scheduler.unload("a")
        client = Client(scheduler, want("a"))
        await client.served()
        assert await scheduler.unload("a")
        (resident,) = scheduler.residents()
        assert resident.stopping
        assert resident.expires_at is not None
        assert resident.expires_at < datetime.now(UTC)
        assert not engine.runners[0].closed.is_set()
        await client.finish()
        await soon(engine.runners[0].closed.wait())


async def test_residents_tell_what_ps_shows() -> None:
    engine = MemoryEngine(ready=True)
    async with open_scheduler(engine) as scheduler:
        clients = [Client(scheduler, want("a", 2048, slots=1, keep_alive=60)) for _ in range(2)]
        await clients[0].served()
        (resident,) = scheduler.residents()
        assert (resident.name, resident.key, resident.context) == ("a", "a", 2048)
        assert (resident.bytes, resident.vram_bytes) == (30, 20)
        assert (resident.active, resident.waiting) == (1, 1)
        assert not resident.loading
        assert not resident.stopping
        assert resident.expires_at is not None
        assert timedelta(seconds=50) < resident.expires_at - datetime.now(UTC) <= timedelta(seconds=60)
        for client in clients:
            await client.finish()


@pytest.mark.parametrize(("keep_alive", "expires"), [(None, False), (1e300, True)])
async def test_residents_that_stay_for_ever_or_nearly(keep_alive: float | None, expires: bool) -> None:
    async with open_scheduler(MemoryEngine(ready=True)) as scheduler:
        async with scheduler.acquire(want("a", keep_alive=keep_alive)):
            pass
        (resident,) = scheduler.residents()
        assert (resident.expires_at is not None) == expires


async def test_close_fails_whoever_waits_and_leaves_no_runner() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        serving = Client(scheduler, want("a", slots=1))
        runner = (await soon(engine.loads.get())).finish()
        await serving.served()
        queued, loading = Client(scheduler, want("a", slots=1)), Client(scheduler, want("b"))
        await soon(engine.loads.get())
        await soon(scheduler.close())
        assert runner.closed.is_set()
        assert engine.cancelled.is_set()
        for client in (queued, loading):
            with pytest.raises(EngineError, match="shutting down"):
                await soon(client.task)
        await serving.finish()
        with pytest.raises(EngineError, match="shutting down"):
            await soon(Client(scheduler, want("a")).task)
        assert scheduler.residents() == []


async def test_close_takes_along_a_runner_whose_load_has_just_ended() -> None:
    engine = MemoryEngine()
    async with open_scheduler(engine) as scheduler:
        client = Client(scheduler, want("a"))
        client.done.set()
        runner = (await soon(engine.loads.get())).finish()
        await until(lambda: bool(engine.runners))
        await soon(scheduler.close())
        assert runner.closed.is_set()
        await soon(asyncio.wait([client.task]))
