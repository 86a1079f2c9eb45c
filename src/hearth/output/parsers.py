"""Ollama's names for the ways to read a model's output, as a model's config states them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hearth.messages import Tool
from hearth.output import glimmer, harmony
from hearth.output.cohere import CohereFormat
from hearth.output.contract import OutputFormat
from hearth.output.deepseek import DeepSeekFormat
from hearth.output.gemma import FunctionGemmaFormat, Gemma4Format
from hearth.output.glm import GlmFormat, LagunaFormat
from hearth.output.hermes import HermesFormat
from hearth.output.lfm import LfmFormat
from hearth.output.mistral import MistralFormat
from hearth.output.olmo import OlmoFormat
from hearth.output.qwen_xml import QwenXmlFormat
from hearth.output.reading import Reading
from hearth.output.thinking import BRACKETS, CHANNEL, COMMAND, THINK


@dataclass(frozen=True, slots=True)
class Parser:
    """What a name stands for, and the capabilities that it gives a model."""

    reading: Reading
    capabilities: frozenset[str] = frozenset()


_TOOLS: Final = frozenset({"tools"})
_THINKING: Final = frozenset({"thinking"})
_BOTH: Final = _TOOLS | _THINKING

_HERMES: Final = Parser(Reading(HermesFormat), _TOOLS)
_HERMES_THINKING: Final = Parser(Reading(HermesFormat, THINK), _BOTH)
_XML_THINKING: Final = Parser(Reading(QwenXmlFormat, THINK), _BOTH)
_DEEPSEEK: Final = Parser(Reading(DeepSeekFormat, THINK), _BOTH)
_LAGUNA: Final = Parser(Reading(LagunaFormat, THINK), _BOTH)

PARSERS: Final[Mapping[str, Parser]] = {
    "passthrough": Parser(Reading()),
    "qwen3": _HERMES,
    "qwen3-thinking": _HERMES_THINKING,
    "qwen3-vl-instruct": _HERMES,
    "qwen3-vl-thinking": _HERMES_THINKING,
    "qwen3-coder": Parser(Reading(QwenXmlFormat), _TOOLS),
    "qwen3.5": _XML_THINKING,
    "ornith": _XML_THINKING,
    "nemotron-3-nano": _XML_THINKING,
    "nemotron-3.5-nano": _XML_THINKING,
    "ministral": Parser(Reading(MistralFormat, BRACKETS), _TOOLS),
    "harmony": Parser(Reading(thinking=harmony.THINKING, framed=harmony.HarmonyFormat), _BOTH),
    "glimmer": Parser(Reading(thinking=glimmer.THINKING, framed=glimmer.GlimmerFormat), _BOTH),
    "cogito": _DEEPSEEK,
    "deepseek3": _DEEPSEEK,
    "olmo3": Parser(Reading(OlmoFormat), _TOOLS),
    "olmo3-think": Parser(Reading(thinking=THINK), _THINKING),
    "functiongemma": Parser(Reading(FunctionGemmaFormat), _TOOLS),
    "gemma4": Parser(Reading(Gemma4Format, CHANNEL), _BOTH),
    "gemma4-no-thinking": Parser(Reading(Gemma4Format, CHANNEL), _TOOLS),
    "glm-4.7": Parser(Reading(GlmFormat, THINK), _BOTH),
    "glm-ocr": Parser(Reading(GlmFormat, replace(THINK, always=True)), _TOOLS),
    "lfm2": Parser(Reading(LfmFormat), _TOOLS),
    "lfm2-thinking": Parser(Reading(LfmFormat, THINK), _BOTH),
    "laguna": _LAGUNA,
    "poolside-v1": _LAGUNA,
    "cohere": Parser(Reading(CohereFormat, COMMAND), _BOTH),
}
"""By the names in use; the config of a model may have any other, which then says nothing."""


def parser_reading(parser: str) -> Reading | None:
    """How output is read by a parser's name; None for one that is not known."""
    known = PARSERS.get(parser)
    return known.reading if known else None


def named(
    parser: str, *, tools: Sequence[Tool], think: bool, prompt: str, bounded: bool = False
) -> OutputFormat | None:
    """A fresh reader for one answer by a parser's name; None for one that is not known.

    The other arguments are those of `formats.select`.
    """
    reading = parser_reading(parser)
    return reading.open(tools=tools, think=think, prompt=prompt, bounded=bounded) if reading else None


def parser_capabilities(parser: str) -> frozenset[str]:
    """What a parser's name says of a model: a subset of {"tools", "thinking"}."""
    known = PARSERS.get(parser)
    return known.capabilities if known else frozenset()
