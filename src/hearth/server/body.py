"""Reads request bodies: never more than allowed, and JSON only in the shape that was promised.

Go's decoder, which Ollama's clients were written against, matches keys whatever their case, takes null for
absent and ignores what it does not know; so does `decode_json`.
"""

from __future__ import annotations

import re
import typing
from functools import cache
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request

from hearth.errors import BadRequest, PayloadTooLarge

S = TypeVar("S", bound=msgspec.Struct)
_NESTS: Final = (dict, list)
_JSON_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
MOST_LEVELS: Final = 200
"""Lists and objects inside one another in a body; what reads them later recurses."""
_TOO_DEEP: Final = f"the request body is nested too deeply; at most {MOST_LEVELS} levels are taken"
_HEX: Final = rb"[0-9a-fA-F]{2}"
_ESCAPE: Final = re.compile(
    rb"\\(u[dD][89abAB]%b\\u[dD][c-fC-F]%b|u[dD][89a-fA-F]%b|.)" % (_HEX, _HEX, _HEX), re.DOTALL
)
_HALF: Final = len("ud800")
"""A program that cuts a text in the middle of an emoji sends half of a surrogate pair; Go reads U+FFFD."""
_PLACE = re.compile(r"at `\$\.([^`]*)`$")


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Raises:
        PayloadTooLarge: more than `limit` bytes were announced or came.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise PayloadTooLarge(limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise PayloadTooLarge(limit)
        parts.append(part)
    return b"".join(parts)


def decode_json(body: bytes, shape: type[S]) -> S:
    """The struct written in a body.

    Raises:
        BadRequest: an empty body, no JSON, no object, or a field of the wrong type; says where.
    """
    if not body.strip():
        raise BadRequest("missing request body")
    try:
        value = _decoded(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"the request body is not valid JSON: {error}") from error
    except RecursionError as error:
        raise BadRequest(_TOO_DEEP) from error
    if not isinstance(value, dict):
        found = _JSON_NAMES.get(type(value), "number")
        raise BadRequest(f"the request body must be a JSON object, not of type {found}")
    if _deeper(value, MOST_LEVELS):
        raise BadRequest(_TOO_DEEP)
    try:
        return msgspec.convert(_fold(value, shape), shape)
    except msgspec.ValidationError as error:
        raise BadRequest(f"invalid request: {error}", _place(error)) from error


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(lambda found: rb"\ufffd" if len(found[1]) == _HALF else found[0], body)
        if mended == body:
            raise
        return msgspec.json.decode(mended)


def _deeper(value: Any, levels: int) -> bool:
    """Whether there are lists and objects in more than `levels` others."""
    level = [value]
    for _ in range(levels):
        inside = [item.values() if isinstance(item, dict) else item for item in level]
        level = [item for items in inside for item in items if isinstance(item, _NESTS)]
        if not level:
            return False
    return True


def _place(error: msgspec.ValidationError) -> str:
    """The path of the field that msgspec names at the end of its message."""
    found = _PLACE.search(str(error))
    return found[1] if found else ""


def _fold(value: Any, shape: type[msgspec.Struct]) -> Any:
    """The value with the keys of the struct in its own spelling, without nulls and unknown keys."""
    if isinstance(value, list):
        return [_fold(item, shape) for item in value]
    if not isinstance(value, dict):
        return value
    known = _fields(shape)
    folded: dict[str, Any] = {}
    for key, item in value.items():
        name = key if key in known else key.lower()
        if name not in known or item is None:
            continue
        inner = known[name]
        folded[name] = item if inner is None else _fold(item, inner)
    return folded


@cache
def _fields(shape: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct] | None]:
    """Each field's key in JSON, with the struct that its value is or is a list of."""
    return {item.encode_name: _struct_in(item.type) for item in msgspec.structs.fields(shape)}


def _struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    return next(filter(None, map(_struct_in, typing.get_args(annotation))), None)
