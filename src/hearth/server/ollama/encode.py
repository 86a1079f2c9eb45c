"""The replies of generate and chat: events out as Ollama's JSON.

One line of a stream and a whole reply have the same fields, so both are made from the same gathered pieces.
Beside Ollama's fields a last line may have `cached_tokens`, `truncated` and `notes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec import field as wire_field

from hearth.messages import Finished, TokenLogprob, ToolCall
from hearth.server.gather import Gathered


class LogprobWire(Struct, omit_defaults=True, kw_only=True):
    token: str
    logprob: float
    bytes: list[int] | None = None
    top_logprobs: list[LogprobWire] | None = None


class FunctionWire(Struct):
    index: int
    name: str
    arguments: dict[str, Any]


class CallWire(Struct, omit_defaults=True, kw_only=True):
    id: str = ""
    function: FunctionWire


class RenderedWire(Struct, omit_defaults=True, kw_only=True):
    rendered_template: str
    image_count: int = 0


class TruncatedWire(Struct):
    dropped_messages: int
    dropped_tokens: int


class Closing(Struct, omit_defaults=True, kw_only=True):
    """What the last line of an answer adds. Durations in nanoseconds."""

    done: bool
    done_reason: str | None = None
    context: list[int] | None = None
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    prompt_eval_duration: int = 0
    eval_count: int = 0
    eval_duration: int = 0
    cached_tokens: int = 0
    truncated: TruncatedWire | None = None
    notes: list[str] | None = None
    debug_info: RenderedWire | None = wire_field(default=None, name="_debug_info")
    logprobs: list[LogprobWire] | None = None


def closing(found: Gathered) -> Closing:
    """How a line ends, for gathered pieces."""
    fields: dict[str, Any] = {"done": found.finished is not None}
    if found.logprobs:
        fields["logprobs"] = [_logprob(item) for item in found.logprobs]
    if found.rendered is not None:
        fields["debug_info"] = RenderedWire(
            rendered_template=found.rendered.prompt, image_count=found.rendered.images
        )
    if found.finished is not None:
        fields |= _finished(found.finished)
    return Closing(**fields)


def joined(reply: Struct, end: Closing) -> bytes:
    """One JSON object with the fields of the reply first: the order in which people read it."""
    return msgspec.json.encode(reply)[:-1] + b"," + msgspec.json.encode(end)[1:]


def calls(found: Sequence[ToolCall], first: int) -> list[CallWire] | None:
    """The tool calls, numbered from `first`; None where there are none."""
    return [
        CallWire(id=call.id, function=FunctionWire(first + index, call.name, dict(call.arguments)))
        for index, call in enumerate(found)
    ] or None


def _finished(event: Finished) -> dict[str, Any]:
    usage, cut = event.usage, event.truncation
    return {
        "done_reason": event.reason,
        "context": list(event.context) or None,
        "total_duration": usage.total_ns,
        "load_duration": usage.load_ns,
        "prompt_eval_count": usage.prompt_tokens,
        "prompt_eval_duration": usage.prompt_ns,
        "eval_count": usage.completion_tokens,
        "eval_duration": usage.completion_ns,
        "cached_tokens": usage.cached_tokens,
        "truncated": TruncatedWire(cut.dropped_messages, cut.dropped_tokens) if cut else None,
        "notes": list(event.notes) or None,
    }


def _logprob(item: TokenLogprob) -> LogprobWire:
    return LogprobWire(
        token=item.token,
        logprob=item.logprob,
        bytes=list(item.bytes) or None,
        top_logprobs=[_logprob(other) for other in item.top] or None,
    )
