"""Replies of the responses API, as they are written in JSON: responses, items and the events of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hearth.messages import TokenLogprob, Usage
from hearth.server.openai.replies import TruncatedWire


class Logprob(Struct, kw_only=True):
    token: str
    logprob: float
    bytes: tuple[int, ...]
    top_logprobs: list[Logprob] | UnsetType = UNSET


class OutputText(Struct, tag="output_text"):
    text: str = ""
    annotations: tuple[()] = ()
    logprobs: list[Logprob] = []


class SummaryText(Struct, tag="summary_text"):
    text: str = ""


class MessageItem(Struct, tag="message", kw_only=True):
    id: str
    status: str
    role: str = "assistant"
    content: list[OutputText] = []


class ReasoningItem(Struct, tag="reasoning", kw_only=True):
    """`encrypted_content` is the thinking once more, and plain: what clients send back has it there."""

    id: str
    summary: list[SummaryText] = []
    encrypted_content: str = ""


class FunctionCallItem(Struct, tag="function_call", kw_only=True):
    id: str
    call_id: str
    name: str
    namespace: str | UnsetType = UNSET
    arguments: str
    status: str


OutputItem: TypeAlias = MessageItem | ReasoningItem | FunctionCallItem


class InputDetails(Struct):
    cached_tokens: int


class OutputDetails(Struct):
    reasoning_tokens: int = 0


class UsageWire(Struct, kw_only=True):
    """The tokens of the thinking are among the output's and are not told apart."""

    input_tokens: int
    input_tokens_details: InputDetails
    output_tokens: int
    output_tokens_details: OutputDetails = msgspec.field(default_factory=OutputDetails)
    total_tokens: int


class Reply(Struct, kw_only=True):
    """A response. Hearth's own are `truncated` and `notes`, and rare."""

    id: str
    object: str = "response"
    created_at: int
    completed_at: int | None = None
    status: str = "in_progress"
    incomplete_details: dict[str, str] | None = None
    model: str
    previous_response_id: str | None = None
    instructions: str | None = None
    output: list[OutputItem] = []
    error: dict[str, Any] | None = None
    tools: list[dict[str, Any]] = []
    tool_choice: Any = "auto"
    truncation: str = "disabled"
    parallel_tool_calls: bool = True
    text: dict[str, Any] = {}
    top_p: float | None = None
    presence_penalty: float = 0
    frequency_penalty: float = 0
    top_logprobs: int = 0
    temperature: float | None = None
    reasoning: dict[str, str | None] = {}
    usage: UsageWire | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    store: bool = False
    background: bool = False
    service_tier: str = "default"
    metadata: dict[str, str] = {}
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    user: str | None = None
    truncated: TruncatedWire | UnsetType = UNSET
    notes: list[str] | UnsetType = UNSET


class StreamEvent(Struct, kw_only=True):
    """What all events of a stream have; each has its type as its tag."""

    sequence_number: int


class Lifecycle(StreamEvent, kw_only=True):
    response: Reply


class Created(Lifecycle, tag="response.created"):
    pass


class InProgress(Lifecycle, tag="response.in_progress"):
    pass


class Completed(Lifecycle, tag="response.completed"):
    pass


class Incomplete(Lifecycle, tag="response.incomplete"):
    pass


class Failed(Lifecycle, tag="response.failed"):
    pass


class Placed(StreamEvent, kw_only=True):
    output_index: int


class ItemAdded(Placed, tag="response.output_item.added", kw_only=True):
    item: OutputItem


class ItemDone(Placed, tag="response.output_item.done", kw_only=True):
    item: OutputItem


class OfItem(Placed, kw_only=True):
    item_id: str


class OfContent(OfItem, kw_only=True):
    content_index: int = 0


class PartAdded(OfContent, tag="response.content_part.added", kw_only=True):
    part: OutputText


class PartDone(OfContent, tag="response.content_part.done", kw_only=True):
    part: OutputText


class TextDelta(OfContent, tag="response.output_text.delta", kw_only=True):
    delta: str
    logprobs: list[Logprob]


class TextDone(OfContent, tag="response.output_text.done", kw_only=True):
    text: str
    logprobs: list[Logprob]


class OfSummary(OfItem, kw_only=True):
    summary_index: int = 0


class SummaryPartAdded(OfSummary, tag="response.reasoning_summary_part.added", kw_only=True):
    part: SummaryText


class SummaryPartDone(OfSummary, tag="response.reasoning_summary_part.done", kw_only=True):
    part: SummaryText


class SummaryDelta(OfSummary, tag="response.reasoning_summary_text.delta", kw_only=True):
    delta: str


class SummaryDone(OfSummary, tag="response.reasoning_summary_text.done", kw_only=True):
    text: str


class ArgumentsDelta(OfItem, tag="response.function_call_arguments.delta", kw_only=True):
    delta: str


class ArgumentsDone(OfItem, tag="response.function_call_arguments.done", kw_only=True):
    arguments: str


def logprobs(tokens: Sequence[TokenLogprob]) -> list[Logprob]:
    """Tokens with their alternatives, in their written form."""
    return [
        Logprob(
            token=item.token,
            logprob=item.logprob,
            bytes=item.bytes,
            top_logprobs=[
                Logprob(token=other.token, logprob=other.logprob, bytes=other.bytes) for other in item.top
            ],
        )
        for item in tokens
    ]


def usage(spent: Usage) -> UsageWire:
    """Tokens, as this API reports them."""
    return UsageWire(
        input_tokens=spent.prompt_tokens,
        input_tokens_details=InputDetails(spent.cached_tokens),
        output_tokens=spent.completion_tokens,
        total_tokens=spent.prompt_tokens + spent.completion_tokens,
    )


def sent(event: StreamEvent) -> bytes:
    """One event of a stream, named by its type."""
    name = str(type(event).__struct_config__.tag)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(event))
