"""A world for the state machine to act on, which protests at every wrong effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hearth.engine.contract import RunnerSpec
from hearth.errors import HearthError, ServerBusy
from hearth.messages import KeepAlive
from hearth.scheduler.effects import CancelLoad, Close, Effect, Grant, Reject, StartLoad, WakeAt
from hearth.scheduler.state import State
from hearth.scheduler.wants import Limits, Want, agrees, serves


def want(
    key: str,
    context: int = 4096,
    *,
    slots: int = 2,
    size: int = 10,
    batch: int | None = None,
    keep_alive: float | str | None = "",
) -> Want:
    """A want of the model `key`; the batch counts as set by the request if it is given."""
    spec = RunnerSpec(Path(key), context=context, slots=slots, batch=512 if batch is None else batch)
    return Want(
        key=key,
        name=key,
        spec=spec,
        explicit=frozenset() if batch is None else frozenset({"batch"}),
        keep_alive=None if isinstance(keep_alive, str) else KeepAlive(keep_alive),
        bytes_needed=size,
    )


@dataclass
class Process:
    """What the world knows of a runner."""

    key: str
    spec: RunnerSpec
    size: int
    keep: float | None
    phase: str = "loading"
    serving: set[int] = field(default_factory=set)
    idle_at: float = 0.0
    unloaded: bool = False


class World:
    """Carries effects out and asserts that each of them was allowed."""

    def __init__(self, limits: Limits, memory: int = 100) -> None:
        self.limits = limits
        self.state = State(limits)
        self.memory = memory
        self.now = 0.0
        self.wake_at: float | None = None
        self.processes: dict[int, Process] = {}
        self.wants: dict[int, Want] = {}
        self.waiting: list[int] = []
        self.errors: dict[int, HearthError] = {}
        self.short: set[str] = set()
        self.started: list[RunnerSpec] = []

    @property
    def free(self) -> int:
        return self.memory - sum(process.size for process in self.processes.values())

    @property
    def holders(self) -> dict[int, int]:
        return {request: number for number, p in self.processes.items() for request in p.serving}

    def process(self, key: str) -> Process | None:
        return next((p for p in self.processes.values() if p.key == key), None)

    def number(self, key: str) -> int:
        return next(number for number, p in self.processes.items() if p.key == key)

    def arrive(self, request: int, wanted: Want) -> None:
        self._measure()
        self.wants[request] = wanted
        self.waiting.append(request)
        self._perform(self.state.arrive(request, wanted))

    def leave(self, request: int) -> None:
        self._measure()
        if request in self.waiting:
            self.waiting.remove(request)
        for process in self.processes.values():
            if request in process.serving:
                process.serving.remove(request)
                process.idle_at = self.now
        self._perform(self.state.leave(request, self.now))

    def load(self, number: int, size: int | None = None) -> None:
        process = self.processes[number]
        process.phase, process.idle_at = "ready", self.now
        process.size = process.size if size is None else size
        self._measure()
        self._perform(self.state.loaded(number, process.size, self.now))

    def fail(self, number: int, error: HearthError) -> None:
        process = self.processes.pop(number)
        self.short |= {process.key}
        self._measure()
        self._perform(self.state.load_failed(number, error))

    def closed(self, number: int) -> None:
        assert self.processes.pop(number).phase == "closing"
        self._measure()
        self._perform(self.state.closed(number))

    def crash(self, number: int) -> None:
        process = self.processes[number]
        process.serving.clear()
        process.phase = "dead"
        self._perform(self.state.died(number))

    def unload(self, key: str) -> None:
        process = self.process(key)
        if process is not None and process.phase == "loading":
            process.keep = 0
        elif process is not None:
            process.unloaded = True
        self._perform(self.state.unload(key))

    def advance(self, seconds: float) -> None:
        """Let time pass; the state hears of it only when it asked to."""
        self.now += seconds
        if self.wake_at is not None and self.wake_at <= self.now:
            self._perform(self.state.tick(self.now))

    def settle(self) -> None:
        """Make progress until nobody waits and nothing is on its way."""
        for _ in range(1000):
            if not self.step():
                break
            self.check()
        assert not self.waiting
        assert not self.holders

    def step(self) -> bool:
        """One thing that the world does by itself; False if there is none left."""
        for number, process in self.processes.items():
            if process.phase == "loading":
                self.load(number)
                return True
            if process.phase == "closing":
                self.closed(number)
                return True
        if self.holders:
            self.leave(min(self.holders))
            return True
        return False

    def check(self) -> None:
        self.state.check_integrity()
        assert list(self.state.waiting) == self.waiting
        for process in self.processes.values():
            if process.phase == "ready" and not process.serving and process.keep is not None:
                assert process.idle_at + process.keep > self.now

    def _measure(self) -> None:
        self._perform(self.state.memory_changed(self.free))

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Grant(request, number):
                    self._grant(request, self.processes[number])
                case Reject(request, error):
                    assert not isinstance(error, ServerBusy) or len(self.waiting) > self.limits.max_queue
                    self.waiting.remove(request)
                    self.errors[request] = error
                case StartLoad(number, spec):
                    self._start(number, spec)
                case CancelLoad(number):
                    self._cancel(self.processes[number])
                case Close(number):
                    self._close(self.processes[number])
                case WakeAt(time):
                    self.wake_at = time
        self.state.check_integrity()

    def _grant(self, request: int, process: Process) -> None:
        wanted = self.wants[request]
        assert process.phase == "ready"
        assert not process.unloaded
        assert len(process.serving) < process.spec.slots
        assert process.key == wanted.key
        assert serves(process.spec, wanted)
        rivals = [waiting for waiting in self.waiting if self.wants[waiting].key == wanted.key]
        assert rivals[0] == request, "overtaken by a later request for the same model"
        self.waiting.remove(request)
        process.serving.add(request)
        if wanted.keep_alive is not None:
            process.keep = wanted.keep_alive.seconds

    def _start(self, number: int, spec: RunnerSpec) -> None:
        key = str(spec.model)
        mine = [self.wants[request] for request in self.waiting if self.wants[request].key == key]
        needed = min(wanted.bytes_needed for wanted in mine)
        assert all(p.phase != "loading" for p in self.processes.values())
        assert all(p.key != key for p in self.processes.values())
        assert not self.processes or len(self.processes) < self.limits.max_loaded
        assert not self.processes or needed <= self.free or key in self.short
        assert serves(spec, mine[0])
        assert all(spec.context >= wanted.spec.context for wanted in mine if agrees(spec, wanted))
        keep = self.state.runners[key].keep_alive
        self.processes[number] = Process(key, spec, self.state.runners[key].size, keep)
        self.started.append(spec)

    def _cancel(self, process: Process) -> None:
        assert process.phase == "loading"
        mine = [self.wants[request] for request in self.waiting if self.wants[request].key == process.key]
        assert not any(serves(process.spec, wanted) for wanted in mine)
        process.phase = "closing"

    def _close(self, process: Process) -> None:
        assert process.phase in {"ready", "dead"}
        assert not process.serving, "closed while it serves"
        expired = process.keep is not None and process.idle_at + process.keep <= self.now
        assert process.phase == "dead" or process.unloaded or expired or self.waiting, "closed without need"
        process.phase = "closing"
