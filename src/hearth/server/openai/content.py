"""A turn of a conversation, from OpenAI's form to the shared one.

Content may be a list of parts. Texts are joined by line breaks; an image after a text leaves the placeholder
`[img]`, which the road replaces by the model's own marker, so that the order of the parts is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from hearth.errors import BadRequest
from hearth.messages import Json, Message, ToolCall
from hearth.server.openai.errors import Refused
from hearth.server.openai.wire import Call, Turn
from hearth.server.values import base64_bytes, shown

_ROLES: Final = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_DATA_URL: Final = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_PLACEHOLDER: Final = "[img]"


def conversation(turns: Sequence[Turn]) -> tuple[Message, ...]:
    """The messages of a request.

    Raises:
        BadRequest: none, or one that cannot be used; `field` names it.
    """
    if not turns:
        raise BadRequest("messages is empty; at least one message is expected", "messages")
    names = {call.id: call.function.name for turn in turns for call in turn.tool_calls}
    return tuple(_message(turn, f"messages[{index}]", names) for index, turn in enumerate(turns))


def _message(turn: Turn, where: str, names: Mapping[str, str]) -> Message:
    role = _ROLES.get(turn.role)
    if role is None:
        raise BadRequest(
            f"{where}.role is {shown(turn.role)}; expected one of {', '.join(_ROLES)}", f"{where}.role"
        )
    _refuse_other_kinds(turn, where)
    text, images = _content(turn, where)
    return Message(
        role=role,
        content=text,
        thinking=turn.reasoning_content or turn.reasoning,
        images=images,
        tool_calls=tuple(
            _call(item, f"{where}.tool_calls[{index}]") for index, item in enumerate(turn.tool_calls)
        ),
        tool_name=(turn.name or names.get(turn.tool_call_id, "")) if role == "tool" else "",
        tool_call_id=turn.tool_call_id,
    )


def _refuse_other_kinds(turn: Turn, where: str) -> None:
    if turn.audio is not None:
        raise Refused(f"{where}.audio: spoken answers are not supported; send the text", f"{where}.audio")
    if turn.function_call is not None:
        raise Refused(
            f"{where}.function_call is not supported; send tool_calls in its place", f"{where}.function_call"
        )


def _content(turn: Turn, where: str) -> tuple[str, tuple[bytes, ...]]:
    place = f"{where}.content"
    content = turn.content
    if content is None:
        if turn.role != "assistant" or not _says_something(turn):
            raise BadRequest(f"{place} is missing; expected a text or a list of parts", place)
        return turn.refusal, ()
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise BadRequest(f"{place} must be a text or a list of parts", place)
    return joined(_part(part, f"{place}[{index}]") for index, part in enumerate(content))


def joined(pieces: Iterable[str | bytes]) -> tuple[str, tuple[bytes, ...]]:
    """Texts and images in their order as one text and the images."""
    text = ""
    images: list[bytes] = []
    after_text = False
    for piece in pieces:
        if isinstance(piece, bytes):
            images.append(piece)
            text += _PLACEHOLDER if text else ""
        else:
            text += f"\n{piece}" if after_text else piece
        after_text = isinstance(piece, str)
    return text, tuple(images)


def _says_something(turn: Turn) -> bool:
    return bool(turn.tool_calls or turn.refusal or turn.reasoning or turn.reasoning_content)


def _part(part: Any, where: str) -> str | bytes:
    """The text of a part, or the bytes of its image."""
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str):
        raise BadRequest(f"{where} must be an object with a type", where)
    match kind:
        case "text" | "refusal":
            return string(part.get(kind), f"{where}.{kind}")
        case "image_url":
            image = part.get("image_url")
            url = image.get("url") if isinstance(image, dict) else image
            return image_bytes(string(url, f"{where}.image_url.url"), f"{where}.image_url.url")
        case _:
            raise Refused(
                f"{where} is of type {shown(kind)}; the supported types are text, refusal and image_url",
                where,
            )


def string(value: Any, where: str) -> str:
    """The value, which must be a text; BadRequest otherwise."""
    if not isinstance(value, str):
        raise BadRequest(f"{where} must be a text", where)
    return value


def image_bytes(url: str, where: str) -> bytes:
    """The bytes of an image in a data URL; BadRequest for any other URL."""
    head = _DATA_URL.match(url)
    if head is None:
        raise Refused(
            f"{where} must be a data URL (data:image/png;base64,...); images are not fetched from elsewhere",
            where,
        )
    return base64_bytes(url[head.end() :], where)


def _call(item: Call, where: str) -> ToolCall:
    if item.type != "function":
        raise Refused(f"{where}.type is {shown(item.type)}; only function is supported", f"{where}.type")
    if not item.function.name:
        raise BadRequest(f"{where}.function.name is required", f"{where}.function.name")
    place = f"{where}.function.arguments"
    return ToolCall(item.function.name, call_arguments(item.function.arguments, place), item.id)


def call_arguments(text: str, where: str) -> dict[str, Json]:
    """The object that a call's arguments are, written as a text; BadRequest where it is none."""
    try:
        value = msgspec.json.decode(text) if text.strip() else {}
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadRequest(f"{where} is not valid JSON: {error}", where) from None
    if not isinstance(value, dict):
        raise BadRequest(f"{where} must be a JSON object written as a text", where)
    return value
