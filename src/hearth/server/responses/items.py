"""The items of a conversation, from the API's form to the shared messages.

What is one turn of an assistant in a chat is several items here: reasoning, a message, calls. They are put
together again, so that the model sees the turn as it wrote it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hearth.errors import BadRequest
from hearth.messages import Message, ToolCall
from hearth.server.openai.content import call_arguments, image_bytes, joined, string
from hearth.server.openai.errors import Refused
from hearth.server.responses.wire import Item
from hearth.server.values import shown

_ROLES: Final = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}
_KINDS: Final = "message, function_call, function_call_output, reasoning and item_reference"
_PREFIXES: Final = {
    "message": "msg_",
    "function_call": "fc_",
    "function_call_output": "fco_",
    "reasoning": "rs_",
}


def input_items(value: Any) -> tuple[Item, ...]:
    """The items of `input`; a text is a user's message.

    Raises:
        BadRequest: neither a text nor a list of objects.
    """
    if isinstance(value, str):
        return ({"type": "message", "role": "user", "content": value},)
    if not isinstance(value, list):
        raise BadRequest("input must be a text or a list of items", "input")
    return tuple(_item(item, f"input[{index}]") for index, item in enumerate(value))


def _item(value: Any, where: str) -> Item:
    if not isinstance(value, dict):
        raise BadRequest(f"{where} must be an object", where)
    # Two kinds may leave their type out: a message, and a reference, which is an id and nothing else.
    kind = value.get("type") or ("message" if "role" in value else None)
    kind = kind or ("item_reference" if "id" in value else None)
    return {name: field for name, field in value.items() if field is not None} | {"type": kind}


def references(items: Iterable[Item]) -> list[str]:
    """The ids of the items that are named and not spelled out."""
    return [item["id"] for item in items if item["type"] == "item_reference"]


def resolved(items: Sequence[Item], known: Mapping[str, Item]) -> tuple[Item, ...]:
    """The items, with those that are known in place of references to them.

    Raises:
        BadRequest: one is not known; `field` names it.
    """
    return tuple(_resolved(item, f"input[{index}]", known) for index, item in enumerate(items))


def _resolved(item: Item, where: str, known: Mapping[str, Item]) -> Item:
    if item["type"] != "item_reference":
        return item
    if item["id"] not in known:
        raise BadRequest(
            f"{where}: no item {shown(item['id'])} is stored here; send the item itself", f"{where}.id"
        )
    return known[item["id"]]


def identified(items: Iterable[Item]) -> tuple[Item, ...]:
    """Items of a request as they are listed and kept: with an id, and content as a list of parts."""
    return tuple(_identified(item) for item in items)


def _identified(item: Item) -> Item:
    kind = item["type"]
    found: Item = {"id": _PREFIXES[kind] + secrets.token_hex(24), **item}
    if kind == "message" and isinstance(item.get("content"), str):
        part = "output_text" if item["role"] == "assistant" else "input_text"
        found["content"] = [{"type": part, "text": item["content"]}]
    return found


def conversation(items: Sequence[Item], earlier: Sequence[Item] = ()) -> tuple[Message, ...]:
    """The messages of earlier items and those of a request.

    Raises:
        BadRequest: an item that is unknown, not supported or incomplete; `field` names it.
    """
    built = _Conversation()
    for item in earlier:
        built.add(item, "previous_response_id")
    for index, item in enumerate(items):
        built.add(item, f"input[{index}]")
    return tuple(built.messages)


class _Conversation:
    """Messages, put together item by item."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._names: dict[str, str] = {}

    def add(self, item: Item, where: str) -> None:
        match item.get("type"):
            case "message":
                self._message(item, where)
            case "function_call":
                self._call(item, where)
            case "function_call_output":
                self.messages.append(self._output(item, where))
            case "reasoning":
                self._reasoning(item, where)
            case "item_reference":
                # It says nothing by itself; what it stands for is put in its place.
                _required(item, "id", where)
            case kind:
                raise Refused(
                    f"{where}: unknown input item type: {shown(kind)}; the supported types are {_KINDS}",
                    where,
                )

    def _message(self, item: Item, where: str) -> None:
        role = _ROLES.get(str(item.get("role")))
        if role is None:
            place = f"{where}.role"
            raise BadRequest(
                f"{place} is {shown(item.get('role'))}; expected one of {', '.join(_ROLES)}", place
            )
        text, images = _content(item.get("content"), f"{where}.content")
        last = self._open() if role == "assistant" else None
        if last is not None and (last.tool_calls or not last.content):
            whole = "\n".join(filter(None, (last.content, text)))
            self.messages[-1] = replace(last, content=whole, images=last.images + images)
        else:
            self.messages.append(Message(role, text, images=images))

    def _call(self, item: Item, where: str) -> None:
        name = _required(item, "name", where)
        space = item.get("namespace")
        if space:
            name = qualified(string(space, f"{where}.namespace"), name)
        arguments = string(item.get("arguments", ""), f"{where}.arguments")
        call = ToolCall(
            name, call_arguments(arguments, f"{where}.arguments"), _required(item, "call_id", where)
        )
        self._names[call.id] = call.name
        last = self._open()
        if last is None:
            self.messages.append(Message("assistant", tool_calls=(call,)))
        else:
            self.messages[-1] = replace(last, tool_calls=(*last.tool_calls, call))

    def _output(self, item: Item, where: str) -> Message:
        call = _required(item, "call_id", where)
        text, images = _content(item.get("output"), f"{where}.output")
        return Message("tool", text, images=images, tool_name=self._names.get(call, ""), tool_call_id=call)

    def _reasoning(self, item: Item, where: str) -> None:
        """Thinking begins an assistant's turn."""
        thinking = _thinking(item, where)
        if thinking:
            self.messages.append(Message("assistant", thinking=thinking))

    def _open(self) -> Message | None:
        """The assistant's turn that the next item may belong to."""
        last = self.messages[-1] if self.messages else None
        return last if last is not None and last.role == "assistant" else None


def qualified(space: str, name: str) -> str:
    """The name under which a model knows a function of a namespace."""
    return f"{space}.{name}"


def _thinking(item: Item, where: str) -> str:
    """The text of a reasoning item, wherever it stands; the first place that holds some counts."""
    for name in ("content", "summary"):
        parts = item.get(name) or ()
        place = f"{where}.{name}"
        if not isinstance(parts, list | tuple):
            raise BadRequest(f"{place} must be a list of parts", place)
        text = "\n\n".join(_summary(part, f"{place}[{index}]") for index, part in enumerate(parts))
        if text:
            return text
    return string(item.get("encrypted_content") or "", f"{where}.encrypted_content")


def _summary(part: Any, where: str) -> str:
    if not isinstance(part, dict):
        raise BadRequest(f"{where} must be an object with a text", where)
    return string(part.get("text"), f"{where}.text")


def _required(item: Item, name: str, where: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{where}.{name} is required: a text", f"{where}.{name}")
    return value


def _content(content: Any, where: str) -> tuple[str, tuple[bytes, ...]]:
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise BadRequest(f"{where} must be a text or a list of parts", where)
    return joined(_parts(content, where))


def _parts(content: list[Any], where: str) -> Iterator[str | bytes]:
    for index, part in enumerate(content):
        yield _part(part, f"{where}[{index}]")


def _part(part: Any, where: str) -> str | bytes:
    kind = part.get("type") if isinstance(part, dict) else None
    match kind:
        case "input_text" | "output_text" | "text":
            return string(part.get("text"), f"{where}.text")
        case "refusal":
            return string(part.get("refusal"), f"{where}.refusal")
        case "input_image":
            place = f"{where}.image_url"
            if part.get("image_url") is None:
                raise Refused(f"{place} is required: files are not kept here", place)
            return image_bytes(string(part["image_url"], place), place)
        case str():
            raise Refused(
                f"{where} is of type {shown(kind)}; the supported types are input_text, output_text, refusal "
                "and input_image",
                where,
            )
    raise BadRequest(f"{where} must be an object with a type", where)
