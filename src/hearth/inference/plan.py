"""From a model and a request's options to a runner's spec and the sampler's settings.

The request's options go before the model's parameters, and those before the defaults.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hearth.engine.contract import RunnerSpec
from hearth.errors import OptionError
from hearth.inference.card import Card
from hearth.messages import Options
from hearth.options import OPTIONS, Value, check
from hearth.scheduler.memory import choose_slots

logger = logging.getLogger(__name__)

MINIMUM_CONTEXT: Final = 4
VISION_CONTEXT: Final = 2048
_SINGLE_GPU_SHARE: Final = 0.8
_DRAFT_TOKENS: Final = 4
_GENERATION_BATCH: Final = 512
_EMBEDDING_BATCH: Final = 2048
_SPEC_FIELDS: Final = {
    "num_ctx": "context",
    "num_batch": "batch",
    "num_gpu": "gpu_layers",
    "main_gpu": "main_gpu",
    "use_mmap": "mmap",
    "num_thread": "threads",
    "draft_num_predict": "draft_tokens",
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the daemon's settings and the machine decide for every model."""

    context: int = 4096
    slots: int | None = None
    """None: as the memory model says."""
    flash_attention: bool | None = None
    kv_type: str = "f16"
    available: int = 0
    """Bytes of memory that could be had now."""
    gpus: tuple[int, ...] = ()
    """Bytes that are free on each GPU, without those to be left free."""
    gpu_reserve: int = 0
    """Bytes of each GPU to be left free."""
    spread: bool = False
    """Use all GPUs even for a model that one of them could hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to load a model for a request, and the request's own sampler options."""

    spec: RunnerSpec
    explicit: frozenset[str]
    """Fields of the spec that the request itself asked for."""
    options: Mapping[str, Value]
    bytes_needed: int


def plan(
    card: Card, requested: Options, defaults: Defaults, *, embedding: bool = False, shift: bool = False
) -> Plan:
    """Decide the spec for a request.

    Raises:
        OptionError: an option of the request is of the wrong type or out of range.
    """
    options, asked = merge(card.parameters, requested)
    context = _context(card, options, defaults)
    embeds = embedding or card.pooled
    batch = _batch(options, context, embedding=embeds)

    def estimate(slots: int) -> int:
        return card.memory.estimate(context=context, slots=slots, kv_type=defaults.kv_type, batch=batch).total

    slots = choose_slots(estimate, sum(defaults.gpus) or defaults.available, defaults.slots)
    needed = estimate(slots)
    main_gpu = _optional_integer(options, "main_gpu")
    draft_tokens = _integer(options, "draft_num_predict", _DRAFT_TOKENS)
    spec = RunnerSpec(
        model=card.model_path,
        projector=card.projector_path,
        adapters=card.adapters,
        draft=card.draft_path if draft_tokens else None,
        draft_tokens=draft_tokens,
        context=context,
        slots=slots,
        batch=batch,
        gpu_layers=_integer(options, "num_gpu", -1),
        main_gpu=_single_gpu(needed, defaults) if main_gpu is None else main_gpu,
        gpu_reserve=defaults.gpu_reserve,
        mmap=bool(options["use_mmap"]) if "use_mmap" in options else None,
        threads=_integer(options, "num_thread", 0),
        embedding=embeds,
        pooling=_pooling(card) if embeds else "",
        flash_attention=defaults.flash_attention,
        kv_type=defaults.kv_type,
        context_shift=shift,
    )
    explicit = {_SPEC_FIELDS[name] for name in asked if name in _SPEC_FIELDS}
    explicit |= {"embedding"} if embedding else set()
    explicit |= {"context_shift"} if shift else set()
    return Plan(spec, frozenset(explicit), options, needed)


def _pooling(card: Card) -> str:
    """Empty: as the model's file says. Scores have to be named: llama.cpp gives none unasked."""
    if card.supports("rerank"):
        return "rank"
    return "" if card.pooled else "mean"


def _single_gpu(needed: int, defaults: Defaults) -> int | None:
    """The GPU with the most free memory, if the model fits there with room to spare."""
    if len(defaults.gpus) < 2 or defaults.spread:
        return None
    best = max(range(len(defaults.gpus)), key=defaults.gpus.__getitem__)
    return best if needed <= _SINGLE_GPU_SHARE * defaults.gpus[best] else None


def merge(parameters: Options, requested: Options) -> tuple[dict[str, Value], frozenset[str]]:
    """The checked options of a model and a request, and the names that the request set.

    Unknown names are warned about and ignored, as are a model's own values that cannot be used.
    """
    options: dict[str, Value] = {}
    for name, value in parameters.items():
        try:
            checked = check(name, value)
        except OptionError as error:
            logger.warning("a parameter of the model is ignored: %s", error.message)
            continue
        if checked is not None:
            options[name] = checked
    asked = set()
    for name, value in requested.items():
        if name not in OPTIONS:
            logger.warning("unknown option %.80r is ignored", name)
            continue
        checked = check(name, value)
        if checked is not None:
            options[name] = checked
            asked.add(name)
    return options, frozenset(asked)


def _context(card: Card, options: Mapping[str, Value], defaults: Defaults) -> int:
    context = _integer(options, "num_ctx", defaults.context)
    if card.context_length:
        context = min(context, card.context_length)
    floor = VISION_CONTEXT if card.projector_path is not None and not card.context_length else MINIMUM_CONTEXT
    return max(context, floor)


def _batch(options: Mapping[str, Value], context: int, *, embedding: bool) -> int:
    # A text is embedded in one piece, so the batch bounds its length.
    usual = _EMBEDDING_BATCH if embedding else _GENERATION_BATCH
    return min(_integer(options, "num_batch", usual), context)


def _integer(options: Mapping[str, Value], name: str, default: int) -> int:
    value = options.get(name, default)
    return value if isinstance(value, int) else default


def _optional_integer(options: Mapping[str, Value], name: str) -> int | None:
    value = options.get(name)
    return value if isinstance(value, int) else None
