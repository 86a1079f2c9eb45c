"""Reads Go's literals: quoted texts, characters and numbers.

A Go text is a sequence of bytes. Here it is a `str` in which a byte that is not part of valid UTF-8 is a lone
surrogate (U+DC80 to U+DCFF), as Python's "surrogateescape" has it.
"""

from __future__ import annotations

import math
import re
from typing import Final

from hearth.prompt.go.values import joined

_SIMPLE: Final = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
_ESCAPE: Final = re.compile(
    r"""\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"])|)"""
)
_DIGITS: Final = r"[0-9](?:_?[0-9])*"
_INTEGER: Final = re.compile(
    r"[-+]?(?:(?P<dec>0|[1-9](?:_?[0-9])*)|0[xX](?P<hex>(?:_?[0-9a-fA-F])+)|0[bB](?P<bin>(?:_?[01])+)"
    r"|0[oO]?(?P<oct>(?:_?[0-7])+))"
)
_FLOAT: Final = re.compile(rf"[-+]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?")
_HEX_FLOAT: Final = re.compile(
    r"[-+]?0[xX](?:(?:_?[0-9a-fA-F])+\.?(?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?|\.[0-9a-fA-F](?:_?[0-9a-fA-F])*)"
    r"[pP][-+]?[0-9]+"
)
_BASES: Final = {"dec": 10, "hex": 16, "bin": 2, "oct": 8}


def unquote(token: str) -> str:
    """The text that a quoted or raw string spells out. Raises ValueError, which says what is wrong."""
    inner = token[1:-1]
    if token[0] == "`":
        return inner.replace("\r", "")
    if "\\" not in inner:
        return inner
    return joined(_ESCAPE.sub(lambda match: _escaped(match, token[0]), inner))


def read_char(token: str) -> int:
    """The code point of a character constant. Raises ValueError."""
    inner = token[1:-1]
    match = _ESCAPE.fullmatch(inner)
    if match is not None:
        value, _ = _value(match, "'")
        return value
    if len(inner) != 1 or inner in ("'", "\\"):
        raise ValueError(f"{token} is not one character")
    return ord(inner)


def read_number(token: str) -> int | float:
    """The number that is written, of 64 bits. Raises ValueError, which says what is wrong."""
    match = _INTEGER.fullmatch(token)
    if match is not None and match.lastgroup:
        digits = match[match.lastgroup].replace("_", "")
        value = int(digits, _BASES[match.lastgroup]) * (-1 if token[0] == "-" else 1)
        if not -(1 << 63) <= value < 1 << 63:
            raise ValueError(f"{token} does not fit in 64 bits")
        return value
    return _read_float(token)


def _read_float(token: str) -> float:
    if _FLOAT.fullmatch(token) and re.search(r"[.eE]", token):
        value = float(token)
    elif _HEX_FLOAT.fullmatch(token):
        try:
            value = float.fromhex(token.replace("_", ""))
        except OverflowError:
            value = math.inf
    else:
        raise ValueError(f"{token} is not a number")
    if math.isinf(value):
        raise ValueError(f"{token} is too large a number")
    return value


def _escaped(match: re.Match[str], quote: str) -> str:
    value, is_byte = _value(match, quote)
    return bytes([value]).decode("utf-8", "surrogateescape") if is_byte else chr(value)


def _value(match: re.Match[str], quote: str) -> tuple[int, bool]:
    """What an escape stands for, and whether that is a byte (or else a code point)."""
    octal, hexadecimal, short, long, simple = match.groups()
    if octal or hexadecimal:
        value = int(octal, 8) if octal else int(hexadecimal, 16)
        if value > 255:
            raise ValueError(f"{match[0]} is more than a byte")
        return value, True
    if short or long:
        value = int(short or long, 16)
        if 0xD800 <= value < 0xE000 or value > 0x10FFFF:
            raise ValueError(f"{match[0]} is not a character")
        return value, False
    if not simple or (simple in "'\"" and simple != quote):
        raise ValueError(f"an escape that Go does not know in {match[0]!r}")
    return _SIMPLE[simple], False
