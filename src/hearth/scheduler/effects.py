"""What the state machine asks the world to do; the service carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hearth.engine.contract import RunnerSpec
from hearth.errors import HearthError


@dataclass(frozen=True, slots=True)
class StartLoad:
    """Start loading; answer with `loaded` or `load_failed`."""

    runner: int
    spec: RunnerSpec


@dataclass(frozen=True, slots=True)
class CancelLoad:
    """Nobody waits for this load any more; answer with `closed` once its memory is free."""

    runner: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close a runner that serves nobody; answer with `closed` once its memory is free."""

    runner: int


@dataclass(frozen=True, slots=True)
class Grant:
    """The request has a slot of the runner until it leaves."""

    request: int
    runner: int


@dataclass(frozen=True, slots=True)
class Reject:
    """The request will not be served."""

    request: int
    error: HearthError


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send `tick` at this time; None: not until another time is given."""

    time: float | None


Effect: TypeAlias = "StartLoad | CancelLoad | Close | Grant | Reject | WakeAt"
