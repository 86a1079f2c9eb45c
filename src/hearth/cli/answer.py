"""Shows an answer while it arrives: deliberation apart from text, wrapped on terminals, tool calls named."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hearth.cli.client import Object
from hearth.cli.failure import CommandError
from hearth.cli.shape import mapping, number, objects, text, texts
from hearth.cli.terminal import BOLD, GREY, Console, clean
from hearth.cli.wrap import Wrapper


def remarks(final: Object) -> list[str]:
    """What the user should know about how an answer came about, from its last object."""
    lines = [f"note: {note}" for note in texts(final.get("notes"))]
    cut = mapping(final.get("truncated"))
    if cut:
        messages, tokens = number(cut.get("dropped_messages")), number(cut.get("dropped_tokens"))
        lines.append(
            f"note: the prompt was too long for the context window: {messages} messages and {tokens} tokens "
            'were left out; a larger "num_ctx" keeps more'
        )
    return lines


class AnswerPrinter:
    """Prints the objects of a generate or chat stream and remembers what was said."""

    def __init__(self, console: Console, *, wrap: bool, show_thinking: bool) -> None:
        self._console = console
        self._wrapper = Wrapper(console.width) if wrap and console.terminal else None
        self._show_thinking = show_thinking
        self._thinking_open = False
        self._last = ""
        self.content = ""
        self.thinking = ""
        self.tool_calls: list[Object] = []
        self.final: Object | None = None

    def show(self, items: Iterable[Object]) -> Object:
        """Print every object of a stream; the last one, which holds the metrics, is returned.

        Raises:
            CommandError: the stream ended without an object that says `done`.
        """
        for item in items:
            self.feed(item)
        self._close_thinking()
        if self.final is None:
            raise CommandError("the answer ended before it was complete; the server's log says why")
        return self.final

    def feed(self, item: Object) -> None:
        """Print one object."""
        message = mapping(item.get("message")) or item
        self._think(text(message.get("thinking")))
        self._say(text(message.get("content")) or text(item.get("response")))
        for call in objects(message.get("tool_calls")):
            self._call(call)
        if item.get("done"):
            self.final = item

    def stop(self) -> None:
        """End the line and the style of an answer that will not be completed."""
        self._console.style()
        if self._last and not self._last.endswith("\n"):
            self._write("\n")

    def _think(self, piece: str) -> None:
        if not piece:
            return
        self.thinking += piece
        if not self._show_thinking:
            return
        if not self._thinking_open:
            self._thinking_open = True
            self._console.style(GREY, BOLD)
            self._write("Thinking...\n")
            self._console.style()
            self._console.style(GREY)
        self._write(piece)

    def _close_thinking(self) -> None:
        if not self._thinking_open:
            return
        self._thinking_open = False
        if not self._last.endswith("\n"):
            self._write("\n")
        self._console.style(GREY, BOLD)
        self._write("...done thinking.\n\n")
        self._console.style()

    def _say(self, piece: str) -> None:
        if piece:
            self._close_thinking()
            self.content += piece
            self._write(piece)

    def _call(self, call: Object) -> None:
        self._close_thinking()
        self.tool_calls.append(call)
        function = mapping(call.get("function"))
        name, arguments = function.get("name"), json.dumps(function.get("arguments"), ensure_ascii=False)
        start = "" if not self._last or self._last.endswith("\n") else "\n"
        self._write(f"{start}Model called a non-existent function '{name}()' with arguments: {arguments}\n")

    def _write(self, piece: str) -> None:
        self._last = piece
        if self._wrapper is None:
            self._console.write(piece)
        else:
            self._console.emit(self._wrapper.feed(clean(piece)))
