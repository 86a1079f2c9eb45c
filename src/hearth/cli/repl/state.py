"""What a conversation at a terminal holds beside the conversation itself."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.cli.chat import Chat
from hearth.cli.command import Call


@dataclass
class State:
    """`history` says whether lines are kept in the history file, `done` that the user wants to leave."""

    call: Call
    chat: Chat
    history: bool = True
    done: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers; usages and warnings go to stderr."""

    text: str
    error: bool = False
