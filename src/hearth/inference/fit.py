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
    context: int,
) -> tuple[list[Message], Truncation | None]:
    """Drop as few of the oldest messages as make the prompt fit; the last message always stays.

    Args:
        count: tokens of the prompt that a list of messages makes.
        context: tokens that the prompt may have, with room for the answer taken off.

    Raises:
        ContextExceeded: even the last message alone is too long.
    """
    total = await count(messages)
    if total <= context:
        return list(messages), None
    low, high = 1, max(len(messages) - 1, 0)
    if high < low or (least := await count(keep_from(messages, high))) > context:
        raise ContextExceeded(least if high >= low else total, context)
    # The count falls with every message dropped, so the first start that fits can be bisected.
    while low < high:
        middle = (low + high) // 2
        if await count(keep_from(messages, middle)) <= context:
            high = middle
        else:
            low = middle + 1
    kept = keep_from(messages, low)
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
