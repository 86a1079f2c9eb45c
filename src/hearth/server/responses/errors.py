"""Errors of the responses API: OpenAI's form, with this API's names of the fields."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hearth.errors import BadRequest, HearthError, NotFound
from hearth.server.openai.errors import error_fields
from hearth.server.values import shown

_NAMES: Final = {
    "messages": "input",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "response_format.type": "text.format.type",
    "response_format.json_schema.schema": "text.format.schema",
    "max_completion_tokens": "max_output_tokens",
}
"""Fields of chat completions by what they are called here."""


class PreviousNotFound(BadRequest):
    """The response to go on from is not kept."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"previous_response_id: {_missing(key)}. Send the conversation as input in its place",
            "previous_response_id",
        )


class ResponseNotFound(NotFound):
    """No response of that id is kept."""

    def __init__(self, key: str) -> None:
        super().__init__(_missing(key))


def _missing(key: str) -> str:
    return f"no response {shown(key)} is stored here: it never was, was deleted, or made room for newer ones"


def error_body(error: HearthError) -> bytes:
    """The JSON of an error."""
    return msgspec.json.encode({"error": _fields(error)})


def failure(error: HearthError) -> dict[str, Any]:
    """The error of a response that failed after it had begun."""
    fields = _fields(error)
    return {"code": fields["code"] or "server_error", "message": fields["message"]}


def _fields(error: HearthError) -> dict[str, str | None]:
    fields = error_fields(error, "input")
    fields["param"] = _NAMES.get(fields["param"] or "", fields["param"])
    if isinstance(error, PreviousNotFound):
        fields["code"] = "previous_response_not_found"
    return fields
