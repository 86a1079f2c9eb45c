"""`POST /api/generate`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import Event, GenerateRequest
from hearth.server.body import decode_json
from hearth.server.gather import gather
from hearth.server.ollama import decode, encode, moments
from hearth.server.ollama.dialect import Ndjson
from hearth.server.ollama.wire import GenerateBody
from hearth.server.services import Services
from hearth.server.stream import answer


class GenerateReply(Struct, omit_defaults=True, kw_only=True):
    model: str
    created_at: str
    response: str
    thinking: str = ""
    tool_calls: list[encode.CallWire] | None = None


class Generate(Ndjson):
    """The dialect of one generate request."""

    def __init__(self) -> None:
        super().__init__()
        self._called = 0

    def decode(self, body: bytes) -> GenerateRequest:
        """The request in the body; HearthError where there is none."""
        asked = decode_json(body, GenerateBody)
        self.streaming, self.model = asked.stream, asked.model
        return decode.generate_request(asked)

    def encode(self, event: Event) -> bytes:
        """One line of a stream."""
        return self.encode_whole([event]) + b"\n"

    def encode_whole(self, events: Sequence[Event]) -> bytes:
        """One object for all events."""
        found = gather(events)
        reply = GenerateReply(
            model=self.model,
            created_at=moments.now(),
            response="".join(found.text),
            thinking="".join(found.thinking),
            tool_calls=encode.calls(found.calls, self._called),
        )
        self._called += len(found.calls)
        return encode.joined(reply, encode.closing(found))


async def generate(services: Services, request: Request) -> Response:
    """Answer or continue a prompt; an empty one loads or unloads the model."""
    return await answer(request, services.max_body, Generate(), services.inference.generate)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/api/generate", partial(generate, services), methods=["POST"])]
