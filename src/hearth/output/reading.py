"""How the output of a family of models is read: calls, thinking, or both in a framing of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearth.messages import Tool
from hearth.output.calls import CallFormat
from hearth.output.contract import OutputFormat
from hearth.output.plain import PlainFormat
from hearth.output.thinking import ThinkingFormat, ThinkingTags

MakeFramed = Callable[[Sequence[Tool], str], OutputFormat]


@dataclass(frozen=True, slots=True)
class Reading:
    """The format of calls (None: there are none), what surrounds the thinking (None: there is none).

    Where `framed` makes a reader, of tools and prompt, it reads the calls and the thinking as well.
    """

    calls: Callable[[Sequence[Tool]], CallFormat] | None = None
    thinking: ThinkingTags | None = None
    framed: MakeFramed | None = None

    def open(self, *, tools: Sequence[Tool], think: bool, prompt: str, bounded: bool = False) -> OutputFormat:
        """A fresh reader for one answer; the arguments are those of `formats.select`."""
        if self.framed:
            return self.framed(tools, prompt)
        calls = self.calls(tools) if self.calls else None
        # A format with nothing to look for would only hold white space back.
        if calls and not tools and not calls.markers:
            calls = None
        answer: OutputFormat = calls or PlainFormat()
        tags = self.thinking
        if tags is None:
            return answer
        starts_inside = prompt.rstrip().endswith(tags.opening)
        if not think and not starts_inside and not tags.always:
            return answer
        ends = calls.ends_thinking if calls and not bounded else ()
        return ThinkingFormat(answer, tags, call_tags=ends, starts_inside=starts_inside)
