"""Making an over-long prompt fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import ContextExceeded
from hearth.inference.fit import fit_messages, fit_tokens, keep_from, room
from hearth.messages import Message

CONVERSATIONS = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text("x", max_size=9)),
    min_size=1,
    max_size=8,
)


async def length(messages: Sequence[Message]) -> int:
    return sum(len(message.content) + 1 for message in messages)


@given(CONVERSATIONS, st.integers(1, 60), st.integers(1, 20))
async def test_as_few_messages_as_possible_are_dropped(
    messages: list[Message], space: int, reserve: int
) -> None:
    context = space + reserve
    last = keep_from(messages, len(messages) - 1)
    candidates = [keep_from(messages, start) for start in range(len(messages))]
    fitting = [kept for kept in candidates if await length(kept) <= space]
    if not fitting and await length(last) >= context:
        with pytest.raises(ContextExceeded):
            await fit_messages(messages, length, space, context)
        return
    kept, truncation = await fit_messages(messages, length, space, context)
    assert kept == (fitting[0] if fitting else last)
    dropped = truncation.dropped_messages if truncation else 0
    assert len(kept) + dropped == len(messages)


async def test_system_messages_stay_in_front() -> None:
    messages = [Message("system", "S"), *(Message("user", "x" * 10) for _ in range(5))]
    kept, truncation = await fit_messages(messages, length, 25, 30)
    assert [message.role for message in kept] == ["system", "user", "user"]
    assert truncation is not None
    assert truncation.dropped_messages == 3
    assert truncation.dropped_tokens == 33


async def test_what_fits_is_counted_once() -> None:
    counted = 0

    async def count(messages: Sequence[Message]) -> int:
        nonlocal counted
        counted += 1
        return len(messages)

    await fit_messages([Message("user")] * 5, count, 5, 6)
    assert counted == 1


@given(st.lists(st.integers()), st.integers(1, 50), st.integers(-1, 60))
def test_tokens_are_cut_after_those_to_keep(tokens: list[int], context: int, keep: int) -> None:
    kept, truncation = fit_tokens(tokens, context, keep)
    assert len(kept) == min(len(tokens), context)
    dropped = truncation.dropped_tokens if truncation else 0
    assert len(kept) + dropped == len(tokens)
    if dropped:
        head = min(max(keep, 0), context // 2)
        assert kept[:head] == tokens[:head]
        assert kept[head:] == tokens[head + dropped :]


@pytest.mark.parametrize(
    ("context", "wanted", "space"), [(100, 10, 90), (100, -1, 75), (100, 80, 75), (4, -1, 3)]
)
def test_an_answer_has_room(context: int, wanted: int, space: int) -> None:
    assert room(context, wanted) == space
