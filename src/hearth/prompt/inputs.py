"""What a prompt is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from hearth.messages import Message, Tool


@dataclass(frozen=True, slots=True)
class PromptInput:
    """A conversation to be rendered; images stand in the text as markers already.

    With a `suffix` the prompt is to be continued up to it, and is the content of the last message.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    suffix: str = ""
    think: bool | None = None
    """None: the template is told that nobody decided."""
    think_level: str = ""
    """low, medium, high or max; empty where it does not matter."""
    today: date | None = None
    """The date that the template is told; None: this machine's."""


def collated(messages: tuple[Message, ...]) -> list[Message]:
    """The messages with neighbours of the same role made one, except answers of tools."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role != "tool":
            merged[-1] = _merge(merged[-1], message)
        else:
            merged.append(message)
    return merged


def system_text(messages: tuple[Message, ...]) -> str:
    """What all system messages say, with an empty line between any two."""
    return "\n\n".join(message.content for message in messages if message.role == "system")


def _merge(first: Message, second: Message) -> Message:
    return replace(
        first,
        content="\n\n".join(filter(None, (first.content, second.content))),
        thinking="\n\n".join(filter(None, (first.thinking, second.thinking))),
        images=first.images + second.images,
        tool_calls=first.tool_calls + second.tool_calls,
    )
