"""What a request wants of a runner, and when a loaded runner will do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from hearth.engine.contract import RunnerSpec
from hearth.messages import KeepAlive

_NEVER_COMPARED: Final = frozenset({"context", "slots"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds that the scheduler keeps."""

    max_loaded: int
    """Models resident at once; below 1 counts as 1."""
    max_queue: int
    """Requests waiting at once; below 1 counts as 1, since a request waits while its model loads."""
    keep_alive: float | None
    """Seconds a model stays after its last request where no request says; None: for ever."""
    load_timeout: float | None
    """Seconds without progress after which a load is given up; None: never."""


@dataclass(frozen=True, slots=True)
class Want:
    """A model, loaded in a certain way."""

    key: str
    """Which model: equal for equal blob, projector and adapters. There is one runner for each key."""
    name: str
    spec: RunnerSpec
    explicit: frozenset[str] = frozenset()
    """Fields of `spec` that the request itself set; in the others any runner of the model will do."""
    keep_alive: KeepAlive | None = None
    bytes_needed: int = 0
    """Estimate of the memory that a runner with this spec takes."""
    details: Any = None
    """Whatever the caller wants to see again in the list of residents."""


def serves(spec: RunnerSpec, want: Want) -> bool:
    """Whether a runner loaded as `spec` will do. Its context may be larger than what is wanted."""
    return spec.context >= want.spec.context and agrees(spec, want)


def agrees(spec: RunnerSpec, want: Want) -> bool:
    """Whether `spec` has every value that the request set itself, its context apart."""
    return all(getattr(spec, name) == getattr(want.spec, name) for name in want.explicit - _NEVER_COMPARED)


def inherit(want: Want, spec: RunnerSpec, explicit: frozenset[str], size: int) -> Want:
    """`want` for a reload that still serves the callers of the runner that it replaces.

    Neither context nor batch shrinks, and what earlier requests set stays where this one leaves it open.
    Without that, two clients that disagree would have the model loaded anew at every turn.
    """
    kept: dict[str, Any] = {"batch": max(spec.batch, want.spec.batch)}
    kept |= {name: getattr(spec, name) for name in explicit - _NEVER_COMPARED}
    kept |= {name: getattr(want.spec, name) for name in want.explicit}
    reload = replace(want, spec=replace(want.spec, **kept), explicit=want.explicit | explicit)
    return _widened(reload, spec, size)


def widen(want: Want, others: Iterable[Want]) -> Want:
    """`want` with a context that suits all the others that it does not contradict: one load, not several."""
    for other in others:
        if agrees(want.spec, other):
            want = _widened(want, other.spec, other.bytes_needed)
    return want


def _widened(want: Want, spec: RunnerSpec, size: int) -> Want:
    if spec.context <= want.spec.context:
        return want
    wider = replace(want.spec, context=spec.context, slots=spec.slots)
    return replace(want, spec=wider, bytes_needed=max(want.bytes_needed, size))
