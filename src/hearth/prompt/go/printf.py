"""Go's printf: reads the directives of a format and writes the arguments by them.

A mistake in a format is no error in Go: it is written into the text, as "%!d(string=x)" and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hearth.prompt.go.limits import check_text
from hearth.prompt.go.printing import formatted
from hearth.prompt.go.values import Value, is_nothing, joined, type_name
from hearth.prompt.go.verbs import Spec

_MAX_WIDTH: Final = 1_000_000
_FLAGS: Final = {"+": "plus", "-": "minus", "#": "sharp", " ": "space", "0": "zero"}


def sprintf(template: str, arguments: Sequence[Value]) -> str:
    """The format with its directives replaced. Raises TemplateError if the text becomes too long."""
    return _Printf(template, arguments).run()


class _Printf:
    def __init__(self, template: str, arguments: Sequence[Value]) -> None:
        self._template = template
        self._arguments = arguments
        self._at = 0
        self._argument = 0
        self._reordered = False
        self._index_is_good = True
        self._parts: list[str] = []
        self._length = 0

    def run(self) -> str:
        while (found := self._template.find("%", self._at)) >= 0:
            self._write(self._template[self._at : found])
            self._at = found + 1
            self._directive()
        self._write(self._template[self._at :])
        if not self._reordered and self._argument < len(self._arguments):
            self._write(f"%!(EXTRA {', '.join(map(_extra, self._arguments[self._argument :]))})")
        return joined("".join(self._parts))

    def _write(self, text: str) -> None:
        self._length += len(text)
        check_text(self._length)
        self._parts.append(text)

    def _directive(self) -> None:
        spec = Spec()
        self._index_is_good = True
        while (flag := _FLAGS.get(self._peek())) is not None:
            setattr(spec, flag, True)
            self._at += 1
        indexed = self._index()
        indexed = self._width(spec, indexed)
        indexed = self._precision(spec, indexed)
        if not indexed:
            self._index()
        verb = self._peek()
        if not verb:
            self._write("%!(NOVERB)")
            return
        self._at += 1
        spec.verb = verb
        if verb == "v":
            spec.as_source, spec.sharp = spec.sharp, False
            spec.named, spec.plus = spec.plus, False
        self._write(self._value(spec))

    def _value(self, spec: Spec) -> str:
        if spec.verb == "%":
            return "%"
        if not self._index_is_good:
            return f"%!{spec.verb}(BADINDEX)"
        if self._argument >= len(self._arguments):
            return f"%!{spec.verb}(MISSING)"
        self._argument += 1
        return formatted(self._arguments[self._argument - 1], spec)

    def _peek(self) -> str:
        return self._template[self._at : self._at + 1]

    def _width(self, spec: Spec, indexed: bool) -> bool:
        if self._peek() == "*":
            width = self._star()
            if width is None:
                self._write("%!(BADWIDTH)")
            elif width < 0:
                spec.minus, spec.zero = True, False
            spec.width = abs(width or 0)
            return False
        before = self._at
        spec.width = self._number() or 0
        if indexed and self._at > before:
            self._index_is_good = False
        return indexed

    def _precision(self, spec: Spec, indexed: bool) -> bool:
        if self._peek() != ".":
            return indexed
        self._at += 1
        if indexed:
            self._index_is_good = False
        indexed = self._index()
        if self._peek() == "*":
            precision = self._star()
            if precision is None or precision < 0:
                self._write("%!(BADPREC)")
                precision = None
            spec.precision = precision
            return False
        spec.precision = self._number() or 0
        return indexed

    def _star(self) -> int | None:
        """The argument that a * takes, if it is a width."""
        self._at += 1
        value = self._arguments[self._argument] if self._argument < len(self._arguments) else None
        self._argument += self._argument < len(self._arguments)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _MAX_WIDTH:
            return None
        return value

    def _number(self) -> int | None:
        """The number that is written here; one that is too large makes the rest of the format unreadable."""
        end = self._at
        while self._template[end : end + 1] in tuple("0123456789"):
            end += 1
        digits = self._template[self._at : end]
        self._at = end
        if not digits:
            return None
        significant = digits.lstrip("0") or "0"
        if len(significant) > len(str(_MAX_WIDTH)) + 1 or int(significant[:-1] or "0") > _MAX_WIDTH:
            self._at = len(self._template)
            return None
        return int(significant)

    def _index(self) -> bool:
        """Take an argument's number in brackets, if there is one."""
        if self._peek() != "[":
            return False
        self._reordered = True
        end = self._template.find("]", self._at)
        inner = self._template[self._at + 1 : end] if end >= 0 else ""
        self._at = end + 1 if end >= 0 else self._at + 1
        good = inner.isascii() and inner.isdigit() and len(inner) < 8
        if good and 1 <= int(inner) <= len(self._arguments):
            self._argument = int(inner) - 1
            return True
        self._index_is_good = False
        return good


def _extra(value: Value) -> str:
    return "<nil>" if is_nothing(value) else f"{type_name(value)}={formatted(value, Spec())}"
