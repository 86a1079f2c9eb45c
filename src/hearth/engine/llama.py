"""All use of xllamacpp's parameters, in one file.

The wheel mirrors llama.cpp's structures field by field and renames them as llama.cpp does, so the version is
pinned and nothing else in Hearth names a field. Imported only inside a runner's process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import xllamacpp as x

CACHE_MIB: Final = 1024
"""Host memory for prompts whose slot was given to another, in MiB."""

_KV_TYPES: Final = {
    name: getattr(x.ggml_type, f"GGML_TYPE_{name.upper()}")
    for name in ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1")
}
_FLASH: Final = {
    None: x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_AUTO,
    True: x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    False: x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_LOG_INFO: Final = 4
"""The level at which llama.cpp reports its buffers; it never logs prompts there."""


def parameters(job: Mapping[str, Any]) -> Any:
    """llama.cpp's parameters for a runner job (see `process.job`)."""
    p = x.CommonParams()
    p.model.path = job["model"]
    p.hostnames = [job["socket"]]
    p.ui = False
    p.offline = True
    p.verbosity = _LOG_INFO
    p.endpoint_slots = True
    p.n_ctx = job["context"] * job["slots"]
    p.n_parallel = job["slots"]
    p.n_batch = p.n_ubatch = job["batch"]
    p.n_batch = max(p.n_batch, 64)
    p.n_gpu_layers = job["gpu_layers"]
    p.ctx_shift = job["context_shift"]
    p.flash_attn_type = _FLASH[job["flash_attention"]]
    p.cache_type_k = p.cache_type_v = _KV_TYPES[job["kv_type"]]
    p.cache_ram_mib = CACHE_MIB
    _placement(p, job)
    _extras(p, job)
    return p


def _placement(p: Any, job: Mapping[str, Any]) -> None:
    if job["main_gpu"] is not None:
        p.main_gpu = job["main_gpu"]
        p.split_mode = x.llama_split_mode.LLAMA_SPLIT_MODE_NONE
    if job["gpu_reserve"]:
        p.fit_params_target = [margin + job["gpu_reserve"] for margin in p.fit_params_target]
    if job["mmap"] is not None:
        modes = x.llama_load_mode
        p.load_mode = modes.LLAMA_LOAD_MODE_MMAP if job["mmap"] else modes.LLAMA_LOAD_MODE_NONE
    if job["threads"]:
        p.cpuparams.n_threads = job["threads"]
        p.cpuparams_batch.n_threads = job["threads"]


def _extras(p: Any, job: Mapping[str, Any]) -> None:
    if job["projector"]:
        p.mmproj.path = job["projector"]
        p.mmproj_use_gpu = job["gpu_layers"] != 0
    if job["adapters"]:
        p.lora_adapters = [x.CommonAdapterLoraInfo(path, scale) for path, scale in job["adapters"]]
    if job["draft"]:
        p.speculative.types = [x.common_speculative_type.COMMON_SPECULATIVE_TYPE_DRAFT_SIMPLE]
        p.speculative.draft.mparams.path = job["draft"]
        p.speculative.draft.n_max = job["draft_tokens"]
    if job["embedding"]:
        p.embedding = True
        # With a cache for each slot a batch is split by length, and a mean is taken of its last part only.
        p.kv_unified = True
        if job["pooling"]:
            p.pooling_type = getattr(x.llama_pooling_type, f"LLAMA_POOLING_TYPE_{job['pooling'].upper()}")


def start(job: Mapping[str, Any]) -> Any:
    """Load the model and open llama.cpp's HTTP server on the job's socket; raises RuntimeError."""
    return x.Server(parameters(job))
