"""Events of an answer to content blocks, one step at a time: start, deltas, stop.

A stream sends the steps and a whole reply is what they add up to, so the two cannot differ. White space that
would make a block of its own (between thinking and a tool call, say) is left out: clients send blocks back,
and a block without text is not allowed there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from secrets import token_hex
from typing import Literal

import msgspec

from hearth.messages import Called, Event, Text, Thinking, ToolCall
from hearth.server.anthropic.replies import (
    Block,
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    InputJsonDelta,
    SignatureDelta,
    Step,
    TextBlock,
    TextDelta,
    ThinkingBlock,
    ThinkingDelta,
    ToolUseBlock,
)

Kind = Literal["text", "thinking"]
Show = Literal["no", "signed", "yes"]
"""What is told of thinking: nothing, that there was some, or all of it."""


class Content:
    """The content of one answer in the making."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._index = 0
        self._open: Kind | None = None
        self._held: tuple[Kind, str] | None = None
        self._thought = hashlib.sha256()

    def take(self, event: Event) -> Iterator[Step]:
        """The steps that an event makes certain; none where it holds no content."""
        match event:
            case Text(text):
                yield from self._piece("text", text)
            case Thinking(text) if self._show != "no":
                yield from self._piece("thinking", text)
            case Called(call):
                yield from self.close()
                yield from self._call(call)
            case _:
                return

    def close(self) -> Iterator[Step]:
        """The steps that end the open block, if there is one."""
        self._held = None
        if self._open == "thinking":
            signature = base64.b64encode(self._thought.digest()).decode()
            yield ContentBlockDelta(self._index, SignatureDelta(signature))
        if self._open is not None:
            yield ContentBlockStop(self._index)
            self._index += 1
            self._open = None

    def _piece(self, kind: Kind, text: str) -> Iterator[Step]:
        if not text:
            return
        if self._open != kind:
            text = self._before(kind) + text
            if text.isspace():
                self._held = (kind, text)
                return
            yield from self.close()
            yield self._start(kind)
        if kind == "text":
            yield ContentBlockDelta(self._index, TextDelta(text))
            return
        self._thought.update(text.encode("utf-8", "surrogatepass"))
        if self._show == "yes":
            yield ContentBlockDelta(self._index, ThinkingDelta(text))

    def _before(self, kind: Kind) -> str:
        held, self._held = self._held, None
        return held[1] if held is not None and held[0] == kind else ""

    def _start(self, kind: Kind) -> Step:
        self._open = kind
        self._thought = hashlib.sha256()
        return ContentBlockStart(self._index, TextBlock() if kind == "text" else ThinkingBlock())

    def _call(self, call: ToolCall) -> Iterator[Step]:
        block = ToolUseBlock(call.id or f"toolu_{token_hex(12)}", call.name, {})
        yield ContentBlockStart(self._index, block)
        written = msgspec.json.encode(call.arguments).decode()
        yield ContentBlockDelta(self._index, InputJsonDelta(written))
        yield ContentBlockStop(self._index)
        self._index += 1


def blocks(events: Iterable[Event], show: Show) -> list[Block]:
    """The content blocks of a whole answer."""
    content = Content(show)
    found: list[Block] = []
    for event in joined(events):
        for step in content.take(event):
            _add(found, step)
    for step in content.close():
        _add(found, step)
    return found


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """The same content in as few events as possible, so that adding them up is quick."""
    parts: list[str] = []
    kind: type[Text | Thinking] = Text
    for event in events:
        if isinstance(event, Text | Thinking) and (not parts or type(event) is kind):
            kind = type(event)
            parts.append(event.text)
            continue
        if parts:
            yield kind("".join(parts))
        parts = []
        if isinstance(event, Text | Thinking):
            kind = type(event)
            parts.append(event.text)
        else:
            yield event
    if parts:
        yield kind("".join(parts))


def _add(found: list[Block], step: Step) -> None:
    if isinstance(step, ContentBlockStart):
        found.append(step.content_block)
    if not isinstance(step, ContentBlockDelta):
        return
    match found[-1], step.delta:
        case TextBlock() as block, TextDelta(text):
            block.text += text
        case ThinkingBlock() as block, ThinkingDelta(text):
            block.thinking += text
        case ThinkingBlock() as block, SignatureDelta(signature):
            block.signature = signature
        case ToolUseBlock() as block, InputJsonDelta(written):
            block.input = msgspec.json.decode(written)
        case _:
            raise AssertionError("a delta that does not belong to its block")
