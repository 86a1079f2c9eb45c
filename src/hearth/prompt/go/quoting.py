"""Texts in quotes and escapes: Go's %q, and the functions html, js and urlquery."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote_plus

from hearth.prompt.go.values import go_bytes

_SIMPLE: Final = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_HTML: Final = str.maketrans(
    {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"}
)
_JS: Final = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D",
}  # fmt: skip


def quote(text: str, mark: str = '"', *, ascii_only: bool = False) -> str:
    """The text as a Go literal in quotation marks of this kind."""
    return mark + "".join(_quoted(char, mark, ascii_only) for char in text) + mark


def quote_char(code: int, *, ascii_only: bool = False) -> str:
    """A code point as a Go character constant."""
    valid = 0 <= code < 0x110000 and not 0xD800 <= code < 0xE000
    return quote(chr(code) if valid else "\ufffd", "'", ascii_only=ascii_only)


def can_be_raw(text: str) -> bool:
    """Whether the text can stand in backquotes on one line."""
    return all(char == "\t" or (char >= " " and char not in "`\x7f\ufeff") for char in text) and not any(
        "\udc80" <= char <= "\udcff" for char in text
    )


def html(text: str) -> str:
    """The text with the characters escaped that mean something in HTML."""
    return text.translate(_HTML)


def javascript(text: str) -> str:
    """The text as it can stand in a JavaScript string."""
    return "".join(_JS.get(char) or _js_char(char) for char in text)


def url_query(text: str) -> str:
    """The text as it can stand in the query of a URL."""
    return quote_plus(go_bytes(text))


def _quoted(char: str, mark: str, ascii_only: bool) -> str:
    if char in (mark, "\\"):
        return "\\" + char
    if char.isprintable() and (char.isascii() or not ascii_only):
        return char
    if char in _SIMPLE:
        return _SIMPLE[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _js_char(char: str) -> str:
    plain = char >= " " if char.isascii() else char.isprintable() or "\udc80" <= char <= "\udcff"
    return char if plain else f"\\u{ord(char):04X}"
