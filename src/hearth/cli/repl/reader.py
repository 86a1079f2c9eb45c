"""Reads messages at a terminal: line editing, history, several lines, pasting, and the editor on Ctrl-G."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app, run_in_terminal
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from hearth.cli.repl.history import FileHistory
from hearth.cli.repl.lines import incomplete

_PROMPT: Final = ">>> "
_CONTINUATION: Final = "... "
_PLACEHOLDER: Final = "Send a message (/? for help)"
_TAB: Final = " " * 8


class Reader:
    """Reads one message after the other. `edit` takes the text so far to the editor and gives it back."""

    def __init__(self, history: Path, keep: Callable[[], bool], edit: Callable[[str], str]) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=FileHistory(history, keep),
            key_bindings=_bindings(edit),
            multiline=Condition(_open_quotes),
            prompt_continuation=_continuation,
            placeholder=FormattedText([("fg:ansibrightblack", _PLACEHOLDER)]),
            enable_suspend=True,
            complete_while_typing=False,
        )

    def read(self) -> str:
        """The next message, or command, as it was typed.

        Raises:
            EOFError: Ctrl-D on an empty line.
            KeyboardInterrupt: Ctrl-C; `interrupted_empty` says whether the line was empty.
        """
        return self._session.prompt(_PROMPT)

    @property
    def interrupted_empty(self) -> bool:
        """True where the line that Ctrl-C ended was empty."""
        return not self._session.default_buffer.text


def _continuation(width: int, line: int, wraps: int) -> str:
    return "" if wraps else _CONTINUATION


def _open_quotes() -> bool:
    return incomplete(get_app().current_buffer.text)


def _bindings(edit: Callable[[str], str]) -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("c-j")
    @bindings.add("escape", "enter")
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("tab")
    def tab(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(_TAB)

    @bindings.add("c-g")
    def open_editor(event: KeyPressEvent) -> None:
        buffer = event.current_buffer

        def run() -> None:
            buffer.text = edit(buffer.text)
            buffer.cursor_position = len(buffer.text)

        run_in_terminal(run)

    return bindings
