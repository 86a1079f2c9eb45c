"""Splits what a model thinks from what it answers; another format reads the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hearth.messages import Thinking
from hearth.output.contract import OutputFormat, Piece
from hearth.output.tags import cut_at_tag, cut_space


@dataclass(frozen=True, slots=True)
class ThinkingTags:
    """What stands before and after the thinking."""

    opening: str
    closing: str
    always: bool = False
    """Whether the tags mean nothing else, so that they are no answer even where no thinking was wanted."""
    tokens: tuple[str, ...] = ()
    """The special tokens in the tags; none: each tag is one."""


THINK: Final = ThinkingTags("<think>", "</think>")
BRACKETS: Final = ThinkingTags("[THINK]", "[/THINK]", always=True)
CHANNEL: Final = ThinkingTags(
    "<|channel>thought", "<channel|>", always=True, tokens=("<|channel>", "<channel|>")
)
COMMAND: Final = ThinkingTags("<|START_THINKING|>", "<|END_THINKING|>", always=True)


class ThinkingFormat:
    """Thinking is what stands between the tags, and only where the opening one begins the output.

    White space inside the tags and after the closing one is eaten. One of `call_tags` ends the thinking
    where the closing tag was forgotten. With `starts_inside` the prompt ended with the opening tag already;
    a model that repeats it is forgiven.
    """

    def __init__(
        self,
        answer: OutputFormat,
        tags: ThinkingTags,
        *,
        call_tags: Sequence[str] = (),
        starts_inside: bool = False,
    ) -> None:
        own = tags.tokens or (tags.opening, tags.closing)
        self.preserved_tokens: Sequence[str] = (*own, *answer.preserved_tokens)
        self._answer = answer
        self._tags = tags
        self._ends = (tags.closing, *call_tags)
        self._starts_inside = starts_inside
        self._state: Literal["opening", "thinking", "closed", "answer"] = "opening"
        self._buffer = ""
        self._space = ""
        self._begun = False

    @property
    def notes(self) -> list[str]:
        """The remarks of the format that reads the answer."""
        return self._answer.notes

    @notes.setter
    def notes(self, notes: list[str]) -> None:
        self._answer.notes = notes

    def feed(self, text: str) -> list[Piece]:
        if self._state == "answer":
            return self._answer.feed(text)
        self._buffer += text
        return self._drain(final=False)

    def finish(self) -> list[Piece]:
        pieces = self._drain(final=True)
        if self._space:
            pieces.append(Thinking(self._space))
            self._space = ""
        return pieces + self._answer.finish()

    def _drain(self, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        if self._state == "opening":
            self._read_opening(final)
        if self._state == "thinking":
            self._read_thinking(pieces, final)
        if self._state == "closed":
            self._buffer = self._buffer.lstrip()
            self._state = "answer" if self._buffer else "closed"
        if self._state == "answer" and self._buffer:
            pieces += self._answer.feed(self._buffer)
            self._buffer = ""
        return pieces

    def _read_opening(self, final: bool) -> None:
        content = self._buffer.lstrip()
        if content.startswith(self._tags.opening):
            self._buffer = content[len(self._tags.opening) :]
            self._state = "thinking"
        elif final or not self._tags.opening.startswith(content):
            self._state = "thinking" if self._starts_inside else "answer"

    def _read_thinking(self, pieces: list[Piece], final: bool) -> None:
        cut = cut_at_tag(self._buffer, self._ends, final)
        self._buffer = cut.rest
        self._give(pieces, cut.before)
        if cut.tag:
            self._space = ""
            self._state = "closed"
        if cut.tag and cut.tag != self._tags.closing:
            self._buffer = cut.tag + cut.rest

    def _give(self, pieces: list[Piece], text: str) -> None:
        if not self._begun:
            text = text.lstrip()
        if not text:
            return
        self._begun = True
        content, space = cut_space(text)
        if content:
            pieces.append(Thinking(self._space + content))
            self._space = space
        else:
            self._space += space
