"""`POST /v1/messages`.

The tokens of a prompt are known when the answer is complete, and `message_start` must name them before: it
tells an estimate, and `message_delta` the figures that count.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from secrets import token_hex
from typing import Any, Final

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.inference.fit import IMAGE_TOKENS
from hearth.messages import Called, ChatRequest, Event, Finished
from hearth.server.anthropic.content import Content, Show, whole
from hearth.server.anthropic.decode import messages_request
from hearth.server.anthropic.exchange import Exchange, able, sent
from hearth.server.anthropic.replies import (
    Ending,
    Message,
    MessageDelta,
    MessageStart,
    MessageStop,
    Ping,
    StreamEvent,
    Usage,
)
from hearth.server.anthropic.wire import MessagesBody, Thinking
from hearth.server.body import decode_json
from hearth.server.disconnect import closing
from hearth.server.services import Services
from hearth.server.stream import answer

_CHARACTERS_PER_TOKEN: Final = 4


class Messages(Exchange):
    """The dialect of one request for a message."""

    def __init__(self) -> None:
        super().__init__()
        self._body = MessagesBody()
        self._content = Content("no")
        self._estimate = 0
        self._called = False
        self._started = False

    def decode(self, body: bytes) -> ChatRequest:
        """The request in the body; BadRequest where there is none."""
        self._body = decode_json(body, MessagesBody)
        self.streaming = self._body.stream
        asked = messages_request(self._body)
        self._content = Content(_show(self._body.thinking))
        self._estimate = estimate(asked)
        return asked

    def encode(self, event: Event) -> bytes:
        """The events of a stream that one event makes."""
        return b"".join(map(sent, self._steps(event)))

    def encode_whole(self, events: Sequence[Event]) -> bytes:
        """One message for all events."""
        self._called = any(isinstance(event, Called) for event in events)
        finished = next((event for event in events if isinstance(event, Finished)), Finished("stop"))
        ending = self._ending(finished)
        found = whole(events, _show(self._body.thinking))
        reply = self._message(usage(finished), found.blocks)
        reply.logprobs = found.logprobs or UNSET
        reply.stop_reason, reply.stop_sequence = ending.stop_reason, ending.stop_sequence
        reply.notes = ending.notes
        return msgspec.json.encode(reply)

    def _steps(self, event: Event) -> Iterator[StreamEvent]:
        if not self._started:
            self._started = True
            yield MessageStart(self._message(Usage(self._estimate, 0), []))
            yield Ping()
        self._called = self._called or isinstance(event, Called)
        yield from self._content.take(event)
        if isinstance(event, Finished):
            yield from self._content.close()
            yield MessageDelta(self._ending(event), usage(event))
            yield MessageStop()

    def _message(self, cost: Usage, content: list[Any]) -> Message:
        return Message(id=f"msg_{token_hex(12)}", model=self._body.model, content=content, usage=cost)

    def _ending(self, event: Finished) -> Ending:
        notes = event.notes or UNSET
        if event.reason == "length":
            full = event.usage.completion_tokens < self._body.max_tokens
            return Ending("model_context_window_exceeded" if full else "max_tokens", notes=notes)
        if self._called:
            return Ending("tool_use", notes=notes)
        if event.stop_word and event.stop_word in self._body.stop_sequences:
            return Ending("stop_sequence", event.stop_word, notes)
        return Ending("end_turn", notes=notes)


def usage(event: Finished) -> Usage:
    """The cost of an answer, with the tokens from the cache apart from the others."""
    cost = event.usage
    return Usage(
        input_tokens=max(cost.prompt_tokens - cost.cached_tokens, 0),
        output_tokens=cost.completion_tokens,
        cache_read_input_tokens=cost.cached_tokens,
    )


def estimate(asked: ChatRequest) -> int:
    """About how many tokens a prompt has, from the length of its texts."""
    texts = [message.content + message.thinking for message in asked.messages]
    calls = [str(call.arguments) for message in asked.messages for call in message.tool_calls]
    shown = asked.tools if asked.tool_choice.mode != "none" else ()
    offered = [tool.name + tool.description + str(tool.parameters) for tool in shown]
    characters = sum(map(len, texts + calls + offered))
    images = sum(len(message.images) for message in asked.messages)
    return characters // _CHARACTERS_PER_TOKEN + images * IMAGE_TOKENS + 1


def _show(thinking: Thinking | None) -> Show:
    if thinking is None or thinking.type == "disabled":
        return "no"
    return "signed" if thinking.display == "omitted" else "yes"


async def messages(services: Services, request: Request) -> Response:
    """Answer a conversation."""
    dialect = Messages()
    return dialect.labelled(await answer(request, services.max_body, dialect, partial(_run, services)))


async def _run(services: Services, asked: ChatRequest) -> AsyncIterator[Event]:
    async with closing(services.inference.chat(await able(services, asked))) as events:
        async for event in events:
            yield event


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/v1/messages", partial(messages, services), methods=["POST"])]
