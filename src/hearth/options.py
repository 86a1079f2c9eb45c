"""The generation and load options: each by Ollama's name, with its type, default and meaning.

Requests and Modelfiles use the same names. `check` is for JSON values, `parse` for text (a Modelfile or the
REPL); both give a value of the option's type or raise `OptionError`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from hearth.errors import OptionError
from hearth.messages import Json

Kind = Literal["integer", "float32", "boolean", "array"]
Value = int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `load` options take effect when the model is loaded, the others at each request."""

    name: str
    kind: Kind
    default: Value | None
    doc: str
    load: bool = False
    minimum: float | None = None
    maximum: float | None = None


_INT31: Final = 2**31 - 1
_LONGEST: Final = 20
"""Digits of a number that an error repeats."""

OPTIONS: Final[dict[str, Option]] = {
    option.name: option
    for option in (
        Option("num_ctx", "integer", None, "context window in tokens, at least", True, 1, _INT31),
        Option("num_batch", "integer", None, "prompt tokens evaluated at once", True, 1, _INT31),
        Option("num_gpu", "integer", -1, "layers on the GPU: -1 as many as fit, 0 none", True, -1, _INT31),
        Option("main_gpu", "integer", None, "the GPU for small tensors", True, 0, 1023),
        Option("use_mmap", "boolean", None, "map the file instead of reading it", True),
        Option("num_thread", "integer", 0, "threads: 0 means one for each physical core", True, 0, 4096),
        Option("draft_num_predict", "integer", 4, "tokens a draft model guesses: 0 none", True, 0, 1024),
        Option("num_keep", "integer", 4, "prompt tokens kept when the context shifts", False, -1, _INT31),
        Option(
            "num_predict", "integer", -1, "tokens to generate at most: -1 until the end", False, -2, _INT31
        ),
        Option("seed", "integer", -1, "random seed: -1 a new one each time", False, -(2**63), 2**64 - 1),
        Option("temperature", "float32", 0.8, "randomness: 0 always the likeliest token", False, 0, 1e6),
        Option("top_k", "integer", 40, "sample from the k likeliest tokens: 0 all", False, -1, _INT31),
        Option(
            "top_p",
            "float32",
            0.9,
            "sample from the likeliest tokens of this total probability",
            False,
            0,
            1e6,
        ),
        Option("min_p", "float32", 0.0, "leave out tokens below this share of the likeliest", False, 0, 1e6),
        Option("typical_p", "float32", 1.0, "locally typical sampling: 1 is off", False, 0, 1e6),
        Option(
            "repeat_last_n",
            "integer",
            64,
            "tokens looked at for repetition: 0 none, -1 all",
            False,
            -1,
            _INT31,
        ),
        Option("repeat_penalty", "float32", 1.0, "penalty for repeated tokens: 1 is off", False, 1e-6, 1e6),
        Option("presence_penalty", "float32", 0.0, "penalty for tokens that occurred", False, -1e6, 1e6),
        Option(
            "frequency_penalty",
            "float32",
            0.0,
            "penalty for tokens by how often they occurred",
            False,
            -1e6,
            1e6,
        ),
        Option("stop", "array", [], "texts that end the answer"),
    )
}

REMOVED: Final = frozenset(
    "penalize_newline low_vram f16_kv logits_all vocab_only use_mlock "
    "mirostat mirostat_tau mirostat_eta".split()
)
"""Options that Ollama once had; a Modelfile that names one is warned and goes on."""


def check(name: str, value: Json) -> Value | None:
    """The value of option `name` given in JSON; None for null.

    Integers written as floats are cut to integers, as Ollama does.

    Raises:
        OptionError: unknown name, wrong type, or out of range.
    """
    option = OPTIONS.get(name)
    if option is None:
        raise OptionError(f'unknown option "{name}"; the known options are {", ".join(sorted(OPTIONS))}')
    if value is None:
        return None
    if option.kind == "boolean":
        if not isinstance(value, bool):
            raise _wrong_type(option)
        return value
    if option.kind == "array":
        return _strings(option, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise _wrong_type(option)
    # The range goes first: an integer can be too large to become a float.
    ranged = _ranged(option, value)
    return int(ranged) if option.kind == "integer" else float(ranged)


def parse(name: str, text: str) -> Value:
    """The value of option `name` written as text; `stop` gives a list of that one text.

    Raises:
        OptionError: unknown name, text that is not of the type, or out of range.
    """
    option = OPTIONS.get(name)
    if option is None:
        raise OptionError(
            f"unknown parameter '{name}'; the known parameters are {', '.join(sorted(OPTIONS))}"
        )
    if option.kind == "array":
        return [text]
    if option.kind == "boolean":
        return _boolean(text)
    try:
        number = int(text) if option.kind == "integer" else float(text)
    except ValueError:
        kind = "int" if option.kind == "integer" else "float"
        raise OptionError(f"invalid {kind} value [{text}] for parameter '{name}'") from None
    if isinstance(number, float) and not math.isfinite(number):
        raise OptionError(f"invalid float value [{text}] for parameter '{name}'")
    return _ranged(option, number)


def _boolean(text: str) -> bool:
    if text in {"1", "t", "T", "true", "TRUE", "True"}:
        return True
    if text in {"0", "f", "F", "false", "FALSE", "False"}:
        return False
    raise OptionError(f"invalid bool value [{text}]; expected true or false")


def _strings(option: Option, value: Json) -> list[str]:
    if not isinstance(value, list):
        raise _wrong_type(option)
    strings = [item for item in value if isinstance(item, str)]
    if len(strings) != len(value):
        raise OptionError(f'option "{option.name}" must be of an array of strings')
    return strings


def _wrong_type(option: Option) -> OptionError:
    return OptionError(f'option "{option.name}" must be of type {option.kind}')


def _ranged(option: Option, number: float) -> int | float:
    low = -math.inf if option.minimum is None else option.minimum
    high = math.inf if option.maximum is None else option.maximum
    if not low <= number <= high:
        raise OptionError(
            f'option "{option.name}" must be between {_shown(low)} and {_shown(high)}, not {_shown(number)}'
        )
    return number


def _shown(number: float) -> str:
    """A number as people write it, shortened where it has very many digits."""
    text = str(number) if isinstance(number, int) else f"{number:g}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
