"""Every error Hearth raises on purpose, with its HTTP status and the user's next step.

    HearthError                      500
    ├── BadRequest                   400  the caller sent something unusable
    │   ├── InvalidName              400  not a model name
    │   ├── InvalidDigest            400  not a sha256 digest
    │   ├── DigestMismatch           400  bytes do not hash to what was promised
    │   ├── ModelfileError           400  a Modelfile that cannot be read
    │   ├── GGUFError                400  a GGUF file that is damaged, hostile or not supported
    │   ├── OptionError              400  an option of the wrong type or range
    │   ├── SchemaError              400  a JSON schema that cannot become a grammar
    │   ├── MediaError               400  an image that cannot be read
    │   ├── TemplateError            400  a prompt template that cannot be parsed or rendered
    │   ├── Unsupported              400  the model lacks a capability
    │   └── ContextExceeded          400  the prompt is longer than the context
    ├── NotFound                     404
    │   ├── ModelNotFound            404
    │   └── BlobNotFound             404
    ├── ReadOnly                     403  a built-in model cannot be changed
    ├── Conflict                     409  another process holds the port or the store
    ├── PayloadTooLarge              413  a body larger than the server takes
    ├── RequestCancelled             499  the client went away
    ├── NotImplementedYet            501  a route that a later version brings
    ├── ServerBusy                   503  the queue is full
    ├── StorageFull                  507  the disk is full
    ├── StoreDamaged                 500  a manifest or blob is missing or damaged
    ├── ConfigError                  500  a setting that cannot be used
    └── EngineError                  500  something went wrong in a runner
        ├── LoadError                500  the model did not load
        │   ├── LoadTimeout          500  no progress within the load timeout
        │   └── OutOfMemory          500  not enough memory to load
        └── RunnerCrashed            500  the runner died while it answered

An error's message is shown to the client as it is: it says what was wrong, what was expected and
what to do next, and never holds a path of the server.
"""

from __future__ import annotations


class HearthError(Exception):
    """Base of all deliberate errors; `status` is the HTTP status it maps to."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(HearthError):
    """The request cannot be served as it was sent; `field` is the part of it at fault, where one is."""

    status = 400

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidName(BadRequest):
    """A text that is not a model name."""


class InvalidDigest(BadRequest):
    """A text that is not a sha256 digest."""


class DigestMismatch(BadRequest):
    """Bytes whose hash differs from the promised one."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(f'digest mismatch, expected "{expected}", got "{actual}"')
        self.expected = expected
        self.actual = actual


class ModelfileError(BadRequest):
    """A Modelfile that does not follow the grammar."""


class GGUFError(BadRequest):
    """A GGUF file that is damaged, hostile or of a version that cannot be read."""


class OptionError(BadRequest):
    """A generation option of the wrong type or out of range."""


class SchemaError(BadRequest):
    """A JSON schema that cannot be turned into a grammar."""


class MediaError(BadRequest):
    """Bytes that were sent as an image or audio and are none."""


class TemplateError(BadRequest):
    """A prompt template that cannot be parsed or rendered."""


class Unsupported(BadRequest):
    """The model lacks a capability that the request needs."""


class ContextExceeded(BadRequest):
    """The prompt does not fit the context window; nothing was cut."""

    def __init__(
        self, prompt_tokens: int, context: int, *, cut: bool = False, embedded: bool = False, largest: int = 0
    ) -> None:
        """`cut` says that everything that may be dropped has been dropped already.

        `embedded`: the prompt is a text to embed. `largest` is the largest window that the model can have; 0
        where that is not known.
        """
        what = "the last message alone" if cut else "the prompt"
        growing = f', or raise the option "num_ctx" above {prompt_tokens}'
        cutting = ', or send "truncate": true to have the oldest part cut (the reply then says so)'
        if embedded:
            what = "the input length exceeds the context length: the longest input"
            growing = f', or raise the options "num_ctx" and "num_batch" above {prompt_tokens}'
            cutting = ', or send "truncate": true (not to /api/embeddings) to have its end cut'
        if 0 < largest <= prompt_tokens:
            growing = f", or use another model: this one has no larger window than {largest}"
        super().__init__(
            f"{what} has {prompt_tokens} tokens but the context window holds {context}: "
            f"shorten it{growing}{'' if cut else cutting}"
        )
        self.prompt_tokens = prompt_tokens
        self.context = context
        self._cut, self._embedded = cut, embedded

    def of_model(self, largest: int) -> ContextExceeded:
        """The same for a model whose window cannot have more than `largest` tokens (0: not known)."""
        return ContextExceeded(
            self.prompt_tokens, self.context, cut=self._cut, embedded=self._embedded, largest=largest
        )


class NotFound(HearthError):
    """Something that was named does not exist."""

    status = 404


class ModelNotFound(NotFound):
    """No model of that name is in the library."""

    def __init__(self, name: str, message: str | None = None) -> None:
        super().__init__(message or f"model '{name}' not found")
        self.name = name


class BlobNotFound(NotFound):
    """No blob of that digest is in the library."""

    def __init__(self, digest: str) -> None:
        super().__init__(f'blob "{digest}" not found')
        self.digest = digest


class ReadOnly(HearthError):
    """A model that ships with Hearth cannot be changed or deleted."""

    status = 403


class Conflict(HearthError):
    """Another process holds the address or the store."""

    status = 409


class PayloadTooLarge(HearthError):
    """The body of a request is larger than the server takes."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the request body is larger than {limit} bytes; send less, or raise HEARTH_MAX_BODY on the "
            "server"
        )
        self.limit = limit


class RequestCancelled(HearthError):
    """The client went away before the answer was complete."""

    status = 499

    def __init__(self, message: str = "request canceled") -> None:
        super().__init__(message)


class NotImplementedYet(HearthError):
    """A route that exists in Ollama and that a later version of Hearth brings."""

    status = 501


class ServerBusy(HearthError):
    """The queue is full."""

    status = 503

    def __init__(self) -> None:
        super().__init__("server busy, please try again.  maximum pending requests exceeded")


class StorageFull(HearthError):
    """The disk that holds the library is full; nothing half-written stays."""

    status = 507


class StoreDamaged(HearthError):
    """A manifest or blob of the library is missing or damaged."""


class ConfigError(HearthError):
    """A setting that cannot be used."""


class EngineError(HearthError):
    """Something went wrong in a runner."""


class LoadError(EngineError):
    """The model could not be loaded."""


class LoadTimeout(LoadError):
    """The load made no progress within the load timeout."""


class OutOfMemory(LoadError):
    """The model needs more memory than there is."""


class RunnerCrashed(EngineError):
    """The runner died while it served a request; the next request gets a fresh one."""
