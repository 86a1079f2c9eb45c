"""Answers in messages with headers: whom a message addresses decides what it is.

`<|start|>HEADER<|message|>BODY` and a tag that ends it. Harmony and Glimmer write so; what their headers and
calls look like is theirs to say.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from hearth.messages import Called, Text, Thinking, Tool, ToolCall
from hearth.output.calls import BLOCK, Malformed, note_call, note_text
from hearth.output.contract import Piece
from hearth.output.tags import cut_at_tag, cut_space, find_tag

Kind = Literal["text", "thinking", "call"]

START: Final = "<|start|>"
MESSAGE: Final = "<|message|>"
_LONGEST_HEADER: Final = 300
_RECIPIENT: Final = re.compile(r"\bto=([^\s<]+)")


def recipient(header: str) -> str:
    """Whom a header addresses; empty if nobody is named."""
    found = _RECIPIENT.search(header)
    return found.group(1) if found else ""


class FramedFormat(ABC):
    """Reads on from where the prompt ends: before a header, in one, or in a message.

    Thinking is split off whether it was asked for or not. A blank line separates messages of one kind. Text
    without a header is the answer. A call that cannot be read comes back as text, its header included, with a
    note; without tools every call does, without one.
    """

    ends: Sequence[str] = ()
    """The tags that end a message."""
    inner: Sequence[str] = ()
    """The tags inside headers; they also begin one where the start was forgotten."""

    def __init__(self, tools: Sequence[Tool], prompt: str) -> None:
        self.preserved_tokens: Sequence[str] = (START, MESSAGE, *self.inner, *self.ends)
        self.notes: list[str] = []
        self.declared: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        self._breaks = (START, *self.ends, *self.inner)
        self._state: Literal["between", "header", "body"] = "between"
        self._buffer = ""
        self._header = ""
        self._written = ""
        self._kind: Kind = "text"
        self._parts: list[str] = []
        self._space = ""
        self._fresh = True
        self._given: set[Kind] = set()
        self._go_on(prompt)

    @abstractmethod
    def kind(self, header: str) -> Kind:
        """What the message with this header is."""

    @abstractmethod
    def calls(self, header: str, body: str) -> list[ToolCall]:
        """The calls in the message with this header. Raises Malformed."""

    def feed(self, text: str) -> list[Piece]:
        pieces: list[Piece] = []
        for at in range(0, len(text), BLOCK):
            self._buffer += text[at : at + BLOCK]
            pieces += self._drain(final=False)
        return pieces

    def finish(self) -> list[Piece]:
        return self._drain(final=True)

    def _go_on(self, prompt: str) -> None:
        """Take up the message that the prompt has begun, if it has."""
        begun = prompt.rpartition(START)[2] if START in prompt else ""
        header, message, _ = begun.partition(MESSAGE)
        if any(end in begun for end in self.ends):
            return
        self._header = header
        if message:
            self._open(self.kind(header))
        elif not re.fullmatch(r"\w*", header):
            self._state = "header"

    def _drain(self, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        progress = True
        while progress:
            if self._state == "between":
                progress = self._read_between(pieces, final)
            elif self._state == "header":
                progress = self._read_header(pieces, final)
            else:
                progress = self._read_body(pieces, final)
        return pieces

    def _read_between(self, pieces: list[Piece], final: bool) -> bool:
        """Decide whether a header comes next or text; whether that is decided."""
        content = self._buffer.lstrip()
        beginnings = (START, MESSAGE, *self.inner, "to=")
        if any(content.startswith(each) for each in beginnings):
            self._begin_header(content)
        elif not final and any(each.startswith(content) for each in beginnings):
            return False
        elif content or not self._given:
            self._open("text")
        return self._state != "between"

    def _begin_header(self, content: str) -> None:
        self._state = "header"
        self._written = ""
        self._header += " "
        if content.startswith(START):
            self._header = ""
            self._written = START
            self._buffer = content[len(START) :]

    def _read_header(self, pieces: list[Piece], final: bool) -> bool:
        """Read the header up to the message; whether its end was found."""
        found = find_tag(self._buffer, (MESSAGE, START, *self.ends), 0, final)
        end = found.start() if found else len(self._buffer)
        if found is None and end <= _LONGEST_HEADER:
            return final and self._cut_header()
        self._written += self._buffer[:end]
        self._header += self._buffer[:end]
        if found and found.group() == MESSAGE and end <= _LONGEST_HEADER:
            self._buffer = self._buffer[found.end() :]
            self._written += MESSAGE
            self._open(self.kind(self._header))
            if self._kind == "call" and not self.declared:
                self._kind = "text"
                self._take(pieces, self._written)
            return True
        self._buffer = self._buffer[end:]
        note_text(self.notes, "the header of a message was left in the text", self._written)
        self._open("text")
        self._take(pieces, self._written)
        return True

    def _cut_header(self) -> bool:
        """The output ends in a header: its tags are no answer. Whether it was text after all."""
        written = self._written + self._buffer
        self._written = self._buffer = ""
        if any(tag in written for tag in self._breaks):
            note_text(self.notes, "the output ended in the header of a message", written)
            return False
        self._buffer = written
        self._open("text")
        return True

    def _open(self, kind: Kind) -> None:
        self._state = "body"
        self._kind = kind
        self._parts = []
        self._space = ""
        self._fresh = True

    def _read_body(self, pieces: list[Piece], final: bool) -> bool:
        """Give what has arrived of the message; whether it is over and more may follow."""
        cut = cut_at_tag(self._buffer, self._breaks, final)
        self._buffer = cut.rest
        self._take(pieces, cut.before)
        if not cut.tag and not final:
            return False
        if self._kind == "call":
            self._call(pieces)
        self._state = "between"
        self._header = self._written = ""
        if cut.tag and cut.tag not in self.ends:
            self._buffer = cut.tag + cut.rest
        return bool(cut.tag)

    def _call(self, pieces: list[Piece]) -> None:
        body = "".join(self._parts)
        try:
            pieces += [Called(call) for call in self.calls(self._header, body)]
        except Malformed as error:
            text = self._written + body
            note_call(self.notes, text, error)
            self._open("text")
            self._take(pieces, text)

    def _take(self, pieces: list[Piece], text: str) -> None:
        if self._kind == "call":
            self._parts.append(text)
            return
        if self._kind == "thinking":
            content, space = cut_space(self._space + text)
            text, self._space = (content.lstrip() if self._fresh else content), space
        if not text:
            return
        separator = "\n\n" if self._fresh and self._kind in self._given else ""
        self._given.add(self._kind)
        self._fresh = False
        pieces.append(Thinking(separator + text) if self._kind == "thinking" else Text(separator + text))
