"""Puts the parts of the daemon together, as the settings say."""

from __future__ import annotations

import asyncio
from typing import Final

from hearth.config import Config
from hearth.engine.builtin import BuiltinEngine
from hearth.engine.devices import Device, gpus
from hearth.inference.catalog import Catalog
from hearth.inference.plan import Defaults
from hearth.inference.service import Inference
from hearth.library import Library
from hearth.scheduler.memory import available_memory
from hearth.scheduler.service import Scheduler
from hearth.scheduler.wants import Limits
from hearth.settings import (
    CONTEXT_LENGTH,
    FLASH_ATTENTION,
    GO_TEMPLATE,
    GPU_OVERHEAD,
    KEEP_ALIVE,
    KV_CACHE_TYPE,
    LOAD_TIMEOUT,
    MAX_LOADED_MODELS,
    MAX_QUEUE,
    NUM_PARALLEL,
    SCHED_SPREAD,
)

_MODELS_PER_GPU: Final = 3
_GIB: Final = 1 << 30
_CONTEXT_BY_MEMORY: Final = ((47 * _GIB, 262144), (23 * _GIB, 32768))
"""Bytes of GPU memory from which a larger context window is the default; Ollama's own steps."""
_CONTEXT: Final = 4096


def build_inference(library: Library, config: Config) -> Inference:
    """Inference on the built-in engine, with the limits and defaults of the settings."""
    limits = Limits(
        max_loaded=config.get(MAX_LOADED_MODELS) or _MODELS_PER_GPU,
        max_queue=config.get(MAX_QUEUE),
        keep_alive=config.get(KEEP_ALIVE),
        # The engine watches its loads itself, and sees more signs of progress than the scheduler.
        load_timeout=None,
    )
    scheduler = Scheduler(BuiltinEngine(stall=config.get(LOAD_TIMEOUT)), limits)
    return Inference(
        Catalog(library, config.get(GO_TEMPLATE)), scheduler, _Machine(config, scheduler).defaults
    )


class _Machine:
    """What the settings and the hardware decide; the GPUs are looked for once, at the first load."""

    def __init__(self, config: Config, scheduler: Scheduler) -> None:
        self._config = config
        self._scheduler = scheduler
        self._gpus: list[Device] | None = None
        self._looking = asyncio.Lock()

    async def defaults(self) -> Defaults:
        devices = await self._devices()
        config = self._config
        reserve = config.get(GPU_OVERHEAD)
        return Defaults(
            context=config.get(CONTEXT_LENGTH) or default_context(sum(gpu.memory_total for gpu in devices)),
            slots=config.get(NUM_PARALLEL) or None,
            flash_attention=config.get(FLASH_ATTENTION),
            kv_type=config.get(KV_CACHE_TYPE) or "f16",
            available=await asyncio.to_thread(available_memory),
            gpus=tuple(max(gpu.memory_free - reserve, 0) for gpu in devices),
            gpu_reserve=reserve,
            spread=config.get(SCHED_SPREAD),
        )

    async def _devices(self) -> list[Device]:
        async with self._looking:
            if self._gpus is None:
                self._gpus = await gpus()
                if not self._config.get(MAX_LOADED_MODELS):
                    self._scheduler.limit_loaded(_MODELS_PER_GPU * max(len(self._gpus), 1))
            return self._gpus


def default_context(gpu_memory: int) -> int:
    """Tokens of the context window where nobody says, by bytes of GPU memory."""
    return next((tokens for least, tokens in _CONTEXT_BY_MEMORY if gpu_memory >= least), _CONTEXT)
