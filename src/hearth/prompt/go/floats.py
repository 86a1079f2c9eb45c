"""Floating-point numbers in the fewest digits that read back as the same number, as Go writes them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

_JSON_SMALLEST: Final = -7
_JSON_LARGEST: Final = 21
_PRINT_SMALLEST: Final = -4
_PRINT_LARGEST: Final = 6


def printed(value: float) -> str:
    """As `print` and %v write it: 1e+06 and above, and below 1e-4, with an exponent of two digits."""
    if not math.isfinite(value):
        return infinite(value)
    return _shortest(value, _PRINT_SMALLEST, _PRINT_LARGEST, 2)


def in_json(value: float) -> str:
    """As JSON has it, by the rules of ECMAScript; the number is finite."""
    return _shortest(value, _JSON_SMALLEST + 1, _JSON_LARGEST, 1)


def positional(value: float) -> str:
    """Never with an exponent, in the fewest digits."""
    return _shortest(value, -400, 400, 2)


def infinite(value: float) -> str:
    """The name of a number that is not finite."""
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def _shortest(value: float, smallest: int, largest: int, exponent_digits: int) -> str:
    sign, digits, scale = Decimal(repr(value)).as_tuple()
    assert isinstance(scale, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    exponent = len(digits) + scale - 1 if text != "0" else 0
    minus = "-" if sign else ""
    if exponent < smallest or exponent >= largest:
        return f"{minus}{_pointed(text, 1)}e{'-' if exponent < 0 else '+'}{abs(exponent):0{exponent_digits}}"
    if exponent < 0:
        return f"{minus}0.{'0' * (-exponent - 1)}{text}"
    return minus + _pointed(text, exponent + 1)


def _pointed(digits: str, whole: int) -> str:
    if len(digits) <= whole:
        return digits + "0" * (whole - len(digits))
    return f"{digits[:whole]}.{digits[whole:]}"
