"""How a command says that it failed: one message for the user and an exit code."""

from __future__ import annotations


class CommandError(Exception):
    """Printed as `Error: <message>` on stderr; the process then ends with `code`."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class ApiError(CommandError):
    """The server refused a request; `status` is the HTTP status, or 200 for an error inside a stream."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(CommandError):
    """No server answers at the configured address."""
