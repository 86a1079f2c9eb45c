"""`POST /v1/completions`: texts to continue as they are, without the model's chat template."""

from __future__ import annotations

import codecs
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from functools import partial

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.messages import Event, Finished, GenerateRequest, Rendered, Text, TokenLogprob
from hearth.server.body import decode_json
from hearth.server.disconnect import closing
from hearth.server.gather import gather
from hearth.server.openai import decode
from hearth.server.openai.answers import Asked, End, Told, each
from hearth.server.openai.replies import Choice, Sse, by_choice, remarks, rendered, text_logprobs, usage
from hearth.server.openai.wire import CompletionBody
from hearth.server.services import Road, Services
from hearth.server.stream import answer

_KIND = "text_completion"


class Logprobs(Struct):
    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class TextChoice(Choice, kw_only=True):
    text: str
    logprobs: Logprobs | None = None


class _Offsets:
    """Where the tokens of one answer begin in its text, in characters."""

    def __init__(self) -> None:
        self._characters = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def table(self, tokens: Sequence[TokenLogprob]) -> Logprobs | None:
        """The tokens in columns; None where there are none."""
        if not tokens:
            return None
        return Logprobs(
            tokens=[token.token for token in tokens],
            token_logprobs=[token.logprob for token in tokens],
            top_logprobs=[{other.token: other.logprob for other in token.top} for token in tokens],
            text_offset=[self._next(token) for token in tokens],
        )

    def _next(self, token: TokenLogprob) -> int:
        begin = self._characters
        self._characters += len(self._decoder.decode(bytes(token.bytes) or token.token.encode()))
        return begin


class Completions(Sse):
    """The dialect of one completion request."""

    prefix = "cmpl-"
    subject = "prompt"

    def __init__(self) -> None:
        super().__init__()
        self._offsets: dict[int, _Offsets] = {}

    def decode(self, body: bytes) -> Asked[GenerateRequest]:
        """The requests in the body; HearthError where there are none."""
        asked = decode_json(body, CompletionBody)
        self.streaming, self.model = asked.stream and not asked.render_only, asked.model
        self.include_usage = asked.stream_options.include_usage
        return decode.completion_request(asked)

    def encode(self, told: Told) -> bytes:
        """The chunk of a stream for one event."""
        match told:
            case End():
                return self.last(_KIND, told)
            case _ if isinstance(told.event, Finished):
                reason = told.event.reason
                choice = TextChoice(index=told.index, text="", finish_reason=reason, **remarks(told.event))
            case _ if isinstance(told.event, Text):
                offsets = self._offsets.setdefault(told.index, _Offsets())
                logprobs = offsets.table(told.event.logprobs)
                choice = TextChoice(
                    index=told.index, text=told.event.text, logprobs=logprobs, finish_reason=None
                )
            case _:
                return b""
        return self.chunk(_KIND, choice)

    def encode_whole(self, told: Sequence[Told]) -> bytes:
        """One object for all events."""
        choices, spent = by_choice(told)
        prompt = rendered(choices)
        if prompt is not None:
            return self.reply(_KIND, [], debug_info=prompt)
        whole = [_whole(index, events) for index, events in enumerate(choices)]
        return self.reply(_KIND, whole, usage=usage(spent))


def _whole(index: int, events: Sequence[Event]) -> TextChoice:
    found = gather(events)
    return TextChoice(
        index=index,
        text="".join(found.text),
        logprobs=_Offsets().table(text_logprobs(events)),
        finish_reason=found.finished.reason if found.finished else None,
        **remarks(found.finished),
    )


async def _echoing(road: Road, request: GenerateRequest) -> AsyncGenerator[Event, None]:
    """The answer with the prompt in front, which waits for the answer so that an error can come first."""
    prompt = request.prompt
    if request.tokens and not request.render_only:
        async with closing(road.generate(replace(request, suffix="", raw=True, render_only=True))) as shown:
            prompt = "".join([event.prompt async for event in shown if isinstance(event, Rendered)])
    begun = False
    async with closing(road.generate(request)) as events:
        async for event in events:
            if not begun and not request.render_only:
                yield Text(prompt)
            begun = True
            yield event


async def completions(services: Services, request: Request) -> Response:
    """Continue one or more prompts, each once or several times."""
    road = services.inference

    def run(asked: Asked[GenerateRequest]) -> AsyncGenerator[Told, None]:
        return each(partial(_echoing, road) if asked.echo else road.generate, asked.prompts)

    return await answer(request, services.max_body, Completions(), run)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/v1/completions", partial(completions, services), methods=["POST"])]
