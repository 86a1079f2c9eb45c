"""A single prompt: as it is, between a prefix and a suffix, or as the one message of a conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from hearth.engine.media import checked_images
from hearth.errors import BadRequest
from hearth.inference import chat, formats
from hearth.inference.answer import Answer, Prompt
from hearth.inference.calling import Calling
from hearth.inference.card import Card
from hearth.inference.fit import fit_tokens, room
from hearth.inference.media import place
from hearth.inference.plan import Plan
from hearth.inference.prompting import infill
from hearth.messages import Event, GenerateRequest, Message, Rendered, Sampling
from hearth.output.plain import PlainFormat
from hearth.scheduler.service import Lease


async def run(
    card: Card, request: GenerateRequest, wanted: Plan, lease: Lease, started: int
) -> AsyncGenerator[Event, None]:
    """The events of the answer. `started` is when the request arrived, in `perf_counter_ns`."""
    if request.raw or request.suffix or request.tokens:
        making = _plain(card, request, wanted, lease, started)
    else:
        making = _templated(card, request, wanted, lease, started)
    async with aclosing(making) as events:
        async for event in events:
            yield event


async def _plain(
    card: Card, request: GenerateRequest, wanted: Plan, lease: Lease, started: int
) -> AsyncGenerator[Event, None]:
    infill = bool(request.suffix) and not request.raw
    prompt = await _infill(card, request, lease) if infill else await _raw_prompt(request, wanted, lease)
    if request.render_only:
        text = prompt.text
        shown = text if isinstance(text, str) else await lease.runner.detokenize(text)
        yield Rendered(shown, len(prompt.images))
        return
    making = Answer(lease, prompt, PlainFormat(), started)
    grammar = await formats.grammar(request.sampling.format)
    settings = await chat.completion(request.sampling, wanted, lease.runner, grammar, prompt)
    async with aclosing(making.run(settings)) as events:
        async for event in events:
            yield event


async def _raw_prompt(request: GenerateRequest, wanted: Plan, lease: Lease) -> Prompt:
    if request.tokens:
        tokens = list(request.tokens)
        return _cut(tokens, request.sampling, wanted, lease) if request.sampling.truncate else Prompt(tokens)
    images = tuple(await checked_images(request.images))
    text = place(request.prompt, len(images), lease.runner.media_marker)
    if not request.sampling.truncate or images:
        return Prompt(text, images)
    return _cut(await lease.runner.tokenize(text), request.sampling, wanted, lease)


def _cut(tokens: list[int], sampling: Sampling, wanted: Plan, lease: Lease) -> Prompt:
    limit, keep = wanted.options.get("num_predict", -1), wanted.options.get("num_keep", 4)
    context = lease.runner.spec.context
    space = room(context, limit if isinstance(limit, int) else -1)
    if len(tokens) <= space:
        return Prompt(tokens)
    kept, truncation = fit_tokens(tokens, space, keep if isinstance(keep, int) else 4)
    return Prompt(kept, truncation=truncation)


async def _infill(card: Card, request: GenerateRequest, lease: Lease) -> Prompt:
    """Prefix, suffix and middle as a Go template writes them, or else marked by the model's own tokens."""
    text = await lease.runner.detokenize(request.tokens) if request.tokens else request.prompt
    written = await infill(card, request.template, text, request.suffix)
    if written is not None:
        return Prompt(written)
    if card.fim is None:
        raise BadRequest(f"{card.stored.name} has no tokens for filling in; use a model trained for it")
    prefix, suffix, middle = card.fim
    begin = await lease.runner.tokenize("")
    before = request.tokens or await lease.runner.tokenize(request.prompt, special=False)
    after = await lease.runner.tokenize(request.suffix, special=False)
    return Prompt([*begin, prefix, *before, suffix, *after, middle])


def _templated(
    card: Card, request: GenerateRequest, wanted: Plan, lease: Lease, started: int
) -> AsyncGenerator[Event, None]:
    system = card.system if request.system is None else request.system
    messages = [Message("system", system)] if system else []
    if not request.context:
        messages += card.messages
    messages.append(Message("user", request.prompt, images=request.images))
    return chat.answer(
        card, messages, Calling(), request.think, request.sampling, wanted, lease, started,
        render_only=request.render_only, context=request.context, template=request.template,
    )  # fmt: skip
