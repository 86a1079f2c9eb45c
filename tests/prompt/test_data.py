"""Messages, tools and calls as templates see and print them."""

from __future__ import annotations

import pytest

from hearth.errors import TemplateError
from hearth.messages import Json, Message, Tool, ToolCall
from hearth.prompt import PromptInput, Template

WEATHER = Tool(
    "get_weather",
    "Weather <now>",
    {
        "type": "object",
        "required": ["city"],
        "additionalProperties": False,
        "properties": {
            "unit": {"type": ["string", "null"], "enum": ["C", "F"], "default": "C"},
            "city": {"type": "string", "description": "A city"},
        },
    },
)
PARAMETERS = (
    '{"type":"object","required":["city"],"properties":{"city":{"type":"string","description":"A city"},'
    '"unit":{"type":["string","null"],"enum":["C","F"]}}}'
)
FUNCTION = '{"name":"get_weather","description":"Weather \\u003cnow\\u003e","parameters":' + PARAMETERS + "}"
OUTLINE = (
    "{{ range .Tools }}{{ .Type }} {{ .Function.Name }} {{ .Function.Parameters.Type }} "
    "{{ .Function.Parameters.Required }}{{ end }}"
)
PROPERTIES = (
    "{{ range .Tools }}{{ range $name, $p := .Function.Parameters.Properties }}{{ $name }}: {{ $p.Type }} "
    "{{ len $p.Type }} {{ $p.Description }} {{ $p.Enum }} {{ toTypeScriptType $p }};{{ end }}{{ end }}"
)
ABSENT = "{{ range .Tools }}{{ if .Items }}x{{ end }}{{ if .Function.Parameters.Defs }}y{{ end }}{{ end }}"
EACH_TYPE = (
    "{{ range .Tools }}{{ range .Function.Parameters.Properties }}{{ toTypeScriptType . }}{{ end }}{{ end }}"
)
EACH_ARGUMENT = "{{ range $k, $v := .Function.Arguments }}{{ $k }}={{ $v }};{{ end }}"
ARGUMENTS = '{"a":["\\u003c",null,2.5],"m":{"x":"é","y":true},"z":1}'
CALL = ToolCall("f", {"z": 1, "a": ["<", None, 2.5], "m": {"y": True, "x": "é"}}, "call_1")


def render(template: str, *messages: Message, tools: tuple[Tool, ...] = (WEATHER,)) -> str:
    return Template.parse("{{ $m := .Messages }}" + template).render(PromptInput(messages, tools))


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("{{ .Tools }}", '[{"type":"function","function":' + FUNCTION + "}]"),
        ("{{ json .Tools }}", '[{"type":"function","function":' + FUNCTION + "}]"),
        ("{{ range .Tools }}{{ . }}{{ end }}", '{"type":"function","function":' + FUNCTION + "}"),
        ("{{ range .Tools }}{{ .Function }}{{ end }}", FUNCTION),
        ("{{ range .Tools }}{{ json .Function }}{{ end }}", FUNCTION),
        ("{{ range .Tools }}{{ .Function.Parameters }}{{ end }}", PARAMETERS),
        (OUTLINE, "function get_weather object [city]"),
        (PROPERTIES, "city: string 1 A city [] string;unit: [string null] 2  [C F] string | null;"),
        ('{{ range .Tools }}{{ (index .Function.Parameters.Properties "city").Type }}{{ end }}', "string"),
        (ABSENT, ""),
    ],
)
def test_tools(template: str, output: str) -> None:
    assert render(template) == output


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer"}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "array"}, "any[]"),
        ({"type": "object"}, "Record<string, any>"),
        ({"type": "what"}, "any"),
        ({}, "any"),
        (True, "any"),
        ({"type": ["number", "null"]}, "number | null"),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, "string | any[]"),
    ],
)
def test_types_in_typescript(schema: Json, kind: str) -> None:
    tool = Tool("f", "", {"properties": {"p": schema}})
    assert render(EACH_TYPE, tools=(tool,)) == kind
    assert render("{{ toTypeScriptType 1 }}") == "any"


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": 5},
        {"properties": [1]},
        {"required": "city"},
        {"properties": {"a": {"properties": 1, "enum": {}}}},
    ],
)
def test_a_schema_of_any_shape_is_printed(schema: dict[str, Json]) -> None:
    printed = render("{{ .Tools }}", tools=(Tool("f", "", schema),))
    assert printed.startswith('[{"type":"function","function":{"name":"f","parameters":{"type":"')


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("{{ .Function.Arguments }}", ARGUMENTS),
        ("{{ json .Function.Arguments }}", ARGUMENTS),
        (EACH_ARGUMENT, "a=[< <nil> 2.5];m=map[x:é y:true];z=1;"),
        ("{{ .ID }} {{ .Function.Name }} {{ .Function.Index }} {{ .Function.Arguments.z }}", "call_1 f 0 1"),
        ("{{ json . }}", f'{{"id":"call_1","function":{{"index":0,"name":"f","arguments":{ARGUMENTS}}}}}'),
    ],
)
def test_calls(template: str, output: str) -> None:
    message = Message("assistant", tool_calls=(CALL,))
    assert render("{{ range $m }}{{ range .ToolCalls }}" + template + "{{ end }}{{ end }}", message) == output


def test_messages_have_every_field() -> None:
    message = Message("tool", "5", "hm", tool_name="f", tool_call_id="call_1")
    fields = "{{ .Role }},{{ .Content }},{{ .Thinking }},{{ .ToolName }},{{ .ToolCallID }},{{ len .Images }}"
    assert render("{{ range $m }}" + fields + "{{ end }}", message) == "tool,5,hm,f,call_1,0"
    encoded = '{"role":"tool","content":"5","thinking":"hm","tool_name":"f","tool_call_id":"call_1"}'
    assert render("{{ range $m }}{{ json . }}{{ end }}", message) == encoded
    assert render("{{ json $m }}", Message("user")) == '[{"role":"user","content":""}]'


def test_large_numbers_become_what_they_are_in_go() -> None:
    call = ToolCall("f", {"i": 2**53 + 1, "huge": 10**30, "endless": 10**400})
    template = "{{ range $m }}{{ range .ToolCalls }}" + EACH_ARGUMENT + "{{ end }}{{ end }}"
    printed = render(template, Message("assistant", tool_calls=(call,)))
    assert printed == "endless=+Inf;huge=1e+30;i=9007199254740993;"


def test_data_that_nests_too_deeply_is_refused() -> None:
    nested: Json = {}
    for _ in range(500):
        nested = {"properties": {"a": nested}, "items": [nested]}
    assert isinstance(nested, dict)
    with pytest.raises(TemplateError, match="inside one another"):
        render("{{ .Tools }}", tools=(Tool("f", "", nested),))
    with pytest.raises(TemplateError, match="inside one another"):
        render("{{ $m }}", Message("assistant", tool_calls=(ToolCall("f", nested),)))
