"""A conversation: messages to a prompt by the model's chat template, and its answer to events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from hearth.engine.contract import Completion, Runner
from hearth.engine.media import checked_images
from hearth.engine.sampling import sampling_fields
from hearth.errors import TemplateError
from hearth.inference import calling, formats
from hearth.inference.answer import Answer, Prompt
from hearth.inference.calling import Calling
from hearth.inference.card import Card
from hearth.inference.checks import thinking_on
from hearth.inference.fit import IMAGE_TOKENS, fit_messages, room
from hearth.inference.media import with_markers
from hearth.inference.plan import Plan
from hearth.inference.prompting import Prompting, prompting
from hearth.inference.roles import system_first
from hearth.messages import ChatRequest, Event, Json, Message, Rendered, Sampling, Think, Tool, Truncation
from hearth.scheduler.service import Lease


async def run(
    card: Card, request: ChatRequest, wanted: Plan, lease: Lease, started: int
) -> AsyncGenerator[Event, None]:
    """The events of the answer. `started` is when the request arrived, in `perf_counter_ns`."""
    messages = full_conversation(card, request.messages)
    answering = answer(
        card, messages, calling.calling(request), request.think, request.sampling, wanted, lease, started,
        render_only=request.render_only,
    )  # fmt: skip
    async with aclosing(answering) as events:
        async for event in events:
            yield event


async def count(card: Card, request: ChatRequest, lease: Lease) -> int:
    """Tokens of the prompt that a request makes; an image counts as `IMAGE_TOKENS`."""
    messages, _ = with_markers(full_conversation(card, request.messages), lease.runner.media_marker)
    thinking = _thinks(card, request.think, request.sampling)
    tools = calling.calling(request).tools
    render = _Renderer(lease.runner, prompting(card), tools, template_args(thinking, request.think))
    return await render.count(messages)


def full_conversation(card: Card, messages: Sequence[Message]) -> list[Message]:
    """The request's messages after the model's own; its system message is used unless they bring one."""
    system = [Message("system", card.system)] if card.system and messages[0].role != "system" else []
    return [*system, *card.messages, *messages]


async def answer(
    card: Card,
    messages: Sequence[Message],
    calls: Calling,
    think: Think | None,
    sampling: Sampling,
    wanted: Plan,
    lease: Lease,
    started: int,
    *,
    render_only: bool = False,
    context: Sequence[int] | None = None,
    template: str | None = None,
) -> AsyncGenerator[Event, None]:
    """Render a conversation and answer it; also the road of a templated `generate`.

    Args:
        context: tokens of an earlier exchange to go on from; their successor comes with `Finished`.
            None: neither taken nor given.
        template: a Go template to use instead of the model's own.
    """
    runner = lease.runner
    way = prompting(card, template)
    marked, images = with_markers(messages, runner.media_marker)
    thinking = _thinks(card, think, sampling)
    render = _Renderer(runner, way, calls.tools, template_args(thinking, think))
    prompt, truncation = await _fitting(render, marked, sampling, wanted)
    if context:
        prompt = await _text_of(runner, context) + prompt
    if render_only:
        yield Rendered(prompt, len(images))
        return
    grammar = await _grammar(way, calls, sampling, thinking, prompt)
    reader = way.reading.open(tools=calls.tools, think=thinking, prompt=prompt, bounded=bool(calls.forced))
    ready = Prompt(prompt, tuple(await checked_images(images)), truncation)
    making = Answer(
        lease, ready, reader, started,
        want_context=context is not None, ends_with_call=calls.ends_with_call,
    )  # fmt: skip
    settings = await completion(sampling, wanted, runner, grammar, ready)
    async with aclosing(making.run(settings)) as events:
        async for event in events:
            yield event


async def _text_of(runner: Runner, tokens: Sequence[int]) -> str:
    """The text of tokens, without the space that some tokenizers put before every text."""
    text = await runner.detokenize(tokens)
    bare = text.removeprefix(" ")
    return bare if await runner.tokenize(bare, special=False) == list(tokens) else text


async def _grammar(way: Prompting, calls: Calling, sampling: Sampling, thinking: bool, prompt: str) -> str:
    """What the answer is held to, empty for nothing; a call that must be made goes before a format."""
    if calls.forced:
        grammar = await calling.grammar(calls, way)
    else:
        grammar = await formats.grammar(sampling.format)
    tags = way.reading.thinking
    if not grammar or tags is None:
        return grammar
    inside = prompt.rstrip().endswith(tags.opening)
    return formats.after_thinking(grammar, tags, inside=inside) if thinking or inside else grammar


async def completion(
    sampling: Sampling, wanted: Plan, runner: Runner, grammar: str, prompt: Prompt
) -> Completion:
    """The engine's request for these settings; the prompt itself is filled in later."""
    fields = sampling_fields(wanted.options, runner.spec.context, await _most(sampling, runner, prompt))
    if sampling.logit_bias:
        fields["logit_bias"] = [[token, bias] for token, bias in sampling.logit_bias]
    return Completion(
        prompt="",
        sampling=fields,
        grammar=grammar,
        logprobs=sampling.top_logprobs if sampling.logprobs else None,
    )


async def _most(sampling: Sampling, runner: Runner, prompt: Prompt) -> int | None:
    """Tokens of the answer at most, where a runner that another request had shift its context must not."""
    if sampling.shift or not runner.spec.context_shift:
        return None
    tokens = await runner.tokenize(prompt.text) if isinstance(prompt.text, str) else prompt.text
    return max(runner.spec.context - len(tokens) - len(prompt.images) * IMAGE_TOKENS, 0)


def _thinks(card: Card, think: Think | None, sampling: Sampling) -> bool:
    # The shape of an answer and deliberation exclude each other unless deliberation was asked for.
    return thinking_on(card, think) and (sampling.format is None or bool(think))


def template_args(thinking: bool, think: Think | None) -> dict[str, Json]:
    """What chat templates ask about thinking."""
    args: dict[str, Json] = {"enable_thinking": thinking}
    if isinstance(think, str):
        args["reasoning_effort"] = think
    return args


class _Renderer:
    """Renders and counts conversations with one runner."""

    def __init__(self, runner: Runner, way: Prompting, tools: Sequence[Tool], args: dict[str, Json]) -> None:
        self._runner = runner
        self._way = way
        self._tools = tools
        self._args = args

    async def prompt(self, messages: Sequence[Message]) -> str:
        try:
            return await self._way.render(self._runner, messages, self._tools, self._args)
        except TemplateError:
            usual = system_first(messages)
            if usual == list(messages):
                raise
            return await self._way.render(self._runner, usual, self._tools, self._args)

    async def count(self, messages: Sequence[Message]) -> int:
        text = await self.prompt(messages)
        images = text.count(self._runner.media_marker)
        return len(await self._runner.tokenize(text)) + images * IMAGE_TOKENS

    @property
    def context(self) -> int:
        return self._runner.spec.context


async def _fitting(
    render: _Renderer, messages: Sequence[Message], sampling: Sampling, wanted: Plan
) -> tuple[str, Truncation | None]:
    # Without leave to cut, the engine itself refuses a prompt that is too long, and counting it here as
    # well would cost every request.
    truncation = None
    kept = list(messages)
    if sampling.truncate:
        limit = wanted.options.get("num_predict", -1)
        space = room(render.context, limit if isinstance(limit, int) else -1)
        kept, truncation = await fit_messages(messages, render.count, space, render.context)
    return await render.prompt(kept), truncation
