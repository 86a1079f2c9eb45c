"""Whether a model can do what a request asks, before anything is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hearth.errors import BadRequest, Unsupported
from hearth.inference.calling import check_choice
from hearth.inference.card import Card
from hearth.messages import ChatRequest, EmbedRequest, GenerateRequest, RerankRequest, Sampling, Think
from hearth.prompt import Template

_MOST_TOP_LOGPROBS: Final = 20


def check_chat(card: Card, request: ChatRequest) -> None:
    """Raises Unsupported for a capability the model lacks, BadRequest for fields that contradict."""
    _check_sampling(request.sampling)
    if not card.supports("completion"):
        raise Unsupported(f'"{request.model}" does not support chat')
    if request.tools and request.tool_choice.mode != "none":
        _require(card, "tools", "tools")
    check_choice(card, request)
    _check_thinking(card, request.model, request.think)
    if any(message.images for message in request.messages):
        _require(card, "vision", "images")


def check_generate(card: Card, request: GenerateRequest) -> None:
    """Raises Unsupported for a capability the model lacks, BadRequest for fields that contradict.

    Raises TemplateError for a template of the request that cannot be parsed.
    """
    _check_sampling(request.sampling)
    if request.raw and (request.template or request.system or request.context):
        raise BadRequest("raw mode does not support template, system, or context")
    if not card.supports("completion"):
        raise Unsupported(f'"{request.model}" does not support generate')
    check_tokens(card, request.context, "context")
    check_tokens(card, request.tokens, "prompt")
    if request.suffix:
        _require(card, "insert", "suffix")
    if request.template:
        Template.parse(request.template)
    _check_thinking(card, request.model, request.think)
    if request.images:
        _require(card, "vision", "images")


def check_embed(card: Card, request: EmbedRequest) -> None:
    """Raises Unsupported where the model gives scores, BadRequest for token numbers that are none."""
    if card.supports("rerank"):
        raise Unsupported(
            f'"{request.model}" does not support embedding: it ranks documents; send them to /api/rerank'
        )
    for index, item in enumerate(request.inputs):
        if not isinstance(item, str):
            check_tokens(card, item, f"input[{index}]")


def check_rerank(card: Card, request: RerankRequest) -> None:
    """Raises Unsupported for a model that gives no scores, BadRequest where there is nothing to rank."""
    if not request.documents:
        raise BadRequest("documents is required: a list of one text or more", "documents")
    if request.top_n is not None and request.top_n < 1:
        raise BadRequest("top_n must be at least 1; leave it out for all documents", "top_n")
    _require(card, "rerank", "model")


def check_tokens(card: Card, tokens: Sequence[int], where: str) -> None:
    """Raises BadRequest for a number that no token of the model has; `where` names the field."""
    for index, token in enumerate(tokens):
        if not 0 <= token < card.vocabulary:
            raise BadRequest(
                f"{where}[{index}] is no token of {card.stored.name}: its tokens are numbered from 0 to "
                f"{card.vocabulary - 1}",
                where,
            )


def thinking_on(card: Card, think: Think | None) -> bool:
    """Whether the model shall think: as asked, and by default if it can."""
    if not card.supports("thinking"):
        return False
    return think is not False


def _check_sampling(sampling: Sampling) -> None:
    if not 0 <= sampling.top_logprobs <= _MOST_TOP_LOGPROBS:
        raise BadRequest("top_logprobs must be between 0 and 20")


def _check_thinking(card: Card, name: str, think: Think | None) -> None:
    if think and not card.supports("thinking"):
        raise Unsupported(f'"{name}" does not support thinking', "think")


def _require(card: Card, capability: str, field: str) -> None:
    if not card.supports(capability):
        listed = ", ".join(card.capabilities) or "nothing"
        raise Unsupported(
            f"{card.stored.name.full} does not support {capability}; it supports {listed}", field
        )
