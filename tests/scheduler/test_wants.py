"""When a runner will do, and what a reload takes over from the runner that it replaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.scheduler.world import want

from hearth.scheduler.wants import Want, inherit, serves, widen


def setting(name: str, value: Any) -> Want:
    """A want whose request set one field of the spec."""
    plain = want("a")
    return replace(plain, spec=replace(plain.spec, **{name: value}), explicit=frozenset({name}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch", 64),
        ("gpu_layers", 0),
        ("main_gpu", 1),
        ("mmap", False),
        ("threads", 3),
        ("embedding", True),
        ("kv_type", "q8_0"),
    ],
)
def test_a_load_option_counts_only_if_the_request_set_it(name: str, value: Any) -> None:
    asked = setting(name, value)
    assert not serves(want("a").spec, asked)
    assert serves(want("a").spec, replace(asked, explicit=frozenset()))
    assert serves(asked.spec, want("a"))


def test_the_context_is_a_minimum_whoever_chose_it() -> None:
    assert serves(want("a", 4096).spec, want("a", 2048))
    assert not serves(want("a", 2048).spec, want("a", 4096))
    assert not serves(want("a", 2048).spec, setting("context", 4096))


def test_the_number_of_slots_never_causes_a_reload() -> None:
    assert serves(want("a", slots=1).spec, want("a", slots=4))


def test_a_reload_for_an_option_keeps_the_larger_context_with_its_slots_and_size() -> None:
    resident = want("a", 8192, slots=1)
    reload = inherit(want("a", 2048, slots=4, size=10, batch=64), resident.spec, frozenset(), 70)
    assert (reload.spec.context, reload.spec.slots, reload.spec.batch) == (8192, 1, 64)
    assert reload.bytes_needed == 70


def test_a_growing_reload_has_the_estimate_of_the_larger_want() -> None:
    resident = want("a", 2048, slots=4)
    reload = inherit(want("a", 8192, slots=2, size=50), resident.spec, frozenset(), 70)
    assert (reload.spec.context, reload.spec.slots, reload.bytes_needed) == (8192, 2, 50)


def test_a_batch_that_nobody_set_does_not_shrink() -> None:
    resident = replace(want("a").spec, batch=2048)
    assert inherit(want("a", 8192), resident, frozenset(), 0).spec.batch == 2048
    assert inherit(want("a", 8192, batch=64), resident, frozenset(), 0).spec.batch == 64


def test_a_batch_that_an_earlier_request_set_stays() -> None:
    resident = want("a", batch=64)
    reload = inherit(want("a", 8192), resident.spec, resident.explicit, 0)
    assert reload.spec.batch == 64
    assert serves(reload.spec, resident)


def test_a_load_is_as_wide_as_all_who_agree_with_it() -> None:
    first = want("a", 2048, batch=64)
    wide = widen(first, [want("a", 4096, slots=1, size=40), want("a", 8192, batch=128)])
    assert (wide.spec.context, wide.spec.slots, wide.spec.batch) == (4096, 1, 64)
    assert wide.bytes_needed == 40
