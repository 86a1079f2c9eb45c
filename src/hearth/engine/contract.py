"""What an engine is: something that loads a model and hands back a runner.

Three kinds are foreseen: the built-in one (llama.cpp in a child process), a `llama-server` binary of
the user's choice, and any OpenAI-compatible server.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hearth.messages import Json, Message, Piece, TokenLogprob, Tool


@dataclass(frozen=True, slots=True)
class RunnerSpec:
    """Everything that decides how a model is loaded; equal specs can share a runner."""

    model: Path
    """The GGUF file (the first part of a split one)."""
    projector: Path | None = None
    adapters: tuple[tuple[Path, float], ...] = ()
    """LoRA files with their scale."""
    draft: Path | None = None
    """A smaller model that guesses tokens ahead; None: no speculation."""
    draft_tokens: int = 4
    """Tokens that the draft model guesses at once, at most."""
    context: int = 4096
    """Tokens of context that each slot can use."""
    slots: int = 1
    batch: int = 512
    gpu_layers: int = -1
    """-1: as many as fit; 0: none."""
    main_gpu: int | None = None
    """The one GPU to use; None: all, as many as llama.cpp finds useful."""
    gpu_reserve: int = 0
    """Bytes of each GPU to leave free, beside llama.cpp's own margin."""
    mmap: bool | None = None
    threads: int = 0
    """0: one for each physical core."""
    embedding: bool = False
    """Serve embeddings beside completions."""
    pooling: str = ""
    """How token vectors become one: mean, cls, last, rank; empty: as the model says."""
    flash_attention: bool | None = None
    kv_type: str = "f16"
    context_shift: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """One request to continue a prompt; fields are already checked and in llama.cpp's ranges."""

    prompt: str | Sequence[int]
    images: tuple[bytes, ...] = ()
    """Encoded images, one for each media marker in the prompt, in order."""
    sampling: dict[str, Json] = field(default_factory=dict)
    """llama.cpp sampling fields (`temperature`, `n_predict`, `stop`, ...)."""
    grammar: str = ""
    preserved_tokens: tuple[str, ...] = ()
    logprobs: int | None = None
    """None: no log-probabilities; N: those of each token and of the N likeliest beside it."""
    running_figures: bool = False
    """Whether every chunk tells the figures so far, for one who may stop reading before the end."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of generated text; the last one of a stream has `final` set."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    final: Final | None = None
    so_far: Final | None = None
    """What `final` would be if the stream ended here, where the request asked for it."""


@dataclass(frozen=True, slots=True)
class Final:
    """How a completion ended. Durations are nanoseconds."""

    reason: str
    """`stop` or `length`."""
    stop_word: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    prompt_ns: int
    completion_ns: int
    drafted_tokens: int = 0
    """Tokens that a draft model guessed, and how many of them were right."""
    accepted_tokens: int = 0


Progress = Callable[[float], None]
"""Called with the share of the load that is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How well each document answers a query, in the order of the documents; higher is better."""

    values: tuple[float, ...]
    prompt_tokens: int


class Runner(Protocol):
    """A loaded model. Cancelling the task that awaits or iterates frees the slot at once."""

    spec: RunnerSpec
    media_marker: str
    """What stands for an image in a prompt."""

    @property
    def alive(self) -> bool: ...

    def complete(self, request: Completion) -> AsyncGenerator[Chunk, None]: ...

    async def render(
        self, messages: Sequence[Message], tools: Sequence[Tool], template_args: dict[str, Json]
    ) -> str: ...

    async def embed(self, inputs: Sequence[Sequence[int]], normalise: bool) -> list[list[float]]: ...

    async def rerank(self, query: str, documents: Sequence[str]) -> Scores: ...

    async def tokenize(self, text: str, *, special: bool = True, names: bool = True) -> list[int]: ...

    async def pieces(self, text: str, *, special: bool = True) -> list[Piece]: ...

    async def detokenize(self, tokens: Sequence[int]) -> str: ...

    def resident_bytes(self) -> tuple[int, int]:
        """Bytes in use: all of them, and the part of them that is GPU memory; zeros once it is dead."""
        ...

    async def wait_dead(self) -> None:
        """Return once the runner's process is gone, for whatever reason."""
        ...

    async def close(self) -> None: ...


class Engine(Protocol):
    """Loads models. `load` raises LoadError, LoadTimeout or OutOfMemory, and can be cancelled."""

    async def load(self, spec: RunnerSpec, progress: Progress | None = None) -> Runner: ...
