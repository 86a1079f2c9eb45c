"""Random histories: whatever happens in whatever order, the promises of the scheduler hold."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.scheduler.world import World, want

from hearth.errors import LoadError, OutOfMemory
from hearth.scheduler.wants import Limits

KEYS: Final = st.sampled_from(["a", "b", "c"])


class SchedulerMachine(RuleBasedStateMachine):
    """Requests, loads, deaths and time in any order; the world asserts that each effect was allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0
        self.world = World(Limits(1, 1, None, None))

    @initialize(
        max_loaded=st.integers(1, 3),
        max_queue=st.integers(1, 6),
        keep_alive=st.sampled_from([None, 0.0, 5.0]),
        memory=st.sampled_from([15, 30, 100]),
    )
    def begin(self, max_loaded: int, max_queue: int, keep_alive: float | None, memory: int) -> None:
        self.world = World(Limits(max_loaded, max_queue, keep_alive, None), memory)

    @rule(
        key=KEYS,
        context=st.sampled_from([2048, 4096, 8192]),
        slots=st.integers(1, 2),
        size=st.integers(1, 20),
        batch=st.sampled_from([None, None, 64, 128]),
        keep_alive=st.sampled_from(["", "", 0.0, 2.0, 60.0, None]),
    )
    def arrive(
        self,
        key: str,
        context: int,
        slots: int,
        size: int,
        batch: int | None,
        keep_alive: float | str | None,
    ) -> None:
        self.requests += 1
        wanted = want(key, context, slots=slots, size=size, batch=batch, keep_alive=keep_alive)
        self.world.arrive(self.requests, wanted)

    @precondition(lambda self: self.world.waiting)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self.world.leave(data.draw(st.sampled_from(self.world.waiting)))

    @precondition(lambda self: self.world.holders)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        self.world.leave(data.draw(st.sampled_from(sorted(self.world.holders))))

    @precondition(lambda self: self.numbers("loading"))
    @rule(size=st.none() | st.integers(1, 25))
    def load(self, size: int | None) -> None:
        self.world.load(self.numbers("loading")[0], size)

    @precondition(lambda self: self.numbers("loading"))
    @rule(error=st.sampled_from([LoadError("damaged"), OutOfMemory("too large")]))
    def fail(self, error: LoadError) -> None:
        self.world.fail(self.numbers("loading")[0], error)

    @precondition(lambda self: self.numbers("closing"))
    @rule(data=st.data())
    def closed(self, data: st.DataObject) -> None:
        self.world.closed(data.draw(st.sampled_from(self.numbers("closing"))))

    @precondition(lambda self: self.numbers("ready"))
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        self.world.crash(data.draw(st.sampled_from(self.numbers("ready"))))

    @rule(key=KEYS)
    def unload(self, key: str) -> None:
        self.world.unload(key)

    @rule(seconds=st.sampled_from([0.5, 3.0, 100.0]))
    def advance(self, seconds: float) -> None:
        self.world.advance(seconds)

    @invariant()
    def integrity(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.settle()

    def numbers(self, phase: str) -> list[int]:
        return [number for number, process in self.world.processes.items() if process.phase == phase]


class LongMachine(SchedulerMachine):
    """The same, at length."""


SchedulerMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
LongMachine.TestCase.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)
TestScheduler = SchedulerMachine.TestCase
TestSchedulerLong = pytest.mark.slow(LongMachine.TestCase)
