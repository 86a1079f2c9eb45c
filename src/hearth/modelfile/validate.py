"""What a create request may hold, checked before anything is read or written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from hearth import options
from hearth.errors import BadRequest
from hearth.messages import Json, Message
from hearth.modelfile.grammar import ROLES
from hearth.modelfile.request import version
from hearth.names import Digest, ModelName
from hearth.prompt import Template

_MAX_KEY: Final = 4096
_CONVERT_SUFFIXES: Final = (".safetensors", ".pth", ".pt", ".ckpt")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """What to make a model of. A field that is empty was not given and leaves what is inherited.

    `files`, `adapters` and `draft_files` map relative paths to blobs that were uploaded before.
    """

    name: ModelName
    from_: str = ""
    files: Mapping[str, Digest] = field(default_factory=dict)
    adapters: Mapping[str, Digest] = field(default_factory=dict)
    draft_files: Mapping[str, Digest] = field(default_factory=dict)
    template: str = ""
    system: str = ""
    licenses: tuple[str, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    quantize: str = ""
    renderer: str = ""
    parser: str = ""
    requires: str = ""

    @property
    def digests(self) -> frozenset[Digest]:
        """Every blob that the request names."""
        groups = (self.files, self.adapters, self.draft_files)
        return frozenset(digest for group in groups for digest in group.values())


def check_request(request: CreateRequest) -> dict[str, Json]:
    """Check everything that can be checked without the store; gives the parameters with their types.

    Raises:
        BadRequest: what is wrong and what was expected.
        OptionError: a parameter that is unknown, of the wrong type or out of range.
        TemplateError: a prompt template that cannot be parsed, with the line.
    """
    if not request.from_ and not request.files:
        raise BadRequest("neither 'from' or 'files' was specified")
    for files in (request.files, request.adapters, request.draft_files):
        _check_keys(files)
    if len(request.adapters) > 1:
        raise BadRequest("only one adapter is currently supported")
    _check_messages(request.messages)
    _check_texts(request)
    if request.template:
        Template.parse(request.template)
    if request.requires:
        version(request.requires)
    return _parameters(request.parameters)


def is_clean(key: str) -> bool:
    """Whether a file's key is a plain relative path."""
    if len(key) > _MAX_KEY or "\\" in key or "\0" in key:
        return False
    return not any(part in {"", ".", ".."} for part in key.split("/"))


def _check_keys(keys: Iterable[str]) -> None:
    for key in keys:
        if not is_clean(key):
            raise BadRequest(
                f"file path must be relative: {key[:200]!r} must be a plain path such as 'model.gguf', "
                "without '.', '..', an empty part or a backslash"
            )
        if key.lower().endswith(_CONVERT_SUFFIXES):
            raise BadRequest(
                f"{key[:200]!r}: converting safetensors and PyTorch files comes in a later version; "
                "until then convert the model to GGUF with llama.cpp's convert_hf_to_gguf.py"
            )


def _check_messages(messages: Iterable[Message]) -> None:
    for message in messages:
        if message.role not in ROLES:
            raise BadRequest(f"message role must be one of {', '.join(ROLES)}, not {message.role[:40]!r}")
        if message != Message(message.role, message.content):
            raise BadRequest("the messages of a model hold a role and a text only")


def _check_texts(request: CreateRequest) -> None:
    try:
        "".join(_texts(request)).encode()
    except UnicodeEncodeError:
        raise BadRequest("a text of the request holds half a surrogate pair, which is no character") from None


def _texts(request: CreateRequest) -> Iterator[str]:
    yield from (request.template, request.system, request.renderer, request.parser, *request.licenses)
    yield from (message.content for message in request.messages)
    stops = request.parameters.get("stop")
    yield from (str(stop) for stop in (stops if isinstance(stops, list) else [stops]))


def _parameters(given: Mapping[str, Json]) -> dict[str, Json]:
    checked: dict[str, Json] = {}
    for name, value in given.items():
        if name in options.REMOVED:
            _log.warning("create: the parameter %s is deprecated and has no effect", name)
            continue
        found = options.check(name, [value] if name == "stop" and isinstance(value, str) else value)
        if found is not None:
            checked[name] = list(found) if isinstance(found, list) else found
    return checked
