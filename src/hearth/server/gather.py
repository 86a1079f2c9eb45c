"""The pieces of an answer, put together for a reply that is one object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hearth.messages import Called, Event, Finished, Rendered, Text, Thinking, TokenLogprob, ToolCall


@dataclass(slots=True)
class Gathered:
    """The pieces of some events, put together."""

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    rendered: Rendered | None = None
    finished: Finished | None = None


def gather(events: Iterable[Event]) -> Gathered:
    """Put the pieces of events together, each kind in its order."""
    found = Gathered()
    for event in events:
        match event:
            case Text(text, logprobs):
                found.text.append(text)
                found.logprobs += logprobs
            case Thinking(text, logprobs):
                found.thinking.append(text)
                found.logprobs += logprobs
            case Called(call):
                found.calls.append(call)
            case Rendered():
                found.rendered = event
            case Finished():
                found.finished = event
    return found
