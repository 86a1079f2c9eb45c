"""Requests of the responses API, as they are written in JSON.

A null is an absent field, as is what is not named here. Items and tools are of many kinds and stay plain
JSON, which is also how they are kept.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

Item: TypeAlias = "dict[str, Any]"
"""An item of a conversation, in the API's own form."""


class Reasoning(Struct):
    effort: str = ""
    summary: str = ""


class Text(Struct):
    format: dict[str, Any] = {}
    verbosity: str = "medium"


class ResponsesBody(Struct):
    """The body of a request; those from `options` on are Hearth's own."""

    model: str = ""
    input: Any = None
    instructions: str | None = None
    previous_response_id: str = ""
    stream: bool = False
    store: bool | None = None
    max_output_tokens: int | None = None
    max_tool_calls: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_logprobs: int | None = None
    reasoning: Reasoning = field(default_factory=Reasoning)
    text: Text = field(default_factory=Text)
    tools: list[dict[str, Any]] = []
    tool_choice: Any = None
    parallel_tool_calls: bool = True
    truncation: str = "disabled"
    include: list[str] = []
    metadata: dict[str, str] = {}
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    service_tier: Any = None
    background: bool = False
    conversation: Any = None
    context_management: Any = None
    moderation: Any = None
    prompt: Any = None
    options: dict[str, Any] = {}
    keep_alive: Any = None
    truncate: bool = False
    shift: bool = False
