"""Anthropic's requests, as they are written in JSON.

Every field has a default: what is required is checked where the meaning is known. A null is an absent field
(`body.decode_json` drops it), content blocks are read in `blocks`, and fields that ask for nothing a local
model could do otherwise (`metadata`, `service_tier`, `cache_control`, ...) are not here at all.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Turn(Struct):
    role: str = ""
    content: Any = None


class ToolDefinition(Struct):
    type: str = "custom"
    name: str = ""
    description: str = ""
    input_schema: Any = None
    strict: bool = False


class ToolChoice(Struct):
    type: str = ""
    name: str = ""
    disable_parallel_tool_use: bool = False


class Thinking(Struct):
    type: str = ""
    budget_tokens: int = 0
    display: str = "summarized"


class OutputFormat(Struct):
    type: str = ""
    schema: Any = None


class OutputConfig(Struct):
    effort: str = ""
    format: OutputFormat | None = None


class CountBody(Struct):
    """What makes the prompt. `options` and `keep_alive` (and below `logprobs`) are Ollama's fields."""

    model: str = ""
    messages: list[Turn] = []
    system: Any = None
    tools: list[ToolDefinition] = []
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None
    mcp_servers: list[Any] = []
    container: Any = None
    options: dict[str, Any] = {}
    keep_alive: Any = None


class MessagesBody(CountBody):
    max_tokens: int = 0
    stream: bool = False
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] = []
    logprobs: bool = False
    top_logprobs: int = 0
