"""What a request says about calling tools: which are offered, which must be called, and how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hearth.errors import BadRequest, Unsupported
from hearth.inference.card import Card
from hearth.inference.prompting import Prompting, prompting
from hearth.messages import ChatRequest, Tool
from hearth.output.calltext import CallText
from hearth.output.choice import call_text
from hearth.output.grammar import call_grammar


@dataclass(frozen=True, slots=True)
class Calling:
    """The tools of one answer. Nothing is offered and nothing read as a call where there are none."""

    tools: Sequence[Tool] = ()
    forced: Sequence[Tool] = ()
    """Those of which one must be called; none: the model decides."""
    parallel: bool = True

    @property
    def ends_with_call(self) -> bool:
        """Whether the answer has to be ended after its first call, as no grammar does it."""
        return bool(self.tools) and not self.forced and not self.parallel


def calling(request: ChatRequest) -> Calling:
    """What the tools, the choice and the number of calls of a request come to; it was checked before."""
    choice = request.tool_choice
    if choice.mode == "none":
        return Calling()
    forced: Sequence[Tool] = ()
    if choice.mode == "required":
        forced = request.tools
    if choice.mode == "named":
        forced = [tool for tool in request.tools if tool.name == choice.name]
    return Calling(request.tools, forced, request.parallel_tool_calls)


def check_choice(card: Card, request: ChatRequest) -> None:
    """Raises BadRequest for a call that no tool here could answer, Unsupported where none can be forced."""
    choice = request.tool_choice
    if choice.mode in {"auto", "none"}:
        return
    if not request.tools:
        raise BadRequest("tool_choice asks for a call, but there are no tools: send tools", "tool_choice")
    if choice.mode == "named" and choice.name not in {tool.name for tool in request.tools}:
        raise BadRequest(
            f'tool_choice names "{choice.name[:60]}", which is not one of the tools: send it in tools',
            "tool_choice",
        )
    _written(prompting(card), request.tools)


async def grammar(wanted: Calling, way: Prompting) -> str:
    """The grammar of an answer that must call a tool.

    Raises:
        Unsupported: the model's format of calls can only be read.
        BadRequest: tools that cannot be put into a grammar.
    """
    written = _written(way, wanted.forced)
    # A hostile schema can take a second to be refused; nobody else shall wait for it.
    return await asyncio.to_thread(call_grammar, written, wanted.forced, parallel=wanted.parallel)


def _written(way: Prompting, tools: Sequence[Tool]) -> CallText:
    written = call_text(way.reading, way.text, tools)
    if written is None:
        raise Unsupported(
            "tool_choice can only be auto or none with this model's tool format: use auto, and say in the "
            "prompt that the tool shall be called",
            "tool_choice",
        )
    return written
