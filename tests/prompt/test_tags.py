"""What a template tells about how its model marks thinking and calls."""

from __future__ import annotations

import pytest

from hearth.prompt import Template

THINK = ("<think>", "</think>")
TWICE = (
    "{{ range .Messages }}{{ if .Thinking }}<a>{{ .Thinking }}</a>{{ end }}{{ end }}"
    "{{ range .Messages }}{{ if .Thinking }}<b>{{ .Thinking }}</b>{{ end }}{{ end }}"
)
SPACED = (
    "{{ range $i, $m := .Messages }}x{{ if and $.IsThinkSet .Thinking }}\n<think>\n{{ .Thinking }}\n"
    "</think>\n{{ end }}y{{ end }}"
)
OF_A_VARIABLE = "{{ range $m := .Messages }}{{ if $m.Thinking }}<a>{{ $m.Thinking }}</a>{{ end }}{{ end }}"
CALLS_BEHIND_TEXT = (
    "{{ if .Content }}x{{ else if .ToolCalls }}{{ range .ToolCalls }}\n [CALL] {{ . }}{{ end }}{{ end }}"
)


@pytest.mark.parametrize(
    ("template", "tags"),
    [
        ("{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ end }}", THINK),
        (SPACED, THINK),
        ("{{ range slice .Messages 1 }}<think>{{ .Thinking }}</think>{{ end }}", THINK),
        (OF_A_VARIABLE, ("<a>", "</a>")),
        (TWICE, ("<b>", "</b>")),
        ("{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Messages }}", None),
        ("{{ range .Tools }}<think>{{ .Thinking }}</think>{{ end }}{{ .Messages }}", None),
        ("{{ range .Messages }}{{ range .ToolCalls }}<t>{{ .Thinking }}</t>{{ end }}{{ end }}", None),
        ("{{ range .Messages }}{{ if .Thinking }}{{ .Thinking }}</think>{{ end }}{{ end }}", None),
        ("{{ range .Messages }}{{ .Thinking }}{{ end }}", None),
        ("{{ range .Messages }}{{ .Content }}{{ end }}", None),
    ],
)
def test_thinking_tags(template: str, tags: tuple[str, str] | None) -> None:
    parsed = Template.parse(template)
    assert parsed.thinking_tags() == tags
    assert ("thinking" in parsed.capabilities()) == (tags is not None)


@pytest.mark.parametrize(
    ("template", "tag"),
    [
        ('{{ if .ToolCalls }}<tool_call>\n{"name": "{{ .Name }}"}{{ end }}', "<tool_call>"),
        ('{{ range .ToolCalls }}<t>{"name": 1}{{ end }}', "{"),
        (CALLS_BEHIND_TEXT, "[CALL]"),
        ('{{ if .ToolCalls }}\n{{ range .ToolCalls }}{"name": 1}{{ end }}{{ end }}', "{"),
        ("{{ if .ToolCalls }}{{ .ToolCalls }}{{ end }}", "{"),
        ('{{ if and $.Tools $m.ToolCalls }}functools[{"a": 1}]{{ end }}', "functools["),
        ("{{ .Content }}", "{"),
    ],
)
def test_the_tag_of_calls(template: str, tag: str) -> None:
    assert Template.parse("{{ $m := . }}" + template).tool_tag() == tag


def test_capabilities() -> None:
    assert Template.parse("{{ .Tools }}{{ .Suffix }}{{ .Messages }}").capabilities() == {"tools", "insert"}
    assert Template.parse("{{ .Prompt }}").capabilities() == set()
