"""Which formats of tool calls a model can be held to, and what it then writes.

The texts follow what the families' own templates show their models. To make a format enforceable, add its
text beside its class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from hearth.messages import Tool
from hearth.output.calls import CallFormat
from hearth.output.calltext import CallText
from hearth.output.deepseek import DeepSeekFormat
from hearth.output.generic import GenericFormat, TaggedFormat
from hearth.output.hermes import HermesFormat
from hearth.output.llama3 import Llama3Format
from hearth.output.mistral import MistralFormat
from hearth.output.reading import Reading

_BARE: Final = CallText(
    before='{"name": ',
    between=', "arguments": ',
    after="}",
    separator=", ",
    opening="[",
    closing="]",
    bare_alone=True,
)
_TEXTS: Final[Mapping[type[CallFormat], CallText]] = {
    GenericFormat: _BARE,
    HermesFormat: CallText(
        before='<tool_call>\n{"name": ',
        between=', "arguments": ',
        after="}\n</tool_call>",
        separator="\n",
    ),
    MistralFormat: replace(_BARE, opening="[TOOL_CALLS][", bare_alone=False),
    Llama3Format: CallText(before='{"name": ', between=', "parameters": ', after="}", separator="; "),
    DeepSeekFormat: CallText(
        before="<｜tool▁call▁begin｜>",
        between="<｜tool▁sep｜>",
        after="<｜tool▁call▁end｜>",
        opening="<｜tool▁calls▁begin｜>",
        closing="<｜tool▁calls▁end｜>",
        quoted=False,
    ),
}
_VARIANTS: Final = {
    (MistralFormat, "[ARGS]"): CallText(before="[TOOL_CALLS]", between="[ARGS]", after="", quoted=False),
    (DeepSeekFormat, "```json"): replace(
        _TEXTS[DeepSeekFormat],
        before="<｜tool▁call▁begin｜>function<｜tool▁sep｜>",
        between="\n```json\n",
        after="\n```<｜tool▁call▁end｜>",
        separator="\n",
    ),
}
"""By the format and what the templates of another generation have in them."""


def call_text(reading: Reading, template: str, tools: Sequence[Tool]) -> CallText | None:
    """How a model whose output is read in this way writes calls; None where it cannot be held to it.

    `template` is the text of its prompt template, `tools` those of the request.
    """
    if reading.framed or not reading.calls:
        return None
    form = reading.calls(tools)
    if isinstance(form, TaggedFormat):
        return replace(_BARE, opening=f"{form.tags[0]}[", bare_alone=False)
    other = (text for (kind, sign), text in _VARIANTS.items() if type(form) is kind and sign in template)
    return next(other, _TEXTS.get(type(form)))
