"""Go templates made at random: sound ones mostly, and a little of what is not."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_FUNCTIONS: Final = (
    "and or not eq ne lt le gt ge len index slice print println printf html js urlquery json call"
).split()
_WILD: Final = (
    '.s .m.a .missing.x $.s.x $x.a $i $v (.m).a -1 0x1F 2.5e3 \'a\' nil "%s|%v" "h\\xc3\\xa9"'.split()
)

_OF_TWO: Final = ["eq", "ne", "lt", "le", "gt", "ge"]

texts: Final[st.SearchStrategy[str]] = st.deferred(
    lambda: (
        st.sampled_from(["$.s", "$.e", "$.m.a", '"a"', "`raw`", '"é\\n"', "$.html"])
        | st.builds(
            "({} {})".format,
            st.sampled_from(["print", "html", "js", "urlquery", "json", "println"]),
            anything,
        )
        | st.builds("(print {} {})".format, anything, anything)
        | st.builds('(printf "%v|%5v|%q" {} {} {})'.format, anything, numbers, texts)
    )
)
numbers: Final[st.SearchStrategy[str]] = st.deferred(
    lambda: st.sampled_from(["$.n", "$.z", "0", "1", "2", "$i"]) | st.builds("(len {})".format, texts | lists)
)
lists: Final[st.SearchStrategy[str]] = st.deferred(
    lambda: (
        st.sampled_from(["$.l", "$.el", "$.m", "$.em", "$.missing"])
        | st.builds("(index $.l 3 {})".format, st.just(""))
    )
)
truths: Final[st.SearchStrategy[str]] = st.deferred(
    lambda: (
        st.sampled_from(["$.t", "$.b", "true", "false"])
        | st.builds("(not {})".format, anything)
        | st.builds("({} {} {})".format, st.sampled_from(["and", "or"]), anything, anything)
        | st.builds("({} {} {})".format, st.sampled_from(_OF_TWO), numbers, numbers)
        | st.builds("({} {} {})".format, st.sampled_from(_OF_TWO), texts, texts)
    )
)
anything: Final[st.SearchStrategy[str]] = st.deferred(
    lambda: (
        texts
        | numbers
        | lists
        | truths
        | st.sampled_from([".", "$x", "$v", "$.nil", "$.missing", "$.f", "$.m.c"])
    )
)
_wild_calls: Final = st.builds(
    "({} {})".format,
    st.sampled_from(_FUNCTIONS),
    st.lists(st.sampled_from(_WILD) | anything, max_size=3).map(" ".join),
)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    """A value, in one case of twelve one that may be wrong."""
    return draw(_wild_calls | st.sampled_from(_WILD) if draw(st.integers(0, 11)) == 0 else anything)


@st.composite
def _actions(draw: st.DrawFn, content: str) -> str:
    left = draw(st.sampled_from(["{{", "{{", "{{- "]))
    right = draw(st.sampled_from(["}}", "}}", " -}}"]))
    return left + content + right


@st.composite
def _printed(draw: st.DrawFn) -> str:
    declares = draw(st.sampled_from(["", "", "", "$x := ", "$x = ", "$v := "]))
    piped = draw(st.sampled_from(["", "", " | print", " | json", ' | printf "%v"', " | and 1", " | not"]))
    return draw(_actions(declares + draw(expressions()) + piped))


@st.composite
def _conditions(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    word = draw(st.sampled_from(["if", "with", "if $x :=", "with $v :="]))
    chained = f"{{{{else {word[:4].strip()} {draw(expressions())}}}}}"
    otherwise = draw(st.sampled_from(["", "{{else}}", chained]))
    tail = draw(inner) if otherwise else ""
    opening, closing = draw(_actions(f"{word} {draw(expressions())}")), draw(_actions("end"))
    return opening + draw(inner) + otherwise + tail + closing


@st.composite
def _loops(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    word = draw(st.sampled_from(["range", "range $v :=", "range $i, $v :=", "range $v ="]))
    jump = draw(st.sampled_from(["", "", "{{break}}", "{{if .}}{{continue}}{{end}}"]))
    otherwise = draw(st.sampled_from(["", "{{else}}"]))
    opening = draw(_actions(f"{word} {draw(lists | numbers if ',' not in word else lists)}"))
    return opening + draw(inner) + jump + draw(inner) + otherwise + draw(_actions("end"))


_plain: Final = st.text("ab{} \n'\"é", max_size=6)
_called: Final = st.builds('{{{{template "d" {}}}}}'.format, anything)
bodies: Final = st.recursive(
    _plain | _printed() | _called,
    lambda inner: st.lists(_conditions(inner) | _loops(inner) | inner, min_size=1, max_size=3).map("".join),
    max_leaves=8,
)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A template that has the variables `$x`, `$i` and `$v`, and mostly another template "d"."""
    defined = '{{define "d"}}[{{.}}{{if .}}+{{end}}]{{end}}' if draw(st.integers(0, 9)) else ""
    variables = '{{$x := .m}}{{$i := 1}}{{$v := "v"}}' if draw(st.integers(0, 19)) else ""
    return defined + variables + draw(bodies)


_PIECES: Final = (
    "{{ }} {{- -}} /* */ if else end range with define template block break continue nil true . $ $x :="
    " = | ( ) , \" ` ' \\ .a .b. 1 0x 1.5e -1 'a' \"s\" %d printf eq len index \n \t é \x00 ☺ {{/* */}} "
    "{{end}} {{else}}"
).split(" ")
_SPACES: Final = st.sampled_from(["", " ", "\n", "\t "])
soup: Final = st.lists(st.sampled_from(_PIECES) | _SPACES | st.text(max_size=3), max_size=25).map("".join)
"""Pieces of templates in any order."""
