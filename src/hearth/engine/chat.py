"""Conversations in the shape that llama.cpp's chat templates take."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hearth.messages import Message, Tool


def to_llama(messages: Sequence[Message], tools: Sequence[Tool]) -> dict[str, Any]:
    """The body of `/apply-template`. Images must already stand in the text as media markers."""
    body: dict[str, Any] = {"messages": [_message(message) for message in messages]}
    if tools:
        body["tools"] = [_tool(tool) for tool in tools]
    return body


def _message(message: Message) -> dict[str, Any]:
    encoded: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.thinking:
        encoded["reasoning_content"] = message.thinking
    if message.tool_calls:
        encoded["tool_calls"] = [
            {
                "type": "function",
                "id": call.id or f"call_{index}",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for index, call in enumerate(message.tool_calls)
        ]
    if message.role == "tool":
        encoded["tool_call_id"] = message.tool_call_id or "call_0"
        if message.tool_name:
            encoded["name"] = message.tool_name
    return encoded


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}
