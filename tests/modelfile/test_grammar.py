"""The Modelfile grammar: what each text means, and that printing loses nothing."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.errors import ModelfileError
from hearth.modelfile.grammar import COMMANDS, MAX_BYTES, ROLES, Command, Modelfile, parse, render


def one(text: str) -> tuple[str, ...]:
    """The arguments of the first instruction after FROM."""
    return parse(f"FROM base\n{text}").commands[1].args


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("SYSTEM You are kind.", ("You are kind.",)),
        ("system   spaces around   ", ("spaces around",)),
        ("SyStEm\ttab", ("tab",)),
        ("SYSTEM # not a comment", ("# not a comment",)),
        ('SYSTEM "quoted"', ("quoted",)),
        ('SYSTEM " kept "', (" kept ",)),
        ('SYSTEM ""', ("",)),
        ("SYSTEM \n", ("",)),
        ('SYSTEM """"""', ("",)),
        ('SYSTEM """one line"""', ("one line",)),
        ('SYSTEM """\nline 1\nline 2\n"""', ("\nline 1\nline 2\n",)),
        ('SYSTEM """a\nb"""   \n', ("a\nb",)),
        ('SYSTEM "over\ntwo lines"', ("over\ntwo lines",)),
        ('SYSTEM say "hi" to them', ('say "hi" to them',)),
        ('SYSTEM """he said "hi"\nand left"""', ('he said "hi"\nand left',)),
        ('SYSTEM """""""', ('"',)),
        ('SYSTEM "a" b\nc"', ('a" b\nc',)),
        ("SYSTEM 'single quotes stay'", ("'single quotes stay'",)),
        ("SYSTEM a\\nb", ("a\\nb",)),
        ('SYSTEM """\n# inside\nFROM inside\n"""', ("\n# inside\nFROM inside\n",)),
        ('SYSTEM """a\r\nb"""', ("a\r\nb",)),
        ("SYSTEM \U0001f468‍\U0001f469‍\U0001f467", ("\U0001f468‍\U0001f469‍\U0001f467",)),
        ("PARAMETER temperature 0.7", ("temperature", "0.7")),
        ("PARAMETER  \t stop   <|end|>", ("stop", "<|end|>")),
        ('PARAMETER stop "\n"', ("stop", "\n")),
        ("MESSAGE user Hello: you", ("user", "Hello: you")),
        ('MESSAGE assistant """two\nlines"""', ("assistant", "two\nlines")),
        ("ADAPTER ./lora file.gguf", ("./lora file.gguf",)),
        ("LICENSE MIT", ("MIT",)),
        ("REQUIRES 0.14.0", ("0.14.0",)),
        ("RENDERER qwen3", ("qwen3",)),
        ("PARSER qwen3", ("qwen3",)),
        ("DRAFT small.gguf", ("small.gguf",)),
    ],
)
def test_values(text: str, args: tuple[str, ...]) -> None:
    assert one(text) == args


def test_instructions_keep_their_order_and_lines() -> None:
    text = '# head\n\nFROM a\r\nLICENSE one\rLICENSE two\n  # indented\n  SYSTEM """\nx\n"""\nFROM b'
    commands = parse(text).commands
    assert [(c.name, c.args[-1], c.line) for c in commands] == [
        ("from", "a", 3),
        ("license", "one", 4),
        ("license", "two", 5),
        ("system", "\nx\n", 7),
        ("from", "b", 10),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_newline_counts_once(ending: str) -> None:
    with pytest.raises(ModelfileError, match=r"^\(line 3\): command must be one of"):
        parse(ending.join(["FROM a", "# note", "NONSENSE x"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no FROM line"),
        ("# FROM a", "no FROM line"),
        ("SYSTEM x", "no FROM line"),
        ("FROM", r"\(line 1\): unexpected EOF: FROM needs a value"),
        ("FROM \n", r"\(line 1\): FROM needs a value"),
        ('FROM ""', "FROM needs a value"),
        ("FROM a\nSYSTEM\nx", r"\(line 2\): unexpected EOF: SYSTEM needs a value"),
        ("FROM a\nSYS x", r'\(line 2\): command must be one of "from", "license", .*, or "requires"'),
        ("FROM a\n-x", "command must be one of"),
        ("FROM a\nFRÖM b", "command must be one of"),
        ("FROM a\nPARAMETER", "PARAMETER needs a value"),
        ("FROM a\nPARAMETER top_k", "PARAMETER top_k needs a value"),
        ("FROM a\nPARAMETER top-k 1", "unexpected EOF: PARAMETER needs a name"),
        ("FROM a\nMESSAGE tool x", 'role must be one of "system", "user", or "assistant"'),
        ("FROM a\nMESSAGE User x", "message role must be one of"),
        ("FROM a\nMESSAGE user", "MESSAGE user needs a value"),
        ('FROM a\nSYSTEM """\nx\n""" y', r"\(line 2\): unexpected EOF: the value that starts with \"\"\""),
        ('FROM a\nSYSTEM "open', "unexpected EOF"),
        ('FROM a\nSYSTEM """""', "unexpected EOF"),
        ("FROM a\nREQUIRES  ", "REQUIRES needs a value"),
    ],
)
def test_errors_name_the_line_and_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ModelfileError, match=message):
        parse(text)


@pytest.mark.parametrize(
    "data",
    [
        "FROM a\nSYSTEM é".encode(),
        codecs.BOM_UTF8 + "FROM a\nSYSTEM é".encode(),
        codecs.BOM_UTF16_LE + "FROM a\nSYSTEM é".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "FROM a\nSYSTEM é".encode("utf-16-be"),
        "\ufeffFROM a\nSYSTEM é",
    ],
)
def test_encodings(data: bytes | str) -> None:
    assert parse(data) == Modelfile((Command("from", ("a",)), Command("system", ("é",))))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"FROM a\nSYSTEM \xff\xfe\xfa", r"\(line 2\): not valid UTF-8"),
        (codecs.BOM_UTF16_LE + b"F\0R", "not valid UTF-16-LE"),
        (b"GGUF\x03\0\0\0", "this is a GGUF file, not a Modelfile"),
        (b"#" * (MAX_BYTES + 1), "longer than 16 MiB"),
        ("FROM a\ud800", "surrogate"),
    ],
)
def test_what_is_no_text(data: bytes | str, message: str) -> None:
    with pytest.raises(ModelfileError, match=message):
        parse(data)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        modelfile = parse(text)
    except ModelfileError:
        return
    assert parse(render(modelfile)) == modelfile


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse(data)
    except ModelfileError:
        return


FRAGMENTS = st.lists(
    st.sampled_from(
        ['"', '""', '"""', "\n", "\r\n", " ", "\t", "x", "#", "FROM a", "PARAMETER stop ", "\u3000"]
    )
).map("".join)
VALUES = st.one_of(st.text(), FRAGMENTS)


@given(VALUES)
def test_any_text_after_from_is_read_or_refused(text: str) -> None:
    try:
        modelfile = parse(f"FROM base\nSYSTEM {text}")
    except ModelfileError:
        return
    assert parse(render(modelfile)) == modelfile


def _commands() -> st.SearchStrategy[Command]:
    plain = sorted(set(COMMANDS) - {"from", "adapter", "draft", "requires", "parameter", "message"})
    named = VALUES.filter(str.strip)
    return st.one_of(
        st.builds(lambda name, value: Command(name, (value,)), st.sampled_from(plain), VALUES),
        st.builds(
            lambda name, value: Command(name, (value,)),
            st.sampled_from(["from", "adapter", "draft", "requires"]),
            named,
        ),
        st.builds(
            lambda name, value: Command("parameter", (name, value)),
            st.from_regex(r"[A-Za-z0-9_]+", fullmatch=True),
            named,
        ),
        st.builds(lambda role, text: Command("message", (role, text)), st.sampled_from(ROLES), VALUES),
    )


@given(st.lists(_commands(), max_size=4))
def test_what_is_printed_reads_back_the_same(commands: list[Command]) -> None:
    modelfile = Modelfile((Command("from", ("base",)), *commands))
    if any('"""' in command.args[-1] for command in commands):
        return
    assert parse(render(modelfile)) == modelfile


@given(FRAGMENTS)
def test_what_is_hard_to_print_reads_back_or_is_refused(value: str) -> None:
    modelfile = Modelfile((Command("from", ("base",)), Command("system", (value,))))
    try:
        text = render(modelfile)
    except ModelfileError:
        text = ""
    assert parse(text) == modelfile if text else '"""' in value


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("plain", "plain"),
        ("", '""'),
        (" led", '" led"'),
        ("a\nb", '"a\nb"'),
        ('a "b"\nc', '"""a "b"\nc"""'),
        ('say "hi"', 'say "hi"'),
        ('"hi"', '""""hi""""'),
    ],
)
def test_values_are_quoted_only_where_they_must_be(value: str, printed: str) -> None:
    assert str(Command("system", (value,))) == f"SYSTEM {printed}"


def test_a_value_that_no_quotes_can_hold_is_refused() -> None:
    with pytest.raises(ModelfileError, match="cannot express this TEMPLATE"):
        str(Modelfile((Command("template", ('say """\nand more',)),)))
