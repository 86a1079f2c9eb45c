"""Which of a model's two prompt templates is in force, and what that makes of the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.inference.support import card_of

from hearth.inference.templates import choose, prefer_jinja
from hearth.library import MediaType
from hearth.prompt import Template

GO_PLAIN = "{{ .Prompt }}"
GO_TOOLS = "{{ range .Messages }}{{ .Tools }}{{ end }}"
GO_ROUND = '{{ .Tools }}{{ range .Messages }}{{ if eq .Role "tool" }}{{ end }}{{ .ToolCalls }}{{ end }}'
GO_THINK = "{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ end }}"
JINJA_PLAIN = "{{ messages }}"
JINJA_TOOLS = "{{ tools }}"
JINJA_ROUND = "{{ tools }}{{ message.tool_calls }}{% if message['role'] == 'tool' %}"
JINJA_BOTH = "{{ tools }}<think></think>"


@pytest.mark.parametrize(
    ("jinja", "go", "preferred"),
    [
        (JINJA_PLAIN, GO_PLAIN, False),
        (JINJA_TOOLS, GO_PLAIN, True),
        (JINJA_TOOLS, GO_TOOLS, False),
        (JINJA_ROUND, GO_TOOLS, True),
        (JINJA_ROUND, GO_ROUND, False),
        (JINJA_BOTH, GO_TOOLS, True),
        (JINJA_BOTH, GO_ROUND, False),
        (JINJA_ROUND + "<think></think>", GO_ROUND, True),
        (JINJA_TOOLS, GO_THINK, False),
        (JINJA_PLAIN, GO_TOOLS, False),
    ],
)
def test_the_abler_template_is_preferred(jinja: str, go: str, preferred: bool) -> None:
    assert prefer_jinja(jinja, Template.parse(go)) is preferred


@pytest.mark.parametrize(
    "answer",
    ["tool_response", "tool_results", "ipython", """role"] == 'tool'""", "message.role == 'tool'"],
)
def test_a_tools_answer_in_jinja_has_many_forms(answer: str) -> None:
    assert prefer_jinja("{{ tools }}{{ tool_calls }}" + answer, Template.parse(GO_TOOLS))


@pytest.mark.parametrize(
    ("jinja", "go", "setting", "in_force"),
    [
        ("", "", None, False),
        (JINJA_PLAIN, "", True, False),
        ("", GO_PLAIN, None, True),
        ("", GO_PLAIN, False, True),
        (JINJA_TOOLS, GO_PLAIN, None, False),
        (JINJA_TOOLS, GO_PLAIN, True, True),
        (JINJA_PLAIN, GO_PLAIN, None, True),
        (JINJA_PLAIN, GO_PLAIN, False, False),
        (JINJA_PLAIN, "{{ if }}", True, False),
        ("", "{{ if }}", None, True),
    ],
)
def test_the_setting_goes_before_the_rule(jinja: str, go: str, setting: bool | None, in_force: bool) -> None:
    parsed, uses_go = choose(jinja, go, setting)
    assert uses_go is in_force
    assert (parsed is None) == (go in ("", "{{ if }}"))


@pytest.mark.parametrize(
    ("jinja", "go", "shown", "capabilities"),
    [
        (None, GO_THINK, GO_THINK, ("completion", "thinking")),
        (None, "{{ .Tools }}{{ .Suffix }}{{ .Prompt }}", None, ("completion", "tools", "insert")),
        (JINJA_TOOLS, GO_PLAIN, JINJA_TOOLS, ("completion", "tools")),
        (JINJA_PLAIN, GO_PLAIN, GO_PLAIN, ("completion",)),
        (JINJA_TOOLS, "{{ .Prompt }}{{ .Suffix }}", None, ("completion", "insert")),
        (JINJA_BOTH, "{{ .Prompt }}{{ .Suffix }}", JINJA_BOTH, ("completion", "tools", "insert", "thinking")),
        (None, "<|channel|>{{ .Messages }}<|message|>", None, ("completion", "thinking")),
        (None, "{{ if }}", "{{ if }}", ("completion",)),
    ],
)
def test_the_template_in_force_decides(
    tmp_path: Path, jinja: str | None, go: str, shown: str | None, capabilities: tuple[str, ...]
) -> None:
    card = card_of(tmp_path, template=jinja, texts={MediaType.TEMPLATE: go})
    assert card.template == (shown or go)
    assert card.capabilities == capabilities
