"""The content blocks of a conversation, from JSON to the shared messages.

A turn of this API may hold what are several messages elsewhere: the results of tools are blocks of a user's
turn and become messages of the role `tool`, in their place. Turns of one role in a row are one turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from hearth.errors import BadRequest
from hearth.messages import Message, ToolCall
from hearth.server.anthropic.wire import Turn
from hearth.server.values import base64_bytes, shown

Block: TypeAlias = "dict[str, Any]"
_ATTRIBUTION: Final = re.compile(r"x-anthropic-billing-header:[^\n]*\n?")
_HINTS: Final = {
    "document": "send the document's text in a text block, or its pages as images",
    "search_result": "send the result's text in a text block",
}
_NOT_HERE: Final = "Hearth runs no tools of its own; leave the block out"


def conversation(turns: Sequence[Turn]) -> tuple[Message, ...]:
    """The messages of the turns, in order.

    Raises:
        BadRequest: a role or block that is unknown, not supported or incomplete; says where.
    """
    names: dict[str, str] = {}
    messages: list[Message] = []
    for index, turn in enumerate(turns):
        for message in _turn(turn, f"messages[{index}]", names):
            if messages and message.role in {"user", "assistant"} and messages[-1].role == message.role:
                message = _joined(messages.pop(), message)
            messages.append(message)
    return tuple(messages)


def system_text(value: Any, where: str = "system") -> str:
    """A system prompt: a text, or text blocks, each on lines of its own.

    Claude Code puts a line before its prompt that attributes the request and differs each time. It says
    nothing to a model, and the prompt cache could never be used after it, so it is left out.

    Raises:
        BadRequest: anything else.
    """
    texts = [_text(block, "text", place) for block, place in _only_text(value, where)]
    bare = [_ATTRIBUTION.sub("", text, count=1) if _ATTRIBUTION.match(text) else text for text in texts]
    return "\n".join(text for text in bare if text)


@dataclass(slots=True)
class _Said:
    """The texts and images of a message while its blocks are read."""

    texts: list[str] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.texts or self.images)

    def add(self, block: Block, where: str) -> None:
        kind = block["type"]
        if kind == "text":
            self.texts.append(_text(block, "text", where))
            return
        if kind != "image":
            raise _refused(kind, where)
        # Images without a mark stand before the text; one that comes after text needs its mark there.
        if self.texts:
            self.texts.append("[img]")
        self.images.append(_image(block, where))

    def message(self, role: str) -> Message:
        return Message(role, "".join(self.texts), images=tuple(self.images))


def _turn(turn: Turn, where: str, names: dict[str, str]) -> Iterator[Message]:
    if turn.role == "system":
        return iter([Message("system", system_text(turn.content, f"{where}.content"))])
    blocks = _blocks(turn.content, f"{where}.content")
    if turn.role == "user":
        return _user(blocks, names)
    if turn.role == "assistant":
        return iter([_assistant(blocks, names)])
    raise BadRequest(f'{where}.role must be "user", "assistant" or "system", not {shown(turn.role)}')


def _user(blocks: Iterable[tuple[Block, str]], names: dict[str, str]) -> Iterator[Message]:
    said = _Said()
    results = 0
    for block, place in blocks:
        if block["type"] != "tool_result":
            said.add(block, place)
            continue
        if said:
            yield said.message("user")
            said = _Said()
        results += 1
        yield _tool_result(block, place, names)
    if said or not results:
        yield said.message("user")


def _assistant(blocks: Iterable[tuple[Block, str]], names: dict[str, str]) -> Message:
    texts: list[str] = []
    thinking: list[str] = []
    calls: list[ToolCall] = []
    for block, place in blocks:
        match block["type"]:
            case "text":
                texts.append(_text(block, "text", place))
            case "thinking":
                thinking.append(_text(block, "thinking", place))
            case "redacted_thinking":
                pass
            case "tool_use":
                call = _tool_use(block, place)
                names[call.id] = call.name
                calls.append(call)
            case kind:
                raise _refused(kind, place)
    return Message("assistant", "".join(texts), "".join(thinking), tool_calls=tuple(calls))


def _tool_use(block: Block, where: str) -> ToolCall:
    arguments = block.get("input")
    if arguments is not None and not isinstance(arguments, dict):
        raise BadRequest(f"{where}.input must be an object")
    return ToolCall(_required(block, "name", where), arguments or {}, _required(block, "id", where))


def _tool_result(block: Block, where: str, names: dict[str, str]) -> Message:
    call = _required(block, "tool_use_id", where)
    said = _Said()
    content = block.get("content")
    for part, place in _blocks("" if content is None else content, f"{where}.content"):
        said.add(part, place)
    return replace(said.message("tool"), tool_name=names.get(call, ""), tool_call_id=call)


def _image(block: Block, where: str) -> bytes:
    source = block.get("source")
    if not isinstance(source, dict):
        raise BadRequest(f"{where}.source is required: an image in base64")
    kind = source.get("type")
    if kind != "base64":
        raise BadRequest(
            f'{where}.source.type {shown(kind)} is not supported: send the image itself, as "base64"'
        )
    return base64_bytes(_text(source, "data", f"{where}.source"), f"{where}.source.data")


def _blocks(content: Any, where: str) -> Iterator[tuple[Block, str]]:
    """Each block with its place; a text is one block."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}, where
        return
    if not isinstance(content, list):
        raise BadRequest(f"{where} must be a text or a list of content blocks")
    for index, block in enumerate(content):
        place = f"{where}[{index}]"
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            raise BadRequest(f"{place} must be a content block: an object with a type")
        yield block, place


def _only_text(content: Any, where: str) -> Iterator[tuple[Block, str]]:
    for block, place in _blocks("" if content is None else content, where):
        if block["type"] != "text":
            raise BadRequest(f'{place} must be a block of the type "text", not {shown(block["type"])}')
        yield block, place


def _text(block: Block, name: str, where: str) -> str:
    value = block.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{where}.{name} is required: a text")
    return value


def _required(block: Block, name: str, where: str) -> str:
    value = block.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f'{where}: a block of the type "{block["type"]}" needs "{name}"')
    return value


def _refused(kind: str, where: str) -> BadRequest:
    hint = _HINTS.get(kind, _NOT_HERE)
    return BadRequest(f"{where}: a block of the type {shown(kind)} is not supported here: {hint}")


def _joined(first: Message, second: Message) -> Message:
    return Message(
        first.role,
        "\n".join(filter(None, (first.content, second.content))),
        "\n".join(filter(None, (first.thinking, second.thinking))),
        images=first.images + second.images,
        tool_calls=first.tool_calls + second.tool_calls,
    )
