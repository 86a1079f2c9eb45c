"""A template that is wrong is refused with its line, what is wrong there and what was expected."""

from __future__ import annotations

import pytest
from tests.prompt.rendering import go

from hearth.errors import TemplateError


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a\n{{", "line 2: an action is never closed; expected }}"),
        ("{{if .x}}", "line 1: {{if}} is never closed; expected {{end}}"),
        ("\n\n{{end}}", "line 3: unexpected {{end}}; no block is open here"),
        ("{{range .l}}{{else}}{{break}}{{end}}", "line 1: {{break}} outside of {{range}}"),
        ("{{foo}}", 'function "foo" is not defined'),
        ("{{$x}}", 'undefined variable "$x"; expected $x := before it'),
        ("{{}}", "a value is missing for command"),
        ('{{"a', "a quoted string is not closed on its line"),
        ("{{`a", "a raw string is never closed"),
        ("{{'a", "a character constant is not closed on its line"),
        ("{{/* a", "a comment is never closed"),
        ("{{/* a */ 1}}", "expected }} right after */"),
        ("{{(1}}", 'a "(" is not closed in its action'),
        ("{{1)}}", 'an unexpected ")"'),
        (r'{{"\q"}}', "an escape that Go does not know"),
        ("{{'ab'}}", "'ab' is not one character"),
        ("{{1a}}", "bad number syntax: '1a'"),
        ("{{9223372036854775808}}", "does not fit in 64 bits"),
        ("{{1e999}}", "too large a number"),
        ("{{1i}}", "1i is not a number"),
        ("{{a:b}}", 'expected ":="'),
        ("{{.x y}}", 'function "y" is not defined'),
        ("{{true.x}}", "unexpected .x after a value that has no fields"),
        ("{{1 | 2}}", "stage 2 of a pipeline must be a function"),
        ('{{"a""b"}}', "expected a space, a | or the end of the command"),
        ("{{$x, $y := 1}}", "too many variables for command"),
        ("{{range $x, 1}}{{end}}", "a second variable after the comma"),
        ("{{template nope}}", "the quoted name of a template after template"),
        ("{{if 1}}{{define `a`}}{{end}}{{end}}", "unexpected {{define}} inside {{if}}"),
        ("{{define `a`}}x{{end}}{{define `a`}}y{{end}}", 'the template "a" is defined twice'),
        ("{{if 1}}{{else}}{{else}}{{end}}", "a second {{else}} of {{if}}"),
        ("{{range .l}}{{else if 1}}{{end}}", "after the else of {{range}}"),
        ("{{if 1}}{{end 1}}", '"}}" after end'),
        ("{{☺}}", "unexpected '☺' in an action"),
    ],
)
def test_what_cannot_be_parsed(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        go(template)
    assert message in caught.value.message
    assert caught.value.message.startswith("line ")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{{.s.x}}", "line 2: a value of type string has no field .x"),
        ("{{.nil.x}}", "nil has no field .x"),
        ("{{.missing.x}}", "nil has no field .x"),
        ("{{nil}}", "nil cannot stand alone"),
        ("{{.n 1}}", ".n is no function but has arguments"),
        ("{{1 2}}", "arguments after a value"),
        ("{{len}}", "wrong number of args for len: want 1 got 0"),
        ("{{eq}}", "wrong number of args for eq: want at least 1 got 0"),
        ("\n{{template `nope`}}", 'line 2: template "nope" is not defined'),
        ("{{$x = 1}}", "undefined variable $x"),
        ("{{range .s}}{{end}}", "range cannot go through a value of type string"),
        ("{{range $i, $v := 3}}{{end}}", "one variable at most"),
        (
            '{{if true}}\n{{index .l "x"}}{{end}}',
            "line 2: error calling index: a position must be",
        ),
        ("{{printf 1}}", "the format must be a text"),
        ('{{printf "%x" 1.5}}', "cannot be written by %x"),
        ('{{lt 1 "a"}}', "incompatible types for comparison: int and string"),
    ],
)
def test_what_fails_while_it_runs(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        go(template)
    assert message in caught.value.message


def test_an_error_in_a_branch_not_taken_is_none() -> None:
    assert go("{{if false}}{{template `nope`}}{{.s.x}}{{end}}ok") == "ok"
