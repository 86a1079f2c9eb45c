"""`POST /v1/chat/completions`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import (
    Called,
    ChatRequest,
    Event,
    Finished,
    Text,
    Thinking,
    TokenLogprob,
    ToolCall,
)
from hearth.server.body import decode_json
from hearth.server.gather import gather
from hearth.server.openai import decode
from hearth.server.openai.answers import Asked, End, Told, each
from hearth.server.openai.replies import Choice, Sse, by_choice, remarks, rendered, text_logprobs, usage
from hearth.server.openai.wire import ChatBody
from hearth.server.services import Services
from hearth.server.stream import answer


class FunctionWire(Struct):
    name: str
    arguments: str


class CallWire(Struct, kw_only=True):
    id: str
    index: int | UnsetType = UNSET
    type: str = "function"
    function: FunctionWire


class TokenWire(Struct, kw_only=True):
    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TokenWire] | UnsetType = UNSET


class Logprobs(Struct):
    content: list[TokenWire]
    refusal: None = None


class Said(Struct, kw_only=True):
    """A message, or what a chunk adds to it. Clients read thinking under either of its two names."""

    role: str | UnsetType = UNSET
    content: str | UnsetType | None = UNSET
    reasoning: str | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    tool_calls: list[CallWire] | UnsetType = UNSET


class ChatChoice(Choice, kw_only=True):
    message: Said | UnsetType = UNSET
    delta: Said | UnsetType = UNSET
    logprobs: Logprobs | UnsetType = UNSET


class Chat(Sse):
    """The dialect of one chat request."""

    prefix = "chatcmpl-"
    subject = "messages"

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[int, int] = {}
        """How many calls each choice that has begun has made."""

    def decode(self, body: bytes) -> Asked[ChatRequest]:
        """The requests in the body; HearthError where there are none."""
        asked = decode_json(body, ChatBody)
        self.streaming, self.model = asked.stream and not asked.render_only, asked.model
        self.include_usage = asked.stream_options.include_usage
        return decode.chat_request(asked)

    def encode(self, told: Told) -> bytes:
        """The chunks of a stream for one event."""
        kind = "chat.completion.chunk"
        if isinstance(told, End):
            return self.last(kind, told)
        first = told.index not in self._calls
        called = self._calls.setdefault(told.index, 0)
        self._calls[told.index] += isinstance(told.event, Called)
        choices = _chunks(told.index, told.event, called=called, first=first)
        return b"".join(self.chunk(kind, choice) for choice in choices)

    def encode_whole(self, told: Sequence[Told]) -> bytes:
        """One object for all events."""
        choices, spent = by_choice(told)
        prompt = rendered(choices)
        if prompt is not None:
            return self.reply("chat.completion", [], debug_info=prompt)
        whole = [_whole(index, events) for index, events in enumerate(choices)]
        return self.reply("chat.completion", whole, usage=usage(spent))


def _chunks(index: int, event: Event, *, called: int, first: bool) -> list[ChatChoice]:
    """A piece of the answer with the role in front of the first; the end has a chunk of its own."""
    role: str | UnsetType = "assistant" if first else UNSET
    match event:
        case Text(text, logprobs):
            return [_chunk(index, Said(role=role, content=text), logprobs)]
        case Thinking(text):
            return [_chunk(index, Said(role=role, reasoning=text, reasoning_content=text))]
        case Called(call):
            return [_chunk(index, Said(role=role, tool_calls=[_call(call, called)]))]
        case Finished(reason):
            opening = [_chunk(index, Said(role=role, content=""))] if first else []
            end = "tool_calls" if called and reason == "stop" else reason
            return [*opening, ChatChoice(index=index, finish_reason=end, delta=Said(), **remarks(event))]
    return []


def _chunk(index: int, delta: Said, logprobs: Sequence[TokenLogprob] = ()) -> ChatChoice:
    return ChatChoice(index=index, finish_reason=None, delta=delta, logprobs=_logprobs(logprobs))


def _whole(index: int, events: Sequence[Event]) -> ChatChoice:
    found = gather(events)
    text, thinking = "".join(found.text), "".join(found.thinking) or UNSET
    message = Said(
        role="assistant",
        content=text or (None if found.calls else ""),
        reasoning=thinking,
        reasoning_content=thinking,
        tool_calls=[_call(call) for call in found.calls] or UNSET,
    )
    reason = found.finished.reason if found.finished else None
    return ChatChoice(
        index=index,
        message=message,
        logprobs=_logprobs(text_logprobs(events)),
        finish_reason="tool_calls" if found.calls and reason == "stop" else reason,
        **remarks(found.finished),
    )


def _call(call: ToolCall, index: int | UnsetType = UNSET) -> CallWire:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return CallWire(id=call.id, index=index, function=FunctionWire(call.name, arguments))


def _logprobs(tokens: Sequence[TokenLogprob]) -> Logprobs | UnsetType:
    return Logprobs([_token(token) for token in tokens]) if tokens else UNSET


def _token(token: TokenLogprob) -> TokenWire:
    top = [
        TokenWire(token=other.token, logprob=other.logprob, bytes=list(other.bytes)) for other in token.top
    ]
    return TokenWire(token=token.token, logprob=token.logprob, bytes=list(token.bytes), top_logprobs=top)


async def chat(services: Services, request: Request) -> Response:
    """Answer a conversation, once or several times."""
    road = services.inference
    return await answer(request, services.max_body, Chat(), lambda asked: each(road.chat, asked.prompts))


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/v1/chat/completions", partial(chat, services), methods=["POST"])]
