"""OpenAI's `tool_choice`, for the dialects that take it: a word, a function, or the functions allowed."""

from __future__ import annotations

from typing import Any, Final

from hearth.errors import BadRequest
from hearth.messages import Tool, ToolChoice
from hearth.server.values import shown

_FIELD: Final = "tool_choice"
_WORDS: Final = {
    "none": ToolChoice("none"),
    "auto": ToolChoice("auto"),
    "required": ToolChoice("required"),
}


def tool_choice(value: Any, tools: tuple[Tool, ...]) -> tuple[ToolChoice, tuple[Tool, ...]]:
    """What was chosen, and the tools to offer: where only some are allowed, the model is shown no others.

    Raises:
        BadRequest: a value of another form, or one that allows a tool that is not there.
    """
    if value is None or isinstance(value, str):
        return _word(value or "auto"), tools
    if isinstance(value, dict):
        match value.get("type"):
            case "function":
                return ToolChoice("named", _name(value)), tools
            case "allowed_tools":
                return _allowed(value, tools)
    raise BadRequest(
        f'tool_choice is {shown(value)}; expected "none", "auto", "required", a function by its name, or '
        "allowed_tools",
        _FIELD,
    )


def _word(word: Any) -> ToolChoice:
    choice = _WORDS.get(word) if isinstance(word, str) else None
    if choice is None:
        raise BadRequest(f'tool_choice is {shown(word)}; expected "none", "auto" or "required"', _FIELD)
    return choice


def _name(value: Any) -> str:
    """The name of a function, beside its type or one level below."""
    inner = value.get("function") if isinstance(value, dict) else None
    named = inner if isinstance(inner, dict) else value
    name = named.get("name") if isinstance(named, dict) else None
    if not isinstance(name, str) or not name:
        raise BadRequest('tool_choice names no function; send {"function": {"name": "..."}}', _FIELD)
    return name


def _allowed(value: dict[str, Any], tools: tuple[Tool, ...]) -> tuple[ToolChoice, tuple[Tool, ...]]:
    inner = value.get("allowed_tools", value)
    listed = inner.get("tools") if isinstance(inner, dict) else None
    if not isinstance(listed, list) or not listed:
        raise BadRequest("tool_choice.allowed_tools.tools must list one tool or more", _FIELD)
    names = {_name(item) for item in listed}
    unknown = sorted(names - {tool.name for tool in tools})
    if unknown:
        raise BadRequest(f"tool_choice allows {shown(unknown[0])}, which is not one of the tools", _FIELD)
    return _word(inner.get("mode", "auto")), tuple(tool for tool in tools if tool.name in names)
