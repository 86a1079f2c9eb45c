"""The two records that the state machine keeps: a runner in memory, and a request without a slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from hearth.engine.contract import RunnerSpec
from hearth.scheduler.wants import Want


class Phase(Enum):
    """Where a runner is in its life. It takes memory in all of them."""

    LOADING = auto()
    READY = auto()
    CLOSING = auto()


@dataclass(slots=True, eq=False)
class Residency:
    """A runner as the scheduler sees it."""

    id: int
    want: Want
    """What it was loaded for; its spec is the runner's."""
    size: int
    """Bytes: the estimate, and once loaded the measure."""
    keep_alive: float | None
    retry: bool = False
    """The load before this one ran out of memory."""
    phase: Phase = Phase.LOADING
    serving: set[int] = field(default_factory=set)
    stopping: bool = False
    """Expired or unloaded: takes no new requests and closes when idle."""
    leaving: bool = False
    """Must make room: takes no requests that came after the one that needs the room, and closes when idle."""
    came_up: int = 0
    """The number of arrivals before it was loaded."""
    idle_since: float = 0.0
    explicit: frozenset[str] = frozenset()
    """Fields of the spec that a request it served had set itself."""

    @property
    def spec(self) -> RunnerSpec:
        return self.want.spec

    @property
    def open(self) -> bool:
        return self.phase is Phase.READY and not self.stopping

    @property
    def idle(self) -> bool:
        return self.phase is Phase.READY and not self.serving

    @property
    def has_slot(self) -> bool:
        return len(self.serving) < self.spec.slots

    @property
    def expires_at(self) -> float | None:
        """When it goes, if idle and left alone; None while it serves and if it stays for ever."""
        return self.idle_since + self.keep_alive if self.idle and self.keep_alive is not None else None


@dataclass(slots=True, eq=False)
class Waiting:
    """A request without a slot."""

    id: int
    want: Want
    order: int
    """The number of arrivals before it."""
    retry: bool = False
