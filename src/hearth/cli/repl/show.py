"""`/show`: what the model of the conversation is and how it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hearth.cli.chat import Chat
from hearth.cli.client import Object
from hearth.cli.details import details
from hearth.cli.repl import texts
from hearth.cli.repl.state import Reply
from hearth.cli.shape import text

PARTS: Final = ("info", "license", "modelfile", "parameters", "system", "template")
_NONE: Final = {
    "license": "No license was specified for this model.",
    "modelfile": "No Modelfile was specified for this model.",
    "system": "No system message was specified for this model.",
    "template": "No prompt template was specified for this model.",
}


def wanted(line: str) -> str | None:
    """The part that a line starting with `/show` asks for, or None where it names none of them."""
    words = line.split()
    return words[1] if len(words) > 1 and words[1] in PARTS else None


def refuse(line: str) -> Reply:
    """The answer to a line that asks for no part or an unknown one."""
    words = line.split()
    if len(words) < 2:
        return Reply(texts.SHOW, error=True)
    return Reply(f"Unknown command '/show {words[1]}'. Type /? for help")


def part(name: str, shown: Object, chat: Chat) -> Reply:
    """One part of an answer of /api/show, with what the conversation has changed."""
    if name == "info":
        return Reply(details(shown))
    if name == "parameters":
        return Reply(parameters(text(shown.get("parameters")), chat.options))
    own = chat.system if name == "system" and chat.system else text(shown.get(name))
    return Reply(own.rstrip("\n") or _NONE[name])


def parameters(defined: str, chosen: Mapping[str, Any]) -> str:
    """The model's own parameters and those set in the conversation."""
    lines = ["Model defined parameters:"]
    lines += [f"  {line}" for line in defined.splitlines() if line.strip()] or [
        "  No additional parameters were specified for this model."
    ]
    if chosen:
        lines += ["", "User defined parameters:"]
        lines += [f"  {name:<30} {_text(value)}" for name, value in chosen.items()]
    return "\n".join(lines)


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
