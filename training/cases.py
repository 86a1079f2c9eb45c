"""The held-out examination: its questions as messages and tools, and what counts as right."""

import json
import re
from dataclasses import dataclass
from typing import Any

from hearth.messages import Message, Tool, ToolCall
from training.corpus import heldout
from training.kinds.help import REFUSAL
from training.kinds.tools import result_answer
from training.knowledge import topics

_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_SIGNATURE = re.compile(r"(\w+)\((.*?)\)\s*(.*)")


@dataclass(frozen=True)
class Case:
    """One question: the conversation so far, the tools on offer, and the right answer (a text, or calls)."""

    kind: str
    messages: tuple[Message, ...]
    expected: str | list[dict[str, Any]]
    tools: tuple[Tool, ...] = ()

    def right(self, output: str) -> bool:
        """Whether what the model wrote is the right answer, its thinking apart."""
        answer = output.rpartition("</think>")[2].strip()
        if isinstance(self.expected, str):
            return " ".join(answer.split()) == " ".join(self.expected.split())
        return _calls(answer) == self.expected


def _calls(answer: str) -> list[dict[str, Any]] | None:
    try:
        found: list[dict[str, Any]] = [json.loads(body) for body in _CALL.findall(answer)]
    except json.JSONDecodeError:
        return None
    return None if _CALL.sub("", answer).strip() else found


def tool(signature: str) -> Tool:
    """`name(parameter: type, ...) What it does` as a tool whose parameters are all required."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        raise ValueError(f"not a signature: {signature}")
    name, inside, description = match.groups()
    pairs = [pair.split(": ") for pair in inside.split(", ")] if inside else []
    properties = {parameter: {"type": kind} for parameter, kind in pairs}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
    return Tool(name, description, schema)


def _conversation(turns: list[str], answers: list[str], system: str = "") -> tuple[Message, ...]:
    messages = [Message("system", system)] if system else []
    for index, turn in enumerate(turns):
        messages.append(Message("user", turn))
        if index < len(turns) - 1:
            messages.append(Message("assistant", answers[index]))
    return tuple(messages)


def cases() -> list[Case]:
    """Every held-out question."""
    answers = {topic.name: topic.answer for topic in topics()}
    kinds = heldout()
    found = [
        Case(_label(kind), (Message("user", text),), answers[name])
        for kind in ("help", "greeting", "help2", "greeting2")
        for name, texts in kinds[kind].items()
        for text in texts
    ]
    found += [
        Case(_label(kind), (Message("user", text),), REFUSAL)
        for kind in ("refusal", "refusal2")
        for text in kinds[kind]["questions"]
    ]
    found += [Case("tools", (Message("user", c["ask"]),), c["calls"], _tools(c)) for c in kinds["tools"]]
    found += [
        Case("tools idle", (Message("user", c["ask"]),), answers[c["topic"]], _tools(c))
        for c in kinds["idle"]
    ]
    found += [_result(c) for c in kinds["result"]]
    return found + [_talk(c, answers) for c in kinds["talk"]]


def _label(kind: str) -> str:
    return f"{kind[:-1]}, second set" if kind.endswith("2") else kind


def _tools(case: dict[str, Any]) -> tuple[Tool, ...]:
    return tuple(tool(signature) for signature in case["functions"])


def _result(case: dict[str, Any]) -> Case:
    call = ToolCall(case["call"]["name"], case["call"]["arguments"])
    messages = [*_conversation(case["turns"], []), Message("assistant", tool_calls=(call,))]
    messages += [Message("tool", text, tool_name=call.name) for text in case["results"]]
    return Case("tool results", tuple(messages), result_answer(case["results"]), _tools(case))


def _talk(case: dict[str, Any], answers: dict[str, str]) -> Case:
    replies = ["I will remember that.", answers["list"]]
    if "my name is" in case["turns"][0].lower():
        name = case["turns"][0].rstrip(".").split()[-1]
        replies[0] = f"Hello {name}! What would you like to know about Hearth?"
    return Case("conversation", _conversation(case["turns"], replies, case.get("system", "")), case["answer"])
