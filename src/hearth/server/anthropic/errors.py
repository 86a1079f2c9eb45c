"""Failures in Anthropic's words: a type for each status, and the text that its clients look for."""

from __future__ import annotations

from secrets import token_hex
from typing import Final

import msgspec

from hearth.errors import ContextExceeded, HearthError
from hearth.server.anthropic.replies import ErrorDetail, ErrorReply

_TYPES: Final = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def request_id() -> str:
    """A new name for a request: `req_` and 24 hexadecimal digits."""
    return f"req_{token_hex(12)}"


def error_reply(error: HearthError, request: str) -> ErrorReply:
    """The error as this API writes it; `request` is the request's id."""
    return ErrorReply(ErrorDetail(error_type(error.status), message(error)), request)


def error_body(error: HearthError) -> bytes:
    """The JSON of an error that was raised where no request id is known."""
    return msgspec.json.encode(error_reply(error, request_id()))


def error_type(status: int) -> str:
    """The type that goes with an HTTP status."""
    usual = "invalid_request_error" if status < 500 else "api_error"
    return _TYPES.get(status, usual)


def message(error: HearthError) -> str:
    """What to tell the client. Coding agents know a full context by its first words and then shorten it."""
    if not isinstance(error, ContextExceeded):
        return error.message
    return (
        f"prompt is too long: {error.prompt_tokens} tokens > {error.context} maximum; shorten it, or give "
        'the model a larger context: the option "num_ctx", or OLLAMA_CONTEXT_LENGTH on the server'
    )
