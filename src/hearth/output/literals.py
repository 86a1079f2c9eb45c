"""Reads values written as source code writes them, and nothing that would have to be run.

Python's literals and JSON's are understood alike. Some models put a tag of their own around strings instead
of quotation marks, and leave names without any.
"""

from __future__ import annotations

import re
from typing import Final

from hearth.messages import Json
from hearth.output.calls import Malformed
from hearth.output.jsontext import MAX_DEPTH

_SPACE: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_KEY: Final = re.compile(r"[\w.$\-]+")
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?(?=[\s,)\]}:]|\Z)"
)
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}")
_BARE: Final = re.compile(r"[^,{}\[\]()]+")
_AFTER_STRING: Final = re.compile(r"\s*(?:[,)\]}:]|\Z)")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_STOPS: Final = {quote: re.compile(rf"[\\{quote}]") for quote in "\"'"}
_CONSTANTS: Final[dict[str, Json]] = {
    "True": True, "true": True, "False": False, "false": False, "None": None, "null": None,
}  # fmt: skip
_CHARACTERS: Final = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0",
    "\\": "\\", "'": "'", '"': '"', "/": "/", "\n": "",
}  # fmt: skip


def read_literal(text: str) -> Json:
    """The one value that `text` consists of. Raises Malformed."""
    reader = LiteralReader(text)
    value = reader.value()
    if not reader.finished:
        raise Malformed("something follows the value")
    return value


class LiteralReader:
    """Reads `text` from its beginning.

    `delimiter` is a tag that may stand around strings, in which nothing is escaped then. With `lenient` a
    string may lack its quotation marks or its last delimiter, and closing brackets may be missing at the end.
    """

    def __init__(self, text: str, *, delimiter: str = "", lenient: bool = False) -> None:
        self._text = text
        self._at = 0
        self._delimiter = delimiter
        self._lenient = lenient

    @property
    def finished(self) -> bool:
        """Whether nothing but white space is left."""
        return self._skip() == len(self._text)

    def take(self, token: str) -> bool:
        """Pass over `token` if it comes next, white space aside; whether it did."""
        found = self._text.startswith(token, self._skip())
        if found:
            self._at += len(token)
        return found

    def match(self, pattern: re.Pattern[str]) -> str:
        """Pass over what `pattern` matches next, white space aside, and give it; empty for nothing."""
        found = pattern.match(self._text, self._skip())
        if not found:
            return ""
        self._at = found.end()
        return found.group()

    def value(self, depth: int = 0) -> Json:
        """The value that comes next. Raises Malformed."""
        if depth > MAX_DEPTH:
            raise Malformed("it is nested too deeply")
        for opening, closing in (("[", "]"), ("(", ")")):
            if self.take(opening):
                return self._list(closing, depth)
        if self.take("{"):
            return self.members(depth)
        string = self._string()
        return self._word() if string is None else string

    def members(self, depth: int = 0) -> dict[str, Json]:
        """The members of an object up to its closing brace, its opening one being past. Raises Malformed."""
        found: dict[str, Json] = {}
        while not self._closes("}"):
            key = self._string()
            if key is None:
                key = self.match(_KEY) or None
            if key is None or not self.take(":"):
                raise Malformed("a name and a colon were expected")
            found[key] = self.value(depth + 1)
            self._comma("}")
        return found

    def _list(self, closing: str, depth: int) -> Json:
        found: list[Json] = []
        while not self._closes(closing):
            found.append(self.value(depth + 1))
            self._comma(closing)
        return found

    def _closes(self, bracket: str) -> bool:
        return self.take(bracket) or (self._lenient and self.finished)

    def _comma(self, bracket: str) -> None:
        if not self.take(",") and not self._text.startswith(bracket, self._at) and not self.finished:
            raise Malformed("a comma was expected")

    def _string(self) -> str | None:
        """The string that comes next; None for anything else."""
        if self._delimiter and self.take(self._delimiter):
            return self._delimited()
        for quote in "\"'":
            if self.take(quote * 3):
                return self._quoted(quote * 3)
            if self.take(quote):
                return self._quoted(quote)
        return None

    def _delimited(self) -> str:
        start = self._at
        end = self._text.find(self._delimiter, start)
        if end < 0 and self._lenient:
            end = max(self._text.rfind("}"), start)
            self._at = end
            return self._text[start:end]
        if end < 0:
            raise Malformed("a string has no end")
        self._at = end + len(self._delimiter)
        return self._text[start:end]

    def _quoted(self, quote: str) -> str:
        # A mark that nothing of the syntax follows is an apostrophe: models forget to escape it.
        start = self._at
        while found := _STOPS[quote[0]].search(self._text, self._at):
            self._at = found.end()
            if found.group() == "\\":
                self._at += 1
            elif self._text.startswith(quote, found.start()):
                end = found.start() + len(quote)
                if _AFTER_STRING.match(self._text, end):
                    self._at = end
                    return _unescaped(self._text[start : found.start()])
        raise Malformed("a string has no end")

    def _word(self) -> Json:
        number = self.match(_NUMBER)
        if number:
            return _number(number)
        start = self._skip()
        word = self.match(_WORD)
        if word in _CONSTANTS and _AFTER_STRING.match(self._text, self._at):
            return _CONSTANTS[word]
        self._at = start
        bare = self.match(_BARE).strip() if self._lenient else ""
        if not bare:
            raise Malformed("a value was expected")
        return bare

    def _skip(self) -> int:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at


def _number(text: str) -> Json:
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def _unescaped(text: str) -> str:
    text = _ESCAPE.sub(_character, text)
    if not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise Malformed("a string holds half of a surrogate pair") from error


def _character(found: re.Match[str]) -> str:
    code = found.group(1)
    if len(code) == 1:
        return _CHARACTERS.get(code, found.group())
    number = int(code[1:], 16)
    return chr(number) if number < 0x110000 else found.group()
