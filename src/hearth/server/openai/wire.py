"""OpenAI's requests, as they are written in JSON.

A null is an absent field (`body.decode_json` drops it), as is what is not named here: clients send much that
has no meaning for a local model, and `docs/openai.md` lists it. Values of more than one form are `Any` here
and told apart in `decode`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class FunctionCall(Struct):
    name: str = ""
    arguments: str = ""


class Call(Struct):
    id: str = ""
    type: str = "function"
    function: FunctionCall = field(default_factory=FunctionCall)


class Turn(Struct):
    role: str = ""
    content: Any = None
    name: str = ""
    refusal: str = ""
    reasoning: str = ""
    reasoning_content: str = ""
    tool_calls: list[Call] = []
    tool_call_id: str = ""
    audio: Any = None
    function_call: Any = None


class Function(Struct):
    name: str = ""
    description: str = ""
    parameters: dict[str, Any] = {}


class ToolDefinition(Struct):
    type: str = "function"
    function: Function = field(default_factory=Function)


class JsonSchema(Struct):
    schema: Any = None


class ResponseFormat(Struct):
    type: str = "text"
    json_schema: JsonSchema = field(default_factory=JsonSchema)


class StreamOptions(Struct):
    include_usage: bool = False


class Reasoning(Struct):
    effort: str = ""


class Generating(Struct):
    """What chat completions and completions have in common; those from `options` on are Hearth's own."""

    model: str = ""
    stream: bool = False
    stream_options: StreamOptions = field(default_factory=StreamOptions)
    n: int = 1
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    stop: Any = None
    logit_bias: dict[str, float] = {}
    options: dict[str, Any] = {}
    keep_alive: Any = None
    truncate: bool = False
    shift: bool = False
    render_only: bool = field(default=False, name="_debug_render_only")


class ChatBody(Generating):
    messages: list[Turn] = []
    max_completion_tokens: int | None = None
    logprobs: bool = False
    top_logprobs: int | None = None
    response_format: ResponseFormat = field(default_factory=ResponseFormat)
    tools: list[ToolDefinition] = []
    tool_choice: Any = None
    parallel_tool_calls: bool = True
    reasoning_effort: str = ""
    reasoning: Reasoning = field(default_factory=Reasoning)
    audio: Any = None
    function_call: Any = None
    functions: Any = None
    modalities: Any = None
    moderation: Any = None
    service_tier: Any = None
    store: Any = None
    verbosity: Any = None
    web_search_options: Any = None


class CompletionBody(Generating):
    prompt: Any = None
    suffix: str = ""
    echo: bool = False
    best_of: int | None = None
    logprobs: int | None = None


class EmbeddingsBody(Struct):
    model: str = ""
    input: Any = None
    dimensions: int | None = None
    encoding_format: str = "float"
    options: dict[str, Any] = {}
    keep_alive: Any = None
    truncate: bool = False
