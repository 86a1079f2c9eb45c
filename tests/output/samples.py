"""What models of each family write, and what it means: shared by the tests of the formats."""

from __future__ import annotations

from dataclasses import dataclass, field

from hearth.messages import Called, Json, Text, Thinking, Tool
from hearth.output.contract import OutputFormat, Piece

Call = tuple[str, dict[str, Json]]


def tool(name: str, *required: str, **types: Json) -> Tool:
    """A tool whose parameters have these JSON types."""
    properties: dict[str, Json] = {key: {"type": kind} for key, kind in types.items()}
    return Tool(name, "", {"type": "object", "properties": properties, "required": list(required)})


TOOLS = (
    tool("get_weather", "city", city="string", days="integer"),
    tool("add", "a", "b", a="number", b="number"),
    tool("write", "path", "text", path="string", text="string"),
    tool("search", "tags", "where", tags="array", where="object"),
    tool("now"),
)
WEATHER: Call = ("get_weather", {"city": "Ulm", "days": 3})
ADD: Call = ("add", {"a": 1, "b": 2.5})
WRITE: Call = ("write", {"path": "a.py", "text": 'if x < 1:\n    print("it\'s")\n'})
SEARCH: Call = ("search", {"tags": ["a", "b"], "where": {"deep": {"x": True, "y": None}}})
NOW: Call = ("now", {})


@dataclass(frozen=True)
class Sample:
    """An output of a model with this parser, and what it must come to."""

    parser: str
    output: str
    calls: list[Call] = field(default_factory=list)
    text: str = ""
    thinking: str = ""
    prompt: str = ""


@dataclass(frozen=True)
class Read:
    """What a client sees of an answer, without the ids of calls."""

    text: str
    thinking: str
    calls: list[Call]


def read(output: OutputFormat, parts: list[str]) -> Read:
    """Feed the parts and put together what comes out."""
    pieces: list[Piece] = [piece for part in parts for piece in output.feed(part)]
    pieces += output.finish()
    return Read(
        "".join(piece.text for piece in pieces if isinstance(piece, Text)),
        "".join(piece.text for piece in pieces if isinstance(piece, Thinking)),
        [(piece.call.name, dict(piece.call.arguments)) for piece in pieces if isinstance(piece, Called)],
    )


def xml_call(name: str, **values: str) -> str:
    """A call as Qwen3-Coder writes it."""
    parameters = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in values.items())
    return f"<tool_call>\n<function={name}>\n{parameters}</function>\n</tool_call>"


def glm_call(name: str, **values: str) -> str:
    """A call as GLM 4.7 writes it."""
    pairs = "".join(
        f"<arg_key>{key}</arg_key><arg_value>{value}</arg_value>" for key, value in values.items()
    )
    return f"<tool_call>{name}{pairs}</tool_call>"


def _deepseek(name: str, arguments: str) -> str:
    return f"<｜tool▁call▁begin｜>{name}<｜tool▁sep｜>{arguments}<｜tool▁call▁end｜>"


def _cogito(name: str, arguments: str) -> str:
    return f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{name}\n```json\n{arguments}\n```<｜tool▁call▁end｜>"


def _atem(name: str, **values: str) -> str:
    parameters = "".join(
        f'<atem:parameter name="{key}">{value}</atem:parameter>\n' for key, value in values.items()
    )
    return f'<atem:invoke name="{name}">\n{parameters}</atem:invoke>\n'


CODE = 'if x < 1:\n    print("it\'s")\n'
SEARCH_JSON = '{"tags": ["a", "b"], "where": {"deep": {"x": true, "y": null}}}'
ANALYSIS = "<|channel|>analysis<|message|>"
FINAL = "<|channel|>final<|message|>"
ASSISTANT = "<|start|>assistant"

SAMPLES = [
    Sample("passthrough", "<think>a</think> [TOOL_CALLS]", text="<think>a</think> [TOOL_CALLS]"),
    Sample("qwen3", '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>', [NOW]),
    Sample("qwen3", "<think>no", text="<think>no"),
    Sample(
        "qwen3-thinking",
        'Hm.\n</think>\n\nSo:\n<tool_call>{"name": "get_weather", '
        '"arguments": {"city": "Ulm", "days": 3}}</tool_call>',
        [WEATHER],
        "So:",
        "Hm.",
        "<think>\n",
    ),
    Sample("qwen3-vl-instruct", '<tool_call>{"name": "now"}</tool_call>', [NOW]),
    Sample("qwen3-vl-thinking", "<think>Hm</think>Yes", [], "Yes", "Hm"),
    Sample("qwen3-coder", xml_call("get_weather", city="Ulm", days="3"), [WEATHER]),
    Sample(
        "qwen3-coder",
        "Now.\n\n" + xml_call("now") + "\n" + xml_call("add", a="1", b="2.5"),
        [NOW, ADD],
        "Now.",
    ),
    Sample("qwen3-coder", xml_call("write", path="a.py", text=CODE), [WRITE]),
    Sample(
        "qwen3-coder",
        xml_call("search", tags='["a", "b"]', where='{"deep": {"x": true, "y": null}}'),
        [SEARCH],
    ),
    Sample(
        "qwen3-coder",
        xml_call("search", tags="['a', 'b']", where="{'deep': {'x': True, 'y': None}}"),
        [SEARCH],
    ),
    Sample("qwen3-coder", xml_call("other", x="5"), [("other", {"x": "5"})]),
    Sample("qwen3-coder", "<function=now>\n</function>\n</tool_call>\nDone", [NOW], "Done"),
    Sample("qwen3-coder", '<tool_call>{"name": "now", "arguments": {}}</tool_call>', [NOW]),
    Sample(
        "qwen3-coder",
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nUlm\n<parameter=days>\n3\n"
        "</function>\n</tool_call>",
        [WEATHER],
    ),
    Sample("qwen3.5", "Hm\n" + xml_call("now"), [NOW], "", "Hm", "<think>\n"),
    Sample(
        "qwen3.5",
        "I write <function=x> now.\n</think>\n\n" + xml_call("now"),
        [NOW],
        "",
        "I write <function=x> now.",
        "<think>\n",
    ),
    Sample("ornith", xml_call("now"), [NOW], prompt="<think>\n\n</think>\n\n"),
    Sample("nemotron-3-nano", "<think>\nHm\n</think>\n" + xml_call("now"), [NOW], "", "Hm"),
    Sample("nemotron-3.5-nano", "Hm</think>Yes", [], "Yes", "Hm", "<think>\n"),
    Sample(
        "ministral",
        '[THINK]Hm[/THINK]So [TOOL_CALLS]now[ARGS]{}[TOOL_CALLS]add[ARGS]{"a": 1, "b": 2.5}',
        [NOW, ADD],
        "So",
        "Hm",
    ),
    Sample("harmony", f"{ANALYSIS}Hm. {FINAL}Yes", [], "Yes", "Hm.", ASSISTANT),
    Sample(
        "harmony",
        f"{ANALYSIS}Hm<|end|>{ASSISTANT}{FINAL}Yes <b>\n<|return|>",
        [],
        "Yes <b>\n",
        "Hm",
        ASSISTANT,
    ),
    Sample(
        "harmony",
        f"{ANALYSIS}One<|end|>{ASSISTANT}{ANALYSIS}Two<|end|>{ASSISTANT}<|channel|>commentary"
        f"<|message|>Let me see.<|end|>{ASSISTANT}<|channel|>commentary to=functions.get_weather "
        "<|constrain|>json<|message|>"
        '{"city": "Ulm", "days": 3}<|call|>',
        [WEATHER],
        "Let me see.",
        "One\n\nTwo",
        ASSISTANT,
    ),
    Sample("harmony", " to=functions.now<|channel|>commentary json<|message|>{}", [NOW], prompt=ASSISTANT),
    Sample("harmony", "<|channel|>analysis to=functions.now<|message|><|call|>", [NOW], prompt=ASSISTANT),
    Sample("harmony", '{"answer": 1}', [], '{"answer": 1}', "", ASSISTANT),
    Sample("harmony", "and so on<|return|>", [], "and so on", "", f"{ASSISTANT}{FINAL}First "),
    Sample("harmony", f"on<|end|>{ASSISTANT}{FINAL}Yes", [], "Yes", "on", f"{ASSISTANT}{ANALYSIS}And so "),
    Sample("harmony", "analysis<|message|>Hm", [], "", "Hm", f"{ASSISTANT}<|channel|>"),
    Sample("cogito", "Hm</think>\n\nYes", [], "Yes", "Hm", "<think>\n"),
    Sample(
        "cogito",
        "So.<｜tool▁calls▁begin｜>"
        + _cogito("search", SEARCH_JSON)
        + "\n"
        + _cogito("now", "{}")
        + "<｜tool▁calls▁end｜>",
        [SEARCH, NOW],
        "So.",
    ),
    Sample(
        "deepseek3",
        "Hm</think>So.<｜tool▁calls▁begin｜>"
        + _deepseek("search", SEARCH_JSON)
        + _deepseek("now", "{}")
        + "<｜tool▁calls▁end｜>",
        [SEARCH, NOW],
        "So.",
        "Hm",
        "<think>",
    ),
    Sample("deepseek3", "Yes", [], "Yes", prompt="</think>"),
    Sample(
        "olmo3", '<function_calls>\nget_weather(city="Ulm", days=3)\nnow()\n</function_calls>', [WEATHER, NOW]
    ),
    Sample(
        "olmo3",
        "So: <function_calls>write(path='a.py', text='if x < 1:\\n    print(\"it\\'s\")\\n')"
        "</function_calls>",
        [WRITE],
        "So:",
    ),
    Sample(
        "olmo3",
        '<function_calls>search(tags=["a", "b"], where={"deep": {"x": true, "y": null}})</function_calls> ok',
        [SEARCH],
        "ok",
    ),
    Sample("olmo3-think", "Hm\n</think>\nYes", [], "Yes", "Hm", "<think>"),
    Sample(
        "functiongemma",
        "<start_function_call>call:get_weather{city:<escape>Ulm<escape>,days:3}"
        "<end_function_call><start_function_response>",
        [WEATHER],
    ),
    Sample(
        "gemma4",
        "<|channel>thought\nHm\n<channel|>So. <|tool_call>call:get_weather"
        '{city:<|"|>Ulm<|"|>,days:3}<tool_call|>'
        "<|tool_call>call:now{}<tool_call|><|tool_response>",
        [WEATHER, NOW],
        "So.",
        "Hm",
    ),
    Sample(
        "gemma4",
        '<|tool_call>call:search{tags:[<|"|>a<|"|>,<|"|>b<|"|>],where:{deep:{x:true,y:null}}}<tool_call|>',
        [SEARCH],
    ),
    Sample(
        "gemma4", f'<|tool_call>call:write{{path:<|"|>a.py<|"|>,text:<|"|>{CODE}<|"|>}}<tool_call|>', [WRITE]
    ),
    Sample("gemma4", "<|tool_call>call:get_weather{city: 'Ulm', \"days\": 3<tool_call|>", [WEATHER]),
    Sample("gemma4", "<|tool_call>call:get_weather{city:Ulm,days:3}<tool_call|>", [WEATHER]),
    Sample("gemma4", '<|tool_call>call:get_weather{days:3,city:<|"|>Ulm}<tool_call|>', [WEATHER]),
    Sample("gemma4-no-thinking", "<|channel>thought\n<channel|>Yes", [], "Yes"),
    Sample(
        "glm-4.7",
        "Hm\n</think>\nSo." + glm_call("get_weather", city="Ulm", days="3") + glm_call("now"),
        [WEATHER, NOW],
        "So.",
        "Hm",
        "<think>",
    ),
    Sample(
        "glm-4.7",
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Ulm</arg_value>\n"
        "<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
        [WEATHER],
        prompt="</think>",
    ),
    Sample("glm-4.7", glm_call("write", path="a.py", text=CODE), [WRITE]),
    Sample(
        "glm-4.7",
        "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Ulm</arg_value>"
        "<arg_key>days</arg_key><arg_value>3</tool_call>",
        [WEATHER],
    ),
    Sample("glm-ocr", "<think></think>" + glm_call("now"), [NOW]),
    Sample(
        "lfm2",
        "<|tool_call_start|>[get_weather(city='Ulm', days=3), now()]<|tool_call_end|>Wait.",
        [WEATHER, NOW],
        "Wait.",
    ),
    Sample(
        "lfm2",
        "<|tool_call_start|>[write(path='a.py', text='it's, well, <it>')]<|tool_call_end|>",
        [("write", {"path": "a.py", "text": "it's, well, <it>"})],
    ),
    Sample("lfm2", '<|tool_call_start|>[{"name": "now", "arguments": {}}]<|tool_call_end|>', [NOW]),
    Sample("lfm2", " [get_weather(city='Ulm', days=3)]", [WEATHER]),
    Sample("lfm2", "[1](see there) and more", text="[1](see there) and more"),
    Sample("lfm2-thinking", "<think>Hm</think><|tool_call_start|>[now()]<|tool_call_end|>", [NOW], "", "Hm"),
    Sample(
        "laguna",
        "Hm</think>So " + glm_call("add", a="1", b="2.5") + "\n</assistant>",
        [ADD],
        "So",
        "Hm",
        "<think>",
    ),
    Sample("laguna", '<tool_call>{"name": "now", "arguments": {}}</tool_call></assistant>', [NOW]),
    Sample("poolside-v1", glm_call("write", path="a.py", text=CODE), [WRITE]),
    Sample(
        "cohere",
        "<|START_THINKING|>Hm.<|END_THINKING|><|START_ACTION|>[\n"
        '    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Ulm", "days": 3}},\n'
        '    {"tool_call_id": "1", "tool_name": "now", "parameters": {}}\n]<|END_ACTION|>',
        [WEATHER, NOW],
        "",
        "Hm.",
    ),
    Sample("cohere", "<|START_RESPONSE|>Yes.<|END_RESPONSE|>", [], "Yes."),
    Sample("cohere", "<|START_THINKING|>Hm\n<|START_RESPONSE|>Yes.", [], "Yes.", "Hm"),
    Sample("cohere", "<|START_TEXT|>Yes.<|END_TEXT|>", [], "Yes."),
    Sample(
        "glimmer",
        f" to=self<|message|>Hm.\n<|eom|>{ASSISTANT} to=get_weather<|message|><atem:function_calls>\n"
        + _atem("get_weather", city="Ulm", days="3")
        + _atem("now")
        + "</atem:function_calls><|eot|>",
        [WEATHER, NOW],
        "",
        "Hm.",
        ASSISTANT,
    ),
    Sample(
        "glimmer",
        f" to=self<|message|>Hm<|eom|>{ASSISTANT} to=user<|message|>Yes.<|eot|>",
        [],
        "Yes.",
        "Hm",
        ASSISTANT,
    ),
    Sample("glimmer", "<|message|>Yes.<|eot|>", [], "Yes.", "", ASSISTANT),
    Sample(
        "glimmer",
        f" to=write<|message|><atem:function_calls>\n{_atem('write', path='a.py', text=CODE)}",
        [WRITE],
        "",
        "",
        ASSISTANT,
    ),
]
