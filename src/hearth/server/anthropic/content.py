"""Events of an answer to content blocks, one step at a time: start, deltas, stop.

A stream sends the steps and a whole reply is what they add up to, so the two cannot differ. White space that
would make a block of its own (between thinking and a tool call, say) is left out: clients send blocks back,
and a block without text is not allowed there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, groupby
from secrets import token_hex
from typing import Literal

import msgspec

from hearth.messages import Called, Event, Text, Thinking, ToolCall
from hearth.server.anthropic.replies import (
    Block,
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    Delta,
    InputJsonDelta,
    SignatureDelta,
    Step,
    TextBlock,
    TextDelta,
    ThinkingBlock,
    ThinkingDelta,
    TokenWire,
    ToolUseBlock,
    token_wires,
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
        self._held: tuple[Kind, Text | Thinking] | None = None
        self._thought = hashlib.sha256()

    def take(self, event: Event) -> Iterator[Step]:
        """The steps that an event makes certain; none where it holds no content."""
        match event:
            case Text():
                yield from self._piece("text", event)
            case Thinking() if self._show != "no":
                yield from self._piece("thinking", event)
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

    def _piece(self, kind: Kind, piece: Text | Thinking) -> Iterator[Step]:
        if not piece.text and not piece.logprobs:
            return
        if self._open != kind:
            piece = self._with_held(kind, piece)
            if not piece.text.strip():
                self._held = (kind, piece)
                return
            yield from self.close()
            yield self._start(kind)
        likely = token_wires(piece.logprobs)
        if kind == "text":
            yield ContentBlockDelta(self._index, TextDelta(piece.text), likely)
            return
        self._thought.update(piece.text.encode("utf-8", "surrogatepass"))
        if self._show == "yes":
            yield ContentBlockDelta(self._index, ThinkingDelta(piece.text), likely)

    def _with_held(self, kind: Kind, piece: Text | Thinking) -> Text | Thinking:
        held, self._held = self._held, None
        if held is None or held[0] != kind:
            return piece
        return replace(piece, text=held[1].text + piece.text, logprobs=held[1].logprobs + piece.logprobs)

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


@dataclass(slots=True)
class Whole:
    """What the steps of an answer add up to."""

    blocks: list[Block] = field(default_factory=list)
    logprobs: list[TokenWire] = field(default_factory=list)

    def add(self, step: Step) -> None:
        """Take the next step."""
        if isinstance(step, ContentBlockStart):
            self.blocks.append(step.content_block)
        elif isinstance(step, ContentBlockDelta):
            self.logprobs += step.logprobs or ()
            _grow(self.blocks[-1], step.delta)


def whole(events: Iterable[Event], show: Show) -> Whole:
    """The content of a complete answer."""
    content = Content(show)
    found = Whole()
    for event in joined(events):
        for step in content.take(event):
            found.add(step)
    for step in content.close():
        found.add(step)
    return found


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """The same content in as few events as possible, so that adding them up is quick."""
    for kind, run in groupby(events, type):
        if kind is not Text and kind is not Thinking:
            yield from run
            continue
        pieces = [event for event in run if isinstance(event, Text | Thinking)]
        text = "".join(piece.text for piece in pieces)
        yield replace(pieces[0], text=text, logprobs=tuple(chain.from_iterable(p.logprobs for p in pieces)))


def _grow(block: Block, delta: Delta) -> None:
    match block, delta:
        case TextBlock(), TextDelta(text):
            block.text += text
        case ThinkingBlock(), ThinkingDelta(text):
            block.thinking += text
        case ThinkingBlock(), SignatureDelta(signature):
            block.signature = signature
        case ToolUseBlock(), InputJsonDelta(written):
            block.input = msgspec.json.decode(written)
        case _:
            raise AssertionError("a delta that does not belong to its block")
