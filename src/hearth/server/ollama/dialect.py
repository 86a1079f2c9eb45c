"""What Ollama's dialects share: NDJSON lines, and errors as `{"error": message}`."""

from __future__ import annotations

from hearth.errors import HearthError
from hearth.server.errors import error_body

NDJSON = "application/x-ndjson"


class Ndjson:
    """The half of a dialect that is the same for every streaming route of Ollama's API."""

    media_type = NDJSON

    def __init__(self) -> None:
        self.streaming = True
        self.model = ""

    def encode_error(self, error: HearthError, *, streaming: bool) -> bytes:
        """A JSON body, or the line that ends a stream."""
        return error_body(error) + (b"\n" if streaming else b"")
