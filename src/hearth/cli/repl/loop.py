"""The conversation: read a message, show the answer, remember both."""

from __future__ import annotations

from contextlib import closing

from hearth import settings
from hearth.cli.answer import AnswerPrinter, remarks
from hearth.cli.chat import Chat
from hearth.cli.client import Object
from hearth.cli.command import Call
from hearth.cli.failure import CommandError
from hearth.cli.media import extract
from hearth.cli.repl.commands import execute
from hearth.cli.repl.editor import edit, editor
from hearth.cli.repl.keyboard import held
from hearth.cli.repl.lines import unquote
from hearth.cli.repl.state import State
from hearth.cli.stats import summary


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
            text = reader.read()
        except EOFError:
            call.console.line()
            break
        except KeyboardInterrupt:
            if reader.interrupted_empty:
                call.console.line("\nUse Ctrl + d or /bye to exit.")
            continue
        if text.strip() and not execute(state, text):
            _turn(state, unquote(text))


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


def _turn(state: State, text: str) -> None:
    """Send a message and show the answer; what fails or is stopped leaves a sound conversation behind."""
    chat, console = state.chat, state.call.console
    try:
        chat.messages.append(_message(state, text))
    except CommandError as error:
        console.note(f"Error: {error.message}")
        return
    printer = AnswerPrinter(console, wrap=chat.wordwrap, show_thinking=not chat.hide_thinking)
    try:
        with closing(state.call.client.stream("/api/chat", chat.chat_request())) as stream:
            final = printer.show(stream)
    except KeyboardInterrupt:
        printer.stop()
        console.line()
    except CommandError as error:
        printer.stop()
        console.note(f"Error: {error.message}")
    else:
        console.write("\n\n")
        for line in [*remarks(final), *(summary(final) if chat.verbose else [])]:
            console.note(line)
    _remember(chat, printer)


def _message(state: State, text: str) -> Object:
    if not state.chat.media:
        return {"role": "user", "content": text}
    media = extract(text)
    for note in media.notes:
        state.call.console.note(note)
    images: Object = {"images": list(media.images)} if media.images else {}
    return {"role": "user", "content": media.prompt, **images}


def _remember(chat: Chat, printer: AnswerPrinter) -> None:
    """Keep what was said, also of an answer that was stopped; a question without any answer is dropped."""
    answer: Object = {"role": "assistant", "content": printer.content}
    if printer.thinking:
        answer["thinking"] = printer.thinking
    if printer.tool_calls:
        answer["tool_calls"] = printer.tool_calls
    if printer.content or printer.tool_calls or printer.final is not None:
        chat.messages.append(answer)
    else:
        chat.messages.pop()
