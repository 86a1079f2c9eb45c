"""The conversation: read a line, carry it out or send it, until the user leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth import settings
from hearth.cli.chat import Chat
from hearth.cli.command import Call
from hearth.cli.failure import CommandError
from hearth.cli.repl import turn
from hearth.cli.repl.commands import execute
from hearth.cli.repl.editor import edit, editor
from hearth.cli.repl.keyboard import held
from hearth.cli.repl.lines import unquote
from hearth.cli.repl.state import State

if TYPE_CHECKING:
    from hearth.cli.repl.reader import Reader


def converse(call: Call, chat: Chat) -> int:
    """Talk until the user leaves; gives the exit code."""
    state = State(call, chat, history=not call.config.get(settings.NOHISTORY))
    with held():
        _load(state)
        _replay(state)
        _converse(state)
    return 0


def _converse(state: State) -> None:
    from hearth.cli.repl.reader import Reader

    call = state.call
    reader = Reader(call.config.state / "history", lambda: state.history, lambda text: _edit(state, text))
    while not state.done:
        try:
            _step(state, reader)
        except CommandError as error:
            call.console.note(f"Error: {error.message}")
        except KeyboardInterrupt:
            # Ctrl-C ends what is being done, never the conversation: also a second one that comes too late.
            call.console.line()


def _step(state: State, reader: Reader) -> None:
    try:
        text = reader.read()
    except EOFError:
        state.call.console.line()
        state.done = True
        return
    except KeyboardInterrupt:
        if reader.interrupted_empty:
            state.call.console.line("\nUse Ctrl + d or /bye to exit.")
        return
    if text.strip() and not execute(state, text):
        turn.take(state, unquote(text))


def _load(state: State) -> None:
    console = state.call.console
    console.transient(f"loading {state.chat.model} ...")
    try:
        state.call.client.post("/api/generate", state.chat.load_request())
    finally:
        console.transient("")


def _replay(state: State) -> None:
    for message in state.chat.loaded:
        if message["role"] == "user":
            state.call.console.line(f">>> {message['content']}")
        elif message["role"] == "assistant":
            state.call.console.line(f"{message['content']}\n")


def _edit(state: State, text: str) -> str:
    try:
        return edit(text, editor(state.call.config))
    except CommandError as error:
        state.call.console.note(f"Error: {error.message}")
        return text
