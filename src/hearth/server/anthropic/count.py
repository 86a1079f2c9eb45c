"""`POST /v1/messages/count_tokens`: how long the prompt of a conversation is, before it is sent.

The prompt is rendered and counted as it would be to answer it, so the figure is exact. Only an image is
counted by a rule of thumb, as its tokens are known to its projector alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import ChatRequest
from hearth.server.anthropic.decode import count_request
from hearth.server.anthropic.exchange import Exchange, able
from hearth.server.anthropic.replies import TokenCount
from hearth.server.anthropic.wire import CountBody
from hearth.server.body import decode_json
from hearth.server.services import Services
from hearth.server.stream import answer


class Count(Exchange):
    """The dialect of one count; its only event is the number of tokens."""

    def decode(self, body: bytes) -> ChatRequest:
        """The request in the body; BadRequest where there is none."""
        return count_request(decode_json(body, CountBody))

    def encode(self, event: int) -> bytes:
        """The reply; a count is never streamed."""
        return self.encode_whole([event])

    def encode_whole(self, events: Sequence[int]) -> bytes:
        """The number of tokens."""
        return msgspec.json.encode(TokenCount(events[0]))


async def count(services: Services, request: Request) -> Response:
    """Count the tokens of a conversation's prompt."""
    dialect = Count()
    return dialect.labelled(await answer(request, services.max_body, dialect, partial(_run, services)))


async def _run(services: Services, asked: ChatRequest) -> AsyncIterator[int]:
    yield await services.inference.count(await able(services, asked))


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/v1/messages/count_tokens", partial(count, services), methods=["POST"])]
