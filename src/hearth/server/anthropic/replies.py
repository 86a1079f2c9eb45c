"""Anthropic's replies, as they are written in JSON: messages, content blocks and the events of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from hearth.messages import TokenLogprob


class TextBlock(Struct, tag="text"):
    text: str = ""


class ThinkingBlock(Struct, tag="thinking"):
    thinking: str = ""
    signature: str = ""


class ToolUseBlock(Struct, tag="tool_use"):
    id: str
    name: str
    input: dict[str, Any]


Block: TypeAlias = TextBlock | ThinkingBlock | ToolUseBlock


class Usage(Struct):
    """`input_tokens` are those that were not found in the cache."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0


class TokenWire(Struct, omit_defaults=True, kw_only=True):
    """A token with its log-probability, as Ollama writes it."""

    token: str
    logprob: float
    bytes: tuple[int, ...] = ()
    top_logprobs: list[TokenWire] = []


Logprobs: TypeAlias = "list[TokenWire] | UnsetType"


def token_wires(tokens: Sequence[TokenLogprob]) -> Logprobs:
    """The tokens in their written form; left out where there are none."""
    return [
        TokenWire(
            token=item.token, logprob=item.logprob, bytes=item.bytes, top_logprobs=token_wires(item.top) or []
        )
        for item in tokens
    ] or UNSET


class Message(Struct, tag="message", kw_only=True):
    """Hearth's own are `logprobs` and `notes`: remarks such as a tool call that could not be read."""

    id: str
    role: str = "assistant"
    model: str
    content: list[Block]
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: Usage
    logprobs: Logprobs = UNSET
    notes: tuple[str, ...] | UnsetType = UNSET


class TextDelta(Struct, tag="text_delta"):
    text: str


class ThinkingDelta(Struct, tag="thinking_delta"):
    thinking: str


class SignatureDelta(Struct, tag="signature_delta"):
    signature: str


class InputJsonDelta(Struct, tag="input_json_delta"):
    partial_json: str


Delta: TypeAlias = TextDelta | ThinkingDelta | SignatureDelta | InputJsonDelta


class MessageStart(Struct, tag="message_start"):
    message: Message


class Ping(Struct, tag="ping"):
    pass


class ContentBlockStart(Struct, tag="content_block_start"):
    index: int
    content_block: Block


class ContentBlockDelta(Struct, tag="content_block_delta"):
    index: int
    delta: Delta
    logprobs: Logprobs = UNSET


class ContentBlockStop(Struct, tag="content_block_stop"):
    index: int


class Ending(Struct):
    stop_reason: str
    stop_sequence: str | None = None
    notes: tuple[str, ...] | UnsetType = UNSET


class MessageDelta(Struct, tag="message_delta"):
    delta: Ending
    usage: Usage


class MessageStop(Struct, tag="message_stop"):
    pass


class ErrorDetail(Struct):
    type: str
    message: str


class ErrorReply(Struct, tag="error"):
    error: ErrorDetail
    request_id: str


Step: TypeAlias = ContentBlockStart | ContentBlockDelta | ContentBlockStop
StreamEvent: TypeAlias = MessageStart | Ping | Step | MessageDelta | MessageStop | ErrorReply


class TokenCount(Struct):
    input_tokens: int
