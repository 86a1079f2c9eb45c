"""Ollama's requests, as they are written in JSON.

Every field has a default: what is required is checked where the meaning is known. A null is an absent field
(`body.decode_json` drops it), and values of more than one form are `Any` here and told apart in `decode`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class FunctionCall(Struct):
    name: str = ""
    arguments: dict[str, Any] = {}
    index: int = 0


class Call(Struct):
    id: str = ""
    function: FunctionCall = field(default_factory=FunctionCall)


class Turn(Struct):
    role: str = ""
    content: str = ""
    thinking: str = ""
    images: list[str] = []
    tool_calls: list[Call] = []
    tool_name: str = ""
    tool_call_id: str = ""


class Function(Struct):
    name: str = ""
    description: str = ""
    parameters: dict[str, Any] = {}


class ToolDefinition(Struct):
    type: str = "function"
    function: Function = field(default_factory=Function)


class Generating(Struct):
    """What generate and chat have in common."""

    model: str = ""
    stream: bool = True
    format: Any = None
    keep_alive: Any = None
    options: dict[str, Any] = {}
    think: Any = None
    truncate: bool = False
    shift: bool = False
    logprobs: bool = False
    top_logprobs: int = 0
    render_only: bool = field(default=False, name="_debug_render_only")


class GenerateBody(Generating):
    prompt: str = ""
    suffix: str = ""
    system: str = ""
    template: str = ""
    context: list[int] = []
    raw: bool = False
    images: list[str] = []


class ChatBody(Generating):
    """`tool_choice` and `parallel_tool_calls` are Hearth's own."""

    messages: list[Turn] = []
    tools: list[ToolDefinition] = []
    tool_choice: Any = None
    parallel_tool_calls: bool = True


class EmbedBody(Struct):
    model: str = ""
    input: Any = None
    truncate: bool = True
    dimensions: int = 0
    keep_alive: Any = None
    options: dict[str, Any] = {}


class EmbeddingsBody(Struct):
    """The older of the two ways to embed."""

    model: str = ""
    prompt: str = ""
    keep_alive: Any = None
    options: dict[str, Any] = {}


class RerankBody(Struct):
    """Hearth's own; Ollama has no such route."""

    model: str = ""
    query: str = ""
    documents: list[str] = []
    top_n: int | None = None
    return_documents: bool = False
    raw_scores: bool = False
    truncate: bool = False
    keep_alive: Any = None
    options: dict[str, Any] = {}


class TokenizeBody(Struct):
    """Hearth's own. The text may also be named `content`, and `special` `add_special`, as llama.cpp does."""

    model: str = ""
    text: str = ""
    content: str = ""
    special: bool = True
    add_special: bool = True
    pieces: bool = False
    keep_alive: Any = None
    options: dict[str, Any] = {}


class DetokenizeBody(Struct):
    """Hearth's own."""

    model: str = ""
    tokens: list[int] = []
    keep_alive: Any = None
    options: dict[str, Any] = {}


class NamedBody(Struct):
    """A model by `model`, or by `name` as older clients write it."""

    model: str = ""
    name: str = ""

    @property
    def chosen(self) -> str:
        return self.model or self.name


class ShowBody(NamedBody):
    system: str = ""
    verbose: bool = False


class CopyBody(Struct):
    source: str = ""
    destination: str = ""


class CreateBody(NamedBody):
    stream: bool = True
    from_: str = field(default="", name="from")
    files: dict[str, str] = {}
    adapters: dict[str, str] = {}
    draft_files: dict[str, str] = {}
    template: str = ""
    license: Any = None
    system: str = ""
    parameters: dict[str, Any] = {}
    messages: list[Turn] = []
    quantize: str = ""
    quantization: str = ""
    draft_quantize: str = ""
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    remote_host: str = ""
