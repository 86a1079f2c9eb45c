"""`POST /api/chat`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import ChatRequest, Event
from hearth.server.body import decode_json
from hearth.server.gather import gather
from hearth.server.ollama import decode, encode, moments
from hearth.server.ollama.dialect import Ndjson
from hearth.server.ollama.wire import ChatBody
from hearth.server.services import Services
from hearth.server.stream import answer


class MessageReply(Struct, omit_defaults=True, kw_only=True):
    role: str
    content: str
    thinking: str = ""
    tool_calls: list[encode.CallWire] | None = None


class ChatReply(Struct, kw_only=True):
    model: str
    created_at: str
    message: MessageReply


class Chat(Ndjson):
    """The dialect of one chat request."""

    def __init__(self) -> None:
        super().__init__()
        self._called = 0

    def decode(self, body: bytes) -> ChatRequest:
        """The request in the body; HearthError where there is none."""
        asked = decode_json(body, ChatBody)
        self.streaming, self.model = asked.stream, asked.model
        return decode.chat_request(asked)

    def encode(self, event: Event) -> bytes:
        """One line of a stream."""
        return self.encode_whole([event]) + b"\n"

    def encode_whole(self, events: Sequence[Event]) -> bytes:
        """One object for all events."""
        found = gather(events)
        message = MessageReply(
            role="assistant",
            content="".join(found.text),
            thinking="".join(found.thinking),
            tool_calls=encode.calls(found.calls, self._called),
        )
        self._called += len(found.calls)
        reply = ChatReply(model=self.model, created_at=moments.now(), message=message)
        return encode.joined(reply, encode.closing(found))


async def chat(services: Services, request: Request) -> Response:
    """Answer a conversation; one without messages loads or unloads the model."""
    return await answer(request, services.max_body, Chat(), services.inference.chat)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/api/chat", partial(chat, services), methods=["POST"])]
