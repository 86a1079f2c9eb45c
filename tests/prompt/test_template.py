"""The three ways in which a template makes a prompt, and what it is told."""

from __future__ import annotations

from datetime import date

import pytest

from hearth.errors import TemplateError
from hearth.messages import Message, Tool, ToolCall
from hearth.prompt import PromptInput, Template

LEGACY = "{{ if .System }}<s>{{ .System }}</s>{{ end }}<u>{{ .Prompt }}</u><a>{{ .Response }}</a>\n"
MODERN = "{{ range .Messages }}<{{ .Role }}>{{ .Content }}</{{ .Role }}>{{ end }}"


def talk(*turns: str) -> tuple[Message, ...]:
    """Messages from texts such as "u:hello"."""
    roles = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return tuple(Message(roles[turn[0]], turn[2:]) for turn in turns)


def render(template: str, *turns: str) -> str:
    return Template.parse(template).render(PromptInput(talk(*turns)))


@pytest.mark.parametrize(
    ("turns", "prompt"),
    [
        (["u:1"], "<u>1</u><a>"),
        (["s:0", "u:1"], "<s>0</s><u>1</u><a>"),
        (["u:1", "a:2", "u:3"], "<u>1</u><a>2</a>\n<u>3</u><a>"),
        (["s:0", "u:1", "a:2", "u:3"], "<s>0</s><u>1</u><a>2</a>\n<u>3</u><a>"),
        (["u:1", "a:2", "s:3", "u:4"], "<u>1</u><a>2</a>\n<s>3</s><u>4</u><a>"),
        (["u:1", "s:2", "u:3"], "<u>1</u><a></a>\n<s>2</s><u>3</u><a>"),
        (["u:1", "u:2", "a:3", "a:4", "u:5"], "<u>1\n\n2</u><a>3\n\n4</a>\n<u>5</u><a>"),
        (["u:1", "a:2"], "<u>1</u><a>2"),
        (["u:1", "t:9", "a:2"], "<u>1</u><a>2"),
        ([], "<u></u><a>"),
    ],
)
def test_a_template_of_one_turn_is_run_for_each(turns: list[str], prompt: str) -> None:
    assert render(LEGACY, *turns) == prompt


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("{{ .Prompt }}", "1"),
        ("{{ .Prompt }}{{ .Response }}<end>", "1"),
        ("{{ .Prompt }}{{ if .Prompt }}<a>{{ .Response }}</a>{{ else }}x{{ end }}<end>", "1<a>"),
        ("{{ .Prompt }}{{ if .Suffix }}{{ .Response }}{{ else }}y{{ .Response }}z{{ end }}<end>", "1"),
        ('{{ .Prompt }}{{ printf "%s!" .Response }}<end>', "1!"),
        ("{{ .Prompt }}{{ with .Response }}{{ . }}{{ end }}<end>", "1<end>"),
    ],
)
def test_the_last_turn_ends_where_the_response_goes(template: str, prompt: str) -> None:
    assert render(template, "u:1") == prompt


def test_a_template_of_messages_is_run_once() -> None:
    prompt = render(MODERN, "s:0", "u:1", "u:2", "a:3", "t:4", "t:5", "s:6")
    assert prompt == (
        "<system>0</system><user>1\n\n2</user><assistant>3</assistant><tool>4</tool><tool>5</tool>"
        "<system>6</system>"
    )


def test_all_system_texts_are_told_at_once_too() -> None:
    assert render("{{ .System }}|{{ len .Messages }}", "s:0", "u:1", "s:2") == "0\n\n2|3"


def test_messages_that_are_made_one_lose_nothing() -> None:
    calls = ToolCall("f", {}), ToolCall("g", {})
    messages = (
        Message("assistant", "a", thinking="x", tool_calls=calls[:1]),
        Message("assistant", "", thinking="y", tool_calls=calls[1:]),
    )
    each_call = "{{ range .ToolCalls }}|{{ .Function.Name }}{{ end }}"
    template = "{{ range .Messages }}{{ .Thinking }}|{{ .Content }}" + each_call + "{{ end }}"
    assert Template.parse(template).render(PromptInput(messages)) == "x\n\ny|a|f|g"


def test_a_suffix_makes_a_prompt_for_filling_in() -> None:
    infill = "{{ if .Suffix }}<pre>{{ .Prompt }}<suf>{{ .Suffix }}<mid>{{ else }}"
    template = Template.parse(infill + "{{ .Prompt }}{{ end }}")
    assert template.render(PromptInput(talk("u:a"), suffix="b")) == "<pre>a<suf>b<mid>"
    assert template.render(PromptInput(talk("u:a"))) == "a"
    assert template.capabilities() == {"insert"}


@pytest.mark.parametrize(
    ("think", "level", "told"),
    [
        (None, "", "false  false"),
        (False, "", "false  true"),
        (True, "medium", "true medium true"),
        (True, "high", "true high true"),
    ],
)
def test_what_is_told_about_thinking(think: bool | None, level: str, told: str) -> None:
    template = Template.parse("{{ .Think }} {{ .ThinkLevel }} {{ .IsThinkSet }}{{ .Response }}")
    assert template.render(PromptInput(talk("u:1"), think=think, think_level=level)) == told


def test_dates_are_those_of_the_day() -> None:
    template = Template.parse('{{ currentDate }} {{ currentDate "2006" }} {{ yesterdayDate }}')
    assert (
        template.render(PromptInput(talk("u:1"), today=date(2026, 3, 1)))
        == "2026-03-01 2026-03-01 2026-02-28"
    )
    today = Template.parse("{{ currentDate }}").render(PromptInput(talk("u:1")))
    assert date.fromisoformat(today) >= date(2026, 1, 1)


def test_the_names_of_all_fields_are_known_in_lower_case() -> None:
    template = Template.parse(
        '{{ define "x" }}{{ .Inner.Deep }}{{ end }}{{ $m := .Messages }}{{ template "x" .Passed }}'
        "{{ if and $m.Role (len .Tools).Odd }}{{ end }}{{ range .A }}{{ else }}{{ .B | print }}{{ end }}"
    )
    assert template.variables == {
        "inner", "deep", "messages", "role", "tools", "odd", "passed", "a", "b",
    }  # fmt: skip


def test_errors_say_that_it_is_the_template() -> None:
    with pytest.raises(TemplateError, match=r"^template error: line 2: "):
        Template.parse("\n{{ if }}")
    with pytest.raises(TemplateError, match=r"line 1: api\.Message has no field \.Name; it has \.Role"):
        render("{{ range .Messages }}{{ .Name }}{{ end }}", "u:1")


def test_tools_are_seen_by_templates_of_messages() -> None:
    template = Template.parse("{{ range .Tools }}{{ .Function.Name }}{{ end }}{{ .Messages }}")
    assert template.render(PromptInput((), (Tool("a"), Tool("b")))) == "ab[]"
