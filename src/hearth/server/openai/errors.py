"""Errors in OpenAI's form: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

from typing import Final

import msgspec

from hearth.errors import (
    BadRequest,
    ContextExceeded,
    HearthError,
    InvalidName,
    MediaError,
    ModelNotFound,
    OptionError,
    SchemaError,
    Unsupported,
)

_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
}
_OTHER: Final = "api_error"


class Refused(BadRequest):
    """A field of the published API with a value that this server cannot honour."""


_CODES: Final[dict[type[HearthError], str]] = {
    ContextExceeded: "context_length_exceeded",
    ModelNotFound: "model_not_found",
    Refused: "unsupported_value",
    Unsupported: "unsupported_value",
}
_PARAMS: Final[dict[type[HearthError], str]] = {
    InvalidName: "model",
    ModelNotFound: "model",
    SchemaError: "response_format",
    OptionError: "options",
}
_OWN_NAMES: Final = {"think": "reasoning_effort", "images": "messages"}
"""Fields of the shared requests that this API calls otherwise."""


def error_body(error: HearthError, subject: str | None = None) -> bytes:
    """The JSON of an error; `subject` is the field that holds the prompt, for errors about the prompt."""
    return msgspec.json.encode({"error": error_fields(error, subject)})


def error_fields(error: HearthError, subject: str | None = None) -> dict[str, str | None]:
    """The message, type, param and code of an error; `subject` as for `error_body`."""
    return {
        "message": error.message,
        "type": _TYPES.get(error.status, _OTHER),
        "param": _param(error, subject),
        "code": _CODES.get(type(error)),
    }


def _param(error: HearthError, subject: str | None) -> str | None:
    if isinstance(error, ContextExceeded | MediaError):
        return subject
    named = error.field if isinstance(error, BadRequest) else ""
    return _OWN_NAMES.get(named, named) or _PARAMS.get(type(error))
