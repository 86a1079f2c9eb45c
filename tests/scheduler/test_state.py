"""What the policy promises, one history each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scheduler.world import World, want

from hearth.errors import LoadError, OutOfMemory, ServerBusy
from hearth.scheduler.effects import WakeAt
from hearth.scheduler.wants import Limits


def make_world(max_loaded: int = 3, max_queue: int = 100, keep_alive: float | None = 300.0) -> World:
    return World(Limits(max_loaded, max_queue, keep_alive, None))


def serve(world: World, request: int, key: str, keep_alive: float | str | None = "") -> None:
    """A request that comes, has its model loaded if need be, and goes a second later."""
    world.arrive(request, want(key, keep_alive=keep_alive))
    while request in world.waiting:
        assert world.step()
    world.advance(1)
    world.leave(request)


def test_requests_for_one_model_share_its_load_and_its_slots() -> None:
    world = make_world()
    for request in (1, 2, 3):
        world.arrive(request, want("a", slots=2))
    world.load(1)
    assert sorted(world.holders) == [1, 2]
    world.leave(1)
    assert sorted(world.holders) == [2, 3]
    assert len(world.started) == 1


def test_a_loaded_model_serves_while_another_one_loads() -> None:
    world = make_world()
    serve(world, 1, "a")
    world.arrive(2, want("b"))
    world.arrive(3, want("c"))
    world.arrive(4, want("a"))
    assert world.process("c") is None
    assert sorted(world.holders) == [4]


def test_a_larger_context_serves_a_smaller_want() -> None:
    world = make_world()
    world.arrive(1, want("a", 8192))
    world.load(1)
    world.arrive(2, want("a", 2048))
    assert sorted(world.holders) == [1, 2]


def test_a_larger_want_grows_the_model_once_its_requests_are_done() -> None:
    world = make_world()
    world.arrive(1, want("a", 2048))
    world.load(1)
    world.arrive(2, want("a", 4096))
    world.arrive(3, want("a", 2048))
    world.arrive(4, want("a", 8192))
    assert sorted(world.holders) == [1]
    world.leave(1)
    world.closed(1)
    world.load(2)
    assert sorted(world.holders) == [2, 3]
    world.settle()
    assert [spec.context for spec in world.started] == [2048, 8192]


def test_a_want_for_growth_is_not_overtaken_while_another_model_loads() -> None:
    world = make_world()
    world.arrive(1, want("a", 2048))
    world.load(1)
    world.arrive(2, want("b"))
    world.arrive(3, want("a", 4096))
    world.arrive(4, want("a", 2048))
    assert sorted(world.holders) == [1]


def test_a_model_that_would_have_grown_goes_on_if_the_larger_want_is_given_up() -> None:
    world = make_world()
    world.arrive(1, want("a", 2048))
    world.load(1)
    world.arrive(2, want("a", 4096))
    world.arrive(3, want("a", 2048))
    world.leave(2)
    assert sorted(world.holders) == [1, 3]


def test_a_reload_keeps_context_options_and_keep_alive_of_the_runner_before() -> None:
    world = make_world()
    world.arrive(1, want("a", 8192, batch=64, keep_alive=None))
    world.load(1)
    world.leave(1)
    world.arrive(2, want("a", 16384))
    world.step()
    world.step()
    world.leave(2)
    assert (world.started[1].context, world.started[1].batch) == (16384, 64)
    assert world.wake_at is None
    world.arrive(3, want("a", 2048, batch=128))
    world.settle()
    assert (world.started[2].context, world.started[2].batch) == (16384, 128)


def test_a_reload_keeps_an_option_that_a_served_request_had_set() -> None:
    world = make_world()
    serve(world, 1, "a")
    world.arrive(2, want("a", batch=512))
    world.leave(2)
    larger = want("a", 8192)
    world.arrive(3, replace(larger, spec=replace(larger.spec, batch=1024)))
    world.settle()
    assert [spec.batch for spec in world.started] == [512, 512]


def test_only_options_that_the_request_set_cause_a_reload() -> None:
    world = make_world()
    serve(world, 1, "a")
    world.arrive(2, want("a", batch=512))
    world.arrive(3, want("a"))
    assert sorted(world.holders) == [2, 3]
    world.arrive(4, want("a", batch=64))
    world.settle()
    assert [spec.batch for spec in world.started] == [512, 64]


def test_the_keep_alive_runs_from_the_end_of_the_last_request() -> None:
    world = make_world(keep_alive=10)
    world.arrive(1, want("a"))
    world.load(1)
    world.arrive(2, want("a"))
    world.advance(100)
    world.leave(1)
    world.advance(100)
    world.leave(2)
    world.advance(9)
    assert world.processes[1].phase == "ready"
    world.advance(1)
    assert world.processes[1].phase == "closing"


def test_a_tick_that_comes_too_early_is_asked_for_again() -> None:
    world = make_world(keep_alive=10)
    serve(world, 1, "a")
    assert world.state.tick(10.9) == [WakeAt(11)]


def test_a_request_replaces_the_keep_alive() -> None:
    world = make_world(keep_alive=10)
    serve(world, 1, "a", keep_alive=1000)
    serve(world, 2, "a")
    world.advance(500)
    assert world.processes[1].phase == "ready"
    serve(world, 3, "a", keep_alive=0)
    assert world.processes[1].phase == "closing"


@pytest.mark.parametrize("keep_alive", [None, -1.0])
def test_a_model_can_stay_for_ever(keep_alive: float | None) -> None:
    world = make_world(keep_alive=10)
    world.arrive(1, want("a", keep_alive=keep_alive))
    world.load(1)
    world.processes[1].keep = None
    world.leave(1)
    assert world.wake_at is None


def test_with_keep_alive_zero_the_waiting_are_served_first() -> None:
    world = make_world(keep_alive=0)
    world.arrive(1, want("a", slots=1))
    world.arrive(2, want("a", slots=1))
    world.load(1)
    world.leave(1)
    assert sorted(world.holders) == [2]
    world.leave(2)
    assert world.processes[1].phase == "closing"


def test_the_shortest_keep_alive_makes_room_then_the_longest_unused() -> None:
    world = make_world(max_loaded=3)
    serve(world, 1, "a", keep_alive=50)
    serve(world, 2, "b", keep_alive=50)
    serve(world, 3, "c", keep_alive=60)
    serve(world, 4, "d", keep_alive=60)
    assert world.process("a") is None
    serve(world, 5, "c")
    serve(world, 6, "e", keep_alive=70)
    assert world.process("b") is None
    serve(world, 7, "f", keep_alive=70)
    assert world.process("d") is None
    assert world.process("c") is not None


def test_a_busy_model_makes_room_when_its_requests_are_done() -> None:
    world = make_world(max_loaded=1)
    world.arrive(1, want("a"))
    world.load(1)
    world.arrive(2, want("b"))
    world.arrive(3, want("a"))
    assert sorted(world.holders) == [1]
    world.leave(1)
    world.closed(1)
    world.load(2)
    assert sorted(world.holders) == [2]
    world.settle()


def test_memory_is_freed_only_as_far_as_needed() -> None:
    world = make_world()
    serve(world, 1, "a", keep_alive=50)
    serve(world, 2, "b", keep_alive=60)
    world.arrive(3, want("c", size=85))
    world.arrive(4, want("b"))
    world.leave(4)
    assert world.processes[world.number("a")].phase == "closing"
    assert world.processes[world.number("b")].phase == "ready"


def test_with_nothing_resident_even_the_largest_model_is_tried() -> None:
    world = make_world()
    world.arrive(1, want("a", size=1000))
    assert len(world.started) == 1


def test_two_busy_models_cannot_keep_a_third_out() -> None:
    world = make_world(max_loaded=2)
    for request, key in enumerate("aabb"):
        world.arrive(request, want(key))
    world.load(1)
    world.load(2)
    world.arrive(4, want("c"))
    for request in range(5, 25):
        world.advance(1)
        key = "ab"[request % 2]
        world.arrive(request, want(key))
        world.leave(min((h for h in world.holders if world.wants[h].key == key), default=0))
    assert "closing" in {process.phase for process in world.processes.values()}


def test_an_idle_model_makes_room_rather_than_one_that_has_just_come_up() -> None:
    world = make_world(max_loaded=2)
    serve(world, 1, "idle", keep_alive=1000)
    world.arrive(2, want("new"))
    world.arrive(3, want("next"))
    world.load(world.number("new"))
    assert sorted(world.holders) == [2]
    assert world.processes[world.number("idle")].phase == "closing"


def test_alternating_models_are_served_in_batches() -> None:
    world = make_world(max_loaded=1)
    for request in range(20):
        world.arrive(request, want("ab"[request % 2]))
    world.settle()
    assert len(world.started) == 2


def test_out_of_memory_is_tried_again_without_the_idle_models() -> None:
    world = make_world()
    serve(world, 1, "a")
    world.arrive(2, want("b"))
    world.fail(2, OutOfMemory("too large"))
    assert world.processes[1].phase == "closing"
    assert len(world.started) == 2
    world.closed(1)
    world.fail(3, OutOfMemory("still too large"))
    assert str(world.errors[2]) == "still too large"
    assert not world.processes


def test_out_of_memory_is_tried_again_only_once() -> None:
    world = make_world()
    serve(world, 1, "a")
    world.arrive(2, want("b"))
    world.load(2)
    world.arrive(3, want("c"))
    world.fail(3, OutOfMemory("too large"))
    world.closed(1)
    world.leave(2)
    world.fail(4, OutOfMemory("still too large"))
    assert 3 in world.errors
    assert world.processes[2].phase == "ready"


def test_a_failed_load_fails_those_it_was_for_and_the_next_request_tries_anew() -> None:
    world = make_world()
    world.arrive(1, want("a"))
    world.arrive(2, want("a"))
    world.arrive(3, want("a", batch=64))
    world.fail(1, LoadError("damaged"))
    assert sorted(world.errors) == [1, 2]
    assert world.started[1].batch == 64
    world.arrive(4, want("a"))
    world.settle()
    assert 4 not in world.errors


def test_a_load_is_cancelled_when_the_last_one_who_wants_it_goes() -> None:
    world = make_world()
    world.arrive(1, want("a"))
    world.arrive(2, want("a"))
    world.leave(1)
    assert world.processes[1].phase == "loading"
    world.leave(2)
    assert world.processes[1].phase == "closing"
    world.arrive(3, want("a"))
    world.settle()


def test_unload_waits_for_running_requests() -> None:
    world = make_world()
    world.arrive(1, want("a", 8192))
    world.load(1)
    world.unload("a")
    world.arrive(2, want("a", 2048))
    assert sorted(world.holders) == [1]
    world.leave(1)
    world.closed(1)
    world.load(2)
    assert sorted(world.holders) == [2]
    assert [spec.context for spec in world.started] == [8192, 2048]


def test_unload_of_an_idle_model_is_immediate() -> None:
    world = make_world(keep_alive=None)
    serve(world, 1, "a")
    world.unload("a")
    assert world.processes[1].phase == "closing"


def test_a_dead_runner_is_replaced_for_those_who_wait() -> None:
    world = make_world()
    world.arrive(1, want("a", slots=1))
    world.arrive(2, want("a", slots=1))
    world.load(1)
    world.crash(1)
    world.closed(1)
    world.load(2)
    assert sorted(world.holders) == [2]


def test_a_full_queue_refuses_only_those_who_would_wait() -> None:
    world = make_world(max_queue=1)
    serve(world, 1, "a")
    world.arrive(2, want("b"))
    world.arrive(3, want("c"))
    world.arrive(4, want("a"))
    assert isinstance(world.errors[3], ServerBusy)
    assert sorted(world.holders) == [4]
    assert world.waiting == [2]
