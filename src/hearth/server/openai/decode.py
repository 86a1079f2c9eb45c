"""OpenAI's requests, from JSON to the shared values.

A field of the published API that cannot be honoured is refused by its name; fields without effect on an
answer are ignored. As everywhere, nothing is cut from a prompt unless the client sent `"truncate": true`.
"""

from __future__ import annotations

from typing import Any, Final

from hearth.errors import BadRequest
from hearth.messages import ChatRequest, EmbedRequest, Format, GenerateRequest, Sampling, Think, Tool
from hearth.server.openai import sampling
from hearth.server.openai.answers import Asked, repeated
from hearth.server.openai.content import conversation
from hearth.server.openai.errors import Refused
from hearth.server.openai.wire import (
    ChatBody,
    CompletionBody,
    EmbeddingsBody,
    Generating,
    ResponseFormat,
    ToolDefinition,
)
from hearth.server.toolchoice import tool_choice
from hearth.server.values import keep_alive, shown

_EFFORTS: Final[dict[str, Think | None]] = {
    "": None,
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "max",
    "ultra": "max",
    "max": "max",
}
_HONOURED: Final[dict[str, tuple[tuple[Any, ...], str]]] = {
    "audio": ((), "answers are texts"),
    "function_call": ((), "send tool_choice in its place"),
    "functions": (([],), "send tools in its place"),
    "modalities": ((["text"],), "answers are texts"),
    "moderation": ((), "this server judges no texts"),
    "service_tier": (("auto", "default"), 'only "auto" and "default" are known'),
    "store": ((False,), "chat completions are not stored"),
    "verbosity": (("medium",), "say in the prompt how long the answer shall be"),
    "web_search_options": ((), "this server does not search the web"),
}
"""Fields with the values that need nothing to be done, and what to say of all others."""


def chat_request(body: ChatBody) -> Asked[ChatRequest]:
    """What `/v1/chat/completions` was asked.

    Raises:
        BadRequest: a field that cannot be used or honoured; `field` names it.
    """
    for name, (harmless, hint) in _HONOURED.items():
        value = getattr(body, name)
        if value is not None and value not in harmless:
            raise Refused(f"{name} is not supported: {hint}", name)
    model, messages = sampling.required(body.model), conversation(body.messages)
    declared = tuple(_tool(item, f"tools[{index}]") for index, item in enumerate(body.tools))
    choice, tools = tool_choice(body.tool_choice, declared)
    request = ChatRequest(
        model=model,
        messages=messages,
        tools=tools,
        think=_think(body),
        keep_alive=keep_alive(body.keep_alive),
        sampling=_chat_sampling(body),
        render_only=body.render_only,
        tool_choice=choice,
        parallel_tool_calls=body.parallel_tool_calls,
    )
    return Asked((repeated(request, sampling.answers(body.n)),))


def completion_request(body: CompletionBody) -> Asked[GenerateRequest]:
    """What `/v1/completions` was asked: the prompts are continued as they are.

    Raises:
        BadRequest: a field that cannot be used or honoured; `field` names it.
    """
    count = sampling.answers(body.n)
    if body.best_of is not None and body.best_of != count:
        raise Refused("best_of is only supported where it equals n", "best_of")
    if body.echo and body.logprobs is not None:
        raise Refused("logprobs with echo is not supported: those of a prompt are not known", "logprobs")
    model, settings = sampling.required(body.model), _completion_sampling(body)
    stay = keep_alive(body.keep_alive)
    prompts = [
        GenerateRequest(
            model=model,
            prompt=prompt if isinstance(prompt, str) else "",
            tokens=() if isinstance(prompt, str) else prompt,
            suffix=body.suffix,
            raw=not body.suffix,
            keep_alive=stay,
            sampling=settings,
            render_only=body.render_only,
        )
        for prompt in sampling.texts_or_tokens(body.prompt, "prompt")
    ]
    return Asked(tuple(repeated(prompt, count) for prompt in prompts), body.echo)


def embed_request(body: EmbeddingsBody) -> EmbedRequest:
    """What `/v1/embeddings` was asked; a text that is too long is cut only on request.

    Raises:
        BadRequest: a field that cannot be used; `field` names it.
    """
    if body.dimensions is not None and body.dimensions < 1:
        raise BadRequest("dimensions must be at least 1", "dimensions")
    if body.encoding_format.lower() not in {"float", "base64"}:
        raise BadRequest('encoding_format must be "float" or "base64"', "encoding_format")
    return EmbedRequest(
        model=sampling.required(body.model),
        inputs=sampling.texts_or_tokens(body.input, "input"),
        truncate=body.truncate,
        dimensions=body.dimensions,
        keep_alive=keep_alive(body.keep_alive),
        options=body.options,
    )


def _chat_sampling(body: ChatBody) -> Sampling:
    if body.top_logprobs is not None and not body.logprobs:
        raise BadRequest('top_logprobs needs "logprobs": true', "top_logprobs")
    limit = ("max_completion_tokens", body.max_completion_tokens)
    if body.max_completion_tokens is None:
        limit = ("max_tokens", body.max_tokens)
    return Sampling(
        options=sampling.options(body, limit),
        format=_format(body.response_format),
        logprobs=body.logprobs,
        top_logprobs=sampling.top_logprobs(body.top_logprobs or 0, "top_logprobs"),
        **_shared(body),
    )


def _completion_sampling(body: CompletionBody) -> Sampling:
    return Sampling(
        options=sampling.options(body, ("max_tokens", body.max_tokens)),
        logprobs=body.logprobs is not None,
        top_logprobs=sampling.top_logprobs(body.logprobs or 0, "logprobs"),
        **_shared(body),
    )


def _shared(body: Generating) -> dict[str, Any]:
    return {
        "truncate": body.truncate,
        "shift": body.shift,
        "logit_bias": sampling.logit_bias(body.logit_bias),
    }


def _format(wanted: ResponseFormat) -> Format | None:
    match wanted.type:
        case "text":
            return None
        case "json_object":
            return Format("json")
        case "json_schema":
            if not isinstance(wanted.json_schema.schema, dict):
                place = "response_format.json_schema.schema"
                raise BadRequest(f"{place} is missing; expected a JSON schema", place)
            return Format("schema", schema=wanted.json_schema.schema)
    raise Refused(
        f"response_format.type is {shown(wanted.type)}; expected text, json_object or json_schema",
        "response_format.type",
    )


def _think(body: ChatBody) -> Think | None:
    field = "reasoning.effort" if body.reasoning.effort else "reasoning_effort"
    effort = body.reasoning.effort or body.reasoning_effort
    if effort not in _EFFORTS:
        levels = ", ".join(filter(None, _EFFORTS))
        raise BadRequest(f"{field} is {shown(effort)}; expected one of {levels}", field)
    return _EFFORTS[effort]


def _tool(item: ToolDefinition, where: str) -> Tool:
    if item.type != "function":
        raise Refused(f"{where}.type is {shown(item.type)}; only function is supported", f"{where}.type")
    function = item.function
    if not function.name:
        raise BadRequest(f"{where}.function.name is required", f"{where}.function.name")
    return Tool(function.name, function.description, function.parameters)
