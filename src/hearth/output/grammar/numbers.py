"""Integers and numbers of a schema, held to exact bounds.

Numbers with bounds are written without exponents, and with as many digits after the point as a bound needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from hearth.messages import Json
from hearth.output.grammar.digits import same_length, whole_numbers
from hearth.output.grammar.nodes import Literal, Node, Rule, choice, optional, repeat, series
from hearth.output.grammar.place import Place
from hearth.output.grammar.tokens import DIGIT, MAX_DIGITS, NONZERO, fraction

_PLACES = MAX_DIGITS - 1
_LARGEST = Decimal(10) ** MAX_DIGITS
_FINEST = Decimal(1).scaleb(-_PLACES)


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a range; `open` leaves the value itself out."""

    value: Decimal
    open: bool = False


def integer_node(schema: dict[str, Json], place: Place) -> Node:
    """An integer between `minimum`, `maximum` and their exclusive forms. Raises SchemaError."""
    low, high = bounds(schema, place)
    if low is None and high is None:
        return Rule("integer")
    first = None if low is None else int(low.value.to_integral_value(ROUND_CEILING))
    last = None if high is None else int(high.value.to_integral_value(ROUND_FLOOR))
    if low and low.open and first == low.value:
        first = int(low.value) + 1
    if high and high.open and last == high.value:
        last = int(high.value) - 1
    parts = []
    if first is None or first < 0:
        parts.append(_negative(first, last))
    if last is None or last >= 0:
        parts.append(_natural(max(first or 0, 0), last))
    return choice(_any_of(parts, place))


def _negative(first: int | None, last: int | None) -> Node | None:
    largest = None if first is None else -first
    smallest = max(1, -last) if last is not None else 1
    found = _natural(smallest, largest)
    return series("-", found) if found else None


def _natural(first: int, last: int | None) -> Node | None:
    return None if last is not None and last < first else whole_numbers(first, last)


def number_node(schema: dict[str, Json], place: Place) -> Node:
    """A number between `minimum`, `maximum` and their exclusive forms. Raises SchemaError."""
    low, high = bounds(schema, place)
    if low is None and high is None:
        return Rule("number")
    parts: list[Node | None] = []
    if low is None or low.value < 0:
        parts.append(_below_zero(low, high))
    if high is None or high.value >= 0:
        least = low if low and low.value >= 0 else Bound(Decimal(0))
        parts += _magnitudes(least, high)
    return choice(_any_of(parts, place))


def _below_zero(low: Bound | None, high: Bound | None) -> Node | None:
    least = Bound(-high.value, high.open) if high and high.value <= 0 else Bound(Decimal(0))
    most = None if low is None else Bound(-low.value, low.open)
    found = [part for part in _magnitudes(least, most) if part]
    return series("-", choice(found)) if found else None


def _magnitudes(low: Bound, high: Bound | None) -> list[Node | None]:
    """The numbers from `low` (not negative) to `high`: whole units first, then what is left at both ends."""
    bottom = int(low.value)
    if high is None:
        units = whole_numbers(bottom + 1, None)
        return [series(units, optional(fraction())), _unit(bottom, _part(low), None)]
    top = int(high.value)
    if bottom == top:
        return [_unit(bottom, _part(low), _part(high))]
    between = _natural(bottom + 1, top - 1)
    return [
        series(between, optional(fraction())) if between else None,
        _unit(bottom, _part(low), None),
        _unit(top, Bound(Decimal(0)), _part(high)),
    ]


def _part(bound: Bound) -> Bound:
    return Bound(bound.value % 1, bound.open)


def _unit(whole: int, low: Bound, high: Bound | None) -> Node | None:
    """The numbers with that whole part whose fraction lies in a range (`high` None: below one)."""
    if high is None and low == Bound(Decimal(0)):
        return series(str(whole), optional(fraction()))
    places = max(1, _places(low), _places(high) if high else 0)
    scale = 10**places
    first = int(low.value * scale)
    last = int(high.value * scale) if high else scale
    zeros = repeat(Literal("0"), 0, 3)
    ways = [] if last <= first else [_fractions(first + 1, last - 1, places)]
    if last > first:
        ways.append(_just_above(first, places))
    if not low.open and (last > first or (high and not high.open)):
        ways.append(_exactly(first, places, zeros))
    if high and not high.open:
        ways.append(_exactly(last, places, zeros))
    found = [way for way in ways if way]
    return series(str(whole), choice(found)) if found else None


def _fractions(first: int, last: int, places: int) -> Node | None:
    """A point, then digits whose first `places` lie in a range, then any."""
    if first > last:
        return None
    digits = same_length(str(first).zfill(places), str(last).zfill(places))
    return series(".", digits, repeat(DIGIT, 0, max(0, _PLACES - places)))


def _just_above(first: int, places: int) -> Node | None:
    """The fractions that begin with these digits and are larger than them."""
    spare = _PLACES - places
    if spare <= 0:
        return None
    more = series(repeat(Literal("0"), 0, spare - 1), NONZERO)
    return series(".", str(first).zfill(places), more)


def _exactly(value: int, places: int, zeros: Node) -> Node:
    written = series(".", str(value).zfill(places), zeros)
    return optional(series(".", repeat(Literal("0"), 1, 3))) if value == 0 else written


def _places(bound: Bound) -> int:
    exponent = bound.value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _any_of(parts: list[Node | None], place: Place) -> list[Node]:
    found = [part for part in parts if part]
    if not found:
        raise place.error("no number lies between its minimum and its maximum", "correct the bounds")
    return found


def bounds(schema: dict[str, Json], place: Place) -> tuple[Bound | None, Bound | None]:
    """The lower and the upper end that a schema sets, where it sets them. Raises SchemaError."""
    low = _tightest(schema, place, ("minimum", "exclusiveMinimum"), largest=True)
    high = _tightest(schema, place, ("maximum", "exclusiveMaximum"), largest=False)
    if low and high and (low.value, low.open or high.open) > (high.value, False):
        raise place.error("its minimum leaves nothing below its maximum", "correct the bounds")
    return low, high


def _tightest(schema: dict[str, Json], place: Place, keys: tuple[str, str], *, largest: bool) -> Bound | None:
    """The lower or upper end, from its inclusive and its exclusive keyword."""
    inclusive, exclusive = (_number(schema, key, place) for key in keys)
    # In the drafts up to 4 the exclusive keyword is a boolean that qualifies the other one.
    found = [Bound(inclusive, schema.get(keys[1]) is True)] if inclusive is not None else []
    found += [Bound(exclusive, True)] if exclusive is not None else []
    if not found:
        return None
    sign = 1 if largest else -1
    bound = max(found, key=lambda each: (sign * each.value, each.open))
    return _held(bound, place, sign)


def _held(bound: Bound, place: Place, sign: int) -> Bound | None:
    """The bound in as many digits as the grammar writes; None if no number that it writes lies beyond."""
    if -sign * bound.value >= _LARGEST:
        return None
    if sign * bound.value >= _LARGEST:
        raise place.error(f"a bound has more than {MAX_DIGITS} digits", "bring it nearer to zero")
    rounding = ROUND_CEILING if sign > 0 else ROUND_FLOOR
    held = bound.value.quantize(_FINEST, rounding) if _places(bound) > _PLACES else bound.value
    return Bound(held, bound.open and held == bound.value)


def _number(schema: dict[str, Json], key: str, place: Place) -> Decimal | None:
    value = schema.get(key)
    if value is None or (isinstance(value, bool) and key.startswith("exclusive")):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error(f"{key} is not a number", "write a number")
    return Decimal(str(value))
