"""Which models are resident, who waits, who goes: the policy, without a clock, a thread or a process.

Every event is a method that returns the effects to carry out. After each one `_settle` looks at the whole
picture again, in the order of arrival:

* a request whose model is resident, as it wants it, gets a free slot or waits for one;
* the first request whose model is not resident so has the next load: it is the *lead*. Runners that must
  make room for it leave as soon as they are idle. Until then they serve whoever came before the lead, so
  that nobody starves, and whoever already waited when they came up, so that a queue of alternating models
  is not a swap for each request.

Draining, growing and evicting are not states of their own: they follow from who waits, and end with it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hearth.errors import HearthError, OutOfMemory, ServerBusy
from hearth.messages import KeepAlive
from hearth.scheduler.effects import CancelLoad, Close, Effect, Grant, Reject, StartLoad, WakeAt
from hearth.scheduler.residency import Phase, Residency, Waiting
from hearth.scheduler.wants import Limits, Want, inherit, serves, widen


class State:
    """The scheduler's state. Runners are held by model key, so there is never a second one of a model."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.runners: dict[str, Residency] = {}
        self.waiting: dict[int, Waiting] = {}
        self.available = 0
        """Bytes that a new runner could take beside those that are there, as last measured."""
        self._arrivals = 0
        self._loads = 0
        self._wake_at: float | None = None

    def arrive(self, request: int, want: Want) -> list[Effect]:
        """A request asks for a slot; it is granted or rejected sooner or later, unless it leaves first."""
        entry = Waiting(request, want, self._arrivals)
        if len(self.waiting) >= max(1, self.limits.max_queue) and not self._has_slot_for(entry):
            return [Reject(request, ServerBusy())]
        self._arrivals += 1
        self.waiting[request] = entry
        return self._settle()

    def leave(self, request: int, now: float) -> list[Effect]:
        """A request is over or given up, wherever it was; unknown ones are no error."""
        self.waiting.pop(request, None)
        for runner in self.runners.values():
            if request in runner.serving:
                runner.serving.discard(request)
                runner.idle_since = now
        return self._settle()

    def loaded(self, runner_id: int, size: int, now: float) -> list[Effect]:
        """A load is done; `size` is what the runner takes, in bytes."""
        runner = self._find(runner_id)
        if runner is None or runner.phase is Phase.CLOSING:
            return [Close(runner_id)]
        runner.phase = Phase.READY
        runner.size, runner.came_up, runner.idle_since = size, self._arrivals, now
        return self._settle()

    def load_failed(self, runner_id: int, error: HearthError) -> list[Effect]:
        """A load failed and its memory is free: whoever it was for is told, and a later request tries anew.

        Where memory was short and another model can make room at once, the load is tried once more instead.
        """
        runner = self._find(runner_id)
        if runner is None or runner.phase is Phase.CLOSING:
            return self.closed(runner_id)
        del self.runners[runner.want.key]
        concerned = self._concerned(runner)
        yields = any(r.idle or r.phase is Phase.CLOSING for r in self.runners.values())
        retry = isinstance(error, OutOfMemory) and yields
        effects: list[Effect] = []
        for waiting in concerned:
            if retry and not runner.retry:
                waiting.retry = True
            else:
                del self.waiting[waiting.id]
                effects.append(Reject(waiting.id, error))
        return effects + self._settle()

    def closed(self, runner_id: int) -> list[Effect]:
        """A runner's process is gone and its memory is free."""
        runner = self._find(runner_id)
        if runner is not None:
            del self.runners[runner.want.key]
        return self._settle()

    def died(self, runner_id: int) -> list[Effect]:
        """A runner was found dead. Those it served hear of it from the runner; the others get a new one."""
        runner = self._find(runner_id)
        if runner is None or runner.phase is not Phase.READY:
            return []
        runner.serving.clear()
        runner.phase = Phase.CLOSING
        return [Close(runner_id), *self._settle()]

    def unload(self, key: str) -> list[Effect]:
        """The user wants the model gone: at once if idle, else when its running requests are done."""
        runner = self.runners.get(key)
        if runner is not None and runner.phase is Phase.LOADING:
            runner.keep_alive = 0
        elif runner is not None:
            runner.stopping = True
        return self._settle()

    def tick(self, now: float) -> list[Effect]:
        """Time has passed. A tick uses up the time that `WakeAt` gave."""
        self._wake_at = None
        for runner in self.runners.values():
            runner.stopping |= runner.expires_at is not None and runner.expires_at <= now
        return self._settle()

    def memory_changed(self, available: int) -> list[Effect]:
        """`available` bytes are free beside the runners that are there."""
        self.available = available
        return self._settle()

    def check_integrity(self) -> None:
        """Assert what must hold between two events."""
        runners = self.runners.values()
        assert sum(r.phase is Phase.LOADING for r in runners) <= 1
        assert all(key == r.want.key for key, r in self.runners.items())
        served = [request for r in runners for request in r.serving]
        assert len(set(served) | set(self.waiting)) == len(served) + len(self.waiting)
        assert all(len(r.serving) <= r.spec.slots for r in runners)
        assert not any(r.serving for r in runners if r.phase is not Phase.READY)
        assert not any(r.idle and (r.stopping or r.keep_alive == 0) for r in runners)
        assert len(self.waiting) <= max(1, self.limits.max_queue)
        assert not self.waiting or served or any(r.phase is not Phase.READY for r in runners)
        assert not any(self._has_slot_for(waiting) for waiting in self.waiting.values())
        assert self._wake_at == self._next_expiry()

    def _settle(self) -> list[Effect]:
        effects: list[Effect] = []
        lead = self._lead()
        want = self._load_of(lead) if lead else None
        self._mark_leaving(lead, want)
        effects += self._grant(lead)
        effects += self._close(lead)
        if lead and want and self._has_room(lead, want):
            effects.append(self._start(lead, want))
        effects += self._cancel_unwanted()
        return effects + self._wake()

    def _lead(self) -> Waiting | None:
        """The request that has the next load: the first one that no resident runner will do for."""
        if any(runner.phase is Phase.LOADING for runner in self.runners.values()):
            return None
        return next((waiting for waiting in self.waiting.values() if self._server(waiting) is None), None)

    def _server(self, waiting: Waiting) -> Residency | None:
        """The runner that the request can have a slot of, now or later."""
        runner = self.runners.get(waiting.want.key)
        return runner if runner and runner.open and serves(runner.spec, waiting.want) else None

    def _load_of(self, lead: Waiting) -> Want:
        """What to load for the lead, in a way that suits whoever else waits for the model."""
        return widen(lead.want, (w.want for w in self.waiting.values() if w.want.key == lead.want.key))

    def _mark_leaving(self, lead: Waiting | None, want: Want | None) -> None:
        victims = self._victims(lead, want) if lead and want else []
        for runner in self.runners.values():
            runner.leaving = runner in victims

    def _victims(self, lead: Waiting, want: Want) -> list[Residency]:
        """The runners that must go before the lead can load: its own outgrown one, else others."""
        own = self.runners.get(want.key)
        if own is not None:
            return [own]
        staying = [runner for runner in self.runners.values() if runner.open]
        room = self.available + sum(r.size for r in self.runners.values() if not r.open)
        victims: list[Residency] = []
        for runner in sorted(staying, key=lambda runner: self._rank(runner, lead)):
            fits = self._is_busy(runner, lead) if lead.retry else want.bytes_needed <= room
            if fits and len(staying) - len(victims) < max(1, self.limits.max_loaded):
                break
            victims.append(runner)
            room += runner.size
        return victims

    def _rank(self, runner: Residency, lead: Waiting) -> tuple[bool, bool, float, float]:
        """Who goes first: the idle, then the shortest keep-alive, then the longest unused.

        A busy runner that is already leaving stays the choice. If the order could change whenever one
        finishes a request, two busy runners could hand the role to each other for ever.
        """
        stay = math.inf if runner.keep_alive is None else runner.keep_alive
        return self._is_busy(runner, lead), not runner.leaving, stay, runner.idle_since

    def _is_busy(self, runner: Residency, lead: Waiting) -> bool:
        return bool(runner.serving) or any(
            waiting.want.key == runner.want.key and _precedes(waiting, lead, runner)
            for waiting in self.waiting.values()
        )

    def _grant(self, lead: Waiting | None) -> list[Effect]:
        effects: list[Effect] = []
        held: set[str] = set()
        for waiting in list(self.waiting.values()):
            key = waiting.want.key
            runner = self._server(waiting)
            if key not in held and runner and self._admits(runner, waiting, lead):
                effects.append(self._admit(runner, waiting))
            else:
                held.add(key)
        return effects

    def _admits(self, runner: Residency, waiting: Waiting, lead: Waiting | None) -> bool:
        turn = not runner.leaving or lead is None or _precedes(waiting, lead, runner)
        return turn and runner.has_slot

    def _admit(self, runner: Residency, waiting: Waiting) -> Grant:
        del self.waiting[waiting.id]
        runner.serving.add(waiting.id)
        runner.explicit |= waiting.want.explicit
        if waiting.want.keep_alive is not None:
            runner.keep_alive = _stay(waiting.want.keep_alive)
        return Grant(waiting.id, runner.id)

    def _close(self, lead: Waiting | None) -> list[Effect]:
        effects: list[Effect] = []
        for runner in self.runners.values():
            if not runner.idle or not (runner.stopping or runner.leaving or runner.keep_alive == 0):
                continue
            if lead and runner.open and lead.want.key == runner.want.key:
                lasting = lead.want.keep_alive or KeepAlive(runner.keep_alive)
                want = replace(lead.want, keep_alive=lasting)
                lead.want = inherit(want, runner.spec, runner.explicit, runner.size)
            runner.phase = Phase.CLOSING
            effects.append(Close(runner.id))
        return effects

    def _has_room(self, lead: Waiting, want: Want) -> bool:
        if not self.runners:
            return True
        if want.key in self.runners or len(self.runners) >= self.limits.max_loaded:
            return False
        if lead.retry:
            return not any(runner.phase is Phase.CLOSING for runner in self.runners.values())
        return want.bytes_needed <= self.available

    def _start(self, lead: Waiting, want: Want) -> StartLoad:
        self._loads += 1
        stay = self.limits.keep_alive if want.keep_alive is None else _stay(want.keep_alive)
        self.runners[want.key] = Residency(
            self._loads, want, want.bytes_needed, stay, lead.retry, explicit=want.explicit
        )
        return StartLoad(self._loads, want.spec)

    def _cancel_unwanted(self) -> list[Effect]:
        effects: list[Effect] = []
        for runner in self.runners.values():
            if runner.phase is Phase.LOADING and not self._concerned(runner):
                runner.phase = Phase.CLOSING
                effects.append(CancelLoad(runner.id))
        return effects

    def _wake(self) -> list[Effect]:
        wake_at = self._next_expiry()
        if wake_at == self._wake_at:
            return []
        self._wake_at = wake_at
        return [WakeAt(wake_at)]

    def _next_expiry(self) -> float | None:
        return min((r.expires_at for r in self.runners.values() if r.expires_at is not None), default=None)

    def _concerned(self, runner: Residency) -> list[Waiting]:
        """The requests that a load is for."""
        return [
            w for w in self.waiting.values() if w.want.key == runner.want.key and serves(runner.spec, w.want)
        ]

    def _find(self, runner_id: int) -> Residency | None:
        return next((runner for runner in self.runners.values() if runner.id == runner_id), None)

    def _has_slot_for(self, waiting: Waiting) -> bool:
        """Whether the request would not have to wait."""
        runner = self._server(waiting)
        rivals = (w for w in self.waiting.values() if w.want.key == waiting.want.key)
        first = next(rivals, waiting) is waiting
        return first and runner is not None and self._admits(runner, waiting, self._lead())


def _precedes(waiting: Waiting, lead: Waiting, runner: Residency) -> bool:
    """Whether a runner that has to leave for the lead still serves this request."""
    return waiting.order < max(lead.order, runner.came_up)


def _stay(keep_alive: KeepAlive) -> float | None:
    seconds = keep_alive.seconds
    return None if seconds is None or seconds < 0 else seconds
