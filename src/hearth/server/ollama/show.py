"""`POST /api/show`: everything that is known of one model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.gguf import GGUF, LazyArray, TensorType, Value
from hearth.inference.card import Card
from hearth.messages import Json, Options
from hearth.modelfile.show import read_parts, show_modelfile
from hearth.server.body import decode_json, read_body
from hearth.server.errors import json_reply
from hearth.server.ollama import moments
from hearth.server.ollama.decode import required
from hearth.server.ollama.details import Details, details
from hearth.server.ollama.wire import ShowBody
from hearth.server.services import Services
from hearth.server.threads import in_thread

_SHORT: Final = 5
"""Longer arrays are shown empty unless the request is verbose."""
_HIDDEN: Final = frozenset({"general.name", "tokenizer.chat_template"})


class TensorWire(Struct):
    name: str
    type: str
    shape: tuple[int, ...]


class ShowReply(Struct, omit_defaults=True, kw_only=True):
    license: str = ""
    modelfile: str = ""
    parameters: str = ""
    template: str = ""
    system: str = ""
    details: Details
    messages: list[dict[str, str]] | None = None
    model_info: dict[str, Any]
    projector_info: dict[str, Any] | None = None
    tensors: list[TensorWire] | None = None
    capabilities: list[str] | None = None
    modified_at: str
    requires: str = ""


async def show(services: Services, request: Request) -> Response:
    """Describe a model; `verbose` adds the long arrays of its metadata."""
    body = decode_json(await read_body(request, services.max_body), ShowBody)
    required(body.chosen)
    return json_reply(await in_thread(_describe, services, body))


def _describe(services: Services, body: ShowBody) -> bytes:
    card = services.inference.catalog.open(body.chosen)
    info, tensors = _contents(card, body.verbose)
    reply = ShowReply(
        license="\n".join(card.licenses),
        modelfile=show_modelfile(read_parts(services.library, card.stored)),
        parameters=parameters_text(card.parameters),
        template=card.template,
        system=body.system or card.system,
        details=details(card),
        messages=[{"role": m.role, "content": m.content} for m in card.messages] or None,
        model_info=info,
        projector_info=_projector(card, body.verbose),
        tensors=tensors,
        capabilities=list(card.capabilities) or None,
        modified_at=moments.local(card.stored.modified_at),
        requires=card.stored.config.requires,
    )
    return msgspec.json.encode(reply)


def _contents(card: Card, verbose: bool) -> tuple[dict[str, Any], list[TensorWire]]:
    with GGUF.open(card.model_path) as gguf:
        info = _metadata(gguf, verbose)
        info["general.parameter_count"] = card.parameter_count
        tensors = [TensorWire(item.name, TensorType(item.type).name, item.shape) for item in gguf.tensors]
    return info, tensors


def _projector(card: Card, verbose: bool) -> dict[str, Any] | None:
    if card.projector_path is None:
        return None
    with GGUF.open(card.projector_path) as gguf:
        return _metadata(gguf, verbose)


def _metadata(gguf: GGUF, verbose: bool) -> dict[str, Any]:
    return {key: _value(value, verbose) for key, value in gguf.metadata.items() if key not in _HIDDEN}


def _value(value: Value, verbose: bool) -> Any:
    if not isinstance(value, tuple | LazyArray):
        return value
    return list(value) if verbose or len(value) <= _SHORT else []


def parameters_text(parameters: Options) -> str:
    """One line for each parameter and stop text: the name in 30 columns, then the value as Go writes it."""
    return "\n".join(f"{name:<30} {text}" for name, text in _lines(parameters))


def _lines(parameters: Options) -> Iterator[tuple[str, str]]:
    for name, value in sorted(parameters.items()):
        for item in value if isinstance(value, list) else [value]:
            yield name, _literal(item)


def _literal(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def routes(services: Services) -> list[Route]:
    """The routes of this module."""
    return [Route("/api/show", partial(show, services), methods=["POST"])]
