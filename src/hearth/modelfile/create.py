"""The server's half of `create`: from uploaded blobs or an existing model to a new model in the library.

Nothing here reads a path that a client sent. The manifest is written last; when anything fails before, the
blobs that were made on the way go again and the library is as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from hearth.errors import BadRequest, ModelNotFound
from hearth.gguf import FileType
from hearth.gguf.split import open_parts
from hearth.library import Layer, Library, MediaType, ModelConfig, StoredModel
from hearth.messages import Json
from hearth.modelfile.describe import UNKNOWN, config_of, file_type, with_family
from hearth.modelfile.layers import decode_parameters, encode_messages, encode_parameters, merge
from hearth.modelfile.making import Making, Report, Status
from hearth.modelfile.quantise import parse_file_type
from hearth.modelfile.request import version
from hearth.modelfile.validate import CreateRequest, check_request
from hearth.modelfile.weights import CLIP, Part, Weights, check_adapter, open_weights, sort_weights
from hearth.names import ModelName

_PARAMS_LIMIT: Final = 1 << 20
_QUANTISABLE: Final = frozenset({"F32", "F16", "BF16", UNKNOWN})


def create(
    library: Library, request: CreateRequest, report: Report, cancelled: threading.Event
) -> StoredModel:
    """Make a model and give it its name, in place of one of that name. Blocks; run it in a worker thread.

    `report` is called with each step. Setting `cancelled` ends the work at the next step or block.

    Raises:
        BadRequest: the request, a file of it, or the way they are put together.
        ModelNotFound, BlobNotFound: what it starts from is not in the library.
        RequestCancelled: `cancelled` was set. Nothing stays.
        ReadOnly, StorageFull: the library cannot take it. Nothing stays.
    """
    parameters = check_request(request)
    target = parse_file_type(request.quantize) if request.quantize else None
    with ExitStack() as stack:
        stack.enter_context(library.hold(request.digests))
        making = stack.enter_context(Making(library, report, cancelled))
        return _Creation(library, request, making, stack).run(parameters, target)


class _Creation:
    """One create request on its way."""

    def __init__(self, library: Library, request: CreateRequest, making: Making, stack: ExitStack) -> None:
        self._library = library
        self._request = request
        self._making = making
        self._stack = stack

    def run(self, parameters: dict[str, Json], target: FileType | None) -> StoredModel:
        base = self._base()
        weights = self._weights()
        _check_start(base, weights)
        inherited = _inherited(base)
        config, model = self._text_model(base, weights, target)
        config, parts = self._other_weights(config, weights)
        layers = merge(inherited, [*model, *parts, *self._texts(), *self._parameters(inherited, parameters)])
        self._making.report_layers(layers)
        self._making.step("writing manifest")
        stored = self._library.put(
            self._request.name,
            self._described(config),
            layers,
            inherited=base.manifest.digests if base else (),
        )
        self._making.keep()
        self._making.report(Status("success"))
        return stored

    def _base(self) -> StoredModel | None:
        if not self._request.from_:
            return None
        name = ModelName.parse(self._request.from_)
        try:
            base = self._library.find(name)
        except ModelNotFound:
            raise ModelNotFound(
                str(name),
                f"model '{name}' not found: pulling comes in a later version; "
                "create it from a GGUF file first",
            ) from None
        self._stack.enter_context(self._library.hold(base.manifest.digests))
        return base

    def _weights(self) -> Weights:
        request = self._request
        if request.digests:
            self._making.step("parsing GGUF")
        files, adapters, drafts = (
            open_weights(self._library, group, self._stack)
            for group in (request.files, request.adapters, request.draft_files)
        )
        return sort_weights(files, adapters, drafts)

    def _text_model(
        self, base: StoredModel | None, weights: Weights, target: FileType | None
    ) -> tuple[ModelConfig, list[Layer]]:
        """The config so far and the layer of the text model, unless it is inherited as it is."""
        if base is not None and target is None and not weights.adapters:
            return base.config, []
        paths = self._text_paths(base, weights)
        text = self._stack.enter_context(open_parts(paths))
        for adapter in weights.adapters:
            check_adapter(adapter, text)
        config = config_of(text) if base is None else base.config
        if target is not None and file_type(text) != target.name:
            layer = self._quantised(paths, file_type(text), target)
            return replace(config, file_type=target.name), [layer]
        if base is not None:
            return config, []
        if len(paths) == 1:
            return config, [self._uploaded(weights.model[0])]
        return config, [self._making.file_layer(MediaType.MODEL, self._making.merged(paths))]

    def _text_paths(self, base: StoredModel | None, weights: Weights) -> list[Path]:
        if weights.model:
            return [part.path for part in weights.model]
        layers = base.layers(MediaType.MODEL) if base is not None else ()
        if not layers:
            raise BadRequest("the base has no GGUF file: it can be neither quantised nor given an adapter")
        return [self._library.blob_path(layers[0].digest)]

    def _quantised(self, paths: list[Path], current: str, target: FileType) -> Layer:
        if current not in _QUANTISABLE:
            raise BadRequest(
                f"quantization is only supported for F16, BF16 and F32 models, and this one is {current}"
            )
        return self._making.file_layer(MediaType.MODEL, self._making.quantised(paths, current, target))

    def _other_weights(self, config: ModelConfig, weights: Weights) -> tuple[ModelConfig, list[Layer]]:
        layers = [self._uploaded(adapter) for adapter in weights.adapters]
        if weights.draft is not None:
            layers.append(replace(self._uploaded(weights.draft), media_type=MediaType.DRAFT))
        if weights.projector is not None:
            config = with_family(config, CLIP)
            layers.append(self._projector(weights.projector))
        return config, layers

    def _projector(self, part: Part) -> Layer:
        """The projector; one of the first kind, from before files said their kind, gets its name written."""
        if "clip.projector_type" in part.gguf.metadata or "clip.vision.projector_type" in part.gguf.metadata:
            return self._uploaded(part)
        self._making.step("updating GGUF projector metadata")
        return self._making.changed(MediaType.PROJECTOR, part.gguf, {"clip.projector_type": "mlp"})

    def _uploaded(self, part: Part) -> Layer:
        return Layer(part.kind, part.digest, part.gguf.size)

    def _texts(self) -> list[Layer]:
        request, making = self._request, self._making
        texts = [(MediaType.TEMPLATE, request.template), (MediaType.SYSTEM, request.system)]
        texts += [(MediaType.LICENSE, text) for text in request.licenses]
        layers = [making.layer(kind, text.encode()) for kind, text in texts if text]
        if request.messages:
            layers.append(making.layer(MediaType.MESSAGES, encode_messages(request.messages)))
        return layers

    def _parameters(self, inherited: Sequence[Layer], new: dict[str, Json]) -> list[Layer]:
        if not new:
            return []
        merged: dict[str, Json] = {}
        for layer in inherited:
            if layer.media_type == MediaType.PARAMS:
                merged |= decode_parameters(self._library.read_layer(layer, _PARAMS_LIMIT))
        return [self._making.layer(MediaType.PARAMS, encode_parameters(merged | new))]

    def _described(self, config: ModelConfig) -> ModelConfig:
        request = self._request
        return replace(
            config,
            renderer=request.renderer or config.renderer,
            parser=request.parser or config.parser,
            requires=version(request.requires) if request.requires else config.requires,
        )


def _check_start(base: StoredModel | None, weights: Weights) -> None:
    if base is not None and weights.model:
        raise BadRequest(
            "both a base model ('from') and the files of a text model were given; leave one of them out"
        )
    if base is None and not weights.model:
        raise BadRequest("the files hold no text model; add its GGUF file, or name a base model in 'from'")


def _inherited(base: StoredModel | None) -> tuple[Layer, ...]:
    """The base's layers, each marked with where it came from."""
    if base is None:
        return ()
    return tuple(replace(layer, from_=str(base.name)) for layer in base.manifest.layers)
