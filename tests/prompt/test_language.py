"""The language as its users know it: text, values, control, variables, templates inside templates."""

from __future__ import annotations

import pytest
from tests.prompt.rendering import go


def outputs(*cases: tuple[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("template", "output"), cases, ids=[case[0] for case in cases])


@outputs(
    ("plain { text } }}", "plain { text } }}"),
    ("a {{1}} b", "a 1 b"),
    ("a {{- 1 -}} b", "a1b"),
    ("a\n\t{{- 1}} b", "a1 b"),
    ("a {{1 -}}\r\n b", "a 1b"),
    ("a {{/* c */}} b", "a  b"),
    ("a {{- /* c\nd */ -}} b", "ab"),
    ('{{"{{"}} {{`}}`}}', "{{ }}"),
    ("{{ print\n1\n2 }}", "1 2"),
    ("{{-3}}", "-3"),
    ("{{- -3}}", "-3"),
)
def test_text_and_delimiters(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    (r'{{"a\tb\"\\\x41\101\u00e9\U0001F600"}}', 'a\tb"\\AAé😀'),
    ("{{`raw\\n\r\n`}}", "raw\\n\n"),
    (r'{{"\xc3\xa9"}}', "é"),
    (r'{{"\xff"}}', "\ufffd"),
    ("{{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}}", "31 3 15 15 1000"),
    ("{{1.5}} {{.5}} {{1e3}} {{1e6}} {{1.0}} {{0x1p4}}", "1.5 0.5 1000 1e+06 1 16"),
    (r"{{'a'}} {{'\n'}} {{'é'}} {{'\''}}", "97 10 233 39"),
    ("{{true}} {{false}} {{print nil}}", "true false <nil>"),
)
def test_literals(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ("{{.s}} {{.n}} {{.f}} {{.t}}", "héllo 3 2.5 true"),
    ("{{.m.c.d}} {{.m.a}} {{(.m).a}} {{$.m.a}}", "[] x x x"),
    ("{{.missing}}|{{.nil}}", "<no value>|<no value>"),
    ("{{.l}} {{.m}}", "[1 a <nil> [2]] map[a:x b:1 c:map[d:[]]]"),
    ("{{.million}} {{.big}} {{.small}}", "1e+06 1e+21 1e-07"),
    ("{{$x := .missing}}{{$x.y}}", "<no value>"),
    ("{{.s | len | printf `%03d`}}", "006"),
    ('{{1 | print "a" | print "b"}}', "ba1"),
    ("{{(len .l)}} {{len (slice .l 1)}}", "4 3"),
)
def test_values_and_pipelines(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ("{{if .t}}a{{end}}{{if .b}}b{{end}}", "a"),
    ("{{if .e}}a{{else if .z}}b{{else if .n}}c{{else}}d{{end}}", "c"),
    ("{{if .el}}l{{end}}{{if .em}}m{{end}}{{if .missing}}x{{end}}{{if .nil}}n{{end}}{{if 0.0}}f{{end}}", ""),
    ("{{with .m.a}}[{{.}}]{{else}}none{{end}}", "[x]"),
    ("{{with .e}}a{{else with .n}}{{.}}{{else}}b{{end}}", "3"),
    ("{{with .m}}{{$.n}}{{.a}}{{end}}", "3x"),
    ("{{with $y := .n}}{{$y}}{{.}}{{end}}", "33"),
    ("{{if $x := .n}}{{$x}}{{end}}", "3"),
)
def test_conditions(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ("{{range .l}}<{{.}}>{{end}}", "<1><a><<no value>><[2]>"),
    ("{{range $v := .l}}{{$v}},{{end}}", "1,a,<no value>,[2],"),
    ("{{range $i, $v := .l}}{{$i}}={{$v}},{{end}}", "0=1,1=a,2=<no value>,3=[2],"),
    ("{{range $k, $v := .m}}{{$k}}:{{$v}};{{end}}", "a:x;b:1;c:map[d:[]];"),
    ("{{range .m}}{{.}};{{end}}", "x;1;map[d:[]];"),
    ("{{range .el}}a{{else}}none{{end}}{{range .missing}}a{{else}}none{{end}}", "nonenone"),
    ("{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range 0}}a{{else}}none{{end}}", "01201none"),
    (
        "{{range $i, $v := .l}}{{if eq $i 1}}{{continue}}{{end}}{{if eq $i 3}}{{break}}{{end}}{{$i}}{{end}}",
        "02",
    ),
    ("{{range 2}}{{range 3}}{{if .}}{{break}}{{end}}x{{end}}y{{end}}", "xyxy"),
    ("{{$i := 9}}{{range $i = .l}}{{end}}{{$i}}", "[2]"),
)
def test_loops(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ("{{$x := 1}}{{$x}}", "1"),
    ("{{$x:=1}}{{$x = 2}}{{$x}}", "2"),
    ("{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}", "32"),
    ('{{$s := ""}}{{range .l}}{{$s = print $s "-"}}{{end}}{{$s}}', "----"),
    ("{{$last := -1}}{{range $i, $m := .l}}{{if eq $i 2}}{{$last = $i}}{{end}}{{end}}{{$last}}", "2"),
    ("{{$x := .m}}{{$x.a}}", "x"),
)
def test_variables(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ('{{define "a"}}<{{.}}>{{end}}{{template "a" 1}}{{template "a"}}', "<1><<no value>>"),
    ('{{template "a" .s}}{{define `a`}}[{{.}}{{$}}]{{end}}', "[héllohéllo]"),
    ('{{block "b" .n}}B{{.}}{{end}}{{template "b" 4}}', "B3B4"),
    ('{{define "r"}}{{.}}{{range .}}{{template "r" .}}{{end}}{{end}}{{template "r" .m.c}}', "map[d:[]][]"),
    ('{{define "a"}} {{end}}{{define "a"}}B{{end}}{{template "a"}}', "B"),
)
def test_templates(template: str, output: str) -> None:
    assert go(template) == output
