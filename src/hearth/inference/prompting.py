"""By which template a model's prompts are made, and with it how its answers are read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hearth.engine.contract import Runner
from hearth.inference.card import Card
from hearth.messages import Json, Message, Tool
from hearth.output.formats import template_reading
from hearth.output.inferred import inferred_reading
from hearth.output.parsers import parser_reading
from hearth.output.reading import Reading
from hearth.prompt import PromptInput, Template


@dataclass(frozen=True, slots=True)
class Prompting:
    """A template in force: Jinja, which the engine renders, or `go`; and how the answers are read."""

    text: str
    go: Template | None
    reading: Reading
    thinks: bool
    """Whether the model can think at all; a Go template is told nothing about thinking otherwise."""

    async def render(
        self, runner: Runner, messages: Sequence[Message], tools: Sequence[Tool], args: Mapping[str, Json]
    ) -> str:
        """The prompt of a conversation. Raises TemplateError."""
        if self.go is None:
            return await runner.render(messages, tools, dict(args))
        thinking = bool(args.get("enable_thinking"))
        level = args.get("reasoning_effort") or "medium"
        given = PromptInput(
            tuple(messages),
            tuple(tools),
            think=thinking if self.thinks else None,
            think_level=str(level) if thinking else "",
        )
        # A hostile template can take a second to be stopped; nobody else shall wait for it.
        return await asyncio.to_thread(self.go.render, given)


def prompting(card: Card, template: str | None = None) -> Prompting:
    """The template in force for a request; `template` is one that it brings itself.

    Answers are read as the parser that the model's config names reads them, else as the template shows.

    Raises:
        TemplateError: the template is one in Go that cannot be parsed.
    """
    thinks = card.supports("thinking")
    named = parser_reading(card.stored.config.parser)
    if not template and not card.uses_go:
        shown = template_reading(card.jinja) if card.jinja else Reading()
        return Prompting(card.jinja, None, named or shown, thinks)
    go = (Template.parse(template) if template else card.go) or Template.parse(card.go_template)
    reading = named or inferred_reading(go.text, go.thinking_tags(), go.tool_tag())
    return Prompting(go.text, go, reading, thinks)


async def infill(card: Card, template: str | None, before: str, after: str) -> str | None:
    """The prompt to fill in what stands between two texts; None if no Go template knows how.

    Raises:
        TemplateError: the template cannot be parsed or rendered.
    """
    go = Template.parse(template) if template else card.go
    if go is None or "suffix" not in go.variables:
        return None
    return await asyncio.to_thread(go.render, PromptInput((Message("user", before),), suffix=after))
