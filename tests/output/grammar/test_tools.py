"""Every text that a grammar of calls allows is read back as calls of declared tools with valid arguments."""

from __future__ import annotations

import random

import pytest
from jsonschema import Draft202012Validator
from tests.output.grammar.schemas import SCHEMAS
from tests.support.gbnf import Gbnf

from hearth.errors import BadRequest, SchemaError
from hearth.messages import Called, Json, Tool, ToolCall
from hearth.output import choice
from hearth.output.calltext import CallText
from hearth.output.formats import select, template_reading
from hearth.output.grammar import call_grammar
from hearth.output.grammar.tools import MOST_CALLS
from hearth.output.inferred import inferred_reading

HERMES = "{% if tools %}<tool_call>{% endif %}"
THINKER = HERMES + "<think></think>"
MISTRAL_LIST = "[AVAILABLE_TOOLS][TOOL_CALLS]{{ tools }}"
MISTRAL_EACH = "[AVAILABLE_TOOLS][TOOL_CALLS][ARGS]{{ tools }}"
LLAMA = '<|start_header_id|>{"name": function name, "parameters": dictionary}{{ tools }}'
DEEPSEEK = "<｜tool▁call▁begin｜>{{ tools }}"
DEEPSEEK_FENCED = DEEPSEEK + "```json"
UNKNOWN = "{{ tools }}"
TEMPLATES = [HERMES, THINKER, MISTRAL_LIST, MISTRAL_EACH, LLAMA, DEEPSEEK, DEEPSEEK_FENCED, UNKNOWN]

CITY: dict[str, Json] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city"],
}
TREE: dict[str, Json] = {
    "properties": {"root": {"$ref": "#/$defs/Node"}},
    "required": ["root"],
    "$defs": {
        "Node": {"type": "object", "properties": {"value": {"type": "integer"}}, "required": ["value"]}
    },
}
OTHER_TREE: dict[str, Json] = {
    "properties": {"root": {"$ref": "#/$defs/Node"}},
    "required": ["root"],
    "$defs": {"Node": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}},
}
TOOLS = (
    Tool("get_weather", "", CITY),
    Tool("grow", "", TREE),
    Tool("prune", "", OTHER_TREE),
    Tool("anything"),
    Tool("root", "", {"type": ["object", "null"], "properties": {"call": {"enum": ["</tool_call>", ']"}']}}}),
)
BY_NAME = {tool.name: tool for tool in TOOLS}


def call_text(template: str) -> CallText | None:
    return choice.call_text(template_reading(template), template, TOOLS)


def grammar(template: str, tools: tuple[Tool, ...] = TOOLS, *, parallel: bool = True) -> Gbnf:
    written = call_text(template)
    assert written
    return Gbnf(call_grammar(written, tools, parallel=parallel))


def read(template: str, text: str, tools: tuple[Tool, ...] = TOOLS) -> list[ToolCall]:
    """The calls in a text; anything else in it fails."""
    reader = select(template, tools=tools, think=False, prompt="", bounded=True)
    pieces = reader.feed(text) + reader.finish()
    assert reader.notes == [], text
    calls = [piece.call for piece in pieces if isinstance(piece, Called)]
    assert len(calls) == len(pieces), text
    return calls


def check(call: ToolCall) -> None:
    schema = {**BY_NAME[call.name].parameters, "type": "object"}
    assert list(Draft202012Validator(schema).iter_errors(call.arguments)) == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_grammar_allows_is_read_as_calls_of_the_tools(template: str) -> None:
    allowed = grammar(template)
    seen: set[str] = set()
    most = 0
    for seed in range(120):
        calls = read(template, allowed.sample(random.Random(seed)))
        assert calls
        most = max(most, len(calls))
        for call in calls:
            check(call)
            seen.add(call.name)
    assert seen == set(BY_NAME)
    assert most > 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_without_parallel_calls_there_is_exactly_one(template: str) -> None:
    allowed = grammar(template, parallel=False)
    for seed in range(60):
        assert len(read(template, allowed.sample(random.Random(seed)))) == 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_only_the_tools_that_may_be_called_are_in_the_grammar(template: str) -> None:
    allowed = grammar(template, TOOLS[1:2])
    for seed in range(30):
        calls = read(template, allowed.sample(random.Random(seed)))
        assert {call.name for call in calls} == {"grow"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (HERMES, '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>'),
        (MISTRAL_LIST, '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Rome"}}]'),
        (MISTRAL_EACH, '[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}'),
        (LLAMA, '{"name": "get_weather", "parameters": {"city": "Rome"}}'),
        (UNKNOWN, '{"name": "get_weather", "arguments": {"city": "Rome"}}'),
        (
            DEEPSEEK,
            (
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>"
                '{"city": "Rome"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
            ),
        ),
    ],
)
def test_the_text_is_what_the_family_writes(template: str, text: str) -> None:
    for parallel in (True, False):
        allowed = grammar(template, parallel=parallel)
        assert allowed.matches(text)
        assert not allowed.matches(text.replace("get_weather", "get_whether"))
        assert not allowed.matches(text.replace("Rome", 'Rome", "town": "x'))
        assert not allowed.matches("Hello " + text)
        assert not allowed.matches("")


def test_several_calls_stand_one_after_the_other() -> None:
    one = '<tool_call>\n{"name": "anything", "arguments": {}}\n</tool_call>'
    assert grammar(HERMES).matches(f"{one}\n{one}")
    assert not grammar(HERMES, parallel=False).matches(f"{one}\n{one}")
    assert not grammar(HERMES).matches("\n".join([one] * (MOST_CALLS + 1)))
    bare = '{"name": "anything", "arguments": {}}'
    assert grammar(UNKNOWN).matches(f"[{bare}, {bare}]")
    assert not grammar(UNKNOWN, parallel=False).matches(f"[{bare}, {bare}]")


@pytest.mark.parametrize("template", TEMPLATES)
def test_schemas_of_many_kinds_share_a_grammar(template: str) -> None:
    kinds = {
        name: schema
        for name, schema in SCHEMAS.items()
        if isinstance(schema, dict) and schema.get("type") == "object"
    }
    tools = tuple(Tool(f"tool_{at}", "", schema) for at, schema in enumerate(kinds.values()))
    assert len(tools) > 3
    allowed = grammar(template, tools)
    for seed in range(60):
        for call in read(template, allowed.sample(random.Random(seed)), tools):
            found = Draft202012Validator(tools[int(call.name[5:])].parameters).iter_errors(call.arguments)
            assert [error.message for error in found if error.validator != "uniqueItems"] == []


@pytest.mark.parametrize(
    "template",
    [
        "<tool_call><function=name><parameter=a>{{ tools }}",
        "<|channel|><|message|>{{ tools }}",
        "<|START_ACTION|>{{ tools }}",
    ],
)
def test_formats_that_are_only_read_cannot_be_forced(template: str) -> None:
    assert call_text(template) is None


def test_calls_stand_behind_the_tag_that_was_inferred() -> None:
    template = "{{ .Tools }}<call>{{ .ToolCalls }}"
    reading = inferred_reading(template, None, "<call>[")
    written = choice.call_text(reading, template, TOOLS)
    assert written
    allowed = Gbnf(call_grammar(written, TOOLS, parallel=True))
    for seed in range(60):
        reader = reading.open(tools=TOOLS, think=False, prompt="", bounded=True)
        pieces = reader.feed(allowed.sample(random.Random(seed))) + reader.finish()
        assert pieces
        for piece in pieces:
            assert isinstance(piece, Called)
            check(piece.call)
    assert choice.call_text(inferred_reading(template, None, "{"), template, TOOLS) == call_text(UNKNOWN)


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        (Tool("f", "", {"type": "string"}), 'the tool "f" must have the type "object"'),
        (Tool("f", "", {"type": "object", "not": {}}), 'the parameters of the tool "f": the schema cannot'),
        (Tool("f", "", {"$ref": "#/$defs/None"}), "names nothing"),
    ],
)
def test_parameters_that_cannot_be_held_to_are_refused_with_their_tool(tool: Tool, words: str) -> None:
    with pytest.raises(SchemaError, match=words) as refused:
        grammar(HERMES, (tool,))
    assert refused.value.field == "tools"


def test_too_much_for_one_grammar_is_refused() -> None:
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {f"p{at}": {"type": "string"} for at in range(2000)},
    }
    with pytest.raises(SchemaError, match=r'the parameters of the tool "c": .* more than 5000 schemas'):
        grammar(HERMES, (Tool("a", "", schema), Tool("b", "", schema), Tool("c", "", schema)))


@pytest.mark.parametrize(
    ("template", "name"), [(HERMES, " f"), (MISTRAL_EACH, "f g"), (MISTRAL_EACH, "a[ARGS]")]
)
def test_a_name_that_would_not_be_read_back_is_refused(template: str, name: str) -> None:
    with pytest.raises(BadRequest, match="has a name that this model cannot be held to") as refused:
        grammar(template, (Tool(name),))
    assert refused.value.field == "tools"


def test_names_of_any_characters_are_written_as_json() -> None:
    tool = Tool('say "é" \\ </tool_call>')
    text = grammar(HERMES, (tool,), parallel=False).sample(random.Random(1))
    assert [call.name for call in read(HERMES, text, (tool,))] == [tool.name]


def test_texts_differ_where_the_syntax_does() -> None:
    found = {template: call_text(template) for template in TEMPLATES}
    assert found[HERMES] == found[THINKER]
    assert all(isinstance(text, CallText) for text in found.values())
    assert len(set(found.values())) == len(TEMPLATES) - 1
