"""A template made to exhaust the server is stopped soon, whatever it exhausts."""

from __future__ import annotations

import time

import pytest
from tests.prompt.rendering import go

from hearth.errors import TemplateError
from hearth.prompt.go.limits import MAX_DATA_DEPTH, MAX_TEMPLATE
from hearth.prompt.go.values import Value

RECURSION = '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'
PARENTHESES = "{{" + "(" * 5000 + "1" + ")" * 5000 + "}}"
THREE_LOOPS = (
    '{{define "a"}}{{range 50}}{{template "b"}}{{end}}{{end}}'
    '{{define "b"}}{{range 50}}{{template "c"}}{{end}}{{end}}'
    '{{define "c"}}{{range 5000}}{{end}}{{end}}{{template "a"}}'
)
DOUBLING = '{{$x := "0123456789abcdef"}}{{range 60}}{{$x = print $x $x}}{{end}}{{$x}}'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(RECURSION, "inside one another", id="recursion"),
        pytest.param(DOUBLING, "a text of more than", id="doubling"),
        pytest.param('{{range 1000}}{{printf "%1000000d" 1}}{{end}}', "a text of more than", id="wide"),
        pytest.param('{{printf "' + "%1000000[1]d" * 50 + '" 1}}', "a text of more than", id="wide-at-once"),
        pytest.param("{{if 1}}" * 5000 + "{{end}}" * 5000, "blocks inside one another", id="blocks"),
        pytest.param(PARENTHESES, "parentheses inside one another", id="parentheses"),
        pytest.param("{{if 0}}" + "{{else if 0}}" * 5000 + "{{end}}", "more than", id="else-if"),
        pytest.param("a" * (MAX_TEMPLATE + 1), "characters, at most", id="long"),
    ],
)
def test_what_grows_or_nests(template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        go(template)


@pytest.mark.slow
@pytest.mark.parametrize(
    "template",
    [
        "{{range 1000000000}}{{end}}",
        "{{range 1000000000}}x{{end}}",
        "{{range 100000}}{{range 100000}}{{end}}{{end}}",
        THREE_LOOPS,
    ],
)
def test_what_does_not_end(template: str) -> None:
    started = time.monotonic()
    with pytest.raises(TemplateError, match="more than 2000000 steps"):
        go(template)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("template", ["{{.}}", "{{json .}}", '{{printf "%#v" .}}'])
def test_data_that_nests_deeply_is_refused(template: str) -> None:
    data: Value = "x"
    for _ in range(5000):
        data = [data]
    with pytest.raises(TemplateError, match="inside one another"):
        go(template, data)


@pytest.mark.parametrize("shown", ["print .", "json .", 'printf "%#v" .', "print ((.).x)"])
def test_the_deepest_of_everything_fits_the_stack_together(shown: str) -> None:
    data: Value = "x"
    for _ in range(MAX_DATA_DEPTH - 1):
        data = [data]
    nested = "{{if 1}}" * 20 + "{{" + "(print " * 50 + f"({shown})" + ")" * 50 + "}}" + "{{end}}" * 20
    template = "{{define `a`}}" + nested + "{{end}}{{template `a` .}}"

    def deep(frames: int) -> str:
        return go(template, data) if not frames else deep(frames - 1)

    if shown.endswith(".x)"):
        with pytest.raises(TemplateError, match="has no field"):
            deep(150)
    else:
        assert deep(150)


def test_what_published_templates_need_is_far_below_the_limits() -> None:
    messages: list[Value] = [{"Role": "user", "Content": "x" * 1000} for _ in range(2000)]
    template = (
        "{{range $i, $m := .Messages}}{{$last := eq (len (slice $.Messages $i)) 1}}"
        '{{if eq .Role "user"}}<u>{{.Content}}</u>{{else if eq .Role "system"}}{{.Content}}{{end}}'
        "{{if $last}}<a>{{end}}{{end}}"
    )
    assert go(template, {"Messages": messages}).endswith("</u><a>")


def test_blocks_may_nest_as_deep_as_people_write_them() -> None:
    assert go("{{if 1}}{{with 2}}" * 15 + "x" + "{{end}}{{end}}" * 15) == "x"
    assert go("{{if 0}}" + "{{else if 0}}" * 40 + "{{else}}x{{end}}") == "x"
