"""What fields hold that are written in more than one form, or that take less than their type allows.

The structs that decode requests have such fields as `Any` or as a bare text or number, since what is wrong
with them is told in words by the code that reads them. The OpenAPI document says here what that code takes.
A key is `Struct.field` under its dialect's prefix, or the field alone for every struct that has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from hearth.options import OPTIONS, Option

Json: TypeAlias = dict[str, Any]

REF: Final = "#/components/schemas/"
"""What references to schemas begin with."""

_TEXT: Final[Json] = {"type": "string"}
_TEXTS: Final[Json] = {"type": "array", "items": _TEXT}
_OBJECT: Final[Json] = {"type": "object"}
_NOT_SUPPORTED: Final[Json] = {"type": "string", "maxLength": 0, "description": "not supported"}
_DIGEST: Final[Json] = {"type": "string", "pattern": "^sha256[:-][0-9a-fA-F]{64}$"}
_FILES: Final[Json] = {"type": "object", "additionalProperties": _DIGEST}
_ROLE: Final[Json] = {"enum": ["system", "developer", "user", "assistant"]}
_TEXT_PART: Final[Json] = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": _TEXT},
    "required": ["type", "text"],
}
_PART: Final[Json] = {"type": "object", "properties": {"type": _TEXT}, "required": ["type"]}
_PARTS: Final[Json] = {
    "anyOf": [_TEXT, {"type": "array", "items": {"anyOf": [_TEXT_PART, _PART]}, "minItems": 1}]
}
_TEXT_OR_TEXTS: Final[Json] = {"anyOf": [_TEXT, _TEXTS]}
_TOKENS: Final[Json] = {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}}
_INPUTS: Final[Json] = {"anyOf": [_TEXT, _TEXTS, _TOKENS, {"type": "array", "items": _TOKENS}]}
_ITEM: Final[Json] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"type": {"const": "message"}, "role": _ROLE, "content": _TEXT},
            "required": ["role", "content"],
        },
        _PART,
    ]
}
_UP_TO_20: Final[Json] = {"type": "integer", "minimum": 0, "maximum": 20}

_TYPES: Final = {
    "integer": {"type": "integer"},
    "float32": {"type": "number"},
    "boolean": {"type": "boolean"},
    "array": _TEXT_OR_TEXTS,
}


def _option(option: Option) -> Json:
    bounds = {"minimum": option.minimum, "maximum": option.maximum, "default": option.default}
    told = {name: value for name, value in bounds.items() if value is not None}
    return {**_TYPES[option.kind], "description": option.doc, **told}


SHARED: Final[Mapping[str, Json]] = {
    "Options": {
        "type": "object",
        "properties": {name: _option(option) for name, option in OPTIONS.items()},
        "description": "Generation and load options; what is not named here is ignored.",
    }
}
"""Schemas that all dialects refer to."""

EVERYWHERE: Final[Mapping[str, Json]] = {
    "keep_alive": {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "pattern": r"^-?([0-9]{1,6}(\.[0-9]{1,6})?(ns|us|ms|s|m|h)){1,3}$"},
        ],
        "description": 'how long the model stays in memory: seconds, or a duration such as "5m"; '
        "0 unloads it, a negative number keeps it for ever",
    },
    "options": {"$ref": REF + "Options"},
}
"""By field, for every struct of every dialect."""

FORMS: Final[Mapping[str, Json]] = {
    "ollama.GenerateBody.think": {"enum": [True, False, "low", "medium", "high", "max"]},
    "ollama.ChatBody.think": {"enum": [True, False, "low", "medium", "high", "max"]},
    "ollama.GenerateBody.format": {"anyOf": [{"const": "json"}, _OBJECT]},
    "ollama.ChatBody.format": {"anyOf": [{"const": "json"}, _OBJECT]},
    "ollama.GenerateBody.top_logprobs": _UP_TO_20,
    "ollama.ChatBody.top_logprobs": _UP_TO_20,
    "ollama.GenerateBody.context": _TOKENS,
    "ollama.EmbedBody.input": _TEXT_OR_TEXTS,
    "ollama.EmbedBody.dimensions": {"type": "integer", "minimum": 0},
    "ollama.CreateBody.license": _TEXT_OR_TEXTS,
    "ollama.CreateBody.files": _FILES,
    "ollama.CreateBody.adapters": _FILES,
    "ollama.CreateBody.draft_files": _FILES,
    "ollama.CreateBody.draft_quantize": _NOT_SUPPORTED,
    "ollama.CreateBody.remote_host": _NOT_SUPPORTED,
    "hearth.RerankBody.top_n": {"type": "integer", "minimum": 1},
    "hearth.DetokenizeBody.tokens": _TOKENS,
    "openai.Turn.role": {"enum": ["system", "developer", "user", "assistant", "tool"]},
    "openai.Turn.content": _PARTS,
    "openai.ChatBody.stop": _TEXT_OR_TEXTS,
    "openai.ChatBody.tool_choice": {"anyOf": [{"enum": ["none", "auto", "required"]}, _OBJECT]},
    "openai.CompletionBody.stop": _TEXT_OR_TEXTS,
    "openai.CompletionBody.prompt": _INPUTS,
    "openai.EmbeddingsBody.input": _INPUTS,
    "openai.EmbeddingsBody.encoding_format": {"enum": ["float", "base64"]},
    "responses.ResponsesBody.input": {"anyOf": [_TEXT, {"type": "array", "items": _ITEM, "minItems": 1}]},
    "responses.ResponsesBody.tool_choice": {"anyOf": [{"enum": ["none", "auto", "required"]}, _OBJECT]},
    "anthropic.Turn.role": {"enum": ["user", "assistant"]},
    "anthropic.Turn.content": _PARTS,
    "anthropic.CountBody.system": _PARTS,
    "anthropic.MessagesBody.system": _PARTS,
    "anthropic.MessagesBody.max_tokens": {"type": "integer", "minimum": 1},
    "rerank.RerankBody.documents": {
        "type": "array",
        "items": {"anyOf": [_TEXT, {"type": "object", "properties": {"text": _TEXT}, "required": ["text"]}]},
        "minItems": 1,
    },
    "rerank.RerankBody.top_n": {"type": "integer", "minimum": 1},
    "rerank.RerankBody.max_tokens_per_doc": {"type": "integer", "minimum": 1},
}
"""By prefix, struct and field."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "ollama.GenerateBody": ("model",),
    "ollama.ChatBody": ("model",),
    "ollama.EmbedBody": ("model",),
    "ollama.EmbeddingsBody": ("model",),
    "ollama.NamedBody": ("model",),
    "ollama.ShowBody": ("model",),
    "ollama.CreateBody": ("model",),
    "ollama.CopyBody": ("source", "destination"),
    "ollama.Turn": ("role",),
    "ollama.Call": ("function",),
    "ollama.FunctionCall": ("name",),
    "ollama.ToolDefinition": ("function",),
    "ollama.Function": ("name",),
    "hearth.TokenizeBody": ("model", "text"),
    "hearth.DetokenizeBody": ("model", "tokens"),
    "hearth.RerankBody": ("model", "query", "documents"),
    "openai.ChatBody": ("model", "messages"),
    "openai.CompletionBody": ("model", "prompt"),
    "openai.EmbeddingsBody": ("model", "input"),
    "openai.Turn": ("role", "content"),
    "openai.Call": ("function",),
    "openai.FunctionCall": ("name",),
    "openai.ToolDefinition": ("function",),
    "openai.Function": ("name",),
    "responses.ResponsesBody": ("model", "input"),
    "anthropic.CountBody": ("model", "messages"),
    "anthropic.MessagesBody": ("model", "messages", "max_tokens"),
    "anthropic.Turn": ("role", "content"),
    "anthropic.ToolDefinition": ("name",),
    "rerank.RerankBody": ("model", "query", "documents"),
}
"""Fields that have to be there, by prefix and struct: every field of a request has a default in the code."""

PARAMETERS: Final[Mapping[str, Json]] = {
    "digest": _DIGEST,
    "order": {"enum": ["asc", "desc"], "default": "desc"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
}
"""By the name of a part of a path or of its query."""
