"""The table of settings: each one's name, environment variable, default, and what it does.

Ollama's variables keep their own names; where Hearth adds one it starts with `HEARTH_`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from hearth.duration import parse_duration

T = TypeVar("T")
MOST_SLOTS: Final = 256
"""Sequences that llama.cpp keeps in one context."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting. `parse` takes the text of a variable or file value and raises ValueError."""

    key: str
    env: str
    default: T
    parse: Callable[[str], T]
    kind: str
    doc: str


def _text(value: str) -> str:
    return value


def _boolean(value: str) -> bool:
    if value in {"1", "t", "T", "TRUE", "true", "True"}:
        return True
    # Go's strconv rejects any other text, and Ollama then takes it for true.
    return value not in {"0", "f", "F", "FALSE", "false", "False", ""}


def _tristate(value: str) -> bool | None:
    return _boolean(value) if value else None


def _count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError("expected a whole number, zero or more")
    return number


def _slots(value: str) -> int:
    number = _count(value)
    if number > MOST_SLOTS:
        raise ValueError(f"llama.cpp has at most {MOST_SLOTS} slots")
    return number


def seconds(value: str) -> float | None:
    """A keep-alive or timeout: Go duration or a number of seconds; negative means for ever (None)."""
    try:
        number = float(value)
    except ValueError:
        number = parse_duration(value)
    if number != number:
        raise ValueError("expected a duration such as 5m or a number of seconds")
    return None if number < 0 else number


def _timeout(value: str) -> float | None:
    return seconds(value) or None


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _log_level(value: str) -> str:
    level = {"2": "trace", "1": "debug", "0": "info", "": "info"}.get(value, value.lower())
    if level in {"trace", "debug", "info", "warning", "error"}:
        return level
    return "debug" if _boolean(value) else "info"


def _kv_type(value: str) -> str:
    known = ("", "f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1")
    if value not in known:
        raise ValueError(f"expected one of {', '.join(known[1:])}")
    return value


HOST: Final = Setting(
    "host",
    "OLLAMA_HOST",
    "127.0.0.1:11434",
    _text,
    "address",
    "address to listen on, and the server that the command line talks to",
)
MODELS: Final = Setting(
    "models",
    "OLLAMA_MODELS",
    Path("~/.ollama/models"),
    _path,
    "path",
    "directory of the model library, in Ollama's layout",
)
ORIGINS: Final[Setting[tuple[str, ...]]] = Setting(
    "origins",
    "OLLAMA_ORIGINS",
    (),
    _list,
    "list",
    "browser origins allowed beside the local ones; wildcards and * are understood",
)
HOSTS: Final[Setting[tuple[str, ...]]] = Setting(
    "hosts",
    "HEARTH_HOSTS",
    (),
    _list,
    "list",
    "host names that the server answers to beside the local ones, such as that of a reverse proxy",
)
KEEP_ALIVE: Final[Setting[float | None]] = Setting(
    "keep_alive",
    "OLLAMA_KEEP_ALIVE",
    300.0,
    seconds,
    "duration",
    "how long a model stays loaded after its last request; negative means for ever",
)
LOAD_TIMEOUT: Final[Setting[float | None]] = Setting(
    "load_timeout",
    "OLLAMA_LOAD_TIMEOUT",
    300.0,
    _timeout,
    "duration",
    "give up a load that makes no progress for this long; 0 means never",
)
NUM_PARALLEL: Final = Setting(
    "num_parallel",
    "OLLAMA_NUM_PARALLEL",
    0,
    _slots,
    "number",
    "slots of each model: requests answered at once; 0 means as the memory allows, up to 4",
)
MAX_LOADED_MODELS: Final = Setting(
    "max_loaded_models",
    "OLLAMA_MAX_LOADED_MODELS",
    0,
    _count,
    "number",
    "models loaded at once; 0 means 3 for each GPU, or 3",
)
MAX_QUEUE: Final = Setting(
    "max_queue",
    "OLLAMA_MAX_QUEUE",
    512,
    _count,
    "number",
    "requests that may wait; more are refused with status 503",
)
CONTEXT_LENGTH: Final = Setting(
    "context_length",
    "OLLAMA_CONTEXT_LENGTH",
    0,
    _count,
    "number",
    "context window in tokens where neither request nor model says; 0 means by GPU memory",
)
FLASH_ATTENTION: Final[Setting[bool | None]] = Setting(
    "flash_attention",
    "OLLAMA_FLASH_ATTENTION",
    None,
    _tristate,
    "flag",
    "flash attention on or off; unset lets llama.cpp decide",
)
KV_CACHE_TYPE: Final = Setting(
    "kv_cache_type",
    "OLLAMA_KV_CACHE_TYPE",
    "",
    _kv_type,
    "text",
    "type of the KV cache: f16 (as unset), q8_0, q4_0 and others",
)
GO_TEMPLATE: Final[Setting[bool | None]] = Setting(
    "go_template",
    "OLLAMA_GO_TEMPLATE",
    None,
    _tristate,
    "flag",
    "use a model's TEMPLATE before the chat template in its GGUF, or after it; unset takes the abler one",
)
GPU_OVERHEAD: Final = Setting(
    "gpu_overhead", "OLLAMA_GPU_OVERHEAD", 0, _count, "bytes", "memory of each GPU that is left free"
)
SCHED_SPREAD: Final = Setting(
    "sched_spread",
    "OLLAMA_SCHED_SPREAD",
    False,
    _boolean,
    "flag",
    "spread a model over all GPUs even if it fits on one",
)
NOHISTORY: Final = Setting(
    "nohistory",
    "OLLAMA_NOHISTORY",
    False,
    _boolean,
    "flag",
    "keep no history of the prompts typed at a terminal",
)
NOPRUNE: Final = Setting(
    "noprune", "OLLAMA_NOPRUNE", False, _boolean, "flag", "keep blobs that no model uses"
)
DEBUG: Final = Setting(
    "debug",
    "OLLAMA_DEBUG",
    "info",
    _log_level,
    "level",
    "log level: 1 or debug, 2 or trace, info, warning, error",
)
EDITOR: Final = Setting(
    "editor", "OLLAMA_EDITOR", "", _text, "text", "editor that Ctrl-G opens; else VISUAL, EDITOR, vi"
)
MAX_BODY: Final = Setting(
    "max_body", "HEARTH_MAX_BODY", 256 * 2**20, _count, "bytes", "largest JSON body of a request"
)
RESPONSES_MAX: Final = Setting(
    "responses_max",
    "HEARTH_RESPONSES_MAX",
    64 * 2**20,
    _count,
    "bytes",
    "stored conversations of /v1/responses, of which the oldest go first; 0 means that none is stored",
)
CONFIG_FILE: Final = "HEARTH_CONFIG"
"""The variable that names the settings file."""

SETTINGS: Final[tuple[Setting[Any], ...]] = (
    HOST, MODELS, ORIGINS, HOSTS, KEEP_ALIVE, LOAD_TIMEOUT, NUM_PARALLEL, MAX_LOADED_MODELS, MAX_QUEUE,
    CONTEXT_LENGTH, FLASH_ATTENTION, KV_CACHE_TYPE, GO_TEMPLATE, GPU_OVERHEAD, SCHED_SPREAD, NOHISTORY,
    NOPRUNE, DEBUG, EDITOR, MAX_BODY, RESPONSES_MAX,
)  # fmt: skip
