"""Anthropic's requests, from JSON to the shared values.

Thinking is off unless it is asked for, which is this API's default and not Ollama's. An over-long prompt is
refused, so that clients which shorten their own history learn when to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hearth.errors import BadRequest
from hearth.messages import ChatRequest, Format, Message, Options, Sampling, Think, Tool
from hearth.messages import ToolChoice as Choice
from hearth.server.anthropic.blocks import conversation, system_text
from hearth.server.anthropic.wire import (
    CountBody,
    MessagesBody,
    OutputConfig,
    OutputFormat,
    Thinking,
    ToolChoice,
    ToolDefinition,
)
from hearth.server.values import keep_alive, shown

_MOST_TOKENS: Final = 2**31 - 1
_EFFORTS: Final[dict[str, Think]] = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "max",
}
_CHOICES: Final = {"auto": Choice("auto"), "any": Choice("required"), "none": Choice("none")}


def messages_request(body: MessagesBody) -> ChatRequest:
    """What `/v1/messages` was asked.

    Raises:
        BadRequest: a field that is missing, cannot be used or is not supported.
    """
    _model(body)
    if body.max_tokens <= 0:
        raise BadRequest("max_tokens is required and must be positive")
    asked = _request(body, _options(body))
    likely = replace(asked.sampling, logprobs=body.logprobs, top_logprobs=body.top_logprobs)
    return replace(asked, sampling=likely)


def count_request(body: CountBody) -> ChatRequest:
    """What `/v1/messages/count_tokens` was asked.

    Raises:
        BadRequest: a field that is missing, cannot be used or is not supported.
    """
    _model(body)
    return _request(body, body.options)


def _request(body: CountBody, options: Options) -> ChatRequest:
    if not body.messages:
        raise BadRequest("messages is required: a list of at least one message")
    _refuse_remote(body)
    system = system_text(body.system)
    head = (Message("system", system),) if system else ()
    config = body.output_config or OutputConfig()
    return ChatRequest(
        model=body.model,
        messages=head + conversation(body.messages),
        tools=tuple(_tool(item, f"tools[{index}]") for index, item in enumerate(body.tools)),
        think=think(body.thinking, config.effort),
        keep_alive=keep_alive(body.keep_alive),
        sampling=Sampling(options=options, format=output_format(config.format or body.output_format)),
        tool_choice=tool_choice(body.tool_choice),
        parallel_tool_calls=not (body.tool_choice and body.tool_choice.disable_parallel_tool_use),
    )


def _model(body: CountBody) -> None:
    if not body.model:
        raise BadRequest("model is required")


def _refuse_remote(body: CountBody) -> None:
    if body.mcp_servers:
        raise BadRequest(
            "mcp_servers is not supported: connect to MCP servers in the client, and send their tools"
        )
    if isinstance(body.container, dict) and body.container.get("skills"):
        raise BadRequest("container.skills is not supported: Hearth has no containers to run code in")


def _options(body: MessagesBody) -> Options:
    named = {"temperature": body.temperature, "top_p": body.top_p, "top_k": body.top_k}
    options: Options = body.options | {name: value for name, value in named.items() if value is not None}
    options["num_predict"] = min(body.max_tokens, _MOST_TOKENS)
    if body.stop_sequences:
        if not all(body.stop_sequences):
            raise BadRequest(f"stop_sequences[{body.stop_sequences.index('')}] is empty; leave it out")
        options["stop"] = list(body.stop_sequences)
    return options


def tool_choice(wanted: ToolChoice | None) -> Choice:
    """Whether a tool may, must not or must be called.

    Raises:
        BadRequest: an unknown type, or a tool without its name.
    """
    if wanted is None:
        return Choice()
    if wanted.type == "tool":
        if not wanted.name:
            raise BadRequest("tool_choice.name is required where its type is tool")
        return Choice("named", wanted.name)
    if wanted.type not in _CHOICES:
        raise BadRequest(
            f'tool_choice.type must be "auto", "any", "tool" or "none", not {shown(wanted.type)}'
        )
    return _CHOICES[wanted.type]


def _tool(item: ToolDefinition, where: str) -> Tool:
    if item.type != "custom":
        raise BadRequest(
            f"{where}: the tool type {shown(item.type)} is not supported, as Hearth runs no tools: "
            "leave it out, or describe a tool of your own with an input_schema"
        )
    if not item.name:
        raise BadRequest(f"{where}.name is required")
    if not isinstance(item.input_schema, dict):
        raise BadRequest(f'{where}.input_schema of the tool "{item.name}" must be a JSON Schema object')
    if item.strict:
        raise BadRequest(f"{where}.strict is not supported: leave it out and check the input of each call")
    return Tool(item.name, item.description, item.input_schema)


def think(wanted: Thinking | None, effort: str) -> Think:
    """Whether and how hard to think; an effort alone does not turn thinking on.

    Raises:
        BadRequest: an unknown type or effort.
    """
    if effort and effort not in _EFFORTS:
        raise BadRequest(f"output_config.effort must be one of {', '.join(_EFFORTS)}, not {shown(effort)}")
    if wanted is None or wanted.type == "disabled":
        return False
    if wanted.type not in {"enabled", "adaptive"}:
        raise BadRequest(
            f'thinking.type must be "enabled", "adaptive" or "disabled", not {shown(wanted.type)}'
        )
    if wanted.display not in {"summarized", "omitted"}:
        raise BadRequest(f'thinking.display must be "summarized" or "omitted", not {shown(wanted.display)}')
    return _EFFORTS.get(effort, True)


def output_format(wanted: OutputFormat | None) -> Format | None:
    """The schema that the answer must have, if one was given.

    Raises:
        BadRequest: another type, or no schema.
    """
    if wanted is None:
        return None
    if wanted.type != "json_schema":
        raise BadRequest(f'output_config.format.type must be "json_schema", not {shown(wanted.type)}')
    if not isinstance(wanted.schema, dict):
        raise BadRequest("output_config.format.schema must be a JSON Schema object")
    return Format("schema", schema=wanted.schema)
