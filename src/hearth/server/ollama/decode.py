"""The requests of Ollama's routes, and of Hearth's own beside them, from JSON to the shared values.

A prompt that is too long is refused unless the client itself sent `"truncate": true`, and a full context
ends the answer unless it sent `"shift": true`: both would otherwise lose text without a word. Ollama does
both unasked.
"""

from __future__ import annotations

from hearth.errors import BadRequest, ModelNotFound
from hearth.messages import (
    ChatRequest,
    DetokenizeRequest,
    EmbedRequest,
    GenerateRequest,
    Message,
    RerankRequest,
    Sampling,
    TokenizeRequest,
    Tool,
    ToolCall,
)
from hearth.server.ollama import values
from hearth.server.ollama.wire import (
    Call,
    ChatBody,
    DetokenizeBody,
    EmbedBody,
    EmbeddingsBody,
    GenerateBody,
    Generating,
    RerankBody,
    TokenizeBody,
    ToolDefinition,
    Turn,
)
from hearth.server.toolchoice import tool_choice
from hearth.server.values import keep_alive

_MAX_TOKEN = 2**31 - 1


def generate_request(body: GenerateBody) -> GenerateRequest:
    """What `/api/generate` was asked.

    Raises:
        ModelNotFound: no model was named.
        BadRequest: a field that cannot be used, or two that exclude each other.
    """
    if not body.model:
        raise ModelNotFound("")
    if body.raw and (body.template or body.system or body.context):
        raise BadRequest("raw mode does not support template, system, or context")
    if not all(0 <= token <= _MAX_TOKEN for token in body.context):
        raise BadRequest("context must hold token numbers as an earlier reply gave them")
    return GenerateRequest(
        model=body.model,
        prompt=body.prompt,
        suffix=body.suffix,
        system=body.system or None,
        template=body.template or None,
        context=tuple(body.context),
        raw=body.raw,
        images=values.images(body.images, "images"),
        think=values.think(body.think),
        keep_alive=keep_alive(body.keep_alive),
        sampling=_sampling(body),
        render_only=body.render_only,
    )


def chat_request(body: ChatBody) -> ChatRequest:
    """What `/api/chat` was asked.

    Raises:
        BadRequest: no model, or a field that cannot be used.
    """
    declared = tuple(_tool(item, f"tools[{index}]") for index, item in enumerate(body.tools))
    choice, tools = tool_choice(body.tool_choice, declared)
    return ChatRequest(
        model=required(body.model),
        messages=tuple(message(turn, f"messages[{index}]") for index, turn in enumerate(body.messages)),
        tools=tools,
        think=values.think(body.think),
        keep_alive=keep_alive(body.keep_alive),
        sampling=_sampling(body),
        render_only=body.render_only,
        tool_choice=choice,
        parallel_tool_calls=body.parallel_tool_calls,
    )


def embed_request(body: EmbedBody) -> EmbedRequest:
    """What `/api/embed` was asked.

    Raises:
        ModelNotFound: no model was named.
        BadRequest: a field that cannot be used.
    """
    if not body.model:
        raise ModelNotFound("")
    if body.dimensions < 0:
        raise BadRequest("dimensions must be a positive number, or 0 for all of them")
    return EmbedRequest(
        model=body.model,
        inputs=values.texts(body.input),
        truncate=body.truncate,
        dimensions=body.dimensions or None,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def embeddings_request(body: EmbeddingsBody) -> EmbedRequest:
    """What the older `/api/embeddings` was asked; it never cuts a text.

    Raises:
        BadRequest: no model, or a field that cannot be used.
    """
    return EmbedRequest(
        model=required(body.model),
        inputs=values.texts(body.prompt),
        truncate=False,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def rerank_request(body: RerankBody) -> RerankRequest:
    """What `/api/rerank` was asked.

    Raises:
        BadRequest: no model or query, or a field that cannot be used.
    """
    if not body.query:
        raise BadRequest("query is required", "query")
    return RerankRequest(
        model=required(body.model),
        query=body.query,
        documents=tuple(body.documents),
        top_n=body.top_n,
        truncate=body.truncate,
        normalise=not body.raw_scores,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def tokenize_request(body: TokenizeBody) -> TokenizeRequest:
    """What `/api/tokenize` was asked.

    Raises:
        BadRequest: no model, or the text twice.
    """
    if body.text and body.content:
        raise BadRequest("text and content are two names of one field; send one of them")
    return TokenizeRequest(
        model=required(body.model),
        text=body.text or body.content,
        special=body.special and body.add_special,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def detokenize_request(body: DetokenizeBody) -> DetokenizeRequest:
    """What `/api/detokenize` was asked.

    Raises:
        BadRequest: no model, or a field that cannot be used.
    """
    return DetokenizeRequest(
        model=required(body.model),
        tokens=tuple(body.tokens),
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def required(model: str) -> str:
    """A model's name that was given; BadRequest where it was not."""
    if not model:
        raise BadRequest("model is required")
    return model


def message(turn: Turn, where: str) -> Message:
    """One turn of a conversation; `where` names it in errors."""
    return Message(
        role=turn.role.lower(),
        content=turn.content,
        thinking=turn.thinking,
        images=values.images(turn.images, f"{where}.images"),
        tool_calls=tuple(
            _call(item, f"{where}.tool_calls[{index}]") for index, item in enumerate(turn.tool_calls)
        ),
        tool_name=turn.tool_name,
        tool_call_id=turn.tool_call_id,
    )


def _sampling(body: Generating) -> Sampling:
    return Sampling(
        options=body.options,
        format=values.output_format(body.format),
        logprobs=body.logprobs,
        top_logprobs=values.top_logprobs(body.top_logprobs),
        truncate=body.truncate,
        shift=body.shift,
    )


def _call(item: Call, where: str) -> ToolCall:
    if not item.function.name:
        raise BadRequest(f"{where}.function.name is required")
    return ToolCall(item.function.name, item.function.arguments, item.id)


def _tool(item: ToolDefinition, where: str) -> Tool:
    if not item.function.name:
        raise BadRequest(f"{where}.function.name is required")
    return Tool(item.function.name, item.function.description, item.function.parameters)
