"""One turn of a conversation: send a message, show the answer, remember both."""

from __future__ import annotations

from contextlib import closing

from hearth.cli.answer import AnswerPrinter, remarks
from hearth.cli.chat import Chat
from hearth.cli.client import Object
from hearth.cli.media import extract
from hearth.cli.repl.state import State
from hearth.cli.stats import summary


def take(state: State, text: str) -> None:
    """Send a message and show the answer; what fails or is stopped leaves a sound conversation behind.

    Raises:
        CommandError: the message cannot be sent, or the server failed.
        KeyboardInterrupt: the user stopped the answer.
    """
    chat = state.chat
    printer = AnswerPrinter(state.call.console, wrap=chat.wordwrap, show_thinking=not chat.hide_thinking)
    chat.messages.append(_message(state, text))
    try:
        with closing(state.call.client.stream("/api/chat", chat.chat_request())) as stream:
            _finish(state, printer.show(stream))
    finally:
        if printer.final is None:
            printer.stop()
        _remember(chat, printer)


def _finish(state: State, final: Object) -> None:
    console = state.call.console
    console.write("\n\n")
    for line in [*remarks(final), *(summary(final) if state.chat.verbose else [])]:
        console.note(line)


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
