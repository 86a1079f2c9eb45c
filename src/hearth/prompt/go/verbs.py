"""One text, number or boolean by one verb of Go's printf, with its flags, width and precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hearth.errors import TemplateError
from hearth.prompt.go import floats
from hearth.prompt.go.quoting import can_be_raw, quote, quote_char
from hearth.prompt.go.values import go_bytes

_BASES: Final = {"v": 10, "d": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_DIGITS: Final = {2: "b", 8: "o", 10: "d", 16: "x"}
_PREFIXES: Final = {2: "0b", 8: "0", 16: "0x"}


@dataclass(slots=True)
class Spec:
    """What stands between the % and the verb, and the verb."""

    verb: str = "v"
    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int = 0
    precision: int | None = None
    as_source: bool = False
    """Go's own syntax, %#v; the sharp is then off."""
    named: bool = False
    """The fields of a struct with their names, %+v; the plus is then off."""


def pad(text: str, spec: Spec) -> str:
    """The text at least as wide as asked, in characters."""
    missing = spec.width - len(text)
    if missing <= 0:
        return text
    if spec.minus:
        return text + " " * missing
    return ("0" if spec.zero else " ") * missing + text


def format_text(text: str, spec: Spec) -> str | None:
    """A text by %v, %s, %q, %x or %X; None for another verb."""
    if spec.verb in "xX":
        return pad(_hex_bytes(text, spec), spec)
    if spec.verb not in "vsq":
        return None
    text = text[: spec.precision]
    if spec.verb == "q" or spec.as_source:
        text = _quoted(text, spec)
    return pad(text, spec)


def format_bool(value: bool, spec: Spec) -> str | None:
    """A boolean by %v or %t; None for another verb."""
    return pad("true" if value else "false", spec) if spec.verb in "vt" else None


def format_integer(value: int, spec: Spec) -> str | None:
    """A whole number by any verb of whole numbers; None for another verb."""
    if spec.verb == "c":
        return pad(_character(value), spec)
    if spec.verb == "q":
        return pad(quote_char(value, ascii_only=spec.plus), spec)
    if spec.verb == "U":
        return _unicode(value, spec)
    base = _BASES.get(spec.verb)
    return None if base is None else _integer(value, base, spec)


def format_float(value: float, spec: Spec) -> str | None:
    """A number with a fraction by any verb of such numbers; None for another verb."""
    if spec.verb in "bxX":
        raise TemplateError(
            f"a number with a fraction cannot be written by %{spec.verb}; use %v, %f, %e or %g"
        )
    if spec.verb not in "vgGeEfF":
        return None
    text = floats.infinite(value) if value - value != 0 else _digits(value, spec)
    if text[0] not in "+-":
        text = f"+{text}"
    sign, digits = text[0], text[1:]
    infinite = not digits[0].isdigit()
    if sign == "+" and not spec.plus:
        sign = " " if spec.space else "+" if infinite and digits == "Inf" else ""
    if spec.zero and not spec.minus and not infinite:
        return sign + digits.rjust(spec.width - len(sign), "0")
    return pad(sign + digits, Spec(minus=spec.minus, width=spec.width))


def _quoted(text: str, spec: Spec) -> str:
    if spec.sharp and spec.verb == "q" and can_be_raw(text):
        return f"`{text}`"
    return quote(text, ascii_only=spec.plus and spec.verb == "q")


def _hex_bytes(text: str, spec: Spec) -> str:
    raw = go_bytes(text)[: spec.precision]
    pairs = [f"{byte:02x}" for byte in raw]
    prefix = "0x" if spec.sharp else ""
    joined = (" " + prefix).join(pairs) if spec.space else "".join(pairs)
    done = prefix + joined if pairs else ""
    return done.upper() if spec.verb == "X" else done


def _character(code: int) -> str:
    return chr(code) if 0 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _unicode(value: int, spec: Spec) -> str:
    code = value if value >= 0 else value + (1 << 64)
    text = f"U+{code:0{max(4, spec.precision or 0)}X}"
    if spec.sharp and code < 0x110000 and _character(code).isprintable():
        text += f" '{chr(code)}'"
    return pad(text, Spec(minus=spec.minus, width=spec.width))


def _integer(value: int, base: int, spec: Spec) -> str:
    spaces = Spec(minus=spec.minus, width=spec.width)
    if spec.precision == 0 and value == 0:
        return pad("", spaces)
    sign = "-" if value < 0 else "+" if spec.plus else " " if spec.space else ""
    wanted = spec.precision or 0
    if spec.precision is None and spec.zero and not spec.minus:
        wanted = spec.width - len(sign)
    digits = format(abs(value), _DIGITS[base]).rjust(wanted, "0")
    if spec.sharp and base in _PREFIXES and not (base == 8 and digits[0] == "0"):
        digits = _PREFIXES[base] + digits
    if spec.verb == "O":
        digits = "0o" + digits
    return pad(sign + (digits.upper() if spec.verb == "X" else digits), spaces)


def _digits(value: float, spec: Spec) -> str:
    kind = "g" if spec.verb == "v" else spec.verb.lower()
    if spec.precision is None and kind == "g":
        text = floats.printed(value)
    else:
        text = format(value, f".{6 if spec.precision is None else spec.precision}{kind}")
    return text.upper() if spec.verb in "EG" else text
