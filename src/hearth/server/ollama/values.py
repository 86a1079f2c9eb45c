"""The values that Ollama's requests write in more than one form, or in a form that must be checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hearth.errors import BadRequest
from hearth.messages import Format, Json, Think
from hearth.server.values import base64_bytes, shown

_LEVELS: Final = ("high", "medium", "low", "max")
MAX_TOP_LOGPROBS: Final = 20


def think(value: Any) -> Think | None:
    """Thinking off, on, or on at a level; None was not given.

    Raises:
        BadRequest: anything else.
    """
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise BadRequest('think must be a boolean or string ("high", "medium", "low", "max", true, or false)')
    for level in _LEVELS:
        if value == level:
            return level
    raise BadRequest(
        f'invalid think value: {shown(value)} (must be "high", "medium", "low", "max", true, or false)'
    )


def output_format(value: Json) -> Format | None:
    """ "json", a JSON schema, or nothing ("" and None).

    Raises:
        BadRequest: anything else.
    """
    if value is None or value == "":
        return None
    if value == "json":
        return Format("json")
    if isinstance(value, dict):
        return Format("schema", schema=value)
    raise BadRequest(f'invalid format: {shown(value)}; expected "json" or a valid JSON Schema object')


def images(texts: Sequence[str], where: str) -> tuple[bytes, ...]:
    """Images in standard base64; `where` names the field in errors.

    Raises:
        BadRequest: an entry that is empty or not base64.
    """
    return tuple(_image(text, f"{where}[{index}]") for index, text in enumerate(texts))


def _image(text: str, where: str) -> bytes:
    if text.startswith("data:"):
        raise BadRequest(f"{where} is a data URL; send only the base64 text after the comma")
    return base64_bytes(text, where)


def top_logprobs(value: int) -> int:
    """How many alternatives to show for each token.

    Raises:
        BadRequest: not between 0 and 20.
    """
    if not 0 <= value <= MAX_TOP_LOGPROBS:
        raise BadRequest(f"top_logprobs must be between 0 and {MAX_TOP_LOGPROBS}")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """What to embed: a text, a list of texts, or nothing; a single empty text is nothing.

    Raises:
        BadRequest: anything else.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise BadRequest("invalid input type; expected a text or a list of texts")
