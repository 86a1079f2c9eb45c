"""Go templates made at random: sound ones mostly, and a little of what is not."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_SPACES: Final = st.sampled_from(["", " ", "\n", "\t "])
_PATHS: Final = (
    ". $ .s .e .n .z .f .t .b .nil .l .el .m .em .missing .m.a .m.c .m.c.d .missing.x .s.x $.n $x"
    " $x.a $i $v (.m).a"
).split()
_LITERALS: Final = (
    '"a" "" "%s|%v" "h\\xc3\\xa9" `raw` 0 1 2 -1 0x1F 1.5 2.5e3 0.0 \'a\' true false nil'
).split()
_FUNCTIONS: Final = (
    "and or not eq ne lt le gt ge len index slice print println printf html js urlquery json call"
).split()

values: Final = st.sampled_from(_PATHS) | st.sampled_from(_LITERALS)


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(" ".join)
    return st.builds("({} {})".format, st.sampled_from(_FUNCTIONS), arguments)


expressions: Final = st.recursive(values, _calls, max_leaves=6)
pipelines: Final = st.lists(expressions | st.sampled_from(_FUNCTIONS), min_size=1, max_size=3).map(" | ".join)


@st.composite
def _actions(draw: st.DrawFn, content: str) -> str:
    left = draw(st.sampled_from(["{{", "{{", "{{- "]))
    right = draw(st.sampled_from(["}}", "}}", " -}}"]))
    return left + content + right


_texts: Final = st.text("ab{} \n'\"é", max_size=6)


@st.composite
def _printed(draw: st.DrawFn) -> str:
    declares = draw(st.sampled_from(["", "", "", "$x := ", "$x = ", "$v := "]))
    return draw(_actions(declares + draw(pipelines)))


@st.composite
def _branches(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    word = draw(st.sampled_from(["if", "with", "range", "range $v :=", "range $i, $v :=", "if $x :="]))
    body = draw(inner) + draw(st.sampled_from(["", "", "{{break}}", "{{continue}}"]))
    otherwise = draw(st.sampled_from(["", "{{else}}", "{{else if .n}}", "{{else with .m}}"]))
    tail = draw(inner) if otherwise else ""
    return draw(_actions(f"{word} {draw(pipelines)}")) + body + otherwise + tail + draw(_actions("end"))


@st.composite
def _calls_of_templates(draw: st.DrawFn) -> str:
    return draw(_actions(f'template "d" {draw(values)}'))


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(_branches(inner) | inner, min_size=1, max_size=3).map("".join)


bodies: Final = st.recursive(_texts | _printed() | _calls_of_templates(), _blocks, max_leaves=8)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A template that defines `$x`, `$i` and `$v`, and another template "d"."""
    defined = '{{define "d"}}[{{.}}{{if .}}+{{end}}]{{end}}' if draw(st.booleans()) else ""
    variables = '{{$x := .m}}{{$i := 1}}{{$v := "v"}}' if draw(st.integers(0, 9)) else ""
    return defined + variables + draw(bodies)


_PIECES: Final = (
    "{{ }} {{- -}} /* */ if else end range with define template block break continue nil true . $ $x :="
    " = | ( ) , "
    "\" ` ' \\ .a .b. 1 0x 1.5e -1 'a' \"s\" %d printf eq len index \n \t é \x00 ☺ {{/* */}} {{end}} {{else}}"
).split(" ")
soup: Final = st.lists(st.sampled_from(_PIECES) | _SPACES | st.text(max_size=3), max_size=25).map("".join)
"""Pieces of templates in any order."""
