"""Model names and digests: the only way from text to a path or a URL.

Everything that comes from outside as a name or a digest is parsed here first; paths are built from
the parsed values alone, so a traversal cannot be expressed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from hearth.errors import InvalidDigest, InvalidName

DEFAULT_HOST: Final = "registry.ollama.ai"
DEFAULT_NAMESPACE: Final = "library"
DEFAULT_TAG: Final = "latest"

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}")
_NAMESPACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_LOCAL = re.compile(r":local\Z", re.IGNORECASE)
_DIGEST = re.compile(r"sha256[:-]([0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True, order=True)
class ModelName:
    """A fully qualified model name: `host/namespace/model:tag`."""

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Read `[scheme://][host/][namespace/]model[:tag]`, filling in Ollama's defaults.

        Raises:
            InvalidName: an empty or malformed part, or more than three slashes' worth of parts.
        """
        scheme, separator, rest = _LOCAL.sub("", text.strip()).rpartition("://")
        path, tag = _split_tag(rest)
        parts = path.split("/")
        if len(parts) > 3 or (separator and (len(parts) < 3 or not scheme.isalnum())):
            raise _invalid(text)
        host, namespace = DEFAULT_HOST, DEFAULT_NAMESPACE
        if len(parts) == 3:
            host, namespace = parts[0], parts[1]
        elif len(parts) == 2:
            namespace = parts[0]
        name = cls(host, namespace, parts[-1], tag)
        if not name._valid():
            raise _invalid(text)
        return name

    @classmethod
    def from_path(cls, path: PurePosixPath) -> ModelName | None:
        """The name whose manifest lies at this path below `manifests/`, or None if it is none."""
        if len(path.parts) != 4:
            return None
        name = cls(*path.parts)
        return name if name._valid() else None

    def _valid(self) -> bool:
        return (
            _HOST.fullmatch(self.host) is not None
            and _NAMESPACE.fullmatch(self.namespace) is not None
            and _PART.fullmatch(self.model) is not None
            and _PART.fullmatch(self.tag) is not None
        )

    @property
    def path(self) -> PurePosixPath:
        """Where the manifest lies below `manifests/`; four plain parts, never a dot part."""
        return PurePosixPath(self.host, self.namespace, self.model, self.tag)

    @property
    def full(self) -> str:
        """`host/namespace/model:tag`."""
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    def folded(self) -> ModelName:
        """The name in lower case: two names that fold alike are the same model."""
        return ModelName(self.host.lower(), self.namespace.lower(), self.model.lower(), self.tag.lower())

    def __str__(self) -> str:
        """The shortest form that parses back to this name; the tag is always shown."""
        short = f"{self.model}:{self.tag}"
        if self.tag.lower() == "local":
            # Parsing takes one such ending off, as it only asks for a model of this machine.
            short += ":local"
        if self.host != DEFAULT_HOST:
            return f"{self.host}/{self.namespace}/{short}"
        return short if self.namespace == DEFAULT_NAMESPACE else f"{self.namespace}/{short}"


def _split_tag(text: str) -> tuple[str, str]:
    path, colon, tag = text.rpartition(":")
    if colon and "/" not in tag:
        return path, tag
    return text, DEFAULT_TAG


def _invalid(text: str) -> InvalidName:
    shown = text if len(text) <= 80 else text[:77] + "..."
    return InvalidName(f"invalid model name: {shown!r}; expected [host/][namespace/]model[:tag]")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A sha256 digest; `hex` is 64 lower-case digits."""

    hex: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `sha256:<64 hex>` or `sha256-<64 hex>`.

        Raises:
            InvalidDigest: anything else.
        """
        match = _DIGEST.fullmatch(text)
        if match is None:
            raise InvalidDigest("invalid digest format; expected sha256: and 64 hexadecimal digits")
        return cls(match[1].lower())

    @classmethod
    def of(cls, data: bytes) -> Digest:
        """The digest of these bytes."""
        return cls(hashlib.sha256(data).hexdigest())

    @property
    def filename(self) -> str:
        """The blob's file name: `sha256-<hex>`."""
        return f"sha256-{self.hex}"

    @property
    def short(self) -> str:
        """The first 12 digits, as tables show them."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"sha256:{self.hex}"
