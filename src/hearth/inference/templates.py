"""Which prompt template of a model is in force: the Jinja of its GGUF, or its Go template layer."""

from __future__ import annotations

import logging
import re
from typing import Final

from hearth.errors import TemplateError
from hearth.output.formats import template_capabilities
from hearth.prompt import Template

logger = logging.getLogger(__name__)
_ANSWERS: Final = re.compile(
    r"""tool_response|tool_results|ipython|role['"]\]\s*==\s*['"]tool['"]|message\.role\s*==\s*['"]tool['"]"""
)
_GO_ANSWERS: Final = re.compile(r'eq \.Role "tool"|tool_response|TOOL_RESULTS')


def choose(jinja: str, go: str, setting: bool | None) -> tuple[Template | None, bool]:
    """The template layer, parsed (None: there is none, or it cannot be), and whether it is in force.

    `setting` True prefers it wherever there is one, False only where there is no Jinja; None decides as
    Ollama does, by what each of the two can do.
    """
    if not go:
        return None, False
    try:
        parsed = Template.parse(go)
    except TemplateError as error:
        logger.warning("the template layer of a model cannot be used: %s", error.message)
        return None, not jinja
    if not jinja:
        return parsed, True
    return parsed, not prefer_jinja(jinja, parsed) if setting is None else setting


def prefer_jinja(jinja: str, go: Template) -> bool:
    """Whether a Jinja template is to be used although there is a Go one: where it can do more.

    With the same abilities, tools among them, the one that also shows the model a tool's answer wins.
    """
    can, go_can = template_capabilities(jinja), go.capabilities()
    only_jinja = _has_round_trip(jinja) and not _go_has_round_trip(go)
    if len(can) > len(go_can):
        return _has_round_trip(jinja) or not _go_has_round_trip(go)
    return can == go_can and "tools" in can and only_jinja


def _has_round_trip(jinja: str) -> bool:
    calls = "tool_calls" in jinja or "assistant_tool_call" in jinja
    return "tools" in template_capabilities(jinja) and calls and bool(_ANSWERS.search(jinja))


def _go_has_round_trip(go: Template) -> bool:
    return go.variables >= {"tools", "toolcalls"} and bool(_GO_ANSWERS.search(go.text))
