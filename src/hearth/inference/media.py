"""Images in a conversation: where their markers stand in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hearth.messages import Message

_PLACE: Final = re.compile(r"\[img(?:-\d+)?\]")


def place(text: str, count: int, marker: str) -> str:
    """The text with `count` media markers: in place of `[img]` or `[img-N]`, the others in front."""
    left = count

    def take(_: re.Match[str]) -> str:
        nonlocal left
        left -= 1
        return marker

    placed = _PLACE.sub(take, text, count=count) if count else text
    if left <= 0:
        return placed
    gap = " " if placed and not placed[0].isspace() else ""
    return marker * left + gap + placed


def with_markers(messages: Sequence[Message], marker: str) -> tuple[list[Message], list[bytes]]:
    """The messages with markers for their images, and all images in order."""
    images = [image for message in messages for image in message.images]
    marked = [
        replace(message, content=place(message.content, len(message.images), marker), images=())
        if message.images
        else message
        for message in messages
    ]
    return marked, images
