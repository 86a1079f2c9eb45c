"""The values that every layer shares: what a client asks for and what comes back.

A dialect decodes its JSON into one of the requests and encodes `Event`s back. A request leaves
optional fields at None (or empty) where the client said nothing, so that model parameters and defaults can
fill them in later. Nothing here imports anything of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

Options: TypeAlias = "dict[str, Json]"
"""Options by Ollama's names, as sent and not yet checked."""

Think: TypeAlias = "bool | Literal['low', 'medium', 'high', 'max']"
"""Thinking off, on, or on at a level."""

DoneReason: TypeAlias = Literal["stop", "length", "load", "unload"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model made; `arguments` keeps the order in which they were written."""

    name: str
    arguments: Mapping[str, Json]
    id: str = ""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether the model may, must not or must call a tool; `name` is the one it must call if `named`."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `images` are raw bytes of encoded images (or audio)."""

    role: str
    content: str = ""
    thinking: str = ""
    images: tuple[bytes, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """The shape that the answer must have: any JSON object, a JSON schema, or a GBNF grammar."""

    kind: Literal["json", "schema", "grammar"]
    schema: Json = None
    grammar: str = ""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """How long a model stays resident after its last request; `seconds` None means for ever."""

    seconds: float | None

    @property
    def unload_now(self) -> bool:
        return self.seconds is not None and self.seconds <= 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """What every generating request may ask of the sampler and the reply, in any dialect."""

    options: Options = field(default_factory=dict)
    format: Format | None = None
    logprobs: bool = False
    top_logprobs: int = 0
    truncate: bool = False
    """True: an over-long prompt may be cut, and the reply says so. False: it is refused."""
    shift: bool = False
    """True: once the context is full, generation may go on by dropping the oldest tokens."""
    logit_bias: tuple[tuple[int, float], ...] = ()
    """Token numbers with what is added to their logits."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Answer a conversation."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    think: Think | None = None
    keep_alive: KeepAlive | None = None
    sampling: Sampling = field(default_factory=Sampling)
    render_only: bool = False
    tool_choice: ToolChoice = field(default_factory=ToolChoice)
    parallel_tool_calls: bool = True
    """False: one answer calls at most one tool."""


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Continue or answer a single prompt."""

    model: str
    prompt: str
    tokens: tuple[int, ...] = ()
    """The prompt as token numbers, in place of `prompt`; never rendered."""
    suffix: str = ""
    system: str | None = None
    template: str | None = None
    context: tuple[int, ...] = ()
    raw: bool = False
    images: tuple[bytes, ...] = ()
    think: Think | None = None
    keep_alive: KeepAlive | None = None
    sampling: Sampling = field(default_factory=Sampling)
    render_only: bool = False


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """Turn texts into vectors."""

    model: str
    inputs: tuple[str | tuple[int, ...], ...]
    """Texts, or texts as token numbers."""
    truncate: bool = True
    dimensions: int | None = None
    normalise: bool = True
    keep_alive: KeepAlive | None = None
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """Order documents by how well they answer a query."""

    model: str
    query: str
    documents: tuple[str, ...]
    top_n: int | None = None
    """How many results to give; None: all."""
    truncate: bool = False
    """True: a document that is too long may be cut, and the reply says so. False: it is refused."""
    document_tokens: int | None = None
    """Tokens of a document that are looked at; what is beyond them is cut. None: all."""
    normalise: bool = True
    """Scores from 0 to 1; False: as the model gives them."""
    keep_alive: KeepAlive | None = None
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenizeRequest:
    """Turn a text into token numbers. The names of special tokens in the text become those tokens."""

    model: str
    text: str
    special: bool = True
    """Add what the model wants around a text: its begin-of-text token, for most models."""
    keep_alive: KeepAlive | None = None
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DetokenizeRequest:
    """Turn token numbers into their text."""

    model: str
    tokens: tuple[int, ...]
    keep_alive: KeepAlive | None = None
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token with the natural logarithm of its probability, and the likeliest alternatives."""

    token: str
    logprob: float
    bytes: tuple[int, ...] = ()
    top: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request cost. Tokens are counts, durations are nanoseconds."""

    prompt_tokens: int = 0
    """Tokens of the whole prompt, those found in the cache included."""
    cached_tokens: int = 0
    completion_tokens: int = 0
    total_ns: int = 0
    load_ns: int = 0
    prompt_ns: int = 0
    completion_ns: int = 0


@dataclass(frozen=True, slots=True)
class Truncation:
    """What was cut from an over-long prompt."""

    dropped_messages: int = 0
    dropped_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of the deliberation that precedes the answer."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """The model called a tool."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Rendered:
    """The prompt as it would have been sent, for a request that asked for nothing else."""

    prompt: str
    images: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every answer that did not fail."""

    reason: DoneReason
    usage: Usage = field(default_factory=Usage)
    context: tuple[int, ...] = ()
    """Tokens of prompt and answer, where the request asked for them."""
    truncation: Truncation | None = None
    notes: tuple[str, ...] = ()
    """Remarks for the user, such as a tool call that could not be parsed."""
    stop_word: str = ""
    """The stop text that ended the answer; empty where it ended otherwise."""


Event: TypeAlias = "Text | Thinking | Called | Rendered | Finished"


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each input, in order."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage = field(default_factory=Usage)
    truncated: int = 0
    """Inputs of which the end was cut."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document by its place in the request, with its score."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents, the best first."""

    results: tuple[Ranked, ...]
    usage: Usage = field(default_factory=Usage)
    truncated: int = 0
    """Documents of which the end was cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A token and the bytes that it stands for; they need not be whole characters."""

    token: int
    data: bytes
