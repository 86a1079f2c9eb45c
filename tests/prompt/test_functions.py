"""The functions that every template can call."""

from __future__ import annotations

import pytest
from tests.prompt.rendering import go
from tests.prompt.test_language import outputs

from hearth.errors import TemplateError


@outputs(
    ("{{and 1 0 2}} {{and 1 2}} {{and .missing}}", "0 2 <no value>"),
    ('{{or 0 "" "x" 1}} {{or 0 ""}}.', "x ."),
    ("{{and 0 (index .l 99)}} {{or 1 (index .l 99)}}", "0 1"),
    ("{{0 | and 1}} {{2 | or 0}}", "0 2"),
    ("{{not 0}} {{not .l}} {{not .nil}}", "true false true"),
)
def test_logic(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ('{{eq 1 1}} {{eq "a" "b" "a"}} {{eq true false}} {{eq 1.5 1.5}}', "true true false true"),
    ("{{eq .missing nil}} {{eq .s nil}} {{ne .nil nil}}", "true false false"),
    ('{{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge "b" "a"}}', "true true true false true"),
    ("{{lt 1.5 2.5}} {{lt 'a' 98}}", "true true"),
)
def test_comparisons(template: str, output: str) -> None:
    assert go(template) == output


@pytest.mark.parametrize(
    "call",
    [
        "eq 1",
        "eq 1 1.0",
        'eq 1 "1"',
        "eq .l .l",
        "eq .m .m",
        "lt true false",
        "lt nil 1",
        'lt 1 "a"',
        "ne 1 2 3",
    ],
)
def test_values_that_cannot_be_compared(call: str) -> None:
    with pytest.raises(TemplateError):
        go("{{" + call + "}}")


@outputs(
    ("{{len .s}} {{len .l}} {{len .m}}", "6 4 3"),
    (
        '{{index .l 1}} {{index .m "a"}} {{index .m "c" "d"}} {{index .l 3 0}} {{index "abc" 1}}',
        "a x [] 2 98",
    ),
    ('{{index .m "q"}} {{index .l}}', "<no value> [1 a <nil> [2]]"),
    ('{{slice "abcd" 1 3}} {{slice "abcd" 2}} {{slice .l 1 2}} {{slice .l}}', "bc cd [a] [1 a <nil> [2]]"),
    ('{{slice "é" 0 1}}{{slice "é" 1}}', "é"),
    ('{{slice "é" 0 1}}', "\ufffd"),
    ('{{eq (print (slice "é" 0 1) (slice "é" 1)) "é"}}', "true"),
    ("{{slice .l 4}} {{slice .l 1 2 3}}", "[] [a]"),
)
def test_parts(template: str, output: str) -> None:
    assert go(template) == output


@pytest.mark.parametrize(
    "call",
    [
        "len 3", "len nil", "index .l 4", "index .l -1", 'index .l "a"', "index nil 1", "index 3 1",
        "index .m 1", "slice .l 5", "slice .l 2 1", "slice .l 1 2 3 4", 'slice "abc" 1 2 3', "slice .m 1",
        "call .s", "call nil",
    ],
)  # fmt: skip
def test_parts_that_are_not_there(call: str) -> None:
    with pytest.raises(TemplateError, match="line 1: error calling"):
        go("{{" + call + "}}")


@outputs(
    ('{{print 1 2 "a" 3 4.5 true nil}}', "1 2a3 4.5 true <nil>"),
    ('{{println 1 "a"}}', "1 a\n"),
    ("{{html .html}}", "&lt;a href=&#34;x&#34;&gt;&amp;&#39;\n&lt;/a&gt;"),
    ("{{js .html}}", '\\u003Ca href\\u003D\\"x\\"\\u003E\\u0026\\\'\\u000A\\u003C/a\\u003E'),
    ('{{urlquery "a b&c" "é"}}', "a+b%26c%C3%A9"),
    ("{{html .missing}}", "&lt;no value&gt;"),
)
def test_text_functions(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ("{{json .html}}", '"\\u003ca href=\\"x\\"\\u003e\\u0026\'\\n\\u003c/a\\u003e"'),
    ("{{json .m}} {{json .l}}", '{"a":"x","b":1,"c":{"d":[]}} [1,"a",null,[2]]'),
    ("{{json .million}} {{json .big}} {{json .small}} {{json .f}}", "1000000 1e+21 1e-7 2.5"),
    ('{{json .missing}} {{json "\u2028"}} {{json "\\xff"}}', 'null "\\u2028" "\\ufffd"'),
)
def test_json(template: str, output: str) -> None:
    assert go(template) == output


@outputs(
    ('{{printf "%s %d %v %q %t %f" "a" 1 .l "q\\n" true 1.5}}', 'a 1 [1 a <nil> [2]] "q\\n" true 1.500000'),
    ('{{printf "%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%b" 42 42 42 42 42 255 255 255 8 5}}',
     "   42|42   |00042|+42| 42|ff|FF|0xff|10|101"),
    ('{{printf "%5s|%-5s|%.2s|%5.1f|%08.3f|%e|%g" "é" "é" "héllo" 1.25 -3.14159 1234.5 1e20}}',
     "    é|é    |hé|  1.2|-003.142|1.234500e+03|1e+20"),
    ('{{printf "%c%c %U %q" 104 233 233 104}}', "hé U+00E9 'h'"),
    ('{{printf "%x % x %q" "hé" "hé" .l}}', "68c3a9 68 c3 a9 ['\\x01' \"a\" <nil> ['\\x02']]"),
    ('{{printf "%v %+v %#v %T %T" .m.c .m.c "a" .n .l}}', 'map[d:[]] map[d:[]] "a" int []interface {}'),
    ('{{printf "%[2]v %[1]v" 1 2}} {{printf "%*d|%-*d" 4 7 4 7}}', "2 1    7|7   "),
    ('{{printf "%.*f" 1 2.55}}', "2.5"),
    ('{{printf "%d%%" 5}}', "5%"),
    ('{{printf "%d" "x"}} {{printf "%d"}} {{printf "%d" 1 2}} {{printf "%"}} {{printf "%z" 1}}',
     "%!d(string=x) %!d(MISSING) 1%!(EXTRA int=2) %!(NOVERB) %!z(int=1)"),
    ('{{printf "%s" .nil}} {{printf "%v" .nil}}', "%!s(<nil>) <nil>"),
)  # fmt: skip
def test_printf(template: str, output: str) -> None:
    assert go(template) == output


def test_a_whole_list_can_be_formatted() -> None:
    assert go('{{printf "%d" .}}', [1, [2, 3]]) == "[1 [2 3]]"
