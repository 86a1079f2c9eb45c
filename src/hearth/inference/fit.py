"""Making an over-long prompt fit, only where the request asked for it, and telling what was cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from hearth.errors import ContextExceeded
from hearth.messages import Message, Truncation

IMAGE_TOKENS: Final = 768
"""What an image is taken to cost where the projector does not say."""


def keep_from(messages: Sequence[Message], start: int) -> list[Message]:
    """The messages from `start` on, and before them the system messages of the part that is dropped."""
    return [m for m in messages[:start] if m.role == "system"] + list(messages[start:])


async def fit_messages(
    messages: Sequence[Message],
    count: Callable[[Sequence[Message]], Awaitable[int]],
    space: int,
    context: int,
) -> tuple[list[Message], Truncation | None]:
    """Drop as few of the oldest messages as make the prompt fit; the last message always stays.

    Args:
        count: tokens of the prompt that a list of messages makes.
        space: tokens that the prompt should have at most, so that the answer has room.
        context: tokens that the window holds; the last message alone may take more than `space` of it.

    Raises:
        ContextExceeded: even the last message alone is too long.
    """
    total = await count(messages)
    if total <= space:
        return list(messages), None
    low, high = 0, len(messages) - 1
    least = await count(keep_from(messages, high)) if high else total
    if least >= context:
        raise ContextExceeded(least, context, cut=True)
    # The count falls with every message dropped, so the first start that fits can be bisected.
    while low < high:
        middle = (low + high) // 2
        if await count(keep_from(messages, middle)) <= space:
            high = middle
        else:
            low = middle + 1
    kept = keep_from(messages, low)
    if len(kept) == len(messages):
        return kept, None
    return kept, Truncation(len(messages) - len(kept), total - await count(kept))


def fit_tokens(tokens: Sequence[int], context: int, keep: int) -> tuple[list[int], Truncation | None]:
    """Drop tokens after the first `keep` so that `context` are left."""
    excess = len(tokens) - context
    if excess <= 0:
        return list(tokens), None
    keep = min(max(keep, 0), context // 2)
    return [*tokens[:keep], *tokens[keep + excess :]], Truncation(dropped_tokens=excess)


def room(context: int, wanted: int) -> int:
    """Tokens that a prompt may have so that the answer has room: `wanted` tokens, else a quarter."""
    reserve = wanted if 0 < wanted <= context // 2 else max(context // 4, 1)
    return context - reserve
