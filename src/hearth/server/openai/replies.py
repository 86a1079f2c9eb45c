"""The parts of OpenAI's replies that its generating routes share."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from hearth.errors import HearthError
from hearth.messages import Event, Finished, Rendered, Text, TokenLogprob, Truncation, Usage
from hearth.server.openai.answers import End, Part, Told
from hearth.server.openai.errors import error_body

FINGERPRINT: Final = "fp_hearth"
DONE: Final = b"data: [DONE]\n\n"


class PromptDetails(Struct):
    cached_tokens: int


class UsageWire(Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails


class TruncatedWire(Struct):
    dropped_messages: int
    dropped_tokens: int


class RenderedWire(Struct):
    rendered_template: str
    image_count: int


class Choice(Struct, kw_only=True):
    """What choices have in common; `truncated` and `notes` are Hearth's own and rare."""

    index: int
    finish_reason: str | None
    truncated: TruncatedWire | UnsetType = UNSET
    notes: list[str] | UnsetType = UNSET


class Reply(Struct, kw_only=True):
    """A whole reply, or one chunk of a stream."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str
    choices: Sequence[Choice]
    usage: UsageWire | UnsetType | None = UNSET
    debug_info: RenderedWire | UnsetType = msgspec.field(default=UNSET, name="_debug_info")


class Sse:
    """The half of a dialect that is the same for every generating route of OpenAI's API."""

    media_type = "text/event-stream"
    prefix = ""
    """How the ids of replies begin."""
    subject = ""
    """The field that holds the prompt."""

    def __init__(self) -> None:
        self.streaming = False
        self.model = ""
        self.include_usage = False
        self._id = self.prefix + secrets.token_hex(12)
        self._created = int(time.time())

    def encode_error(self, error: HearthError, *, streaming: bool) -> bytes:
        """A JSON body, or the event that ends a stream."""
        body = error_body(error, self.subject)
        return b"data: " + body + b"\n\n" if streaming else body

    def reply(self, kind: str, choices: Sequence[Choice], **more: Any) -> bytes:
        """The JSON of a reply of this kind."""
        made = Reply(
            id=self._id,
            object=kind,
            created=self._created,
            model=self.model,
            system_fingerprint=FINGERPRINT,
            choices=choices,
            **more,
        )
        return msgspec.json.encode(made)

    def chunk(self, kind: str, choice: Choice) -> bytes:
        """The event of a stream that tells of one choice."""
        more = {"usage": None} if self.include_usage else {}
        return b"data: " + self.reply(kind, [choice], **more) + b"\n\n"

    def last(self, kind: str, end: End) -> bytes:
        """What ends a stream: the usage, where it was asked for, and the mark of the end."""
        if not self.include_usage:
            return DONE
        return b"data: " + self.reply(kind, [], usage=usage(end.usage)) + b"\n\n" + DONE


def usage(spent: Usage) -> UsageWire:
    """Tokens, as OpenAI reports them."""
    return UsageWire(
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        total_tokens=spent.prompt_tokens + spent.completion_tokens,
        prompt_tokens_details=PromptDetails(spent.cached_tokens),
    )


def remarks(event: Finished | None) -> dict[str, Any]:
    """What a choice tells beside OpenAI's fields: what was cut, and notes for the user."""
    found: dict[str, Any] = {}
    if event is not None and event.truncation is not None:
        found["truncated"] = _truncated(event.truncation)
    if event is not None and event.notes:
        found["notes"] = list(event.notes)
    return found


def _truncated(cut: Truncation) -> TruncatedWire:
    return TruncatedWire(cut.dropped_messages, cut.dropped_tokens)


def by_choice(told: Sequence[Told]) -> tuple[list[list[Event]], Usage]:
    """The events of each choice, in the order of their indices, and what all cost."""
    found: dict[int, list[Event]] = {}
    spent = Usage()
    for item in told:
        match item:
            case Part(index, event):
                found.setdefault(index, []).append(event)
            case End(spent):
                pass
    return [found[index] for index in sorted(found)], spent


def text_logprobs(events: Sequence[Event]) -> list[TokenLogprob]:
    """The tokens of an answer, without those of the thinking before it."""
    return [token for event in events if isinstance(event, Text) for token in event.logprobs]


def rendered(choices: Sequence[Sequence[Event]]) -> RenderedWire | None:
    """The prompt, for a request that asked for nothing else."""
    for event in (event for events in choices for event in events if isinstance(event, Rendered)):
        return RenderedWire(event.prompt, event.images)
    return None
