"""What a dialect is: one client's bytes in, events out as that client's bytes.

A dialect only translates. `stream.answer` brings every dialect over the same road.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from hearth.errors import HearthError

Asked = TypeVar("Asked", covariant=True)
Told = TypeVar("Told", contravariant=True)


class Dialect(Protocol[Asked, Told]):
    """One exchange in one protocol; a fresh one is made for each request."""

    media_type: str
    """Content type of a streamed reply."""
    streaming: bool
    """Whether the client wants a stream; known once `decode` has returned."""

    def decode(self, body: bytes) -> Asked:
        """The request in the body; BadRequest where there is none."""
        ...

    def encode(self, event: Told) -> bytes:
        """What a stream sends for one event; may be empty."""
        ...

    def encode_whole(self, events: Sequence[Told]) -> bytes:
        """The JSON reply of a request that wants no stream, or whose answer is a single fact."""
        ...

    def encode_error(self, error: HearthError, *, streaming: bool) -> bytes:
        """A JSON body, or what ends a stream that has begun."""
        ...
