"""System messages between the turns, for templates that take one at the start only."""

from __future__ import annotations

import pytest

from hearth.inference.roles import system_first
from hearth.messages import Message


def talk(text: str) -> list[Message]:
    """Messages from `s:words u:words a:words t:words`."""
    roles = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return [Message(roles[part[0]], part[2:].replace("+", "\n\n")) for part in text.split()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s:one u:two a:three u:four", "s:one u:two a:three u:four"),
        ("u:one u:two", "u:one u:two"),
        ("s:one u:two s:three", "s:one u:two+three"),
        ("s:one s:two u:three", "s:one u:two+three"),
        ("u:one s:two u:three a:four", "u:one+two+three a:four"),
        ("u:one a:two s:three a:four", "u:one a:two u:three a:four"),
        ("u:one a:two t:three s:four s:five", "u:one a:two t:three u:four+five"),
    ],
)
def test_later_system_messages_become_the_users(before: str, after: str) -> None:
    assert system_first(talk(before)) == talk(after)
