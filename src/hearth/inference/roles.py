"""Conversations for chat templates that take a system message at the start only.

Some clients (coding agents among them) put system messages between the turns, so that the start of the prompt
stays the same and its cache useful. A template that raises at them is given the same words as the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.messages import Message


def system_first(messages: Sequence[Message]) -> list[Message]:
    """The messages with every system message but the first as words of the user, in their place.

    They are joined with a user's message beside them, as such templates often want the roles to take turns.
    """
    found: list[Message] = []
    moved = False
    for index, message in enumerate(messages):
        was_moved, moved = moved, index > 0 and message.role == "system"
        if moved:
            message = replace(message, role="user")
        if (moved or was_moved) and found and found[-1].role == message.role == "user":
            message = replace(message, content=f"{found.pop().content}\n\n{message.content}")
        found.append(message)
    return found
