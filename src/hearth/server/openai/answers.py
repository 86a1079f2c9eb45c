"""Several answers to one request, one after the other.

In turn and not at once: the prompt is evaluated for the first answer and found in the cache by the others,
and one request does not take every slot from other clients.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from hearth.messages import ChatRequest, Event, Finished, GenerateRequest, Usage
from hearth.server.disconnect import closing

R = TypeVar("R", ChatRequest, GenerateRequest)
Q = TypeVar("Q")
_SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Asked(Generic[Q]):
    """The requests that one call stands for: for each prompt, one request for each answer to it."""

    prompts: tuple[tuple[Q, ...], ...]
    echo: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """An event of the answer with this index."""

    index: int
    event: Event


@dataclass(frozen=True, slots=True)
class End:
    """What all answers cost together; a prompt counts once, however many answers it got."""

    usage: Usage


Told: TypeAlias = "Part | End"


def repeated(request: R, count: int) -> tuple[R, ...]:
    """The request `count` times, with a seed of its own each.

    A seed of the request is counted up. Without one the second and later answers get a random one, even if
    the model's parameters have a seed: they would otherwise all be the same.
    """
    return tuple(_nth(request, index, last=index == count - 1) for index in range(count))


def _nth(request: R, index: int, *, last: bool) -> R:
    # Only the last answer may end with the model's unloading.
    kept = request.keep_alive if last else None
    if index == 0:
        return replace(request, keep_alive=kept)
    seed = request.sampling.options.get("seed")
    own = (seed + index) % _SEEDS if isinstance(seed, int) and seed >= 0 else -1
    options = {**request.sampling.options, "seed": own}
    return replace(request, keep_alive=kept, sampling=replace(request.sampling, options=options))


async def each(
    ask: Callable[[Q], AsyncIterator[Event]], prompts: Sequence[Sequence[Q]]
) -> AsyncGenerator[Told, None]:
    """The events of all answers, those of one after those of the other; `End` comes last."""
    total = Usage()
    index = 0
    for requests in prompts:
        for turn, request in enumerate(requests):
            async with closing(ask(request)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        total = _sum(total, event.usage, first=turn == 0)
                    yield Part(index, event)
            index += 1
    yield End(total)


def _sum(total: Usage, usage: Usage, *, first: bool) -> Usage:
    return Usage(
        prompt_tokens=total.prompt_tokens + (usage.prompt_tokens if first else 0),
        cached_tokens=total.cached_tokens + (usage.cached_tokens if first else 0),
        completion_tokens=total.completion_tokens + usage.completion_tokens,
    )
