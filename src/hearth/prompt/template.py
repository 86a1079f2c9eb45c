"""A model's prompt template: parsed once, and rendered for each conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.data import message_value, text_value, tools_value
from hearth.prompt.functions import NAMES, functions
from hearth.prompt.go import Tree, Value, execute, parse
from hearth.prompt.inputs import PromptInput, collated, system_text
from hearth.prompt.tags import thinking_tags, tool_tag
from hearth.prompt.tree import identifiers, up_to_response, with_response


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was parsed; `variables` are the names of all fields it uses, in lower case."""

    text: str
    tree: Tree
    variables: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Parse a Go template as Ollama's models bring it.

        One that uses neither `.Messages` nor `.Response` gets `{{ .Response }}` at its end.

        Raises:
            TemplateError: with the line, what is wrong there and what was expected.
        """
        try:
            tree = parse(text, NAMES)
        except TemplateError as error:
            raise _named(error) from error
        variables = frozenset(name.lower() for name in identifiers(tree))
        if not variables & {"messages", "response"}:
            tree = with_response(tree)
        return cls(text, tree, variables)

    def thinking_tags(self) -> tuple[str, str] | None:
        """What the model writes before and after its thinking; None where the template does not tell."""
        return thinking_tags(self.tree)

    def tool_tag(self) -> str:
        """What the model writes before a call of a tool; "{" where that is bare JSON."""
        return tool_tag(self.tree)

    def capabilities(self) -> frozenset[str]:
        """What the template is made for: a subset of {"tools", "insert", "thinking"}."""
        found = {name for name, used in _CAPABILITIES.items() if used in self.variables}
        return frozenset(found | ({"thinking"} if self.thinking_tags() else set()))

    def render(self, given: PromptInput) -> str:
        """The prompt for a conversation.

        Raises:
            TemplateError: with the line, what went wrong there.
        """
        try:
            return _render(self, given)
        except TemplateError as error:
            raise _named(error) from error


_CAPABILITIES: Final = {"tools": "tools", "insert": "suffix"}
_PARTS: Final = {"system": "System", "user": "Prompt", "assistant": "Response"}


def _named(error: TemplateError) -> TemplateError:
    return TemplateError(f"template error: {error.message}")


def _render(template: Template, given: PromptInput) -> str:
    thinking: dict[str, Value] = {
        "Think": bool(given.think),
        "ThinkLevel": given.think_level,
        "IsThinkSet": given.think is not None,
        "Response": "",
    }
    run = partial(execute, functions=functions(given.today or datetime.now().astimezone().date()))
    if given.suffix:
        prompt = given.messages[-1].content if given.messages else ""
        return run(
            template.tree, thinking | {"Prompt": text_value(prompt), "Suffix": text_value(given.suffix)}
        )
    if "messages" in template.variables:
        return run(template.tree, thinking | _conversation(given))
    turns = _turns(given, thinking)
    last = up_to_response(template.tree)
    return "".join([*(run(template.tree, turn) for turn in turns[:-1]), run(last, turns[-1])])


def _infill(given: PromptInput) -> dict[str, Value]:
    prompt = given.messages[-1].content if given.messages else ""
    return {"Prompt": text_value(prompt), "Suffix": text_value(given.suffix)}


def _conversation(given: PromptInput) -> dict[str, Value]:
    return {
        "System": text_value(system_text(given.messages)),
        "Messages": [message_value(message) for message in collated(given.messages)],
        "Tools": tools_value(given.tools),
    }


def _turns(given: PromptInput, common: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    """The conversation in turns of a system text, a prompt and a response, for a template that knows one."""
    turns = [{"System": "", "Prompt": "", "Response": ""}]
    for message in collated(given.messages):
        turn = turns[-1]
        asked_anew = message.role == "system" and (turn["Prompt"] or turn["Response"])
        if asked_anew or (message.role == "user" and turn["Response"]):
            turns.append({"System": "", "Prompt": "", "Response": ""})
        name = _PARTS.get(message.role)
        if name is not None:
            turns[-1][name] = text_value(message.content)
    return [{**common, **turn} for turn in turns]
