"""gpt-oss's answers: `<|start|>assistant<|channel|>CHANNEL<|message|>...<|end|>`.

What stands in the channel `analysis` is thinking, in the others the answer. A message to a recipient is a
call in whatever channel: `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{...}<|call|>`.
"""

from __future__ import annotations

import re
from typing import Final

from hearth.messages import ToolCall
from hearth.output.calls import Malformed, make_call, read_arguments, read_value
from hearth.output.frames import FramedFormat, Kind, recipient
from hearth.output.thinking import ThinkingTags
from hearth.output.typed import missing_parameters

_CHANNEL: Final = "<|channel|>"
_ANALYSIS: Final = re.compile(r"<\|channel\|>\s*analysis\b")
_NAMESPACE: Final = "functions."

THINKING: Final = ThinkingTags(
    "<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"
)
"""What surrounds the thinking where an answer of a requested shape follows it."""


class HarmonyFormat(FramedFormat):
    """Any recipient is taken for a tool; that of declared functions has a prefix."""

    ends = ("<|end|>", "<|call|>", "<|return|>")
    inner = (_CHANNEL, "<|constrain|>")

    def kind(self, header: str) -> Kind:
        if recipient(header):
            return "call"
        return "thinking" if _ANALYSIS.search(header) else "text"

    def calls(self, header: str, body: str) -> list[ToolCall]:
        name = recipient(header)
        if name not in self.declared:
            name = name.removeprefix(_NAMESPACE)
        arguments = read_arguments(read_value(body)) if body.strip() else {}
        tool = self.declared.get(name)
        if not arguments and tool and missing_parameters(tool, arguments):
            raise Malformed("it is cut off")
        return [make_call(name, arguments)]
