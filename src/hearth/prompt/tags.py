"""Infers from a template how its model marks thinking and tool calls.

The template shows the model earlier turns, so what it writes around `.Thinking` and before the first of
`.ToolCalls` is what the model will write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hearth.prompt.go.nodes import Block, Branch, Text, Tree
from hearth.prompt.tree import fields, nodes, pipe_of

BARE: Final = "{"
"""The tag of calls that stand in the text as JSON without a mark of their own."""


def thinking_tags(tree: Tree) -> tuple[str, str] | None:
    """What stands before and after thinking; None where the template does not tell.

    They are the first and the last text of the innermost block that uses `.Thinking`, inside a range over
    something of `.Messages`; of several such blocks the last counts.
    """
    found: tuple[str, str] | None = None
    for block in tree.blocks():
        for place in _places(block, over_messages=False):
            found = _tags(place) or found
    return found


def tool_tag(tree: Tree) -> str:
    """What stands before a call: the first text inside the branch on `.ToolCalls`, up to its JSON."""
    for block in tree.blocks():
        for node in nodes(block):
            if isinstance(node, Branch) and node.kind == "if" and "ToolCalls" in fields(node.pipe):
                return _first_text(node.body).partition("{")[0].strip() or BARE
    return BARE


def _places(block: Block, over_messages: bool) -> Iterator[Block]:
    """The blocks that use `.Thinking` themselves, inside a range over messages."""
    for node in block:
        pipe = pipe_of(node)
        if over_messages and pipe is not None and "Thinking" in fields(pipe):
            yield block
        if isinstance(node, Branch):
            inside = over_messages
            if node.kind == "range":
                inside = "Messages" in fields(node.pipe)
            yield from _places(node.body, inside)
            yield from _places(node.otherwise, inside)


def _tags(block: Block) -> tuple[str, str] | None:
    texts = [node.text.strip() for node in block if isinstance(node, Text)]
    return (texts[0], texts[-1]) if len(texts) > 1 and texts[0] and texts[-1] else None


def _first_text(block: Block) -> str:
    return next((node.text for node in nodes(block) if isinstance(node, Text) and node.text.strip()), "")
