"""A response while it is made: events of the road in, events of the stream out.

A reply that is one object is the last event's response, so a stream and a whole reply cannot differ.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from msgspec import UNSET, structs

from hearth.errors import HearthError
from hearth.messages import Called, Event, Finished, Text, Thinking, TokenLogprob, ToolCall
from hearth.server.openai.replies import remarks
from hearth.server.responses.errors import failure
from hearth.server.responses.replies import (
    ArgumentsDelta,
    ArgumentsDone,
    Completed,
    Created,
    Failed,
    FunctionCallItem,
    Incomplete,
    InProgress,
    ItemAdded,
    ItemDone,
    MessageItem,
    OutputItem,
    OutputText,
    PartAdded,
    PartDone,
    ReasoningItem,
    Reply,
    StreamEvent,
    SummaryDelta,
    SummaryDone,
    SummaryPartAdded,
    SummaryPartDone,
    SummaryText,
    TextDelta,
    TextDone,
    logprobs,
    usage,
)

S = TypeVar("S", bound=StreamEvent)
Steps: TypeAlias = Iterator[StreamEvent]


def new_id(prefix: str) -> str:
    """An id that nobody can guess."""
    return prefix + secrets.token_hex(24)


class _Numbered:
    """Makes the events of a stream, each with its number."""

    def __init__(self) -> None:
        self._next = 0

    def __call__(self, kind: type[S], **fields: Any) -> S:
        made = kind(sequence_number=self._next, **fields)
        self._next += 1
        return made


class _Message:
    """A message item while its text comes."""

    def __init__(self, make: _Numbered, index: int) -> None:
        self._make = make
        self._id = new_id("msg_")
        self._place = {"output_index": index, "item_id": self._id}
        self._index = index
        self._texts: list[str] = []
        self._tokens: list[TokenLogprob] = []

    def begin(self) -> Steps:
        item = MessageItem(id=self._id, status="in_progress")
        yield self._make(ItemAdded, output_index=self._index, item=item)
        yield self._make(PartAdded, part=OutputText(), **self._place)

    def add(self, event: Text) -> Steps:
        self._texts.append(event.text)
        self._tokens += event.logprobs
        tokens = logprobs(event.logprobs)
        yield self._make(TextDelta, delta=event.text, logprobs=tokens, **self._place)

    def end(self, status: str) -> Steps:
        part = self._part()
        yield self._make(TextDone, text=part.text, logprobs=part.logprobs, **self._place)
        yield self._make(PartDone, part=part, **self._place)
        yield self._make(ItemDone, output_index=self._index, item=self.item(status))

    def item(self, status: str) -> MessageItem:
        return MessageItem(id=self._id, status=status, content=[self._part()])

    def _part(self) -> OutputText:
        return OutputText("".join(self._texts), logprobs=logprobs(self._tokens))


class _Reasoning:
    """A reasoning item while the thinking comes."""

    def __init__(self, make: _Numbered, index: int) -> None:
        self._make = make
        self._id = new_id("rs_")
        self._place = {"output_index": index, "item_id": self._id}
        self._index = index
        self._texts: list[str] = []

    def begin(self) -> Steps:
        yield self._make(ItemAdded, output_index=self._index, item=ReasoningItem(id=self._id))
        yield self._make(SummaryPartAdded, part=SummaryText(), **self._place)

    def add(self, event: Thinking) -> Steps:
        self._texts.append(event.text)
        yield self._make(SummaryDelta, delta=event.text, **self._place)

    def end(self, status: str) -> Steps:
        item = self.item(status)
        yield self._make(SummaryDone, text=item.encrypted_content, **self._place)
        yield self._make(SummaryPartDone, part=item.summary[0], **self._place)
        yield self._make(ItemDone, output_index=self._index, item=item)

    def item(self, _: str) -> ReasoningItem:
        text = "".join(self._texts)
        return ReasoningItem(id=self._id, summary=[SummaryText(text)], encrypted_content=text)


class Answer:
    """The events of one response's stream; the response grows with them.

    Args:
        reply: the response as it begins.
        namespaces: functions of namespaces, from the name that the model knows to namespace and own name.
    """

    def __init__(self, reply: Reply, namespaces: Mapping[str, tuple[str, str]]) -> None:
        self._reply = reply
        self._namespaces = namespaces
        self._make = _Numbered()
        self._begun = False
        self._output: list[OutputItem] = []
        self._open: _Message | _Reasoning | None = None

    def steps(self, event: Event) -> Steps:
        """What the stream tells of an event; with `Finished` it ends."""
        if not self._begun:
            self._begun = True
            yield self._make(Created, response=self._reply)
            yield self._make(InProgress, response=self._reply)
        match event:
            case Text(text, tokens) if text or tokens:
                yield from self._text(event)
            case Thinking(text) if text:
                yield from self._thinking(event)
            case Called(call):
                yield from self._close("completed")
                yield from self._called(call)
            case Finished():
                yield from self._finish(event)

    def failed(self, error: HearthError) -> Failed:
        """The last event of a stream that an error ends; what had come so far is in it."""
        rest = [self._open.item("incomplete")] if self._open is not None else []
        failed = structs.replace(
            self._reply, status="failed", error=failure(error), output=[*self._output, *rest], store=False
        )
        return self._make(Failed, response=failed)

    def _text(self, event: Text) -> Steps:
        if not isinstance(self._open, _Message):
            yield from self._close("completed")
            self._open = _Message(self._make, len(self._output))
            yield from self._open.begin()
        yield from self._open.add(event)

    def _thinking(self, event: Thinking) -> Steps:
        if not isinstance(self._open, _Reasoning):
            yield from self._close("completed")
            self._open = _Reasoning(self._make, len(self._output))
            yield from self._open.begin()
        yield from self._open.add(event)

    def _close(self, status: str) -> Steps:
        if self._open is not None:
            yield from self._open.end(status)
            self._output.append(self._open.item(status))
            self._open = None

    def _called(self, call: ToolCall) -> Steps:
        item = self._call_item(call)
        place = {"output_index": len(self._output), "item_id": item.id}
        added = structs.replace(item, arguments="", status="in_progress")
        yield self._make(ItemAdded, output_index=len(self._output), item=added)
        yield self._make(ArgumentsDelta, delta=item.arguments, **place)
        yield self._make(ArgumentsDone, arguments=item.arguments, **place)
        yield self._make(ItemDone, output_index=len(self._output), item=item)
        self._output.append(item)

    def _call_item(self, call: ToolCall) -> FunctionCallItem:
        space, name = self._namespaces.get(call.name, ("", call.name))
        return FunctionCallItem(
            id=new_id("fc_"),
            call_id=call.id or new_id("call_"),
            name=name,
            namespace=space or UNSET,
            arguments=json.dumps(call.arguments, ensure_ascii=False),
            status="completed",
        )

    def _finish(self, event: Finished) -> Steps:
        cut = event.reason == "length"
        if not cut and self._open is None and not self._output:
            # An answer of nothing is an empty message: clients read the last item's text.
            yield from self._text(Text(""))
        yield from self._close("incomplete" if cut else "completed")
        ended = structs.replace(
            self._reply,
            status="incomplete" if cut else "completed",
            incomplete_details={"reason": "max_output_tokens"} if cut else None,
            completed_at=None if cut else int(time.time()),
            output=list(self._output),
            usage=usage(event.usage),
            **remarks(event),
        )
        yield self._make(Incomplete if cut else Completed, response=ended)
