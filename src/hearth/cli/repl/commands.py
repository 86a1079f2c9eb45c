"""The commands of a conversation: everything on a line that starts with a slash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from hearth.cli.chat import from_show
from hearth.cli.commands.list import render
from hearth.cli.failure import ApiError, CommandError
from hearth.cli.media import is_media
from hearth.cli.repl import set as settings
from hearth.cli.repl import show, texts
from hearth.cli.repl.lines import quoted
from hearth.cli.repl.state import Reply, State
from hearth.cli.shape import objects, text
from hearth.errors import InvalidName
from hearth.names import ModelName


def execute(state: State, text: str) -> bool:
    """Carry out the text if it is a command; False means that it is a message for the model.

    Raises:
        CommandError: the server refused or does not answer.
    """
    line = text.strip()
    if not line.startswith("/") or quoted(text) or (state.chat.media and is_media(line)):
        return False
    reply = _answer(state, line)
    if reply.error:
        state.call.console.note(reply.text)
    elif reply.text:
        state.call.console.line(reply.text)
    return True


def _answer(state: State, line: str) -> Reply:
    for name, handler in _COMMANDS.items():
        if line.startswith(name):
            return handler(state, line)
    return Reply(f"Unknown command '{line.split()[0]}'. Type /? for help")


def _list(state: State, line: str) -> Reply:
    prefix = line.split()[1].lower() if len(line.split()) > 1 else ""
    models = objects(state.call.client.get("/api/tags").get("models"))
    return Reply(
        render([m for m in models if text(m.get("name")).lower().startswith(prefix)], datetime.now(UTC))
    )


def _load(state: State, line: str) -> Reply:
    words = line.split()
    if len(words) != 2:
        return Reply(texts.USAGE_LOAD)
    state.call.console.line(f"Loading model '{words[1]}'")
    try:
        fresh = from_show(words[1], state.call.client.post("/api/show", {"model": words[1]}))
        state.call.client.post("/api/generate", fresh.load_request())
    except ApiError as error:
        if error.status == 404:
            return Reply(f"Couldn't find model '{words[1]}'")
        raise
    old = state.chat
    for kept in ("options", "system", "format", "keep_alive", "wordwrap", "verbose", "hide_thinking"):
        setattr(fresh, kept, getattr(old, kept))
    if fresh.think is not None and old.think is not None:
        fresh.think = old.think
    state.chat = fresh
    return Reply("")


def _save(state: State, line: str) -> Reply:
    words = line.split()
    if len(words) != 2:
        return Reply(texts.USAGE_SAVE)
    try:
        ModelName.parse(words[1])
    except InvalidName:
        return Reply(f"error: The model name '{words[1]}' is invalid")
    last = ""
    for item in state.call.client.stream("/api/create", state.chat.save_request(words[1])):
        last = text(item.get("status"))
    if last != "success":
        raise CommandError("the server ended before the model was complete; try again")
    return Reply(f"Created new model '{words[1]}'")


def _clear(state: State, line: str) -> Reply:
    state.chat.messages.clear()
    return Reply("Cleared session context")


def _set(state: State, line: str) -> Reply:
    return settings.apply(state, line)


def _show(state: State, line: str) -> Reply:
    name = show.wanted(line)
    if name is None:
        return show.refuse(line)
    return show.part(name, state.call.client.post("/api/show", {"model": state.chat.model}), state.chat)


def _help(state: State, line: str) -> Reply:
    words = line.split()
    topics = {"set": texts.SET, "show": texts.SHOW, "shortcuts": texts.SHORTCUTS}
    if len(words) > 1 and words[1].lstrip("/") in topics:
        return Reply(topics[words[1].lstrip("/")], error=True)
    return Reply(texts.HELP + (texts.IMAGES if state.chat.media else ""), error=True)


def _leave(state: State, line: str) -> Reply:
    state.done = True
    return Reply("")


_COMMANDS: Final[dict[str, Callable[[State, str], Reply]]] = {
    "/list": _list,
    "/load": _load,
    "/save": _save,
    "/clear": _clear,
    "/set": _set,
    "/show": _show,
    "/help": _help,
    "/?": _help,
    "/exit": _leave,
    "/bye": _leave,
}
