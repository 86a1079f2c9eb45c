"""The settings of the sampler, from OpenAI's fields to options.

A field goes before the same option in Hearth's own `options`. What neither sets stays open, so that the
parameters of the model apply.
"""

from __future__ import annotations

from typing import Any, Final

from hearth.errors import BadRequest, OptionError
from hearth.messages import Options
from hearth.options import check
from hearth.server.openai.wire import Generating
from hearth.server.values import shown

MOST_ANSWERS: Final = 128
_SAME_NAMES: Final = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed")
_MOST_BIAS: Final = 100.0
_MOST_TOKEN: Final = 2**31 - 1


def options(body: Generating, limit: tuple[str, int | None]) -> Options:
    """The options of a request.

    Args:
        limit: the field that bounds the answer, and its value in tokens; -1 is no bound.

    Raises:
        BadRequest: a value of the wrong type or out of range; `field` names it.
    """
    found: Options = dict(body.options)
    for name in _SAME_NAMES:
        value = getattr(body, name)
        if value is not None:
            _check(name, value)
            found[name] = value
    field, tokens = limit
    if tokens is not None:
        if tokens < 1 and tokens != -1:
            raise BadRequest(f"{field} must be at least 1", field)
        found["num_predict"] = tokens
    if body.stop is not None:
        found["stop"] = list(stops(body.stop))
    return found


def _check(name: str, value: float) -> None:
    try:
        check(name, value)
    except OptionError as error:
        raise BadRequest(error.message, name) from error


def stops(value: Any) -> tuple[str, ...]:
    """The texts that end an answer; empty ones end nothing and are left out.

    Raises:
        BadRequest: neither a text nor a list of texts.
    """
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadRequest("stop must be a text or a list of texts", "stop")
    return tuple(text for text in texts if text)


def logit_bias(value: dict[str, float]) -> tuple[tuple[int, float], ...]:
    """Token numbers with their bias, held to -100..100.

    Raises:
        BadRequest: a key that is no token number.
    """
    return tuple((_token(key), min(max(bias, -_MOST_BIAS), _MOST_BIAS)) for key, bias in value.items())


def _token(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= _MOST_TOKEN):
        raise BadRequest(f"logit_bias: {shown(text)} is not a token number", "logit_bias")
    return int(text)


def tokens(value: Any, field: str) -> tuple[int, ...]:
    """A text written as token numbers.

    Raises:
        BadRequest: anything else.
    """
    rows = value if isinstance(value, list) else []
    if not rows or not all(type(token) is int and 0 <= token <= _MOST_TOKEN for token in rows):
        raise BadRequest(f"{field} must hold texts or token numbers, not both and not none", field)
    return tuple(rows)


def texts_or_tokens(value: Any, field: str) -> tuple[str | tuple[int, ...], ...]:
    """A text, texts, token numbers, or lists of token numbers; each stands for one input.

    Raises:
        BadRequest: anything else, or an input that is empty.
    """
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{field} is missing; expected a text, a list of texts, or token numbers", field)
    if not isinstance(value[0], str | list):
        return (tokens(value, field),)
    found = tuple(
        item if isinstance(item, str) else tokens(item, f"{field}[{index}]")
        for index, item in enumerate(value)
    )
    if not all(found):
        raise BadRequest(f"{field} holds an empty text; leave it out", field)
    return found


def answers(n: int) -> int:
    """How many answers are wanted; BadRequest where it is none or too many."""
    if not 1 <= n <= MOST_ANSWERS:
        raise BadRequest(f"n must be between 1 and {MOST_ANSWERS}", "n")
    return n


def top_logprobs(value: int, field: str) -> int:
    """How many alternatives to show for each token; BadRequest where it is not between 0 and 20."""
    if not 0 <= value <= 20:
        raise BadRequest(f"{field} must be between 0 and 20", field)
    return value


def required(model: str) -> str:
    """A model's name that was given; BadRequest where it was not."""
    if not model:
        raise BadRequest("model is required", "model")
    return model
