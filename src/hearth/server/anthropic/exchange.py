"""What both routes of Anthropic's API share: the request's id, and errors in its form."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from starlette.responses import Response

from hearth.errors import HearthError
from hearth.messages import ChatRequest
from hearth.server.anthropic.errors import error_reply, request_id
from hearth.server.anthropic.replies import StreamEvent
from hearth.server.services import Services
from hearth.server.threads import in_thread


class Exchange:
    """The half of a dialect that is the same for every route of Anthropic's API."""

    media_type = "text/event-stream"

    def __init__(self) -> None:
        self.streaming = False
        self.request_id = request_id()

    def encode_error(self, error: HearthError, *, streaming: bool) -> bytes:
        """A JSON body, or the event that ends a stream."""
        reply = error_reply(error, self.request_id)
        return sent(reply) if streaming else msgspec.json.encode(reply)

    def labelled(self, response: Response) -> Response:
        """The response with the headers of this API."""
        response.headers["request-id"] = self.request_id
        if self.streaming:
            response.headers["cache-control"] = "no-cache"
        return response


def sent(event: StreamEvent) -> bytes:
    """One event of a stream, named by its type."""
    name = type(event).__struct_config__.tag
    return b"event: %b\ndata: %b\n\n" % (str(name).encode(), msgspec.json.encode(event))


async def able(services: Services, asked: ChatRequest) -> ChatRequest:
    """The request without thinking where the model cannot think: clients of this API ask every model to.

    Raises:
        HearthError: there is no such model.
    """
    if not asked.think:
        return asked
    card = await in_thread(services.inference.catalog.open, asked.model)
    return asked if card.supports("thinking") else replace(asked, think=False)
