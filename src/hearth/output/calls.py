"""What the formats of tool calls share: the reading of a call's JSON, and the walk through the text.

A format says which tags announce a call and where a call ends; everything else (white space, text between the
calls, calls that cannot be read) is done here, once.
"""

from __future__ import annotations

import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from hearth.messages import Called, Json, Text, Tool, ToolCall
from hearth.output.contract import Piece
from hearth.output.jsontext import ValueScan, checked, read_json
from hearth.output.tags import cut_at_tag, cut_space

_ALPHABET = string.ascii_lowercase + string.digits
_LONGEST_QUOTE = 200
_MOST_NOTES = 20
BLOCK = 4096
"""Characters that are read at once: a long text with many tags would be copied once for each of them."""


class Malformed(Exception):
    """Text that stands where a call should and is none; never leaves the package."""


def new_call_id() -> str:
    """A fresh id: `call_` and eight characters of a-z and 0-9."""
    return "call_" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def read_arguments(value: Json) -> dict[str, Json]:
    """A call's arguments: an object, an object written as a JSON string, or nothing. Raises Malformed."""
    if isinstance(value, str) and value.strip():
        value = read_value(value)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Malformed("its arguments are not an object")
    return value


def read_value(text: str) -> Json:
    """The JSON value in `text`. Raises Malformed."""
    try:
        return read_json(text)
    except ValueError as error:
        raise Malformed(f"it is not valid JSON ({error})") from error


def read_call(value: Json) -> ToolCall:
    """The call that a JSON object spells out. Raises Malformed.

    Understood are `name` or `function` for the name, `arguments` or `parameters` for the arguments, and
    OpenAI's nesting of both in `function`.
    """
    if not isinstance(value, dict):
        raise Malformed("it is not a JSON object")
    function = value.get("function")
    if isinstance(function, dict):
        value = function
    name = value.get("name", value.get("function"))
    if not isinstance(name, str) or not name.strip():
        raise Malformed("it names no tool")
    arguments = value.get("arguments", value.get("parameters"))
    return ToolCall(name.strip(), read_arguments(arguments), new_call_id())


def make_call(name: str, arguments: dict[str, Json], call_id: str = "") -> ToolCall:
    """A call whose values a format has read by itself. Raises Malformed for what JSON cannot carry."""
    try:
        checked([name, arguments])
    except ValueError as error:
        raise Malformed(f"it holds what JSON cannot ({error})") from error
    if not name.strip():
        raise Malformed("it names no tool")
    return ToolCall(name.strip(), arguments, call_id or new_call_id())


def read_calls(text: str) -> list[ToolCall]:
    """The calls in JSON: one, a list of them, or several one after another. Raises Malformed."""
    calls: list[ToolCall] = []
    for value in read_values(text):
        calls += [read_call(item) for item in value] if isinstance(value, list) else [read_call(value)]
    if not calls:
        raise Malformed("it is empty")
    return calls


def note_text(notes: list[str], remark: str, text: str) -> None:
    """Add a remark about a piece of text, quoting its beginning; of many remarks the first are enough."""
    if len(notes) < _MOST_NOTES:
        quote = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
        notes.append(f"{remark}: {quote}")


def note_call(notes: list[str], text: str, error: Malformed) -> None:
    """Add the remark about a call that stays text."""
    note_text(notes, f"a tool call was left in the text because {error}", text)


def read_values(text: str) -> Iterator[Json]:
    """The objects and lists in `text`, which separators and surplus closing brackets may follow."""
    rest = text.strip()
    while rest:
        end = ValueScan().end(rest) if rest[0] in "{[" else None
        yield read_value(rest[:end])
        rest = rest[end:].lstrip(" \t\r\n,;]}") if end else ""


class Body(ABC):
    """One call (or list of calls) after its tag, while it arrives."""

    @abstractmethod
    def end(self, text: str, final: bool) -> int | None:
        """How many characters of `text` belong to it; None while that is open (never when `final`)."""

    @abstractmethod
    def calls(self, text: str) -> list[ToolCall]:
        """The calls in exactly those characters. Raises Malformed."""


class CallFormat(ABC):
    """Text with calls in it: behind one of `tags`, or bare where `brackets` begin the whole output.

    White space around calls is eaten. A call that cannot be read comes back as text, its tag included, with
    a note; bare JSON that turns out to be no call comes back as text without one, being a proper answer.
    Without tools the syntax of calls is text.
    """

    tags: Sequence[str] = ()
    companions: Sequence[str] = ()
    """Other special tokens inside calls, which the engine must show as text too."""
    trailers: Sequence[str] = ()
    """Surplus tags that are dropped where they follow a call."""
    markers: Sequence[str] = ()
    """Tags that are dropped wherever they stand, being no part of the answer."""
    brackets: str = ""

    def __init__(self, tools: Sequence[Tool]) -> None:
        if not tools:
            self.tags, self.companions, self.trailers, self.brackets = (), (), (), ""
        self._marks = (*self.tags, *self.trailers, *self.markers)
        self.preserved_tokens: Sequence[str] = (*self._marks, *self.companions)
        self.notes: list[str] = []
        self.declared: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        self._buffer = ""
        self._tag = ""
        self._body: Body | None = None
        self._begun = False
        self._after_call = False
        self._space = ""

    @abstractmethod
    def body(self, tag: str) -> Body:
        """Begin to read a call after `tag` (empty: a bare one)."""

    @property
    def ends_thinking(self) -> Sequence[str]:
        """The tags that end the thinking where its own was forgotten."""
        return self.tags

    def feed(self, text: str) -> list[Piece]:
        pieces: list[Piece] = []
        for at in range(0, len(text), BLOCK):
            self._buffer += text[at : at + BLOCK]
            pieces += self._drain(final=False)
        return pieces

    def finish(self) -> list[Piece]:
        pieces = self._drain(final=True)
        if self._space and not self._after_call:
            pieces.append(Text(self._space))
        self._space = ""
        return pieces

    def _drain(self, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        progress = True
        while progress:
            progress = self._read_body(pieces, final) if self._body else self._read_text(pieces, final)
        return pieces

    def _read_text(self, pieces: list[Piece], final: bool) -> bool:
        """Give text up to the next call; whether a call begins."""
        if not self._begun and self._begins_bare():
            return True
        cut = cut_at_tag(self._buffer, self._marks, final)
        self._give(pieces, cut.before)
        self._buffer = cut.rest
        if cut.tag in self.tags:
            self._begin(cut.tag)
        elif cut.tag in self.trailers and not self._after_call:
            self._give(pieces, cut.tag)
        return bool(cut.tag)

    def _begins_bare(self) -> bool:
        content = self._buffer.lstrip()
        self._begun = bool(content)
        if not content or content[0] not in self.brackets:
            return False
        self._space += self._buffer[: -len(content)]
        self._buffer = content
        self._begin("")
        return True

    def _begin(self, tag: str) -> None:
        self._begun = True
        self._tag = tag
        self._body = self.body(tag)

    def _read_body(self, pieces: list[Piece], final: bool) -> bool:
        """Give the call that is being read if it is complete; whether it is."""
        assert self._body
        end = self._body.end(self._buffer, final)
        if end is None:
            return False
        text, self._buffer = self._buffer[:end], self._buffer[end:]
        body, self._body = self._body, None
        try:
            pieces += [Called(call) for call in body.calls(text)]
            self._space, self._after_call = "", True
        except Malformed as error:
            if self._tag:
                note_call(self.notes, self._tag + text, error)
            self._give(pieces, self._tag + text)
        return True

    def _give(self, pieces: list[Piece], text: str) -> None:
        if self._after_call:
            text = text.lstrip()
        if not text:
            return
        self._after_call = False
        content, space = cut_space(text)
        if content:
            pieces.append(Text(self._space + content))
            self._space = space
        else:
            self._space += space
