"""A request of the responses API is a chat completion in other words.

It is rewritten as one, and decoded as one, so that both mean the same to a model: settings of the sampler,
tools, their choice and formats are understood in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from hearth.errors import BadRequest
from hearth.messages import ChatRequest, Message
from hearth.server.openai.content import string
from hearth.server.openai.decode import chat_request
from hearth.server.openai.errors import Refused
from hearth.server.openai.wire import ChatBody
from hearth.server.responses.items import conversation, qualified
from hearth.server.responses.wire import Item, ResponsesBody
from hearth.server.values import shown

_LOGPROBS: Final = "message.output_text.logprobs"
_INCLUDABLE: Final = ("reasoning.encrypted_content", "message.input_image.image_url", _LOGPROBS)
_REFUSED: Final = {
    "background": "this server answers at once; leave it out and wait, or stream",
    "conversation": "send previous_response_id or the whole conversation in its place",
    "context_management": 'send "truncation": "auto" in its place',
    "moderation": "this server judges no texts",
    "prompt": "no prompts are kept here; send instructions and input in its place",
}
_METADATA_KEYS: Final = 16
_DEEPEST: Final = 100
"""Levels of lists and objects in one field: what is kept and repeated must be written as well as read."""


def responses_request(
    body: ResponsesBody, items: Sequence[Item], earlier: Sequence[Item] = ()
) -> ChatRequest:
    """What a body asks for; `items` are those of its input, `earlier` those of the conversation before.

    Raises:
        BadRequest: a field that cannot be used or honoured; `field` names it.
    """
    _refuse(body)
    _bound(body)
    (request,) = chat_request(_chat_body(body)).prompts[0]
    return replace(request, messages=messages(body, items, earlier))


def messages(body: ResponsesBody, items: Sequence[Item], earlier: Sequence[Item]) -> tuple[Message, ...]:
    """The whole conversation, instructions first.

    Raises:
        BadRequest: no item, or one that cannot be used; `field` names it.
    """
    if not (items or earlier or body.previous_response_id):
        raise BadRequest("input is empty; expected a text or at least one item", "input")
    head = (Message("system", body.instructions),) if body.instructions else ()
    return (*head, *conversation(items, earlier))


def namespaces(body: ResponsesBody) -> dict[str, tuple[str, str]]:
    """The functions of namespaces: the name that the model knows, with namespace and own name."""
    return {
        qualified(space, tool["name"]): (space, tool["name"])
        for tool, _, space in _functions(body.tools)
        if space
    }


def _refuse(body: ResponsesBody) -> None:
    for name, hint in _REFUSED.items():
        if getattr(body, name):
            raise Refused(f"{name} is not supported: {hint}", name)
    if body.truncation not in {"auto", "disabled"}:
        raise BadRequest('truncation must be "auto" or "disabled"', "truncation")
    if body.text.verbosity != "medium":
        raise Refused(
            "text.verbosity is not supported: say in the instructions how long the answer shall be",
            "text.verbosity",
        )
    for index, name in enumerate(body.include):
        if name not in _INCLUDABLE:
            raise Refused(
                f"include[{index}] is {shown(name)}; the supported ones are {', '.join(_INCLUDABLE)}",
                f"include[{index}]",
            )
    if body.max_output_tokens is not None and body.max_output_tokens < 1:
        raise BadRequest("max_output_tokens must be at least 1", "max_output_tokens")
    if len(body.metadata) > _METADATA_KEYS:
        raise BadRequest(f"metadata may have {_METADATA_KEYS} keys at most", "metadata")


def _bound(body: ResponsesBody) -> None:
    for name in ("input", "tools", "tool_choice", "text"):
        value = getattr(body, name)
        if not _shallow(value.format if name == "text" else value):
            raise BadRequest(f"{name} is nested more than {_DEEPEST} levels deep", name)


def _shallow(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _chat_body(body: ResponsesBody) -> ChatBody:
    rewritten = {
        "model": body.model,
        # The conversation is decoded from the items; chat requests must have one.
        "messages": [{"role": "user", "content": ""}],
        "max_completion_tokens": body.max_output_tokens,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "reasoning": {"effort": body.reasoning.effort},
        "response_format": _format(body.text.format),
        "tools": [_tool(tool, where, space) for tool, where, space in _functions(body.tools)],
        "tool_choice": _choice(body.tool_choice),
        "parallel_tool_calls": body.parallel_tool_calls,
        "service_tier": body.service_tier,
        "logprobs": _LOGPROBS in body.include or bool(body.top_logprobs),
        "top_logprobs": body.top_logprobs or None,
        "options": body.options,
        "keep_alive": body.keep_alive,
        "truncate": body.truncate or body.truncation == "auto",
        "shift": body.shift,
    }
    try:
        return msgspec.convert(rewritten, ChatBody)
    except msgspec.ValidationError as error:
        raise BadRequest(f"tools: {error}", "tools") from None


def _format(wanted: dict[str, Any]) -> dict[str, Any]:
    kind = wanted.get("type", "text")
    if kind not in {"text", "json_object", "json_schema"}:
        raise Refused(
            f"text.format.type is {shown(kind)}; expected text, json_object or json_schema",
            "text.format.type",
        )
    if kind != "json_schema":
        return {"type": kind}
    if not isinstance(wanted.get("schema"), dict):
        raise BadRequest("text.format.schema is missing; expected a JSON schema", "text.format.schema")
    return {"type": kind, "json_schema": {"schema": wanted["schema"]}}


def _functions(
    tools: Sequence[Any], where: str = "tools", space: str = ""
) -> Iterator[tuple[Item, str, str]]:
    """Every function with its place and namespace."""
    for index, tool in enumerate(tools):
        place = f"{where}[{index}]"
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind == "function":
            string(tool.get("name"), f"{place}.name")
            yield tool, place, space
        elif kind == "namespace" and not space:
            inner = tool.get("tools")
            if not isinstance(inner, list):
                raise BadRequest(f"{place}.tools must be a list", f"{place}.tools")
            yield from _functions(inner, f"{place}.tools", string(tool.get("name"), f"{place}.name"))
        else:
            raise Refused(
                f"{place}.type is {shown(kind)}; only function and namespace are supported: this server runs "
                "no tools of its own",
                f"{place}.type",
            )


def _tool(tool: Item, where: str, space: str) -> dict[str, Any]:
    if not tool["name"]:
        raise BadRequest(f"{where}.name is required", f"{where}.name")
    given = {name: value for name, value in tool.items() if value is not None}
    name = qualified(space, tool["name"]) if space else tool["name"]
    return {"type": "function", "function": {**given, "name": name}}


def _choice(choice: Any) -> Any:
    """The choice as chat completions write it; what is not a choice is left for them to refuse."""
    if not isinstance(choice, dict):
        return choice
    match choice.get("type"):
        case "function":
            return {"type": "function", "function": {"name": _named(choice)}}
        case "allowed_tools" if isinstance(choice.get("tools"), list):
            tools = [_choice(tool) for tool in choice["tools"]]
            allowed = {"mode": choice.get("mode", "auto"), "tools": tools}
            return {"type": "allowed_tools", "allowed_tools": allowed}
    return choice


def _named(choice: dict[str, Any]) -> Any:
    name, space = choice.get("name"), choice.get("namespace")
    return qualified(space, name) if isinstance(space, str) and isinstance(name, str) else name
