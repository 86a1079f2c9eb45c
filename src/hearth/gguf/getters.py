"""Typed access to metadata: a wrong type is an error that names the key, never a surprise later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast, overload

from hearth.errors import GGUFError
from hearth.gguf.arrays import LazyArray
from hearth.gguf.entries import Value

_T = TypeVar("_T")
_MISSING: Final[Any] = object()
_MAX_LAYERS: Final = 65536


class TypedMetadata:
    """Getters over `metadata`. Without a default a missing key is a GGUFError."""

    metadata: Mapping[str, Value]

    @overload
    def string(self, key: str) -> str: ...
    @overload
    def string(self, key: str, default: _T) -> str | _T: ...
    def string(self, key: str, default: Any = _MISSING) -> Any:
        if key not in self.metadata:
            return _absent(key, default)
        value = self.metadata[key]
        if isinstance(value, str):
            return value
        raise _wrong(key, value, "a text")

    @overload
    def integer(self, key: str, *, minimum: int = ..., maximum: int = ...) -> int: ...
    @overload
    def integer(self, key: str, default: _T, *, minimum: int = ..., maximum: int = ...) -> int | _T: ...
    def integer(
        self, key: str, default: Any = _MISSING, *, minimum: int = -(1 << 63), maximum: int = (1 << 64) - 1
    ) -> Any:
        """A whole number within the range, ends included."""
        if key not in self.metadata:
            return _absent(key, default)
        return _checked_integer(key, self.metadata[key], minimum, maximum)

    @overload
    def number(self, key: str) -> float: ...
    @overload
    def number(self, key: str, default: _T) -> float | _T: ...
    def number(self, key: str, default: Any = _MISSING) -> Any:
        """A finite number; whole numbers are taken too."""
        if key not in self.metadata:
            return _absent(key, default)
        value = self.metadata[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _wrong(key, value, "a finite number")
        return float(value)

    @overload
    def boolean(self, key: str) -> bool: ...
    @overload
    def boolean(self, key: str, default: _T) -> bool | _T: ...
    def boolean(self, key: str, default: Any = _MISSING) -> Any:
        if key not in self.metadata:
            return _absent(key, default)
        value = self.metadata[key]
        if isinstance(value, bool):
            return value
        raise _wrong(key, value, "true or false")

    @overload
    def strings(self, key: str) -> list[str]: ...
    @overload
    def strings(self, key: str, default: _T) -> list[str] | _T: ...
    def strings(self, key: str, default: Any = _MISSING) -> Any:
        """An array of texts, as a list."""
        if key not in self.metadata:
            return _absent(key, default)
        value = self.metadata[key]
        if isinstance(value, tuple | LazyArray):
            items = list(value)
            if all(isinstance(item, str) for item in items):
                return items
        raise _wrong(key, value, "an array of texts")

    @property
    def arch(self) -> str:
        """The architecture, `general.architecture`; the prefix of the model's own keys."""
        name = self.string("general.architecture")
        if not name:
            raise GGUFError(
                'the metadata key "general.architecture" is empty; expected a name such as "llama"'
            )
        return name

    @overload
    def arch_integer(self, key: str, *, minimum: int = ..., maximum: int = ...) -> int: ...
    @overload
    def arch_integer(self, key: str, default: _T, *, minimum: int = ..., maximum: int = ...) -> int | _T: ...
    def arch_integer(
        self, key: str, default: Any = _MISSING, *, minimum: int = 0, maximum: int = (1 << 32) - 1
    ) -> Any:
        """The whole number at "{arch}.{key}"."""
        return self.integer(f"{self.arch}.{key}", default, minimum=minimum, maximum=maximum)

    def arch_integers(
        self, key: str, default: int | None = None, *, minimum: int = 0, maximum: int = (1 << 32) - 1
    ) -> tuple[int, ...]:
        """The numbers at "{arch}.{key}", one for each layer; a single number stands for all of them."""
        full = f"{self.arch}.{key}"
        layers = self.arch_integer("block_count", minimum=1, maximum=_MAX_LAYERS)
        value = self.metadata.get(full, default)
        if value is None:
            raise GGUFError(f'the metadata key "{full}" is missing from the GGUF file')
        if not isinstance(value, tuple | LazyArray):
            return (_checked_integer(full, value, minimum, maximum),) * layers
        if len(value) != layers:
            raise GGUFError(f'the metadata key "{full}" has {len(value)} elements for {layers} layers')
        return tuple(_checked_integer(full, item, minimum, maximum) for item in value)


def _absent(key: str, default: Any) -> Any:
    if default is _MISSING:
        raise GGUFError(f'the metadata key "{key}" is missing from the GGUF file')
    return default


def _checked_integer(key: str, value: object, minimum: int, maximum: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(key, value, "a whole number")
    if not minimum <= value <= maximum:
        raise GGUFError(f'the metadata key "{key}" is {value}; expected {minimum} to {maximum}')
    return value


def _wrong(key: str, value: object, expected: str) -> GGUFError:
    return GGUFError(f'the metadata key "{key}" is {_describe(value)}; expected {expected}')


def _describe(value: object) -> str:
    if isinstance(value, tuple | LazyArray):
        return f"an array of {len(cast('tuple[object, ...]', value))}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return f"the {type(value).__name__} {value!r}"
