"""`POST /v1/responses`."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hearth.errors import HearthError
from hearth.messages import ChatRequest
from hearth.server.body import decode_json
from hearth.server.disconnect import closing
from hearth.server.openai.errors import Refused
from hearth.server.responses.answer import Answer, new_id
from hearth.server.responses.decode import messages, namespaces, responses_request
from hearth.server.responses.errors import PreviousNotFound, error_body
from hearth.server.responses.items import identified, input_items, references, resolved
from hearth.server.responses.replies import Completed, Incomplete, Lifecycle, Reply, StreamEvent, sent
from hearth.server.responses.shelf import Shelf
from hearth.server.responses.wire import Item, ResponsesBody
from hearth.server.services import Services
from hearth.server.stream import answer


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body asks for: the request without the conversation before it, and the items of its input."""

    body: ResponsesBody
    request: ChatRequest
    items: tuple[Item, ...]


class Responses:
    """The dialect of one request for a response."""

    media_type = "text/event-stream"

    def __init__(self, *, storing: bool) -> None:
        self.streaming = False
        self._storing = storing
        self.answer: Answer | None = None

    def decode(self, body: bytes) -> Asked:
        """The request in the body; BadRequest where there is none."""
        asked = decode_json(body, ResponsesBody)
        self.streaming = asked.stream
        if asked.store and not self._storing:
            raise Refused("store is not supported: this server is set to store no responses", "store")
        items = () if asked.input is None and asked.previous_response_id else input_items(asked.input)
        request = responses_request(asked, items)
        reply = beginning(asked, store=self._storing and asked.store is not False)
        self.answer = Answer(reply, namespaces(asked))
        return Asked(asked, request, items)

    def encode(self, step: StreamEvent) -> bytes:
        """An event of the stream."""
        return sent(step)

    def encode_whole(self, steps: Sequence[StreamEvent]) -> bytes:
        """The response that the last event tells."""
        ended = [step.response for step in steps if isinstance(step, Lifecycle)]
        return msgspec.json.encode(ended[-1])

    def encode_error(self, error: HearthError, *, streaming: bool) -> bytes:
        """A JSON body, or the event that ends a stream."""
        if streaming and self.answer is not None:
            return sent(self.answer.failed(error))
        return error_body(error)


def beginning(body: ResponsesBody, *, store: bool) -> Reply:
    """A response before anything has been said; it tells what was asked for."""
    reasoning = {"effort": body.reasoning.effort or None, "summary": body.reasoning.summary or None}
    return Reply(
        id=new_id("resp_"),
        created_at=int(time.time()),
        model=body.model,
        previous_response_id=body.previous_response_id or None,
        instructions=body.instructions,
        tools=body.tools,
        tool_choice=body.tool_choice or "auto",
        truncation=body.truncation,
        parallel_tool_calls=body.parallel_tool_calls,
        text={"format": body.text.format or {"type": "text"}},
        top_p=body.top_p,
        top_logprobs=body.top_logprobs or 0,
        temperature=body.temperature,
        reasoning=reasoning,
        max_output_tokens=body.max_output_tokens,
        max_tool_calls=body.max_tool_calls,
        store=store,
        metadata=body.metadata,
        safety_identifier=body.safety_identifier,
        prompt_cache_key=body.prompt_cache_key,
        user=body.user,
    )


async def _run(
    services: Services, shelf: Shelf, dialect: Responses, asked: Asked
) -> AsyncGenerator[StreamEvent, None]:
    """The events of a stream; the response is kept before the last one tells that it is complete."""
    assert dialect.answer is not None
    asked, earlier = await _continued(shelf, asked)
    async with closing(services.inference.chat(asked.request)) as events:
        async for event in events:
            for step in dialect.answer.steps(event):
                if isinstance(step, Completed | Incomplete) and step.response.store:
                    step.response.store = await shelf.put(step.response, identified(asked.items), earlier)
                yield step


async def _continued(shelf: Shelf, asked: Asked) -> tuple[Asked, tuple[Item, ...]]:
    """The request with all that it only names, and the items of the conversation before it.

    Raises:
        BadRequest: the response before it, or an item, is not kept.
    """
    key, named = asked.body.previous_response_id, references(asked.items)
    if not key and not named:
        return asked, ()
    earlier = await _earlier(shelf, key) if key else ()
    items = resolved(asked.items, await shelf.items(named)) if named else asked.items
    request = replace(asked.request, messages=messages(asked.body, items, earlier))
    return replace(asked, request=request, items=items), earlier


async def _earlier(shelf: Shelf, key: str) -> tuple[Item, ...]:
    kept = await shelf.get(key)
    if kept is None:
        raise PreviousNotFound(key)
    return kept.conversation


async def create(services: Services, shelf: Shelf, request: Request) -> Response:
    """Answer a conversation, and keep it so that another request can go on from it."""
    dialect = Responses(storing=shelf.limit > 0)
    return await answer(request, services.max_body, dialect, partial(_run, services, shelf, dialect))
