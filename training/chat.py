"""Conversations as the model reads and writes them: the Python twin of template.jinja, with loss weights.

A training document is a list of pieces; a piece's weights scale the loss on its tokens. The first tokens of
an answer decide which answer it is and the rest follows from them, so they weigh more. Pieces begin at a
special token or after a line break, so that they may be tokenised one by one.
"""

import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias

IM_START, IM_END, END_OF_TEXT = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
NO_THOUGHT = "<think>\n\n</think>\n\n"
TOOLS_HEAD = "You may call these functions:\n<tools>"
TOOLS_TAIL = (
    '\n</tools>\nA call is written as\n<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call>'
)

LEAD = 6
COPYING = ("echo", "memory", "result", "persona")


@dataclass(frozen=True)
class Piece:
    """Text with its loss weight: `lead` for the first LEAD tokens, `weight` for the others."""

    text: str
    weight: float
    lead: float


Pieces: TypeAlias = list[Piece]


@dataclass(frozen=True)
class Call:
    """A tool call: the function's name and its arguments in order."""

    name: str
    arguments: dict[str, Any]

    def text(self) -> str:
        """The call as the model writes it, between its tags."""
        body = f'{{"name": "{self.name}", "arguments": {json.dumps(self.arguments, ensure_ascii=False)}}}'
        return f"<tool_call>\n{body}\n</tool_call>"


@dataclass
class Sample:
    """One conversation and the answer to learn.

    `turns` are (role, text) pairs without the answer; `tools` are definitions as in the API; `thought` is
    the one sentence of deliberation; `free` is the number of characters at the start of the answer that a
    grammar or the caller supplies, on which no loss is taken; `calls` are those in the answer.
    """

    kind: str
    turns: list[tuple[str, str]]
    answer: str
    thought: str
    tools: list[dict[str, Any]] = field(default_factory=list)
    system: str = ""
    free: int = 0
    calls: list[Call] = field(default_factory=list)


def tool_results(results: list[str]) -> str:
    """The user turn that carries tool results back to the model."""
    return "\n".join(f"<tool_response>\n{result}\n</tool_response>" for result in results)


def system_turn(system: str, tools: list[dict[str, Any]]) -> str:
    """The text of the system turn, empty when there is neither a system message nor a tool."""
    if not tools:
        return system
    lines = "".join("\n" + json.dumps(tool, ensure_ascii=False) for tool in tools)
    return (f"{system}\n\n" if system else "") + TOOLS_HEAD + lines + TOOLS_TAIL


def prompt(sample: Sample, thinking: bool) -> str:
    """What the engine's template renders for `sample`, up to where the model takes over."""
    parts = []
    if head := system_turn(sample.system, sample.tools):
        parts.append(f"{IM_START}system\n{head}{IM_END}\n")
    parts += [f"{IM_START}{role}\n{text}{IM_END}\n" for role, text in sample.turns]
    return "".join(parts) + f"{IM_START}assistant\n" + ("" if thinking else NO_THOUGHT)


def pieces(sample: Sample, thinking: bool, prompt_weight: float) -> Pieces:
    """The whole document for training: the prompt at a small weight, the answer at full weight."""
    thinking = thinking and not sample.free
    parts = [Piece(prompt(sample, thinking), prompt_weight, prompt_weight)]
    if thinking:
        parts.append(Piece(f"<think>\n{sample.thought}\n</think>\n\n", 3.0, 3.0))
    if sample.free:
        parts.append(Piece(sample.answer[: sample.free], 0.0, 0.0))
    weight = 3.0 if sample.calls or sample.kind in COPYING else 1.0
    parts.append(Piece(sample.answer[sample.free :] + IM_END, weight, weight + (1.0 if thinking else 4.0)))
    return parts
