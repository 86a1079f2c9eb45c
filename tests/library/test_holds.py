from __future__ import annotations

import threading

import pytest

from hearth.library.holds import GRACE_S, Holds
from hearth.names import Digest

A, B = Digest.of(b"a"), Digest.of(b"b")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def holds(clock: Clock) -> Holds:
    return Holds(threading.RLock(), clock)


def test_held_while_the_context_is_open(holds: Holds) -> None:
    with holds.hold([A, A]):
        with holds.hold([A, B]):
            assert holds.protects(A)
            assert holds.protects(B)
        assert holds.protects(A)
        assert not holds.protects(B)
    assert not holds.protects(A)


def test_released_after_an_error(holds: Holds) -> None:
    with pytest.raises(ZeroDivisionError), holds.hold([A]):
        raise ZeroDivisionError
    assert not holds.protects(A)


def test_each_arrival_waits_for_a_manifest_of_its_own(holds: Holds) -> None:
    holds.stored(A)
    holds.stored(A)
    holds.used([A, A])
    assert holds.protects(A)
    holds.used([A, B])
    assert not holds.protects(A)


def test_an_arrival_is_given_up_after_an_hour(holds: Holds, clock: Clock) -> None:
    holds.stored(A)
    clock.now += GRACE_S / 2
    holds.stored(A)
    clock.now += GRACE_S / 2
    holds.used([A])
    assert not holds.protects(A)
    holds.stored(A)
    clock.now += GRACE_S - 1
    assert holds.protects(A)
    clock.now += 1
    assert not holds.protects(A)
