"""What every route takes and gives: the one table behind the OpenAPI document and the table of routes.

A route that is not in the table is still documented, by its path and its handler's docstring alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from hearth.server.anthropic import replies as anthropic_replies
from hearth.server.anthropic import wire as anthropic
from hearth.server.ollama import chat, create, embed, encode, generate, misc, models, show, tokens, wire
from hearth.server.ollama import rerank as ollama_rerank
from hearth.server.ollama.dialect import NDJSON
from hearth.server.openai import chat as openai_chat
from hearth.server.openai import completions as openai_completions
from hearth.server.openai import embeddings as openai_embeddings
from hearth.server.openai import models as openai_models
from hearth.server.openai import replies as openai_replies
from hearth.server.openai import wire as openai
from hearth.server.rerank import RerankBody, RerankReply
from hearth.server.responses import replies as responses_replies
from hearth.server.responses import wire as responses

SSE: Final = "text/event-stream"
BYTES: Final = "application/octet-stream"
TEXT: Final = "text/plain"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path takes and gives."""

    body: type[Struct] | None = None
    reply: tuple[type[Struct], ...] = ()
    """The JSON object of the reply has the fields of all of these."""
    stream: str = ""
    """Content type of the reply where the client asked for a stream."""
    takes: str = ""
    """Content type of a body that is not JSON."""
    gives: str = ""
    """Content type of a reply that has no struct; empty: there is no body."""
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: "done"})
    """Statuses of success, each with its meaning."""
    query: tuple[str, ...] = ()
    """Parameters in the query, all of them optional."""
    errors: tuple[int, ...] = ()
    """Statuses of errors beside those that every route may have."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The routes of one protocol, and the form of its errors."""

    name: str
    about: str
    prefix: str
    """What the names of its schemas begin with."""
    error: type[Struct] | None
    operations: Mapping[tuple[str, str], Operation]


class ErrorReply(Struct):
    """An error in Ollama's form."""

    error: str


class ErrorDetail(Struct):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorObject(Struct):
    """An error in OpenAI's form."""

    error: ErrorDetail


class ChatCompletion(openai_replies.Reply, kw_only=True):
    choices: Sequence[openai_chat.ChatChoice]


class TextCompletion(openai_replies.Reply, kw_only=True):
    choices: Sequence[openai_completions.TextChoice]


_RERANK: Final = Operation(RerankBody, (RerankReply,))

_OLLAMA: Final[dict[tuple[str, str], Operation]] = {
    ("GET", "/"): Operation(gives=TEXT),
    ("GET", "/api/version"): Operation(reply=(misc.VersionReply,)),
    ("GET", "/api/status"): Operation(reply=(misc.CloudReply,)),
    ("POST", "/api/pull"): Operation(wire.NamedBody, errors=(501,)),
    ("POST", "/api/push"): Operation(wire.NamedBody, errors=(501,)),
    ("POST", "/api/generate"): Operation(wire.GenerateBody, (generate.GenerateReply, encode.Closing), NDJSON),
    ("POST", "/api/chat"): Operation(wire.ChatBody, (chat.ChatReply, encode.Closing), NDJSON),
    ("POST", "/api/embed"): Operation(wire.EmbedBody, (embed.EmbedReply,)),
    ("POST", "/api/embeddings"): Operation(wire.EmbeddingsBody, (embed.EmbeddingReply,)),
    ("GET", "/api/tags"): Operation(reply=(models.TagsReply,)),
    ("GET", "/api/ps"): Operation(reply=(models.PsReply,)),
    ("POST", "/api/copy"): Operation(wire.CopyBody),
    ("DELETE", "/api/delete"): Operation(wire.NamedBody),
    ("POST", "/api/show"): Operation(wire.ShowBody, (show.ShowReply,)),
    ("POST", "/api/create"): Operation(wire.CreateBody, (create.StatusReply,), NDJSON, errors=(507,)),
    ("HEAD", "/api/blobs/{digest}"): Operation(),
    ("POST", "/api/blobs/{digest}"): Operation(
        takes=BYTES, statuses={200: "it was here already", 201: "stored"}, errors=(507,)
    ),
}
_OWN: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/api/tokenize"): Operation(wire.TokenizeBody, (tokens.TokenizeReply,)),
    ("POST", "/api/detokenize"): Operation(wire.DetokenizeBody, (tokens.DetokenizeReply,)),
    ("POST", "/api/rerank"): Operation(wire.RerankBody, (ollama_rerank.RerankReply,)),
    ("GET", "/openapi.json"): Operation(gives=JSON),
}
_OPENAI: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/v1/chat/completions"): Operation(openai.ChatBody, (ChatCompletion,), SSE),
    ("POST", "/v1/completions"): Operation(openai.CompletionBody, (TextCompletion,), SSE),
    ("POST", "/v1/embeddings"): Operation(openai.EmbeddingsBody, (openai_embeddings.EmbeddingsReply,)),
    ("GET", "/v1/models"): Operation(gives=JSON),
    ("GET", "/v1/models/{model}"): Operation(reply=(openai_models.ModelWire,)),
}
_RESPONSES: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/v1/responses"): Operation(responses.ResponsesBody, (responses_replies.Reply,), SSE),
    ("GET", "/v1/responses/{id}"): Operation(reply=(responses_replies.Reply,)),
    ("DELETE", "/v1/responses/{id}"): Operation(gives=JSON),
    ("GET", "/v1/responses/{id}/input_items"): Operation(gives=JSON, query=("order", "limit", "after")),
}
_ANTHROPIC: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/v1/messages"): Operation(anthropic.MessagesBody, (anthropic_replies.Message,), SSE),
    ("POST", "/v1/messages/count_tokens"): Operation(anthropic.CountBody, (anthropic_replies.TokenCount,)),
}
_RERANKING: Final[dict[tuple[str, str], Operation]] = {
    ("POST", "/v1/rerank"): _RERANK,
    ("POST", "/v2/rerank"): _RERANK,
    ("POST", "/rerank"): _RERANK,
}

DIALECTS: Final = (
    Dialect("Ollama", "Ollama's API.", "ollama", ErrorReply, _OLLAMA),
    Dialect("Hearth", "What Ollama does not have, in its manner.", "hearth", ErrorReply, _OWN),
    Dialect("OpenAI", "OpenAI's API.", "openai", ErrorObject, _OPENAI),
    Dialect("Responses", "OpenAI's API of stored responses.", "responses", ErrorObject, _RESPONSES),
    Dialect("Anthropic", "Anthropic's API.", "anthropic", anthropic_replies.ErrorReply, _ANTHROPIC),
    Dialect("Reranking", "What Jina's and Cohere's clients call.", "rerank", ErrorObject, _RERANKING),
)
OTHER: Final = Dialect("Other", "Routes that are not in the table.", "other", None, {})


def find(method: str, path: str) -> tuple[Dialect, Operation]:
    """The dialect of a route and what it takes and gives; `path` is as the document writes it."""
    for dialect in DIALECTS:
        if (method, path) in dialect.operations:
            return dialect, dialect.operations[method, path]
    return OTHER, Operation()
