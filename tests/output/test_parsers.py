"""Every format that Ollama knows by name: whole outputs, outputs cut off anywhere, in pieces and garbled."""

from __future__ import annotations

import re

import pytest
from tests.output.samples import SAMPLES, TOOLS, Call, Sample, glm_call, read, xml_call

from hearth.messages import Called, Text, Thinking
from hearth.output.contract import OutputFormat
from hearth.output.parsers import PARSERS, named, parser_capabilities

CONTROL = re.compile(
    r"<\|[^\s<>]*\|>|<[^\s<>]*\|>|<\|[^\s<>]*>|<｜[^<>]*｜>|</?think>|\[/?THINK\]|</assistant>"
)

BADLY_WRITTEN = [
    ("qwen3-coder", "<tool_call>nothing</tool_call>"),
    ("qwen3-coder", "<tool_call><function=></function></tool_call>"),
    ("qwen3-coder", "<tool_call><function=now"),
    ("qwen3-coder", "<tool_call><function=get_weather><parameter=city>\nUl"),
    ("qwen3-coder", "<tool_call><function=get_weather><parameter=city>\nUlm\n</parameter>\n"),
    ("qwen3-coder", "<tool_call><function=get_weather><parameter>Ulm</parameter\n</function></tool_call>"),
    ("qwen3-coder", "Use <function=NAME></function> here"),
    ("qwen3-coder", "<tool_call><function=now><parameter=a>\n\ud800\n</parameter></function></tool_call>"),
    ("glm-4.7", "<tool_call>two words</tool_call>"),
    ("glm-4.7", "<tool_call>unknown</tool_call>"),
    ("glm-4.7", "<tool_call></tool_call>"),
    ("glm-4.7", "<tool_call>now<arg_key>a</tool_call>"),
    ("glm-4.7", "<tool_call>get_weather<arg_key>days</arg_key><arg_value>3</arg_value>"),
    ("glm-4.7", "<tool_call>other<arg_key>days</arg_key><arg_value>3</arg_value>"),
    ("glm-4.7", "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Ul"),
    ("deepseek3", "<｜tool▁call▁begin｜>now<｜tool▁call▁end｜>"),
    ("deepseek3", "<｜tool▁call▁begin｜>now<｜tool▁sep｜>{<｜tool▁call▁end｜>"),
    ("cogito", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{} {}\n```<｜tool▁call▁end｜>"),
    ("olmo3", "<function_calls>now</function_calls>"),
    ("olmo3", "<function_calls></function_calls>"),
    ("olmo3", "<function_calls>now(1)</function_calls>"),
    ("olmo3", "<function_calls>now(a=open('x'))</function_calls>"),
    ("olmo3", "<function_calls>now(a=1 b=2)</function_calls>"),
    ("olmo3", "<function_calls>now(a=" + "[" * 500 + "</function_calls>"),
    ("olmo3", "<function_calls>now(a=" + "9" * 5000 + ")</function_calls>"),
    ("olmo3", '<function_calls>now(a="\\ud800")</function_calls>'),
    ("olmo3", '<function_calls>now(a="x'),
    ("functiongemma", "<start_function_call>call:<end_function_call>"),
    ("gemma4", "<|tool_call>call:now<tool_call|>"),
    ("gemma4", '<|tool_call>call:get_weather{city:<|"|>Ulm<|"|>'),
    ("gemma4", "<|tool_call>call:now{}}} and<tool_call|>"),
    ("lfm2", "<|tool_call_start|>nothing<|tool_call_end|>"),
    ("lfm2", '<|tool_call_start|>[{"name": 1}]<|tool_call_end|>'),
    ("cohere", "<|START_ACTION|>[]<|END_ACTION|>"),
    ("cohere", '<|START_ACTION|>[{"parameters": {}}]<|END_ACTION|>'),
    ("cohere", '<|START_ACTION|>[3]<|END_ACTION|>'),
    ("harmony", "<|channel|>commentary to=functions.now<|message|>{not json}<|call|>"),
    ("harmony", "<|channel|>commentary to=functions.<|message|>{}<|call|>"),
    ("harmony", "<|channel|>analysis<|end|>"),
    ("harmony", "<|channel|>" + "x" * 999 + "<|message|>"),
    ("glimmer", " to=now<|message|>nothing<|eot|>"),
    ("glimmer", ' to=now<|message|><atem:invoke name="now"><|eot|>'),
]  # fmt: skip


def opened(parser: str, prompt: str = "", *, think: bool = True) -> OutputFormat:
    output = named(parser, tools=TOOLS, think=think, prompt=prompt)
    assert output
    return output


def label(sample: Sample) -> str:
    return f"{sample.parser}-{sample.output[:30]!r}"


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_what_a_family_writes_is_understood(sample: Sample) -> None:
    output = opened(sample.parser, sample.prompt)
    found = read(output, [sample.output])
    assert (found.text, found.thinking, found.calls) == (sample.text, sample.thinking, sample.calls)
    assert output.notes == []


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_it_does_not_matter_how_the_text_arrives(sample: Sample) -> None:
    whole = read(opened(sample.parser, sample.prompt), [sample.output])
    assert read(opened(sample.parser, sample.prompt), list(sample.output)) == whole
    for at in range(len(sample.output)):
        parts = [sample.output[:at], sample.output[at:]]
        assert read(opened(sample.parser, sample.prompt), parts) == whole


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_an_output_that_is_cut_off_never_makes_a_call_that_was_not_meant(sample: Sample) -> None:
    required = {tool.name: tool.parameters["required"] for tool in TOOLS}
    for at in range(len(sample.output)):
        found = read(opened(sample.parser, sample.prompt), [sample.output[:at]])
        for call, meant in zip(found.calls, sample.calls, strict=False):
            name, arguments = call
            assert name == meant[0]
            assert arguments.items() <= meant[1].items()
            names = required.get(name, [])
            assert isinstance(names, list)
            assert arguments == meant[1] or set(names) <= set(arguments)
        assert len(found.calls) <= len(sample.calls)


@pytest.mark.parametrize(("parser", "text"), BADLY_WRITTEN)
def test_what_cannot_be_read_comes_back_as_text_with_a_note(parser: str, text: str) -> None:
    output = opened(parser)
    found = read(output, [text])
    assert found.calls == []
    assert without_control(found.text) == without_control(text)
    assert output.notes
    assert all("left in the text" in note and len(note) < 400 for note in output.notes)


def without_control(text: str) -> str:
    """The text without the tags that are never part of an answer."""
    return re.sub(r"\s", "", CONTROL.sub("", text))


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_plain_text_stays_as_it_is(parser: str) -> None:
    for text in ("", "Yes.\n", "  a < b > c [x] {y} to=z\n\n", "[1, 2]"):
        output = opened(parser)
        assert read(output, [text]).text == text
        assert output.notes == []


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_without_tools_nothing_is_a_call(sample: Sample) -> None:
    output = named(sample.parser, tools=(), think=True, prompt=sample.prompt)
    assert output
    assert read(output, [sample.output]).calls == []


def test_thinking_in_tags_of_its_own_is_split_off_unasked() -> None:
    for parser, text in (
        (
            "harmony",
            "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>Yes",
        ),
        ("gemma4", "<|channel>thought\nHm<channel|>Yes"),
        ("cohere", "<|START_THINKING|>Hm<|END_THINKING|><|START_RESPONSE|>Yes"),
        ("ministral", "[THINK]Hm[/THINK]Yes"),
    ):
        found = read(opened(parser, think=False), [text])
        assert (found.text, found.thinking) == ("Yes", "Hm")


def test_an_answer_that_ends_in_a_header_shows_nothing_of_it() -> None:
    output = opened("harmony", "<|start|>assistant")
    found = read(output, ["<|channel|>anal"])
    assert found.text == ""
    assert output.notes == ["the output ended in the header of a message: <|channel|>anal"]


def test_messages_are_given_while_they_arrive() -> None:
    output = opened("harmony", "<|start|>assistant")
    assert output.feed("<|channel|>analysis<|message|>One") == [Thinking("One")]
    assert output.feed(" two ") == [Thinking(" two")]
    assert output.feed("<|end|><|start|>assistant<|channel|>fi") == []
    assert output.feed("nal<|message|>Yes") == [Text("Yes")]
    assert output.feed(", sir") == [Text(", sir")]
    assert output.finish() == []


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("qwen3-coder", xml_call("now")),
        ("glm-4.7", glm_call("now")),
        ("ministral", "[TOOL_CALLS]now[ARGS]{}"),
        ("harmony", "<|channel|>commentary to=functions.now<|message|>{}<|call|>"),
        ("deepseek3", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜>"),
        ("olmo3", "<function_calls>now()</function_calls>"),
        ("functiongemma", "<start_function_call>call:now{}<end_function_call>"),
        ("gemma4", "<|tool_call>call:now{}<tool_call|>"),
        ("lfm2", "<|tool_call_start|>[now()]<|tool_call_end|>"),
        ("cohere", '<|START_ACTION|>[{"tool_name": "now", "parameters": {}}]<|END_ACTION|>'),
        ("glimmer", ' to=now<|message|><atem:invoke name="now"></atem:invoke><|eot|>'),
    ],
)
def test_a_call_is_given_with_its_last_character(parser: str, text: str) -> None:
    output = opened(parser)
    assert output.feed(text[:-1]) == []
    [piece] = output.feed(text[-1])
    assert isinstance(piece, Called)


def test_cohere_keeps_the_ids_of_calls() -> None:
    text = '<|START_ACTION|>[{"tool_call_id": "7", "tool_name": "now"}, {"tool_name": "now"}]<|END_ACTION|>'
    pieces = opened("cohere").feed(text)
    ids = [piece.call.id for piece in pieces if isinstance(piece, Called)]
    assert ids[0] == "7"
    assert re.fullmatch("call_[a-z0-9]{8}", ids[1])


@pytest.mark.parametrize(
    ("parser", "text", "call"),
    [
        (
            "qwen3-coder",
            xml_call("write", path="</tool_call>", text="<tool_call></function>"),
            ("write", {"path": "</tool_call>", "text": "<tool_call></function>"}),
        ),
        (
            "glm-4.7",
            glm_call("write", path="</tool_call>", text="\nx <tool_call>\n"),
            ("write", {"path": "</tool_call>", "text": "x <tool_call>"}),
        ),
    ],
)
def test_tags_inside_values_are_text(parser: str, text: str, call: Call) -> None:
    for parts in ([text], list(text)):
        assert read(opened(parser), parts).calls == [call]


def test_an_unknown_name_says_nothing() -> None:
    assert named("qwen9", tools=TOOLS, think=True, prompt="") is None
    assert parser_capabilities("qwen9") == frozenset()


@pytest.mark.parametrize(
    ("parser", "capabilities"),
    [
        ("passthrough", set()),
        ("qwen3-coder", {"tools"}),
        ("olmo3-think", {"thinking"}),
        ("harmony", {"tools", "thinking"}),
        ("gemma4", {"tools", "thinking"}),
        ("gemma4-no-thinking", {"tools"}),
    ],
)
def test_a_name_says_what_a_model_can_do(parser: str, capabilities: set[str]) -> None:
    assert parser_capabilities(parser) == capabilities


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_tags_are_asked_for_as_text(parser: str) -> None:
    tokens = opened(parser).preserved_tokens
    for sample in SAMPLES:
        if sample.parser == parser:
            special = set(re.findall(r"<\|[a-zA-Z_]+\|?>|<[a-z_]+\|>|<｜[^｜]+｜>", sample.output))
            assert special <= set(tokens)
