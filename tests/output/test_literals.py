"""Literals are read as Python and JSON mean them, and nothing but literals is."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.messages import Json
from hearth.output.calls import Malformed
from hearth.output.literals import LiteralReader, read_literal
from hearth.output.pycalls import read_python_calls

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
)
words = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    scalars | words, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=20
)


@settings(deadline=None)
@given(values)
def test_what_python_writes_is_read(value: Json) -> None:
    assert read_literal(repr(value)) == value


@settings(deadline=None)
@given(values)
def test_what_json_writes_is_read(value: Json) -> None:
    assert read_literal(json.dumps(value)) == value
    assert read_literal(json.dumps(value, ensure_ascii=False, indent=1)) == value


@settings(deadline=None)
@given(st.text("'\"\\nuxU0{[(,:)]} \n9eE.+-"))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        read_literal(text)
    except Malformed:
        return


@settings(deadline=None)
@given(st.text(alphabet="ab'\"\\ \n"))
def test_strings_mean_what_they_mean_in_python(text: str) -> None:
    for written in (repr(text), json.dumps(text)):
        assert read_literal(written) == ast.literal_eval(written)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(1, 2)", [1, 2]),
        ("[1, 2,]", [1, 2]),
        ("'''a'b'''", "a'b"),
        ("'it's'", "it's"),
        ('"say "x" now"', 'say "x" now'),
        (r"'\x41A\q\/'", r"AA\q/"),
        (r"'\ud83d\ude00'", "\U0001f600"),
        ("+1", 1),
        (".5", 0.5),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_forms(text: str, value: Json) -> None:
    assert read_literal(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "f()",
        "1 2",
        "[1 2]",
        "'a",
        "{1}",
        "{'a' 1}",
        "1 + 1",
        "[" * 100,
        "[*a]",
        "a.b",
        "None1",
        r"'\ud800'",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_literal(text)


def test_strings_in_tags_of_their_own_are_raw() -> None:
    reader = LiteralReader('{a:<q>x"\\n}<q>,b:[<q><q>]}', delimiter="<q>")
    assert reader.value() == {"a": 'x"\\n}', "b": [""]}


@pytest.mark.parametrize(
    ("text", "value"),
    [("{a: b c, d: 1", {"a": "b c", "d": 1}), ("[x, [y", ["x", ["y"]]), ("{a:<q>x}", {"a": "x"})],
)
def test_what_is_forgiven_on_request(text: str, value: Json) -> None:
    assert LiteralReader(text, delimiter="<q>", lenient=True).value() == value
    with pytest.raises(Malformed):
        LiteralReader(text, delimiter="<q>").value()


def test_python_calls() -> None:
    calls = read_python_calls("[f(a='x', b=[1, {'c': None}],), g.h()];\nk(d = True)")
    assert [(call.name, call.arguments) for call in calls] == [
        ("f", {"a": "x", "b": [1, {"c": None}]}),
        ("g.h", {}),
        ("k", {"d": True}),
    ]


@pytest.mark.parametrize("text", ["", "[]", "f", "f(", "f(a)", "f(a=)", "f(a=g())", "f(**x)", "1()", "f()x"])
def test_no_python_calls(text: str) -> None:
    with pytest.raises(Malformed):
        read_python_calls(text)
