"""Whatever a template is, it gives a text or a TemplateError, and soon."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.prompt import strategies
from tests.prompt.rendering import go

from hearth.errors import TemplateError
from hearth.messages import Json, Message, Tool, ToolCall
from hearth.prompt import PromptInput, Template

JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        ["type", "properties", "required", "items", "$defs", "anyOf", "enum", "description", "x"]
    ),
    JSON,
)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool", "?"]),
    content=st.text(),
    thinking=st.text(max_size=3),
    tool_calls=st.lists(st.builds(ToolCall, st.text(), OBJECTS, st.text()), max_size=2).map(tuple),
    tool_name=st.text(max_size=3),
)
INPUTS = st.builds(
    PromptInput,
    messages=st.lists(MESSAGES, max_size=5).map(tuple),
    tools=st.lists(st.builds(Tool, st.text(), st.text(), OBJECTS), max_size=2).map(tuple),
    suffix=st.sampled_from(["", "suffix"]),
    think=st.none() | st.booleans(),
)
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
EVERYTHING = Template.parse(
    "{{ .System }}{{ .Tools }}{{ range .Tools }}{{ . }}{{ .Function.Parameters }}{{ json . }}"
    "{{ range $k, $v := .Function.Parameters.Properties }}{{ $k }}{{ $v }}{{ $v.Type }}"
    "{{ toTypeScriptType $v }}"
    '{{ printf "%v%s%q%#v" $v $v.Type $v.Enum $v.Items }}{{ end }}{{ end }}'
    "{{ range .Messages }}{{ .Role }}{{ .Content }}{{ .Thinking }}{{ .ToolName }}{{ .ToolCallID }}"
    "{{ json . }}{{ . }}"
    "{{ range .ToolCalls }}{{ .ID }}{{ .Function.Name }}{{ .Function.Arguments }}{{ .Function.Index }}{{ . }}"
    "{{ range $k, $v := .Function.Arguments }}{{ $k }}={{ $v }}{{ end }}{{ end }}{{ end }}"
)


def refusal(render: Callable[[], str]) -> str:
    """What is said against a template; empty if it gives a text, which must be sound."""
    try:
        render().encode()
    except TemplateError as error:
        return error.message
    return ""


@SETTINGS
@given(st.text() | strategies.soup)
def test_any_text(template: str) -> None:
    refused = refusal(lambda: go(template))
    assert not refused or refused.startswith("line ")


@SETTINGS
@given(strategies.templates())
def test_any_sound_template(template: str) -> None:
    refused = refusal(lambda: go(template))
    assert not refused or refused.startswith("line ")


@SETTINGS
@given(st.text(st.characters(), max_size=8) | st.text("\ud800\udc80\udfffa"))
def test_what_is_no_character_never_comes_out(text: str) -> None:
    messages = (Message("system", text), Message("user", text))
    Template.parse("{{ .Prompt }}{{ .System }}" + text.replace("{{", "")).render(
        PromptInput(messages)
    ).encode()


@SETTINGS
@given(INPUTS)
def test_any_conversation(conversation: PromptInput) -> None:
    refused = refusal(lambda: EVERYTHING.render(conversation))
    assert not refused or "cannot be written as JSON" in refused


@SETTINGS
@given(strategies.templates() | strategies.soup, INPUTS)
def test_any_template_on_any_conversation(template: str, conversation: PromptInput) -> None:
    refused = refusal(lambda: Template.parse(template).render(conversation))
    assert not refused or refused.startswith("template error: ")
